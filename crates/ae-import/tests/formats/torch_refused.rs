//! What is not understood in PyTorch's files, and how that is said.

use ae_import::{Function, ReadOptions};
use safetensors::tensor::{Dtype, TensorView};

use super::keras_written::archive;
use super::{file, refusal, refusal_with};

const EXPORT: &str = "export the model as ONNX (torch.onnx.export), which says how it works";

fn refused(name: &str) -> String {
    let options = ReadOptions { activation: Some(Function::Relu), ..ReadOptions::default() };
    refusal_with(&file(&format!("refused_{name}")), &options)
}

#[test]
fn functions_that_nobody_says() {
    let expected = "the file holds weights alone, and does not say what function stands behind a \
                    hidden layer";
    assert_eq!(refusal(&file("autoencoder.pt")), expected);
    assert_eq!(refusal(&file("autoencoder.safetensors")), expected);
    let options = ReadOptions { latent: Some(3), ..ReadOptions::default() };
    let expected =
        "no hidden layer gives 3 values; they give [4, 2, 4]; say one of these as `latent`";
    assert_eq!(refusal_with(&file("autoencoder.pt"), &options), expected);
}

#[test]
fn layers_that_a_state_dict_does_not_describe() {
    let convolution = "operator 0, `encoder.0` (convolution): its weight of shape [2, 1, 3] is a \
                       convolution's, whose strides and padding are not in the file; ";
    assert_eq!(refused("convolution.pt"), format!("{convolution}{EXPORT}"));
    let lstm = "operator 0, `lstm` (recurrent layer): an LSTM or GRU is not a layer that this \
                project has; a model of dense layers and convolutions can be imported";
    assert_eq!(refused("lstm.pt"), lstm);
    let layer_norm = "operator 1, `1` (module): it has one weight a value and no running mean, as \
                      LayerNorm has, which is not a layer that this project has; ";
    assert_eq!(refused("layer_norm.pt"), format!("{layer_norm}{EXPORT}"));
    // Linear, ReLU, BatchNorm1d: the function stands before the normalisation.
    let between = "operator 1, `2` (BatchNorm1d): something without numbers stands between `0` and \
                   it, and the file does not say what; ";
    assert_eq!(refused("between.pt"), format!("{between}{EXPORT}"));
    let integers = "operator 0, `0` (module): its tensor `0.weight` is of IntStorage, and not of real \
                    numbers; save the model before it is quantised";
    assert_eq!(refused("int32.pt"), integers);
}

#[test]
fn layers_that_do_not_follow_each_other() {
    let expected = "operator 1, `1` (Linear): it takes 4 values (its `weight` has shape [3, 4]), and \
                    `0` before it gives 2 (shape [2, 3]); the layers must follow each other as their \
                    names do; else export the model as ONNX";
    assert_eq!(refused("apart.pt"), expected);
}

#[test]
fn files_that_hold_no_state_dict() {
    let weights = "`torch.save(model.state_dict(), \"weights.pt\")`";
    let load =
        "write its weights in Python: `model = torch.load(\"model.pt\", weights_only=False)`";
    let module = "the file holds an object of the class `torch.nn.modules.container.Sequential`, \
                  whose code it has not, and no state dict";
    assert_eq!(refused("module.pt"), format!("{module}; {load}, then {weights}"));
    let load = "write its weights in Python: `model = torch.jit.load(\"model.pt\")`";
    let script = format!("the file is a TorchScript program; {load}, then {weights}");
    assert_eq!(refused("script.pt"), script);
    let parts = format!("no state dict is among `encoder`; save the model's own: {weights}");
    assert_eq!(refused("parts.pt"), parts);
    let legacy = "the file is of PyTorch's format before version 1.6; write it again in Python: \
                  `state = torch.load(\"model.pt\", weights_only=False)`, then `torch.save(state, \
                  \"weights.pt\")`, or `state.state_dict()` where it is a module";
    assert_eq!(refused("legacy.pt"), legacy);
    let other = "the file is a Python pickle, and not one of PyTorch; a pickle is a program and is \
                 not run; save the model in a format of its own";
    assert_eq!(refused("other.pkl"), other);
}

