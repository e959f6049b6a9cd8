//! Layers that work position by position: the engine equals the oracle in both contracts, in odd
//! shapes, at every place of a model.

use ae_core::{F32, Int8, Layout as CoreLayout, Model, Part, arrange};
use ae_infer::{Autoencoder, Compute, Digests};
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::draw::spatial_model::{float, int8};
use ae_testkit::fields::Fields;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::Kind;
use ae_testkit::{float as reals, int8 as integers};
use ae_tests::int8_check::Int8Check;

const SPATIAL: &[u8] = include_bytes!("../../golden/tiny.spatial.int8.aeb");
const FLOAT: &[u8] = include_bytes!("../../golden/tiny.spatial.f32.aeb");

/// Models of each kind first, so that it takes pixels, and last, so that it gives them.
const MODELS: usize = 150;

fn kinds(index: usize, random: &mut SplitMix64) -> [Kind; 4] {
    let of = |index: usize| Kind::ALL[index % Kind::ALL.len()];
    [of(index), random.one_of(&Kind::ALL), random.one_of(&Kind::ALL), of(index / 5)]
}

#[test]
fn integers_of_every_kind_in_odd_shapes() {
    let mut random = SplitMix64::new(161);
    for index in 0..MODELS {
        let kinds = kinds(index, &mut random);
        let layout = [Layout::Rows, Layout::RowPairs][index % 2];
        let blob = int8(kinds, layout, &mut random).write();
        check_int8(&blob, &format!("model {index}, {kinds:?}, {layout:?}"), &mut random);
    }
    println!("{MODELS} int8 models of spatial layers: equal");
}

fn check_int8(blob: &[u8], what: &str, random: &mut SplitMix64) {
    let (check, oracle) = (Int8Check::new(blob), Blob::<integers::Int8>::read(blob));
    let features = oracle.sizes().features;
    for image in [vec![0; features], vec![255; features], random.bytes(features)] {
        if let Err(mismatch) = check.image(&oracle, &image, true) {
            panic!("{what}: {mismatch}");
        }
    }
}

#[test]
fn reals_of_every_kind_in_odd_shapes() {
    let mut random = SplitMix64::new(162);
    for index in 0..MODELS {
        let kinds = kinds(index, &mut random);
        let blob = float(kinds, &mut random).write();
        for _ in 0..3 {
            check_float(&blob, &format!("model {index}, {kinds:?}"), &mut random);
        }
    }
    println!("{MODELS} f32 models of spatial layers: equal");
}

fn check_float(blob: &[u8], what: &str, random: &mut SplitMix64) {
    let (model, oracle) =
        (Autoencoder::<F32>::load(blob).expect("a blob"), Blob::<reals::F32>::read(blob));
    let header = *model.model().header();
    let pixels = random.bytes(header.features as usize);
    let mut scratch: Vec<f32> = (0..header.scratch_len()).map(|_| random.any_real()).collect();
    let mut latent = vec![0.0; header.latent as usize];
    let (mut decoded, mut digests) = (vec![1; pixels.len()], Digests::default());
    model.encode_traced(&pixels, &mut latent, &mut scratch, &mut digests).expect("buffers");
    let expected = oracle.encode(&pixels);
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>();
    assert_eq!(bits(&latent), bits(expected.last()), "{what}: latent");
    // What no encoder gives is decoded as well.
    latent.iter_mut().step_by(3).for_each(|value| *value = random.any_real());
    model.decode_traced(&latent, &mut decoded, &mut scratch, &mut digests).expect("buffers");
    let trace = oracle.decode(&latent);
    let pixels: Vec<u8> = trace.last().iter().map(|&value| reals::F32::pixel(value)).collect();
    assert_eq!(decoded, pixels, "{what}: pixels");
    let all = [expected.digests, trace.digests].concat();
    assert_eq!(digests.as_slice(), all, "{what}: digests");
}

#[test]
fn both_layouts_give_the_same() {
    let mut random = SplitMix64::new(163);
    for index in 0..40 {
        let rows = int8(kinds(index, &mut random), Layout::Rows, &mut random).write();
        let pairs = arrange(&rows, CoreLayout::RowPairs).expect("a valid blob");
        assert_eq!(arrange(&pairs, CoreLayout::Rows).as_deref(), Ok(&rows[..]));
        let kept = Blob::<integers::Int8>::read(&rows);
        let arranged = Blob::<integers::Int8>::read(&pairs);
        for (a, b) in [(&kept.encoder, &arranged.encoder), (&kept.decoder, &arranged.decoder)] {
            let (a, b) = (a.as_ref().unwrap(), b.as_ref().unwrap());
            for (a, b) in a.layers.iter().zip(&b.layers) {
                let is_arranged = matches!(a.shape().kind, None | Some(Kind::Convolution));
                let layout = if is_arranged { Layout::RowPairs } else { a.arithmetic.layout };
                assert_eq!(b.arithmetic, a.arithmetic.clone().arranged(layout));
            }
        }
        check_int8(&pairs, &format!("model {index} in row pairs"), &mut random);
    }
}

/// A changed weight, code for the padding or table of each layer is found.
#[test]
fn one_changed_number_is_found() {
    let mut random = SplitMix64::new(164);
    let images: Vec<Vec<u8>> = (0..40).map(|_| random.bytes(16)).collect();
    let oracle = Blob::<integers::Int8>::read(SPATIAL);
    for (field, at) in [
        ("encoder.0.weights[1]", 4),
        ("encoder.0.padding_code", 0),
        ("encoder.1.tables", 255),
        ("encoder.2.weights[3]", 1),
        ("encoder.2.padding_code", 0),
        ("decoder.0.weights[1]", 1),
        ("decoder.2.weights[3]", 2),
        ("decoder.2.padding_code", 0),
    ] {
        let mut fields = Fields::of(SPATIAL);
        let byte = &mut fields.bytes(field)[at];
        *byte ^= if *byte == 0xc0 { 0x20 } else { 0x40 };
        let blob = fields.sealed();
        let check = Int8Check::new(&blob);
        let found = images.iter().any(|image| check.image(&oracle, image, true).is_err());
        assert!(found, "a change of {field}");
    }
}

/// The golden models have each kind: what is said of them is said of all.
#[test]
fn the_golden_models_have_every_kind() {
    fn kinds<'a, A: Compute<'a>>(blob: &'a [u8]) -> Vec<u8> {
        let model = Model::<A>::parse(blob).expect("a golden blob");
        let parts = [model.encoder(), model.decoder()].into_iter().flatten();
        let layers = parts.flat_map(Part::layers);
        let mut kinds: Vec<u8> =
            layers.map(|it| it.spatial().map_or(0, |it| it.kind as u8)).collect();
        kinds.sort_unstable();
        kinds
    }
    assert_eq!(kinds::<Int8<'_>>(SPATIAL), [0, 1, 1, 2, 3, 4, 5]);
    assert_eq!(kinds::<F32>(FLOAT), [0, 1, 1, 2, 3, 4, 5]);
}
