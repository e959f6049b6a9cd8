//! ONNX files are read as they are, and what they compute is what ONNX Runtime computes.

use ae_import::{Codes, Function, Numbers, Operation, Padding, SourceFormat};

use crate::files::{agrees, kinds, load, refused};

/// ONNX Runtime computes in f32, and adds up in an order of its own.
const FLOATS: f64 = 1e-5;

#[test]
fn what_is_read_computes_what_onnx_runtime_does() {
    for name in [
        "dense",
        "maps",
        "enlarged",
        "signal",
        "signal_as_map",
        "shapes",
        "turned",
        "parts",
        "groups",
        "repeated",
        "softplus",
        "weights_of_8_bits",
        "typed",
    ] {
        agrees(&format!("{name}.onnx"), FLOATS);
    }
}

/// A step of what comes out, which a tie may be rounded by.
#[test]
fn integers_are_what_onnx_runtime_has() {
    agrees("integers.onnx", 1.01 / 255.0);
}

#[test]
fn integers_are_read_exactly() {
    let model = load("integers.onnx");
    assert_eq!(model.format, SourceFormat::Onnx);
    assert!(model.channels_first);
    assert_eq!(
        (model.input.name.as_str(), model.input.shape.as_slice()),
        ("input", &[2, 4, 4][..])
    );
    assert_eq!(model.input.codes, Some(Codes { scale: 1.0 / 128.0, zero_point: 0 }));
    let operator = |name: &str| {
        let found = model.operators.iter().find(|operator| operator.name == name);
        found.unwrap_or_else(|| panic!("no {name} in {:?}", kinds(&model)))
    };
    // Unsigned integers less 128, those of the layer as of the limit behind it.
    let codes = Some(Codes { scale: 1.0 / 64.0, zero_point: -128 });
    for name in ["n4", "n5", "n6", "n7", "n8", "n9"] {
        assert_eq!(operator(name).codes, codes, "{name}");
    }
    let Operation::Convolution(conv) = &operator("n4").operation else { panic!() };
    let weights = vec![
        -7, -119, 3, -91, 65, 82, 115, 114, -64, -58, -48, 84, 94, -62, -20, -23, 37, 93, 13, 65,
        -106, 86, -120, 10,
    ];
    let scales = vec![1.0 / 256.0, 1.0 / 128.0, 1.0 / 64.0];
    let bias = vec![100, -200, 300];
    assert_eq!(conv.numbers, Numbers::Integers { weights, scales, bias });
    let Operation::Dense(dense) = &operator("n11").operation else { panic!() };
    let Numbers::Integers { weights, scales, bias } = &dense.numbers else { panic!() };
    assert_eq!(weights[..14], [86, -22, -42, 126, 15, -50, 64, 114, 111, -31, -43, 49, -61, 80]);
    assert_eq!(scales, &[1.0 / 512.0]);
    // Real biases, in steps of 1/512 · 1/64.
    assert_eq!(bias, &[26112, 24064, 20992, 23552]);
    assert_eq!(operator("n12").operation, Operation::Identity);
    assert_eq!(model.output.codes, Some(Codes { scale: 1.0 / 256.0, zero_point: -128 }));
}

#[test]
fn numbers_of_each_field_are_read() {
    let model = load("typed.onnx");
    let Operation::Dense(dense) = &model.operators[0].operation else { panic!() };
    let weights = vec![0.5, 1.0, -0.25, 2.0];
    assert_eq!(dense.numbers, Numbers::Real { weights, bias: vec![0.0, 0.0] });
    assert_eq!(model.operators[1].operation, Operation::Reshape(vec![1, 2]));
}