/// A pickle that would run a program if it were run.
#[test]
fn nothing_in_a_pickle_is_run() {
    let pickle = b"\x80\x02cposix\nsystem\nX\x05\x00\x00\x00false\x85R.";
    let bytes = archive(&[("model/data.pkl", pickle.to_vec())]);
    let refused = refusal(&bytes);
    let class = "the file holds an object of the class `posix.system`, whose code it has not";
    assert!(refused.starts_with(class), "{refused}");
}

#[test]
fn archives_that_are_not_as_pytorch_writes_them() {
    let refused = |pickle: &[u8]| refusal(&archive(&[("model/data.pkl", pickle.to_vec())]));
    let place = "a damaged PyTorch file: `model/data.pkl`: ";
    let expected = format!("{place}the instruction at byte 2 is not understood");
    assert_eq!(refused(b"\x80\x02\xff."), expected);
    // The stack is empty, the mark is missing, the text is cut.
    for pickle in [&b"\x80\x02."[..], b"\x80\x02)t.", b"\x80\x02X\xff\xff\xff\xffa."] {
        assert!(refused(pickle).starts_with(place), "{pickle:?}");
    }
    let expected = format!("{place}it has 600000 bytes; at most 524288 were expected");
    assert_eq!(refused(&[b'N'; 600_000]), expected);
    let expected = "the file holds no tensors; save the model's own: \
                    `torch.save(model.state_dict(), \"weights.pt\")`";
    assert_eq!(refused(b"\x80\x02}."), expected);
    let big = archive(&[("m/data.pkl", b"\x80\x02}.".to_vec()), ("m/byteorder", b"big".to_vec())]);
    let expected = "the file was written on a machine whose numbers begin with the highest byte; write \
                    it again on another machine";
    assert_eq!(refusal(&big), expected);
}

fn safetensors(name: &str, dtype: Dtype, shape: &[usize], bytes: &[u8], config: bool) -> Vec<u8> {
    let view = TensorView::new(dtype, shape.to_vec(), bytes).unwrap();
    let config = config.then(|| [("config".to_owned(), "{}".to_owned())].into());
    safetensors::serialize([(name, view)], config).unwrap()
}

#[test]
fn safetensors_files_of_other_tensors() {
    let own = safetensors("encoder.0.weight", Dtype::F32, &[1, 1], &[0; 4], true);
    let expected =
        "the weights are of a run of this project; quantise the run itself: give its folder";
    assert_eq!(refusal(&own), expected);
    let integers = safetensors("0.weight", Dtype::I8, &[2, 2], &[1; 4], false);
    let expected = "operator 0, `0` (module): its tensor `0.weight` is of I8, and not of real \
                    numbers; save the model before it is quantised";
    assert_eq!(refusal(&integers), expected);
    let other = safetensors("scale", Dtype::F32, &[2], &[0; 8], false);
    let expected =
        format!("operator 0, `` (module): its tensor `scale` of shape [2] is not known; {EXPORT}");
    assert_eq!(refusal(&other), expected);
    let normalisation = safetensors("0.running_mean", Dtype::F32, &[2], &[0; 8], false);
    let expected = "a damaged safetensors file: module `0`: it has no `running_var`";
    assert_eq!(refusal(&normalisation), expected);
    let empty = safetensors("0.weight", Dtype::F32, &[0, 4], &[], false);
    let expected =
        "a damaged safetensors file: tensor `0.weight`: it has no numbers; its shape is [0, 4]";
    assert_eq!(refusal(&empty), expected);
    let infinite = safetensors("0.weight", Dtype::F32, &[1, 1], &f32::NAN.to_le_bytes(), false);
    let expected = "operator 0, `0` (module): a number of `0.weight` is not finite; train it again, \
                    with a smaller learning rate if its loss grew";
    assert_eq!(refusal(&infinite), expected);
    let none = safetensors("0.num_batches_tracked", Dtype::I64, &[], &[0; 8], false);
    let expected = format!("the safetensors file holds no dense layer; {EXPORT}");
    assert_eq!(refusal(&none), expected);
}

#[test]
fn safetensors_headers_that_are_too_long() {
    let mut bytes = (2_u64 << 20).to_le_bytes().to_vec();
    bytes.extend(b"{");
    let expected = "a damaged safetensors file: the header: it has 2097152 bytes; at most 1048576 \
                    were expected";
    assert_eq!(refusal(&bytes), expected);
}
