//! Layers that break a rule, in blobs whose length and checksum are right: each is refused by its
//! name and numbers.

use ae_core::{
    Arithmetic, DATA_ALIGNMENT, F32, Int8, LayerError, LoadError, MAX_WIDTH, PartKind,
    PartSelection,
};
use ae_testkit::arithmetic::Arithmetic as _;
use ae_testkit::blob::Blob;
use ae_testkit::fields::Fields;
use ae_testkit::varint::varint;
use ae_tests::models::small_blobs;

/// 12→7→3→7→12, int8.
fn int8() -> Fields {
    Fields::of(&small_blobs(PartSelection::Both)[0])
}

/// The error that a layer of the sealed fields is refused with, and the layer's place.
fn refused<'a, A: Arithmetic<'a>>(fields: &Fields) -> (PartKind, usize, LayerError) {
    match A::validate(&fields.sealed()) {
        Err(LoadError::Layer { part, index, error }) => (part, index, error),
        other => panic!("expected an error in a layer, found {other:?}"),
    }
}

/// The error that the int8 blob is refused with after `change` of its `encoder.0`.
fn of_first_layer(change: impl FnOnce(Fields) -> Fields) -> LayerError {
    let (part, index, error) = refused::<Int8<'_>>(&change(int8()));
    assert_eq!((part, index), (PartKind::Encoder, 0));
    error
}

/// Bytes of the data of an int8 layer.
fn data_len(inputs: u64, outputs: u64) -> u64 {
    (inputs * outputs).next_multiple_of(4) + 9 * outputs
}

const PROTOTYPES: &[u8] = include_bytes!("../../golden/tiny.prototypes.int8.aeb");
const FLOAT: &[u8] = include_bytes!("../../golden/tiny.f32.aeb");
const FLOAT_PROTOTYPES: &[u8] = include_bytes!("../../golden/tiny.prototypes.f32.aeb");

#[test]
fn one_hot_layers_have_no_zero_point_and_no_tables() {
    let refused = |fields: Fields| refused::<Int8<'_>>(&fields);
    let first = |error| (PartKind::Encoder, 0, error);
    let fields = || Fields::of(PROTOTYPES);
    let with_zero_point = fields().with("encoder.0.zero_point", [0xff]);
    assert_eq!(refused(with_zero_point), first(LayerError::OneHot));
    for len in [1, 256] {
        let with_tables = with_tables(fields(), "encoder.0", len);
        assert_eq!(refused(with_tables), first(LayerError::OneHot));
    }
    // Multipliers and shifts are not used, and yet such as other layers have.
    let shift = fields().with("encoder.0.shift[1]", [23]);
    assert_eq!(refused(shift), first(LayerError::Shift { channel: 1, found: 23 }));
    let mut weight = fields();
    weight.bytes("encoder.0.weights[1]")[2] = 0x80;
    assert_eq!(refused(weight), first(LayerError::WeightRange { channel: 1 }));
}

