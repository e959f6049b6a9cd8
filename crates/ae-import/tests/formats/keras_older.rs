//! What earlier versions of Keras wrote otherwise, and what layers do that do not say it.

use ae_import::{
    Dense, Function, Numbers, Operation, Padding, Pool, ReadOptions, SourceModel, read,
};
use hdf5_pure::FileBuilder;
use serde_json::{Value, json};

use super::keras_written::{archive, hdf5, keras, layer, sequential};
use super::{assert_operators, refusal};

fn read_bytes(bytes: &[u8]) -> SourceModel {
    read(bytes, &ReadOptions::default()).unwrap()
}

fn dense() -> (&'static str, &'static str, Operation) {
    let numbers = Numbers::Real { weights: vec![0.5], bias: vec![0.25] };
    ("it", "Dense", Operation::Dense(Dense { inputs: 1, outputs: 1, numbers }))
}

fn one() -> Value {
    layer("Dense", "it", json!({"units": 1}))
}

/// The names of weights are in one attribute or, where they are too many, in several.
#[test]
fn names_of_weights_in_parts() {
    for parts in [1, 2] {
        let model = read_bytes(&hdf5(&sequential(&[1], &[one()]), parts));
        assert_operators(&model.operators, &[dense()]);
    }
}

/// Without a layer for the input the first layer says its shape, or the model does.
#[test]
fn shapes_of_inputs_without_a_layer() {
    let mut first = one();
    first["config"]["batch_input_shape"] = json!([null, 1]);
    let in_config = json!({"layers": [one()], "build_input_shape": [null, 1]});
    let models = [
        // The first files of version 2 had nothing around the layers.
        json!({"class_name": "Sequential", "config": [first]}),
        json!({"class_name": "Sequential", "config": in_config}),
        json!({"class_name": "Sequential", "config": {"layers": [one()]},
            "build_config": {"input_shape": [null, 1]}}),
    ];
    for model in models {
        let model = read_bytes(&hdf5(&model, 1));
        assert_operators(&model.operators, &[dense()]);
        assert_eq!((model.input.name.as_str(), model.input.shape), ("it", vec![1]));
    }
}

/// The shape of a model inside is not that of what goes into the first layer.
#[test]
fn shapes_of_models_behind_the_first_layer() {
    let model = json!({"class_name": "Sequential", "config": {"layers": [
        one(),
        sequential(&[1], &[layer("Dropout", "inside", json!({}))]),
    ]}});
    let refused = refusal(&hdf5(&model, 1));
    assert!(
        refused.starts_with("the model was saved before its input's shape was known"),
        "{refused}"
    );
}

/// The name of the weights' groups in TensorFlow 2.12 and 2.13.
#[test]
fn archives_of_tensorflow_2_12() {
    let mut file = FileBuilder::new();
    let mut layers = file.create_group("_layer_checkpoint_dependencies");
    let mut group = layers.create_group("dense");
    let mut vars = group.create_group("vars");
    vars.create_dataset("0").with_f32_data(&[0.5]).with_shape(&[1, 1]);
    vars.create_dataset("1").with_f32_data(&[0.25]).with_shape(&[1]);
    group.add_group(vars.finish());
    layers.add_group(group.finish());
    file.add_group(layers.finish());
    let config = sequential(&[1], &[one()]).to_string().into_bytes();
    let files = [("config.json", config), ("model.weights.h5", file.finish().unwrap())];
    assert_operators(&read_bytes(&archive(&files)).operators, &[dense()]);
}

/// Calls of version 2 stand in lists.
#[test]
fn layers_called_as_in_training() {
    let input = layer("InputLayer", "in", json!({"batch_input_shape": [null, 1]}));
    let mut noise = layer("GaussianNoise", "noise", json!({"stddev": 1.0}));
    noise["inbound_nodes"] = json!([[["in", 0, 0, {"training": true}]]]);
    let model = json!({"class_name": "Functional", "config": {
        "layers": [input, noise],
        "input_layers": [["in", 0, 0]], "output_layers": [["noise", 0, 0]],
    }});
    let expected = "operator 1, `noise` (GaussianNoise): it is called with training=True, and works by \
                    chance; leave that out and save it again";
    assert_eq!(refusal(&hdf5(&model, 1)), expected);
}

#[test]
fn what_layers_do_that_do_not_say_it() {
    let function = |function| Operation::Function(function);
    let pool =
        Pool { kernel: [2, 3], stride: [2, 3], padding: Padding::Valid, counts_padding: false };
    let cases = [
        ("LeakyReLU", json!({}), function(Function::LeakyRelu(0.3))),
        ("LeakyReLU", json!({"alpha": 0.5}), function(Function::LeakyRelu(0.5))),
        ("ELU", json!({}), function(Function::Elu(1.0))),
        ("ReLU", json!({"max_value": null}), function(Function::Relu)),
        ("ReLU", json!({"negative_slope": 0.5}), function(Function::LeakyRelu(0.5))),
        ("Activation", json!({"activation": "linear"}), Operation::Identity),
        ("Activation", json!({"activation": "swish"}), function(Function::Silu)),
        ("MaxPooling2D", json!({"pool_size": [2, 3], "strides": null}), Operation::Maximum(pool)),
        (
            "Normalization",
            json!({"axis": [3], "mean": [[1.0]], "variance": [[4.0]], "invert": true}),
            Operation::Affine { factor: vec![2.0], shift: vec![1.0] },
        ),
        (
            // A variance of 0 counts as 1e-14.
            "Normalization",
            json!({"axis": -1, "mean": [0.0], "variance": [0.0]}),
            Operation::Affine { factor: vec![1e7], shift: vec![-0.0] },
        ),
    ];
    for (class, config, operation) in cases {
        let model = sequential(&[4, 6, 1], &[layer(class, "it", config)]);
        assert_operators(&read_bytes(&keras(&model, &[])).operators, &[("it", class, operation)]);
    }
}
