//! The layout of row pairs: the same model in another order, and what the loader refuses of it.

use ae_core::{Int8Model, LayerError, Layout, LoadError, PartKind, PartSelection, arrange};
use ae_infer::Int8Autoencoder;
use ae_model::Activation;
use ae_testkit::fields::Fields;
use ae_tests::models::{Output, network, noise, quantised};

/// An int8 model in rows, whose widths are no multiples of four, and images for it.
fn model(widths: &[usize]) -> (Vec<u8>, ae_data::Images) {
    let network = network(widths, Activation::Gelu, Output::Sigmoid, 5);
    let images = noise(widths[0], 24, 6);
    (quantised(&network, &images, PartSelection::Both), images)
}

fn paired(blob: &[u8]) -> Vec<u8> {
    arrange(blob, Layout::RowPairs).unwrap()
}

#[test]
fn an_arranged_model_gives_the_same_bytes() {
    for widths in [&[12, 7, 3][..], &[1, 1], &[530, 30, 6], &[33, 1030, 5]] {
        let (rows, images) = model(widths);
        let pairs = paired(&rows);
        let [rows, pairs] = [&rows, &pairs].map(|blob| Int8Autoencoder::load(blob).unwrap());
        assert_eq!(rows.model().header().model_id, pairs.model().header().model_id);
        for index in 0..images.len() {
            let image = images.image(index);
            let [expected, found] = [&rows, &pairs].map(|model| {
                let mut scratch = vec![0; model.model().header().scratch_len()];
                let mut reconstruction = vec![0; image.len()];
                model.self_test(&mut reconstruction, &mut scratch).unwrap();
                let score = model.score(image, &mut reconstruction, &mut scratch).unwrap();
                (scratch[..*widths.last().unwrap()].to_vec(), reconstruction, score)
            });
            assert_eq!(found, expected, "{widths:?}, image {index}");
        }
    }
}

#[test]
fn arranging_there_and_back_gives_the_same_blob() {
    for widths in [&[12, 7, 3][..], &[1, 1], &[9, 8, 4]] {
        let (rows, _) = model(widths);
        let pairs = paired(&rows);
        assert_ne!(pairs, rows);
        assert_eq!(arrange(&pairs, Layout::Rows).unwrap(), rows);
        assert_eq!(paired(&pairs), pairs);
    }
}

#[test]
fn the_scratch_has_room_for_wide_inputs() {
    let (rows, _) = model(&[530, 30, 6]);
    let pairs = paired(&rows);
    let [rows, pairs] = [&rows, &pairs].map(|blob| *Int8Model::parse(blob).unwrap().header());
    assert_eq!((rows.encoder_scratch, rows.decoder_scratch), (30, 30));
    // 530 inputs as 133 times four 16-bit numbers, 3 bytes to a boundary, 30 outputs.
    assert_eq!(pairs.encoder_scratch, 133 * 8 + 3 + 30);
    // The last layer: 30 inputs, and the same as 8 times four.
    assert_eq!(pairs.decoder_scratch, 8 * 8 + 3 + 30);
}

/// What the loader says of the small model in row pairs with `bytes` in place of a field's.
fn refusal(field: &str, change: impl Fn(&mut Vec<u8>)) -> LayerError {
    let mut fields = Fields::of(&paired(&model(&[12, 7, 3]).0));
    change(fields.bytes(field));
    match Int8Model::parse(&fields.sealed()) {
        Err(LoadError::Layer { part: PartKind::Encoder, index: 0, error }) => error,
        other => panic!("{field}: {other:?}"),
    }
}

#[test]
fn hostile_blocks_are_refused_by_name() {
    let lane = |at: usize, value: i16| {
        move |bytes: &mut Vec<u8>| bytes[2 * at..2 * at + 2].copy_from_slice(&value.to_le_bytes())
    };
    // The even weight is −128; the odd one is; both do not come out of 16 bits.
    for value in [-128, 128, 0x7f80, -128 * 256, i16::MIN, i16::MAX - 127] {
        let error = refusal("encoder.0.block[0].weights[0]", lane(0, value));
        assert!(matches!(error, LayerError::WeightRange { channel: 0 | 1 }), "{value}: {error}");
    }
    // Output 7 fills the last block.
    for at in 4..8 {
        let error = refusal("encoder.0.block[1].weights[2]", lane(at, 256 * 3));
        assert_eq!(error, LayerError::PaddingNotZero);
    }
    for field in ["bias[7]", "multiplier[7]", "shift[7]"] {
        let error = refusal(&format!("encoder.0.{field}"), |bytes| bytes[0] = 1);
        assert_eq!(error, LayerError::PaddingNotZero, "{field}");
    }
    let error = refusal("encoder.0.multiplier[5]", |bytes| bytes[3] = 0x80);
    assert!(matches!(error, LayerError::Multiplier { channel: 5, .. }), "{error}");
    for shift in [0, 23, 255] {
        let error = refusal("encoder.0.shift[6]", |bytes| bytes[0] = shift);
        assert_eq!(error, LayerError::Shift { channel: 6, found: shift });
    }
    let error =
        refusal("encoder.0.bias[2]", |bytes| bytes.copy_from_slice(&i32::MAX.to_le_bytes()));
    assert!(matches!(error, LayerError::SumOverflow { channel: 2, .. }), "{error}");
}

#[test]
fn weights_of_inputs_that_there_are_not_are_refused() {
    // Layer 2 of the encoder has 7 inputs, so the eighth lane of a row pair is padding.
    let mut fields = Fields::of(&paired(&model(&[12, 7, 3]).0));
    fields.bytes("encoder.1.block[0].weights[1]")[6] = 1;
    let error = Int8Model::parse(&fields.sealed()).unwrap_err();
    let expected =
        LoadError::Layer { part: PartKind::Encoder, index: 1, error: LayerError::PaddingNotZero };
    assert_eq!(error, expected);
}

#[test]
fn a_layout_that_there_is_not_is_refused() {
    for layout in [2_u8, 3, 5, 0x7f] {
        let mut fields = Fields::of(&paired(&model(&[12, 7, 3]).0));
        *fields.bytes("encoder.0.layout") = vec![layout];
        assert!(Int8Model::parse(&fields.sealed()).is_err(), "{layout}");
    }
    // Rows have another length.
    let fields = Fields::of(&paired(&model(&[12, 7, 3]).0)).with("encoder.0.layout", [0]);
    assert!(matches!(
        Int8Model::parse(&fields.sealed()),
        Err(LoadError::Layer { error: LayerError::DataLength { .. }, .. })
    ));
}

#[test]
fn every_flipped_bit_is_refused() {
    let mut blob = paired(&model(&[5, 3, 2]).0);
    for bit in 0..8 * blob.len() {
        blob[bit / 8] ^= 1 << (bit % 8);
        assert!(Int8Model::parse(&blob).is_err(), "bit {bit}");
        blob[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(Int8Model::parse(&blob).is_ok());
}
