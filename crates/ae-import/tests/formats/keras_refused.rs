//! What is not understood in a Keras file, and how that is said.

use serde_json::{Value, json};

use super::keras_written::{archive, keras, layer, sequential};
use super::{file, refusal};

/// How a model of this one layer is refused, given values of this shape.
fn refused(shape: &[usize], class: &str, config: Value) -> String {
    refusal(&keras(&sequential(shape, &[layer(class, "it", config)]), &[]))
}

/// How an operator is refused, without the words before the reason.
fn reason(shape: &[usize], class: &str, config: Value) -> String {
    let refused = refused(shape, class, config);
    let place = format!("operator 0, `it` ({class}): ");
    refused.strip_prefix(&place).unwrap_or_else(|| panic!("{refused}")).to_owned()
}

#[test]
fn layers_that_the_project_has_not() {
    for class in ["LSTM", "GRU", "MultiHeadAttention", "Add", "Concatenate", "Bidirectional"] {
        assert_eq!(
            reason(&[4, 2], class, json!({})),
            format!(
                "{class} is not a layer that this project has; a model of dense layers and \
                 convolutions can be imported"
            )
        );
    }
    let cut = "a map cannot be cut at its borders here; choose strides and padding with which \
               nothing is left over";
    assert_eq!(reason(&[4, 4, 1], "Cropping2D", json!({"cropping": 1})), cut);
    let order = "values cannot change their order here; put the values in the order that the model \
                 needs before they are given to it";
    assert_eq!(reason(&[4, 2], "Permute", json!({"dims": [2, 1]})), order);
    let slopes = "a slope of its own for each value cannot be computed here; use LeakyReLU, which \
                  has one slope";
    assert_eq!(reason(&[4], "PReLU", json!({})), slopes);
}

#[test]
fn functions_that_are_not_known() {
    let softmax = "softmax needs all values for each one, and is not computed here; leave it out; an \
                   autoencoder's output is sigmoid, tanh or linear";
    assert_eq!(reason(&[4], "Softmax", json!({})), softmax);
    assert_eq!(reason(&[4], "Activation", json!({"activation": "softmax"})), softmax);
    let known = "linear, relu, relu6, leaky_relu, elu, sigmoid, tanh, gelu, silu and softplus are \
                 known";
    let selu = json!({"activation": {"class_name": "function", "config": "selu"}});
    let expected = format!("its activation `selu` is not known; {known}");
    assert_eq!(reason(&[4], "Activation", selu), expected);
    let own = json!({"activation": {"class_name": "Snake", "config": {}}});
    let expected = format!(
        "its activation `{{\"class_name\":\"Snake\",\"config\":{{}}}}` is not known; {known}"
    );
    assert_eq!(reason(&[4], "Activation", own), expected);
    let expected = "a ReLU of max_value 5, negative_slope 0 and threshold 0.5 cannot be computed \
                    here; use ReLU, ReLU(6) or LeakyReLU";
    assert_eq!(reason(&[4], "ReLU", json!({"max_value": 5.0, "threshold": 0.5})), expected);
}

#[test]
fn convolutions_that_are_not_computed() {
    let convolution = |key: &str, value: Value| {
        let mut config = json!({"kernel_size": [3], "filters": 2});
        config[key] = value;
        reason(&[8, 2], "Conv1D", config)
    };
    let first = "its map begins with the channels (data_format=\"channels_first\"); build the model \
                 with data_format=\"channels_last\" and save it again";
    assert_eq!(convolution("data_format", json!("channels_first")), first);
    let other = "its padding `circular` is not known; use padding=\"same\" or padding=\"valid\"";
    assert_eq!(convolution("padding", json!("circular")), other);
    let apart = "its taps are apart (dilation_rate), which is not known of a transposed convolution; \
                 use dilation_rate=1";
    let config = json!({"kernel_size": 3, "filters": 2, "dilation_rate": 2});
    assert_eq!(reason(&[8, 8, 2], "Conv2DTranspose", config), apart);
    let bilinear = "its interpolation is `bilinear`; use interpolation=\"nearest\"";
    let config = json!({"size": 2, "interpolation": "bilinear"});
    assert_eq!(reason(&[8, 8, 2], "UpSampling2D", config), bilinear);
}

#[test]
fn zeros_around_a_map_before_anything_else() {
    let expected = "operator 0, `zeros` (ZeroPadding1D): zeros around a map are understood only \
                    before a convolution with padding=\"valid\"; give the convolution \
                    padding=\"same\" instead";
    let zeros = layer("ZeroPadding1D", "zeros", json!({"padding": 1}));
    let convolution = json!({"kernel_size": 3, "filters": 2, "padding": "same"});
    let pool = json!({"pool_size": 2});
    let behind =
        [vec![], vec![layer("Conv1D", "it", convolution)], vec![layer("MaxPooling1D", "it", pool)]];
    for behind in behind {
        let layers = [vec![zeros.clone()], behind].concat();
        assert_eq!(refusal(&keras(&sequential(&[8, 2], &layers), &[])), expected);
    }
}

