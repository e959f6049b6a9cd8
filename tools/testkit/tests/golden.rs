//! The kit reads, runs and writes the golden blobs as the document says, and sees it when a value
//! is another one.

use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::draw::{Weights, float, int8};
use ae_testkit::fields::Fields;
use ae_testkit::float::{Activation, F32};
use ae_testkit::int8::Int8;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::section::Section;

const INT8: &[u8] = include_bytes!("../../../tests/golden/tiny.int8.aeb");
const ROW_PAIRS: &[u8] = include_bytes!("../../../tests/golden/tiny.row-pairs.int8.aeb");
const FLOAT: &[u8] = include_bytes!("../../../tests/golden/tiny.f32.aeb");
const COUNTS: &[u8] = include_bytes!("../../../tests/golden/tiny.counts.int8.aeb");
const PROTOTYPES: &[u8] = include_bytes!("../../../tests/golden/tiny.prototypes.int8.aeb");
const FLOAT_PROTOTYPES: &[u8] = include_bytes!("../../../tests/golden/tiny.prototypes.f32.aeb");
const VALUES: &[u8] = include_bytes!("../../../tests/golden/tiny.values.f32.aeb");
const COUNT_CURVES: &[u8] = include_bytes!("../../../tests/golden/tiny.count-curves.int8.aeb");
const GROUPS: &[u8] = include_bytes!("../../../tests/golden/tiny.groups.int8.aeb");
const SPATIAL: &[u8] = include_bytes!("../../../tests/golden/tiny.spatial.int8.aeb");
const SPATIAL_PAIRS: &[u8] =
    include_bytes!("../../../tests/golden/tiny.spatial.row-pairs.int8.aeb");
const FLOAT_SPATIAL: &[u8] = include_bytes!("../../../tests/golden/tiny.spatial.f32.aeb");
const VALUE_CURVES: &[u8] = include_bytes!("../../../tests/golden/tiny.value-curves.f32.aeb");

/// The digests in the layers.
fn written_digests<A: Arithmetic>(blob: &Blob<A>) -> [Vec<u32>; 2] {
    [&blob.encoder, &blob.decoder]
        .map(|part| part.iter().flat_map(|part| &part.layers).map(|layer| layer.digest).collect())
}

fn check<A: Arithmetic>(bytes: &[u8]) {
    let blob = Blob::<A>::read(bytes);
    assert_eq!(blob.write(), bytes);
    assert_eq!(blob.digests(), written_digests(&blob));
    // The decoder's test input is what the encoder gives for its own.
    let [encoder, decoder] = [&blob.encoder, &blob.decoder].map(|part| part.as_ref().unwrap());
    let mut latent = Vec::new();
    let trace = blob.encode(&encoder.test_input);
    trace.last().iter().for_each(|&value| A::push_bytes(value, &mut latent));
    assert_eq!(latent, decoder.test_input);
    let fields = Fields::of(bytes);
    assert_eq!(fields.joined(), bytes);
    assert_eq!(fields.realigned().sealed(), bytes);
}

#[test]
fn golden_blobs_are_read_run_and_written() {
    for bytes in [INT8, ROW_PAIRS, COUNTS, COUNT_CURVES, PROTOTYPES, SPATIAL, SPATIAL_PAIRS] {
        check::<Int8>(bytes);
    }
    for bytes in [FLOAT, VALUES, VALUE_CURVES, FLOAT_PROTOTYPES, FLOAT_SPATIAL] {
        check::<F32>(bytes);
    }
}

#[test]
fn layouts_hold_the_same_numbers() {
    let (rows, mut pairs) = (Blob::<Int8>::read(INT8), Blob::<Int8>::read(ROW_PAIRS));
    for part in [&mut pairs.encoder, &mut pairs.decoder] {
        let layers = part.iter_mut().flat_map(|part| &mut part.layers);
        layers.for_each(|layer| layer.arithmetic.layout = Layout::Rows);
    }
    assert_eq!(pairs, rows);
    assert_eq!(pairs.write(), INT8);
}

#[test]
fn sections_are_read_and_written() {
    let int8 = [COUNTS, COUNT_CURVES, GROUPS].map(|blob| Blob::<Int8>::read(blob).detection);
    let float = [VALUES, VALUE_CURVES].map(|blob| Blob::<F32>::read(blob).detection);
    for detection in int8.into_iter().chain(float) {
        let section = Section::read(&detection);
        assert_eq!(section.write(), detection);
        assert!(section.follows_the_rules(4));
        assert!(!section.follows_the_rules(6));
        let wrong = [
            Section { stride: 0, ..section.clone() },
            Section { weights: vec![1, 2, 0, 3], ..section.clone() },
            Section { alarm_ppm: 9_999, scores: 99, ..section.clone() },
            Section { of: 33, ..section.clone() },
            Section { digest: vec![0; 31], ..section.clone() },
            Section { groups: vec![7], ..section.clone() },
            Section { groups: vec![7; 65], ..section.clone() },
            Section { groups: vec![1, 3, 2], ..section },
        ];
        for section in wrong {
            assert!(!section.follows_the_rules(4), "{section:?}");
        }
    }
}

#[test]
fn drawn_models_are_read_as_they_were_written() {
    let mut random = SplitMix64::new(1);
    for widths in [&[1, 1][..], &[7, 5, 3], &[17, 8, 4, 2]] {
        for layout in [Layout::Rows, Layout::RowPairs] {
            for weights in Weights::ALL {
                let blob = int8(widths, layout, weights, &[0, 1, 3], &mut random);
                assert_eq!(Blob::read(&blob.write()), blob);
                assert_eq!(blob.digests(), written_digests(&blob));
                let blob = blob.with_one_hot_latent();
                assert_eq!(Blob::read(&blob.write()), blob);
            }
        }
        let blob = float(widths, &Activation::ALL, &mut random);
        assert_eq!(Blob::read(&blob.write()), blob);
        let blob = blob.with_one_hot_latent();
        assert_eq!(Blob::read(&blob.write()), blob);
    }
}

/// Every bit of every weight of the encoder's first layer, on inputs that reach all of i8.
#[test]
fn a_changed_weight_changes_what_the_oracle_gives() {
    let pixels: Vec<Vec<u8>> =
        (0..=255).map(|value| vec![value, value ^ 0xff, value / 2, value ^ 0x55]).collect();
    let outputs = |blob: &Blob<Int8>| -> Vec<Vec<i64>> {
        pixels.iter().map(|pixels| blob.encode(pixels).outputs.remove(0)).collect()
    };
    let blob = Blob::<Int8>::read(INT8);
    let expected = outputs(&blob);
    for output in 0..3 {
        for input in 0..4 {
            let mut changed = blob.clone();
            let layer = &mut changed.encoder.as_mut().unwrap().layers[0];
            layer.arithmetic.channels[output].weights[input] ^= 0x20;
            assert_ne!(outputs(&changed), expected, "weight {input} of {output}");
        }
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    for bit in 0..8 * INT8.len() {
        let mut blob = INT8.to_vec();
        blob[bit / 8] ^= 1 << (bit % 8);
        assert!(std::panic::catch_unwind(|| Blob::<Int8>::read(&blob)).is_err(), "bit {bit}");
    }
}