#[test]
fn one_hot_sums_fit_32_bits() {
    let mut fields = Fields::of(PROTOTYPES);
    let weights = fields.bytes("encoder.0.weights[2]").clone();
    let sum: i32 = weights.iter().map(|&weight| i32::from(weight as i8).abs()).sum();
    let largest = i32::MAX - 128 * sum;
    for bias in [largest, -largest] {
        let fits = Fields::of(PROTOTYPES).with("encoder.0.bias[2]", bias.to_le_bytes());
        assert_eq!(Int8::validate(&fits.sealed()), Ok(()));
        let bias = bias + bias.signum();
        let beyond = Fields::of(PROTOTYPES).with("encoder.0.bias[2]", bias.to_le_bytes());
        let error = LayerError::SumOverflow { channel: 2, bound: 1 << 31 };
        assert_eq!(refused::<Int8<'_>>(&beyond), (PartKind::Encoder, 0, error));
    }
}

#[test]
fn a_one_hot_layer_gives_no_pixels() {
    let float = Fields::of(FLOAT_PROTOTYPES).with("decoder.0.activation", [5]);
    let error = (PartKind::Decoder, 0, LayerError::OneHot);
    assert_eq!(refused::<F32>(&float), error);
    let mut integers = Blob::<ae_testkit::int8::Int8>::read(PROTOTYPES);
    let layer = &mut integers.decoder.as_mut().unwrap().layers[0];
    layer.arithmetic = layer.arithmetic.clone().into_one_hot();
    match Int8::validate(&integers.write()) {
        Err(LoadError::Layer { part, index, error: found }) => {
            assert_eq!((part, index, found), error);
        }
        other => panic!("{other:?}"),
    }
    // A number that no activation and no layout has.
    for (blob, field, number) in
        [(FLOAT_PROTOTYPES, "encoder.0.activation", 12), (PROTOTYPES, "encoder.0.layout", 5)]
    {
        let sealed = Fields::of(blob).with(field, [number]).sealed();
        let found = if number == 12 { F32::validate(&sealed) } else { Int8::validate(&sealed) };
        assert!(matches!(found, Err(LoadError::Malformed { .. })), "{field}: {found:?}");
    }
}

#[test]
fn a_factor_that_is_not_finite() {
    for activation in [7, 8] {
        for (factor, is_finite) in [(0.25_f32, true), (f32::NAN, false), (f32::INFINITY, false)] {
            let bytes = [&[activation][..], &factor.to_le_bytes()].concat();
            let fields = Fields::of(FLOAT).with("encoder.0.activation", bytes).realigned();
            match (is_finite, F32::validate(&fields.sealed())) {
                (true, Ok(())) => (),
                (false, Err(LoadError::Layer { part, index, error })) => assert_eq!(
                    (part, index, error),
                    (PartKind::Encoder, 0, LayerError::NotFinite { index: 0 })
                ),
                (_, other) => panic!("{activation} {factor}: {other:?}"),
            }
        }
    }
}

#[test]
fn shapes_that_do_not_chain() {
    // A true 6→3 layer behind one of 7 outputs.
    let mut fields = int8().with("encoder.1.inputs", [6]).with("encoder.1.padding", [0, 0]);
    for row in 0..3 {
        fields.bytes(&format!("encoder.1.weights[{row}]")).pop();
    }
    let fields = fields.with("encoder.1.data.len", varint(data_len(6, 3))).realigned();
    let error = LayerError::Chain { expected: 7, found: 6 };
    assert_eq!(refused::<Int8<'_>>(&fields), (PartKind::Encoder, 1, error));
}

#[test]
fn widths_of_nothing_and_beyond_the_limit() {
    for field in ["encoder.0.inputs", "encoder.0.outputs"] {
        for found in [0, MAX_WIDTH as u32 + 1, 1 << 31, u32::MAX] {
            let error =
                of_first_layer(|fields| fields.with(field, varint(found.into())).realigned());
            assert_eq!(error, LayerError::Width { limit: MAX_WIDTH, found });
        }
    }
}

#[test]
fn widths_that_the_data_is_too_short_for() {
    let max = MAX_WIDTH as u64;
    for (inputs, outputs) in [(max, 7), (12, max), (max, max)] {
        let error = of_first_layer(|fields| {
            let fields = fields.with("encoder.0.inputs", varint(inputs));
            fields.with("encoder.0.outputs", varint(outputs)).realigned()
        });
        let found = data_len(12, 7) as usize;
        assert_eq!(error, LayerError::DataLength { expected: data_len(inputs, outputs), found });
    }
}

#[test]
fn data_that_is_too_long_or_too_short() {
    let expected = data_len(12, 7);
    let one_more = of_first_layer(|fields| {
        let fields = fields.with("encoder.0.data.len", varint(expected + 1));
        fields.with("encoder.0.shift[6]", [8, 8]).realigned()
    });
    assert_eq!(one_more, LayerError::DataLength { expected, found: expected as usize + 1 });
    let one_less = of_first_layer(|fields| {
        let fields = fields.with("encoder.0.data.len", varint(expected - 1));
        fields.with("encoder.0.shift[6]", []).realigned()
    });
    assert_eq!(one_less, LayerError::DataLength { expected, found: expected as usize - 1 });
}

/// Makes the padding of `encoder.0` longer by `more` bytes of 0.
fn padded(mut fields: Fields, more: usize) -> Fields {
    let pad = fields.bytes("encoder.0.pad");
    pad.resize(pad.len() + more, 0);
    let len = pad.len() as u8;
    fields.with("encoder.0.pad.len", [len])
}

#[test]
fn data_off_its_boundary() {
    // The first weight row begins the data.
    let offset = int8().offset("encoder.0.weights[0]") + 1;
    let error = of_first_layer(|fields| padded(fields, 1));
    assert_eq!(error, LayerError::Alignment { offset, expected: DATA_ALIGNMENT });
}

#[test]
fn padding_that_is_too_long_or_not_zero() {
    let found = int8().bytes("encoder.0.pad").len() + 16;
    let error = LayerError::PadLength { limit: 15, found };
    assert_eq!(of_first_layer(|fields| padded(fields, 16)), error);
    let not_zero = of_first_layer(|mut fields| {
        fields.bytes("encoder.0.pad")[0] = 1;
        fields
    });
    assert_eq!(not_zero, LayerError::PaddingNotZero);
    // Between the weights and the biases of a 7→3 layer there are three bytes.
    for byte in 0..3 {
        let mut fields = int8();
        fields.bytes("encoder.1.padding")[byte] = 0x80;
        let found = refused::<Int8<'_>>(&fields);
        assert_eq!(found, (PartKind::Encoder, 1, LayerError::PaddingNotZero));
    }
}

fn with_tables(fields: Fields, layer: &str, len: usize) -> Fields {
    let fields = fields.with(&format!("{layer}.tables.len"), varint(len as u64));
    fields.with(&format!("{layer}.tables"), vec![7; len]).realigned()
}

#[test]
fn tables_that_are_not_whole_or_serve_no_channel() {
    // Seven channels: five tables would serve two each, and leave the fifth none.
    for found in [1, 255, 257, 511, 513, 5 * 256, 6 * 256, 8 * 256] {
        let error = of_first_layer(|fields| with_tables(fields, "encoder.0", found));
        assert_eq!(error, LayerError::TableLength { found });
    }
    for tables in [1, 2, 3, 4, 7] {
        let fields = with_tables(int8(), "encoder.0", 256 * tables);
        assert_eq!(Int8::validate(&fields.sealed()), Ok(()), "{tables} tables");
    }
}

#[test]
fn a_last_layer_without_a_table() {
    let error = LayerError::NoOutputTable;
    let fields = with_tables(int8(), "decoder.1", 0);
    assert_eq!(refused::<Int8<'_>>(&fields), (PartKind::Decoder, 1, error));
    // Any other layer can do without.
    for layer in ["encoder.0", "encoder.1", "decoder.0"] {
        assert_eq!(Int8::validate(&with_tables(int8(), layer, 0).sealed()), Ok(()));
    }
}

#[test]
fn a_weight_of_minus_128() {
    for channel in [0, 6] {
        let error = of_first_layer(|mut fields| {
            fields.bytes(&format!("encoder.0.weights[{channel}]"))[11] = 0x80;
            fields
        });
        assert_eq!(error, LayerError::WeightRange { channel });
    }
}

#[test]
fn multipliers_and_shifts_out_of_range() {
    for found in [-1, i32::MIN] {
        let field = "encoder.0.multiplier[5]";
        let error = of_first_layer(|fields| fields.with(field, found.to_le_bytes()));
        assert_eq!(error, LayerError::Multiplier { channel: 5, found });
    }
    for found in [0, 23, 32, 255] {
        let error = of_first_layer(|fields| fields.with("encoder.0.shift[2]", [found]));
        assert_eq!(error, LayerError::Shift { channel: 2, found });
    }
}

#[test]
fn biases_with_which_a_sum_could_overflow() {
    let row = int8().bytes("encoder.0.weights[3]").clone();
    let magnitude: u32 = row.iter().map(|&weight| u32::from((weight as i8).unsigned_abs())).sum();
    let limit = i64::from(i32::MAX) - 128 * i64::from(magnitude);
    let with = |bias: i64| int8().with("encoder.0.bias[3]", (bias as i32).to_le_bytes());
    for bias in [limit, -limit] {
        assert_eq!(Int8::validate(&with(bias).sealed()), Ok(()), "a sum of just 2^31 − 1");
    }
    for bias in [limit + 1, -limit - 1, i64::from(i32::MAX), i64::from(i32::MIN)] {
        let bound = bias.unsigned_abs() + 128 * u64::from(magnitude);
        let error = LayerError::SumOverflow { channel: 3, bound };
        assert_eq!(refused::<Int8<'_>>(&with(bias)), (PartKind::Encoder, 0, error));
    }
}

#[test]
fn floats_that_are_not_finite() {
    let fields = || Fields::of(&small_blobs(PartSelection::Both)[1]);
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        // The 7→12 layer: twelve weights an input, then twelve biases.
        for (field, at, index) in
            [("weights[0]", 0, 0), ("weights[2]", 3, 2 * 12 + 3), ("biases", 11, 7 * 12 + 11)]
        {
            let mut fields = fields();
            let bytes = fields.bytes(&format!("decoder.1.{field}"));
            bytes[4 * at..][..4].copy_from_slice(&value.to_le_bytes());
            let error = LayerError::NotFinite { index };
            assert_eq!(refused::<F32>(&fields), (PartKind::Decoder, 1, error));
        }
    }
    assert_eq!(F32::validate(&fields().sealed()), Ok(()));
}