#[test]
fn normalisations_of_another_axis() {
    let axis = "it normalises along axis 1; use axis=-1, which is that of the channels";
    assert_eq!(reason(&[8, 2], "BatchNormalization", json!({"axis": 1})), axis);
    assert_eq!(reason(&[8, 2], "Normalization", json!({"axis": 1})), axis);
    let several = "it normalises along axis [1,2]; use axis=-1, which is that of the channels";
    assert_eq!(reason(&[8, 2], "Normalization", json!({"axis": [1, 2]})), several);
    let other = json!({"axis": -1, "mean": [1, 2, 3], "variance": [1, 2, 3]});
    let expected = "a damaged Keras file: layer `it`: it has 3 means or variances; 2 were expected";
    assert_eq!(refused(&[8, 2], "Normalization", other), expected);
}

#[test]
fn weights_that_are_no_numbers() {
    let model = sequential(&[1], &[layer("Dense", "it", json!({"units": 1}))]);
    let weights = |kernel: f32| refusal(&keras(&model, &[(&[1, 1], &[kernel]), (&[1], &[0.5])]));
    let expected = "operator 0, `it` (Dense): one of its numbers is not finite; train it again, with \
                    a smaller learning rate if its loss grew";
    assert_eq!(weights(f32::NAN), expected);
    assert_eq!(weights(f32::INFINITY), expected);
}

#[test]
fn weights_of_another_shape_or_none() {
    let model = sequential(&[3], &[layer("Dense", "it", json!({"units": 2}))]);
    let kernel = (&[2_u64, 3][..], &[0.5_f32; 6][..]);
    let bias = (&[2_u64][..], &[0.5_f32; 2][..]);
    let shape =
        "a damaged Keras file: layer `it`: its `kernel` has shape [2, 3]; [3, 2] was expected";
    assert_eq!(refusal(&keras(&model, &[kernel, bias])), shape);
    let none = refusal(&keras(&model, &[kernel]));
    assert!(none.starts_with("a damaged Keras file: `layers/dense/vars/1`: "), "{none}");
}

#[test]
fn a_kernel_that_nobody_named() {
    let expected = "a damaged Keras file: layer `it`: its `kernel_size` is [3,0] instead of 2 whole \
                    numbers from 1 on";
    let config = json!({"kernel_size": [3, 0], "filters": 1});
    assert_eq!(refused(&[4, 4, 1], "Conv2D", config), expected);
    let expected = "a damaged Keras file: layer `it`: it has no `kernel_size`";
    assert_eq!(refused(&[4, 4, 1], "Conv2D", json!({"filters": 1})), expected);
    let expected =
        "a damaged Keras file: layer `it`: its `units` is \"many\" instead of a whole number";
    assert_eq!(refused(&[4], "Dense", json!({"units": "many"})), expected);
    let expected = "a damaged Keras file: layer `it`: it is given 1 dimensions; 3 were expected";
    assert_eq!(refused(&[4], "MaxPooling2D", json!({"pool_size": 2})), expected);
}

#[test]
fn shapes_that_do_not_hold_the_values() {
    let expected = "a damaged Keras file: layer `it`: 6 values cannot have the shape [4,null]";
    let expected = expected.replace("null", "-1");
    assert_eq!(refused(&[6], "Reshape", json!({"target_shape": [4, -1]})), expected);
    let mut open = sequential(&[1, 2], &[layer("Flatten", "it", json!({}))]);
    open["config"]["layers"][0]["config"]["batch_shape"] = json!([null, null, 2]);
    let expected = "operator 0, `it` (Flatten): the file does not say how many values it is given; \
                    give the model an input of fixed size and save it again";
    assert_eq!(refusal(&keras(&open, &[])), expected);
}