#[test]
fn windows_are_read() {
    let model = load("maps.onnx");
    let Operation::Convolution(conv) = &model.operators[0].operation else { panic!() };
    let around = Padding::Explicit { before: [1, 0], after: [1, 1] };
    assert_eq!((conv.kernel, conv.padding), ([3, 2], around));
    let Operation::Depthwise(conv) = &model.operators[3].operation else { panic!() };
    assert_eq!((conv.channels, conv.multiplier, conv.padding), (3, 2, Padding::Same));
    // An output padding of 1 leaves one more of the padding that is cut off behind.
    let Operation::Transposed(conv) = &model.operators[5].operation else { panic!() };
    let cut = Padding::Explicit { before: [1, 1], after: [0, 0] };
    assert_eq!((conv.padding, conv.output_padding), (cut, [0, 0]));
    let Operation::Average(pool) = &model.operators[7].operation else { panic!() };
    assert!(pool.counts_padding);
    assert_eq!(model.output.shape, [2, 6, 6]);
}

#[test]
fn functions_in_parts_are_put_together() {
    let model = load("parts.onnx");
    assert_eq!(kinds(&model), ["Sigmoid", "Mul", "Div", "Mul", "PRelu"]);
    let operations: Vec<&Operation> = model.operators.iter().map(|o| &o.operation).collect();
    let [silu, gelu, leaky] =
        [Function::Silu, Function::Gelu, Function::LeakyRelu(0.25)].map(Operation::Function);
    let nothing = Operation::Identity;
    assert_eq!(operations, [&nothing, &silu, &nothing, &gelu, &leaky]);
}

#[test]
fn repeated_places_are_upsampling() {
    let model = load("repeated.onnx");
    let kinds_of_it =
        ["Conv", "Unsqueeze", "Expand", "Reshape", "Conv", "Unsqueeze", "Tile", "Reshape"];
    assert_eq!(kinds(&model)[..8], kinds_of_it);
    let factors = model.operators.iter().filter_map(|operator| match operator.operation {
        Operation::Upsampling(factors) => Some(factors),
        _ => None,
    });
    assert_eq!(factors.collect::<Vec<_>>(), [[2, 3], [1, 2], [3, 2]]);
}

#[test]
fn softplus_in_parts_is_one_function() {
    let model = load("softplus.onnx");
    let softplus = Operation::Function(Function::Softplus);
    let count = model.operators.iter().filter(|operator| operator.operation == softplus).count();
    assert_eq!(count, 2);
    assert!(kinds(&model).iter().filter(|kind| **kind == "Where").count() == 2);
}

#[test]
fn groups_are_read() {
    let model = load("groups.onnx");
    let Operation::Convolution(conv) = &model.operators[0].operation else { panic!() };
    assert_eq!((conv.channels_in, conv.channels_out, conv.groups), (4, 6, 2));
}

#[test]
fn channels_are_last_where_the_first_move_says_so() {
    // Neither a flat value nor a reshaping tells where the channels are.
    for name in ["turned_later.onnx", "turned_signal.onnx", "turned_one.onnx"] {
        assert!(!load(name).channels_first, "{name}");
        agrees(name, FLOATS);
    }
    // Of a height of 1, a move of the width is none of values.
    let last = load("turned_one.onnx").operators.pop().map(|operator| operator.operation);
    assert_eq!(last, Some(Operation::Reshape(vec![2, 2, 1])));
    let model = load("turned.onnx");
    assert!(!model.channels_first);
    assert_eq!(model.operators[0].operation, Operation::ChannelsFirst);
    assert_eq!(model.operators[2].operation, Operation::ChannelsLast);
}

#[test]
fn each_refusal_says_what_and_where_and_what_to_do() {
    for (name, wanted) in REFUSED {
        assert_eq!(refused(&format!("refused_{name}.onnx")), wanted);
    }
}

