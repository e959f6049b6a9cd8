//! State dicts that PyTorch wrote, and safetensors files of their names.

use ae_import::{
    Dense, Function, Numbers, Operation, ReadOptions, SourceFormat, SourceModel, Value, read,
};

use super::pattern::{batch_normalization, function, torch_dense};
use super::{assert_operators, file};

fn options(activation: Option<Function>) -> ReadOptions {
    ReadOptions { activation, ..ReadOptions::default() }
}

fn read_with(name: &str, options: &ReadOptions) -> SourceModel {
    read(&file(name), options).unwrap()
}

/// The operators of `Autoencoder` in the script, whose latent layer has no function behind it.
fn autoencoder(output: Option<Function>) -> Vec<(&'static str, &'static str, Operation)> {
    let mut operators = vec![
        ("encoder.0", "Linear", torch_dense([6, 4], 0, Some(1))),
        (
            "encoder.1 (eps 1e-5, PyTorch's default)",
            "BatchNorm1d",
            batch_normalization(4, 1e-5, Some(2), Some(3), 4),
        ),
        ("encoder.1", "Activation", function(Function::Relu)),
        ("encoder.3", "Linear", torch_dense([4, 2], 7, Some(8))),
        ("decoder.0", "Linear", torch_dense([2, 4], 9, None)),
        ("decoder.0", "Activation", function(Function::Relu)),
        ("decoder.2", "Linear", torch_dense([4, 6], 10, Some(11))),
    ];
    // Tensor 6 counts batches.
    operators.extend(output.map(|output| ("decoder.2", "Activation", function(output))));
    operators
}

#[test]
fn a_state_dict_is_read_in_its_order() {
    let options = options(Some(Function::Relu));
    for (name, format) in [
        ("autoencoder.pt", SourceFormat::PyTorch),
        // Inside other things that were saved with it.
        ("checkpoint.pt", SourceFormat::PyTorch),
        // Sorted by the names, where the decoder comes first.
        ("autoencoder.safetensors", SourceFormat::Safetensors),
    ] {
        let model = read_with(name, &options);
        assert_operators(&model.operators, &autoencoder(None));
        assert_eq!((model.format, model.channels_first), (format, false), "{name}");
        let value = |name: &str| Value { name: name.to_owned(), shape: vec![6], codes: None };
        assert_eq!((model.input, model.output), (value(""), value("decoder.2")));
    }
    let output = Some(Function::Sigmoid);
    let model = read_with("autoencoder.pt", &ReadOptions { output_activation: output, ..options });
    assert_operators(&model.operators, &autoencoder(output));
}

/// Of layers of one width the first is in the middle, if nothing else is said.
#[test]
fn the_layer_in_the_middle_has_no_function() {
    let dense =
        |name, layer: usize| (name, "Linear", torch_dense([2, 2], 2 * layer, Some(2 * layer + 1)));
    let tanh = |name| (name, "Activation", function(Function::Tanh));
    let expected =
        [dense("0", 0), dense("1", 1), tanh("1"), dense("2", 2), tanh("2"), dense("3", 3)];
    for name in ["widths.pt", "widths.safetensors"] {
        let options = options(Some(Function::Tanh));
        assert_operators(&read_with(name, &options).operators, &expected);
        let options = ReadOptions { latent: Some(2), ..options };
        assert_operators(&read_with(name, &options).operators, &expected);
    }
    let wide = ReadOptions { latent: Some(4), ..options(Some(Function::Relu)) };
    let model = read_with("autoencoder.pt", &wide);
    let functions: Vec<&str> = model
        .operators
        .iter()
        .filter(|operator| operator.kind == "Activation")
        .map(|operator| operator.name.as_str())
        .collect();
    assert_eq!(functions, ["encoder.3", "decoder.0"]);
}

/// A model without another hidden layer than that in the middle needs no function.
#[test]
fn tensors_may_share_their_numbers() {
    let dense = |inputs, outputs, weights: &[f32]| {
        let numbers = Numbers::Real { weights: weights.to_vec(), bias: vec![0.0; outputs] };
        Operation::Dense(Dense { inputs, outputs, numbers })
    };
    let expected = [
        ("up", "Linear", dense(2, 3, &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0])),
        ("down", "Linear", dense(3, 2, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])),
    ];
    assert_operators(&read_with("tied.pt", &options(None)).operators, &expected);
}