/// A graph of these layers, each with the names of those it takes.
fn graph(layers: &[(&str, &str, &[&str])], output: &str) -> Value {
    let tensor = |name: &&str| json!({"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}});
    let layers = layers.iter().map(|(class, name, from)| {
        let mut layer = layer(class, name, json!({"batch_shape": [null, 4]}));
        let args: Vec<Value> = from.iter().map(tensor).collect();
        let node = json!({"args": [args], "kwargs": {}});
        layer["inbound_nodes"] = if from.is_empty() { json!([]) } else { json!([node]) };
        layer
    });
    let layers: Vec<Value> = layers.collect();
    json!({"class_name": "Functional", "config": {
        "name": "model", "layers": layers,
        "input_layers": ["in", 0, 0], "output_layers": [output, 0, 0],
    }})
}

const CHAIN: &str = "a model whose layers each take what the one before gives can be imported";

#[test]
fn graphs_that_join_or_branch() {
    let layers: [(&str, &str, &[&str]); 4] = [
        ("InputLayer", "in", &[]),
        ("Dropout", "a", &["in"]),
        ("Dropout", "b", &["in"]),
        ("Add", "sum", &["a", "b"]),
    ];
    let joins = format!("operator 3, `sum` (Add): it takes the values of `a` and `b`; {CHAIN}");
    assert_eq!(refusal(&keras(&graph(&layers, "sum"), &[])), joins);
    let branches = format!(
        "operator 2, `b` (Dropout): it stands beside the way from the model's input to its output; \
         {CHAIN}"
    );
    assert_eq!(refusal(&keras(&graph(&layers[..3], "a"), &[])), branches);

    let mut shared = graph(&layers[..2], "a");
    let nodes = &mut shared["config"]["layers"][1]["inbound_nodes"];
    *nodes = json!([nodes[0], nodes[0]]);
    let expected = format!("operator 1, `a` (Dropout): it is used 2 times; {CHAIN}");
    assert_eq!(refusal(&keras(&shared, &[])), expected);

    let mut two = graph(&layers[..3], "a");
    two["config"]["output_layers"] = json!([["a", 0, 0], ["b", 0, 0]]);
    let expected = "the model has 2 outputs: `a`, `b`; save a model of one input and one output";
    assert_eq!(refusal(&keras(&two, &[])), expected);
}

#[test]
fn graphs_that_lead_nowhere() {
    let layers: [(&str, &str, &[&str]); 3] =
        [("InputLayer", "in", &[]), ("Dropout", "a", &["b"]), ("Dropout", "b", &["a"])];
    let expected = "a damaged Keras file: the configuration of the model: no layer `b` is left for \
                    what takes its values";
    assert_eq!(refusal(&keras(&graph(&layers, "b"), &[])), expected);
    let expected = "a damaged Keras file: the configuration of the model: its `output_layers` is 3; \
                    the name of a layer was expected";
    let mut model = graph(&layers, "b");
    model["config"]["output_layers"] = json!(3);
    assert_eq!(refusal(&keras(&model, &[])), expected);
    let layers = [layers[0], ("Dropout", "a", &["in"]), ("ReLU", "a", &["in"])];
    let expected =
        "a damaged Keras file: the configuration of `a`: another layer has the same name";
    assert_eq!(refusal(&keras(&graph(&layers, "a"), &[])), expected);
}

/// Dropout that drops at inference too, as Monte Carlo dropout does.
#[test]
fn layers_called_as_in_training() {
    let layers: [(&str, &str, &[&str]); 2] = [("InputLayer", "in", &[]), ("Dropout", "a", &["in"])];
    let mut model = graph(&layers, "a");
    model["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = json!({"training": true});
    let expected = "operator 1, `a` (Dropout): it is called with training=True, and works by chance; \
                    leave that out and save it again";
    assert_eq!(refusal(&keras(&model, &[])), expected);
}

#[test]
fn models_whose_layers_are_in_code() {
    let model = json!({"class_name": "AnomalyDetector", "config": {"trainable": true}});
    let expected = "the model is of a class `AnomalyDetector` of its own, whose layers are in its \
                    code; build it with `keras.Sequential`, or with `keras.Model(inputs, outputs)`, \
                    give that the weights, and save it again";
    assert_eq!(refusal(&keras(&model, &[])), expected);
    let model = json!({"class_name": "Sequential", "config": {"layers": [
        layer("Dense", "it", json!({"units": 2})),
    ]}});
    let expected = "the model was saved before its input's shape was known; begin it with \
                    `keras.Input(shape=…)`, or call it once, and save it again";
    assert_eq!(refusal(&keras(&model, &[])), expected);
}

#[test]
fn files_that_are_not_as_keras_writes_them() {
    let hdf5 = hdf5_pure::FileBuilder::new().finish().unwrap();
    let expected = "the HDF5 file holds no Keras model; write model and weights with \
                    `model.save(\"model.keras\")`";
    assert_eq!(refusal(&hdf5), expected);

    let files = |config: &[u8]| {
        archive(&[("config.json", config.to_vec()), ("model.weights.h5", hdf5.clone())])
    };
    let refused = refusal(&files(b"{\"a\":"));
    assert!(refused.starts_with("a damaged Keras file: `config.json`: EOF"), "{refused}");
    let refused = refusal(&files(&[b' '; 600 << 10]));
    let expected = "a damaged Keras file: `config.json`: it has 614400 bytes; at most 524288 were \
                    expected";
    assert_eq!(refused, expected);

    // A byte of the weights changed within the archive.
    let mut bytes = file("float16.keras");
    let at = bytes.windows(8).position(|bytes| bytes == b"\x89HDF\r\n\x1a\n").unwrap();
    bytes[at + 100] ^= 1;
    let refused = refusal(&bytes);
    assert!(refused.starts_with("a damaged Keras file: `model.weights.h5`: "), "{refused}");
}
