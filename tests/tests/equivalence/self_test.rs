//! The boot test finds any damage that shows in its test vector, and names part and layer.

use ae_core::{Int8Model, PartKind, PartSelection};
use ae_infer::{Autoencoder, SelfTestError};
use ae_model::Activation;
use ae_quantize::{ContractFamily, F32Contract, Int8Contract};
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::draw::Weights;
use ae_testkit::fields::Fields;
use ae_testkit::int8::Int8;
use ae_testkit::random::SplitMix64;
use ae_testkit::seal::with_bit_flipped;
use ae_tests::integers::{integer_blob, random_layers};
use ae_tests::models::{Output, float, network, noise, quantised, small_blobs};

const PARTS: [PartSelection; 3] =
    [PartSelection::Both, PartSelection::Encoder, PartSelection::Decoder];

/// The verdict on a blob that loads, or `None`.
fn verdict<C: ContractFamily>(blob: &[u8]) -> Option<Result<(), SelfTestError>> {
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob).ok()?;
    let header = model.model().header();
    let pixels = if header.has_decoder { header.features as usize } else { 0 };
    let mut scratch = vec![C::Element::default(); header.scratch_len()];
    Some(model.self_test(&mut vec![0; pixels], &mut scratch))
}

#[test]
fn passes_in_every_shape_and_part() {
    let mut random = SplitMix64::new(1);
    let mut blobs = 0;
    for widths in
        [&[1, 1][..], &[100, 30, 13], &[783, 61, 1], &[3000, 7], &[50, 31, 29, 23, 19, 17, 3]]
    {
        let layers = random_layers(widths, Weights::Any, &mut random);
        let network = network(widths, Activation::Silu, Output::Sigmoid, 2);
        let images = noise(widths[0], 1, 3);
        for parts in PARTS {
            let int8 = integer_blob(&layers, images.image(0), parts);
            assert_eq!(verdict::<Int8Contract>(&int8), Some(Ok(())), "int8 {widths:?} {parts:?}");
            let f32 = float(&network, &images, parts);
            assert_eq!(verdict::<F32Contract>(&f32), Some(Ok(())), "f32 {widths:?} {parts:?}");
            blobs += 2;
        }
    }
    for activation in Activation::ALL {
        let network = network(&[40, 17, 5], activation, Output::Linear, 4);
        let images = noise(40, 100, 5);
        for parts in PARTS {
            let int8 = quantised(&network, &images, parts);
            assert_eq!(verdict::<Int8Contract>(&int8), Some(Ok(())), "{activation} {parts:?}");
            blobs += 1;
        }
    }
    println!("{blobs} blobs pass");
}

/// A weight bit of a blob.
struct WeightBit {
    part: PartKind,
    layer: usize,
    bit: usize,
}

/// Every bit of every weight.
fn weight_bits(blob: &[u8]) -> Vec<WeightBit> {
    let fields = Fields::of(blob);
    let mut bits = Vec::new();
    let mut offset = 0;
    for field in fields.as_slice() {
        let mut name = field.name.split('.');
        let (part, layer, what) = (name.next(), name.next(), name.next());
        if what.is_some_and(|what| what.starts_with("weights[")) {
            let part = if part == Some("encoder") { PartKind::Encoder } else { PartKind::Decoder };
            let layer = layer.and_then(|layer| layer.parse().ok()).expect("a layer's number");
            let range = 8 * offset..8 * (offset + field.bytes.len());
            bits.extend(range.map(|bit| WeightBit { part, layer, bit }));
        }
        offset += field.bytes.len();
    }
    bits
}

/// What the oracle finds for the test vectors of a blob's parts, layer by layer. Each part starts
/// from its own, so a change of the encoder leaves the decoder's alone.
fn oracle_outputs(blob: &[u8]) -> [Vec<Vec<i64>>; 2] {
    let oracle = Blob::<Int8>::read(blob);
    let encoder = oracle.encoder.as_ref().map(|part| oracle.encode(&part.test_input));
    let decoder = oracle.decoder.as_ref();
    let decoder = decoder.map(|part| oracle.decode(&Int8::of_bytes(&part.test_input)));
    [encoder, decoder].map(|trace| trace.map_or(Vec::new(), |trace| trace.outputs))
}

#[test]
fn every_flipped_weight_bit_of_an_int8_model_that_changes_an_output_is_placed() {
    for parts in PARTS {
        let [blob, _] = small_blobs(parts);
        let good = oracle_outputs(&blob);
        let (mut found, mut harmless, mut refused) = (0, 0, 0);
        let bits = weight_bits(&blob);
        for flip in &bits {
            let changed = with_bit_flipped(&blob, flip.bit);
            match verdict::<Int8Contract>(&changed) {
                // The flip made a weight of −128.
                None => refused += 1,
                Some(Ok(())) => {
                    assert_eq!(oracle_outputs(&changed), good, "bit {} was missed", flip.bit);
                    harmless += 1;
                }
                Some(Err(SelfTestError::Differs { part, layer, expected, found: digest })) => {
                    assert_eq!((part, layer), (flip.part, flip.layer), "bit {}", flip.bit);
                    assert_ne!(expected, digest);
                    found += 1;
                }
                Some(Err(error)) => panic!("bit {}: {error}", flip.bit),
            }
        }
        println!(
            "{parts:?}: {found} of {} flipped weight bits found and placed, {harmless} change no \
             output of the test vector, {refused} not loaded",
            bits.len()
        );
        assert!(found > bits.len() / 4);
    }
}

#[test]
fn flipped_weight_bits_of_an_f32_model_are_placed() {
    for parts in PARTS {
        let [_, blob] = small_blobs(parts);
        let (mut found, mut refused) = (0, 0);
        let bits = weight_bits(&blob);
        for flip in &bits {
            match verdict::<F32Contract>(&with_bit_flipped(&blob, flip.bit)) {
                None => refused += 1,
                // The lowest bits can be lost in a sum's rounding.
                Some(Ok(())) => {}
                Some(Err(SelfTestError::Differs { part, layer, .. })) => {
                    assert_eq!((part, layer), (flip.part, flip.layer), "bit {}", flip.bit);
                    found += 1;
                }
                Some(Err(error)) => panic!("bit {}: {error}", flip.bit),
            }
        }
        let all = bits.len();
        println!("{parts:?}: {found} of {all} found and placed, {refused} not finite");
        assert!(found > all / 4);
    }
}

#[test]
fn a_wrong_digest_is_shown_beside_the_right_one() {
    let [blob, _] = small_blobs(PartSelection::Both);
    // Any digest of five bytes stays one with its lowest bit flipped.
    let fields = Fields::of(&blob);
    let bit = 8 * fields.offset("decoder.1.digest");
    let layer = |blob: &[u8]| {
        let model = Int8Model::parse(blob).expect("a valid blob");
        model.decoder().and_then(|part| part.layers().last()).expect("a layer").digest()
    };
    let changed = with_bit_flipped(&blob, bit);
    let (found, expected) = (layer(&blob), layer(&changed));
    assert_eq!(found ^ expected, 1);
    let error = SelfTestError::Differs { part: PartKind::Decoder, layer: 1, expected, found };
    assert_eq!(verdict::<Int8Contract>(&changed), Some(Err(error)));
}
