//! TensorFlow Lite files are read as they are, and what they compute is what LiteRT computes.

use ae_import::{Codes, Function, Numbers, Operation, Padding, SourceFormat};

use crate::files::{agrees, integers_agree, kinds, load, refused};

/// LiteRT computes in f32, and adds up in an order of its own.
const FLOATS: f64 = 1e-5;

#[test]
fn what_is_read_computes_what_litert_does() {
    for name in [
        "dense",
        "dense_f16",
        "maps",
        "pads",
        "dilated",
        "signal",
        "upsampling",
        "nearest",
        "shapes",
        "turned",
        "cut",
    ] {
        agrees(&format!("{name}.tflite"), FLOATS);
    }
}

/// LiteRT rounds what comes into a layer with weights of 8 bits, to 8 bits that fit the sample. The
/// model does not say so.
#[test]
fn weights_of_8_bits_are_real_numbers_where_activations_are() {
    agrees("dynamic_range.tflite", 5e-3);
}

/// To a step of what comes out: real numbers are rounded where integers are, but for ties.
#[test]
fn integers_are_what_litert_has() {
    agrees("dense_wrapped.tflite", 1.01 / 255.0);
    for name in ["dense_int8.tflite", "maps_int8.tflite"] {
        integers_agree(name);
    }
}

#[test]
fn integers_are_read_exactly() {
    let model = load("dense_int8.tflite");
    assert_eq!(model.format, SourceFormat::TensorFlowLite);
    assert_eq!((model.input.name.as_str(), model.input.shape.as_slice()), ("t0", &[4][..]));
    assert_eq!(model.input.codes, Some(Codes { scale: 0.007_781_862_7, zero_point: 1 }));
    let codes = Some(Codes { scale: 0.009_989_66, zero_point: -128 });
    let [layer, relu, ..] = model.operators.as_slice() else { panic!("{:?}", kinds(&model)) };
    // The limit works on the integers that come out of the layer.
    assert_eq!((layer.codes, relu.codes), (codes, codes));
    assert_eq!((layer.name.as_str(), relu.name.as_str()), ("t8", "t8"));
    assert_eq!(relu.operation, Operation::Function(Function::Relu));
    let Operation::Dense(dense) = &layer.operation else { panic!("{layer:?}") };
    let wanted = Numbers::Integers {
        weights: vec![104, -69, -127, 92, 37, -51, -127, 39, 2, -127, -90, 114],
        scales: vec![0.006_766_732_3, 0.007_627_953, 0.007_258_858],
        bias: vec![-890, 526, 9128],
    };
    assert_eq!((dense.inputs, dense.outputs, &dense.numbers), (4, 3, &wanted));
    let output = Codes { scale: 0.003_906_25, zero_point: -128 };
    assert_eq!(model.output.codes, Some(output));
}

/// An input and an output of unsigned integers are those of signed ones, less 128.
#[test]
fn unsigned_integers_at_the_border_become_signed() {
    let (signed, unsigned) = (load("dense_wrapped.tflite"), load("dense_unsigned.tflite"));
    assert_eq!(unsigned.operators[0].kind, "QUANTIZE");
    assert_eq!(
        (unsigned.input.codes, unsigned.output.codes),
        (signed.input.codes, signed.output.codes)
    );
    let codes = |model: &ae_import::SourceModel| -> Vec<Option<Codes>> {
        model.operators.iter().map(|operator| operator.codes).collect()
    };
    assert_eq!(codes(&unsigned), codes(&signed));
}

#[test]
fn borders_of_integers_are_kept_as_operators() {
    let (bare, wrapped) = (load("dense_int8.tflite"), load("dense_wrapped.tflite"));
    let inner = kinds(&bare);
    assert_eq!(kinds(&wrapped), [&["QUANTIZE"], &inner[..], &["DEQUANTIZE"]].concat());
    assert_eq!((wrapped.input.codes, wrapped.output.codes), (bare.input.codes, bare.output.codes));
    assert!(wrapped.operators.iter().all(|operator| operator.codes.is_some()));
}

/// Weights of 16 bits are real numbers again, and these are multiples of 1/64, which 16 bits have.
#[test]
fn weights_of_16_bits_are_what_they_were() {
    let (whole, half) = (load("dense.tflite"), load("dense_f16.tflite"));
    let operations = |model: &ae_import::SourceModel| -> Vec<Operation> {
        model.operators.iter().map(|operator| operator.operation.clone()).collect()
    };
    assert_eq!(operations(&whole), operations(&half));
}