const REFUSED: [(&str, &str); 23] = [
    (
        "exp",
        "the model: it takes a part of ln(1 + exp(x)), and is not the next part; use softplus, or another activation",
    ),
    (
        "tiles",
        "operator 0, `n0` (Tile): Tile repeats values [1, 2, 1] times, and not each of a map's places; enlarge maps with Resize in the mode `nearest`",
    ),
    (
        "16_bits",
        "operator 0, `n0` (QuantizeLinear): a constant has numbers of the kind UINT16; save the weights as float32, or quantise them to int8",
    ),
    (
        "batch",
        "operator 0, `n0` (Reshape): it makes 8 of the batch: [8, 4]; the first dimension must stay the batch; change the model so that it reshapes each sample",
    ),
    (
        "ceil",
        "operator 0, `n0` (MaxPool): with ceil_mode its last window lies partly outside the map; export the model without ceil_mode",
    ),
    (
        "clip",
        "operator 0, `n0` (Clip): a limit to -1 … 1 is not an activation that this project has; use ReLU, ReLU6, leaky ReLU, ELU, sigmoid, tanh, GELU, SiLU or softplus",
    ),
    (
        "corners",
        "operator 0, `n0` (Resize): with the coordinates `align_corners` and the rounding `round_prefer_floor` it does not repeat each value equally often; export it with `asymmetric` coordinates and `floor`",
    ),
    (
        "dynamic",
        "operator 0, `n0` (DynamicQuantizeLinear): DynamicQuantizeLinear works on integers that it scales by itself; quantise the model statically in the QDQ format, to int8",
    ),
    (
        "each_place",
        "operator 0, `n0` (Add): its constant of [2, 4, 4] numbers has another one for each place or does not fit the channels; a constant must be one number, or one for each channel",
    ),
    (
        "external",
        "operator 0, `n0` (Gemm): the numbers of `w` stand in another file; save the model as one file, without external data",
    ),
    (
        "fraction",
        "operator 0, `n0` (Resize): it enlarges [4, 4] places by [1.5, 2.0]; enlarge a map's height and width by whole factors",
    ),
    (
        "half_integers",
        "the model: `n3` (Gemm) gives real numbers in a model of integers; quantise the whole model statically, with QuantizeLinear and DequantizeLinear around each operator (the QDQ format)",
    ),
    (
        "hard_sigmoid",
        "operator 0, `n0` (HardSigmoid): HardSigmoid is not an activation that this project has; use ReLU, ReLU6, leaky ReLU, ELU, sigmoid, tanh, GELU, SiLU or softplus",
    ),
    (
        "join",
        "operator 1, `n1` (Add): it joins `v0` and `input`; only a model whose operators follow each other in one line, each with one input and one output, can be imported",
    ),
    (
        "linear",
        "operator 0, `n0` (Resize): it enlarges in the mode `linear`; enlarge maps in the mode `nearest`",
    ),
    (
        "lower",
        "operator 0, `n0` (Conv): its auto_pad is SAME_LOWER, with the odd place of the padding in front; export the model with SAME_UPPER or with pads",
    ),
    (
        "lstm",
        "operator 0, `n0` (LSTM): LSTM is not a layer that this project has; a model of dense layers, convolutions, pools, upsampling and activations can be imported",
    ),
    (
        "outputs",
        "the model: it has 2 outputs; only a model whose operators follow each other in one line, each with one input and one output, can be imported",
    ),
    (
        "qlinear",
        "operator 0, `q` (QLinearMatMul): QLinearMatMul works on integers that it scales by itself; quantise the model statically in the QDQ format, to int8",
    ),
    (
        "real_weights",
        "operator 2, `n2` (Gemm): it takes integers, and its weights are real numbers; quantise the weights of all layers, or none",
    ),
    (
        "softmax",
        "operator 0, `n0` (Softmax): Softmax is not an activation that this project has; use ReLU, ReLU6, leaky ReLU, ELU, sigmoid, tanh, GELU, SiLU or softplus",
    ),
    (
        "transpose",
        "operator 0, `n0` (Transpose): it puts the dimensions in the order [0, 1, 3, 2]; only a map's channels may be moved",
    ),
    (
        "zero_point",
        "operator 3, `n3` (Gemm): its weights have the zero point 3, where 0 is the real 0; quantise the weights symmetrically",
    ),
];