#[test]
fn what_converters_take_apart_is_put_together() {
    let pads = load("pads.tflite");
    assert_eq!(kinds(&pads), ["CONV_2D", "LEAKY_RELU", "ELU", "GELU", "AVERAGE_POOL_2D"]);
    let around = Padding::Explicit { before: [1, 0], after: [2, 1] };
    assert!(
        matches!(&pads.operators[0].operation, Operation::Convolution(conv) if conv.padding == around)
    );

    let dilated = load("dilated.tflite");
    assert_eq!(kinds(&dilated), ["CONV_2D", "ADD", "LOG", "LOGISTIC", "MUL", "MEAN"]);
    let Operation::Convolution(conv) = &dilated.operators[0].operation else { panic!() };
    let around = Padding::Explicit { before: [2, 2], after: [2, 2] };
    assert_eq!((conv.dilation, conv.padding), ([2, 2], around));
    let functions: Vec<&Operation> = dilated.operators[2..5].iter().map(|o| &o.operation).collect();
    let softplus = Operation::Function(Function::Softplus);
    let silu = Operation::Function(Function::Silu);
    assert_eq!(functions, [&softplus, &Operation::Identity, &silu]);

    let signal = load("signal.tflite");
    let Operation::Convolution(conv) = &signal.operators[1].operation else { panic!() };
    let before = Padding::Explicit { before: [0, 4], after: [0, 0] };
    assert_eq!((conv.kernel, conv.dilation, conv.padding), ([1, 3], [1, 2], before));
    let twice = |model: &ae_import::SourceModel| -> Vec<[usize; 2]> {
        let operations = model.operators.iter().map(|operator| &operator.operation);
        operations
            .filter_map(|operation| match operation {
                Operation::Upsampling(factors) => Some(*factors),
                _ => None,
            })
            .collect()
    };
    assert_eq!(twice(&signal), [[1, 2]]);
    assert_eq!(twice(&load("upsampling.tflite")), [[2, 1], [1, 2], [1, 2]]);
    assert_eq!(twice(&load("nearest.tflite")), [[2, 3]]);
}

#[test]
fn channels_are_first_where_the_first_move_says_so() {
    let model = load("turned.tflite");
    assert!(model.channels_first);
    assert_eq!(model.operators[0].operation, Operation::ChannelsLast);
    assert_eq!(model.operators[2].operation, Operation::ChannelsFirst);
    assert!(!load("maps.tflite").channels_first);
}

#[test]
fn what_a_transposed_convolution_cuts_off_is_read() {
    let model = load("cut.tflite");
    let Operation::Transposed(conv) = &model.operators[0].operation else { panic!() };
    let cut = Padding::Explicit { before: [1, 1], after: [1, 2] };
    assert_eq!((conv.kernel, conv.padding, conv.output_padding), ([3, 4], cut, [0, 0]));
}

#[test]
fn each_refusal_says_what_and_where_and_what_to_do() {
    const LINE: &str = "only a model whose operators follow each other in one line, each with one \
                        input and one output, can be imported";
    const FUNCTIONS: &str =
        "use ReLU, ReLU6, leaky ReLU, ELU, sigmoid, tanh, GELU, SiLU or softplus";
    for (name, wanted) in [
        (
            "softmax",
            format!(
                "operator 1, `t4` (SOFTMAX): SOFTMAX is not an activation that this project has; \
                 {FUNCTIONS}"
            ),
        ),
        (
            "hard_swish",
            format!(
                "operator 1, `t4` (HARD_SWISH): HARD_SWISH is not an activation that this project \
                 has; {FUNCTIONS}"
            ),
        ),
        (
            "int16",
            "operator 0, `t0` (QUANTIZE): it works on integers of 16 bits; convert the model with \
             float32 or with full integers of int8"
                .to_owned(),
        ),
        (
            "bilinear",
            "operator 0, `t2` (RESIZE_BILINEAR): RESIZE_BILINEAR is not a layer that this project \
             has; a model of dense layers, convolutions, pools, upsampling and activations can be \
             imported"
                .to_owned(),
        ),
        (
            "padding",
            "operator 1, `t3` (MAX_POOL_2D): it takes a padded map, and only a convolution can; put \
             the padding directly before a convolution, or into it"
                .to_owned(),
        ),
        (
            "each_place",
            "operator 0, `t3` (FULLY_CONNECTED): it has 3 inputs, and works on each row of [2, 3] by \
             itself; put a flattening before it, or use a convolution with a kernel of 1"
                .to_owned(),
        ),
        ("join", format!("operator 1, `t3` (ADD): it joins `t0` and `t2`; {LINE}")),
        (
            "branch",
            format!(
                "operator 1, `t4` (RELU): it takes `t0`, which another operator takes too; {LINE}"
            ),
        ),
        ("outputs", format!("the model: it has 2 outputs; {LINE}")),
    ] {
        assert_eq!(refused(&format!("refused_{name}.tflite")), wanted);
    }
}

/// The numbers of the schema's types stand in one byte of a tensor: that of the input is changed.
#[test]
fn old_integers_are_refused_by_name() {
    let mut bytes = crate::files::bytes("dense_int8.tflite");
    let model = load("dense_int8.tflite");
    let read = |bytes: &[u8]| ae_import::read(bytes, &ae_import::ReadOptions::default());
    let mut found = 0;
    for at in 0..bytes.len() {
        if bytes[at] != 9 {
            continue;
        }
        bytes[at] = 3;
        if let Err(error) = read(&bytes) {
            let error = error.to_string();
            found += usize::from(error.contains(
                "it works on unsigned integers of 8 bits, as old converters made them; convert the \
                 model with float32 or with full integers of int8",
            ));
        }
        bytes[at] = 9;
    }
    assert!(found > 0, "no type of {:?}", kinds(&model));
}
