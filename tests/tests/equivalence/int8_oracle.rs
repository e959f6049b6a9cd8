//! The engine's int8 path equals the oracle's 64-bit arithmetic, in every layer of every shape.

use ae_core::PartSelection;
use ae_infer::Int8Autoencoder;
use ae_model::Activation;
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::draw::Weights;
use ae_testkit::fields::Fields;
use ae_testkit::int8::Int8;
use ae_testkit::random::SplitMix64;
use ae_tests::alone::{blob_of_layer, run};
use ae_tests::compare::exactly;
use ae_tests::int8_check::Int8Check;
use ae_tests::integers::{integer_blob, random_layers};
use ae_tests::models::{Output, network, noise, quantised};
use ae_tests::trained::Trained;
use rayon::prelude::*;

/// Pixels, hidden layers, latent; the decoder has them reversed.
const SHAPES: [&[usize]; 12] = [
    &[1, 1],
    &[2, 3, 1],
    &[12, 7, 3],
    &[100, 40, 1],
    &[100, 30, 13],
    &[783, 61, 13],
    &[784, 20],
    &[783, 1],
    &[30, 3000, 5],
    &[3000, 7],
    &[50, 31, 29, 23, 19, 17, 3],
    &[65, 64, 63, 16, 15, 4],
];

/// Images of noise, all black, all white, and of black and white alone.
fn images(features: usize, random: &mut SplitMix64) -> Vec<Vec<u8>> {
    let mut images = vec![vec![0; features], vec![255; features]];
    images.push((0..features).map(|_| [0, 255][random.below(2)]).collect());
    images.extend((0..6).map(|_| (0..features).map(|_| random.bits() as u8).collect()));
    images
}

fn check(what: &str, blob: &[u8], images: &[Vec<u8>]) {
    let (check, oracle) = (Int8Check::new(blob), Blob::<Int8>::read(blob));
    for (index, image) in images.iter().enumerate() {
        if let Err(mismatch) = check.image(&oracle, image, true) {
            panic!("{what}, image {index}: {mismatch}");
        }
    }
}

#[test]
fn random_weights_in_odd_shapes() {
    let mut random = SplitMix64::new(64);
    for widths in SHAPES {
        for weights in [Weights::Any, Weights::Extreme] {
            let layers = random_layers(widths, weights, &mut random);
            let images = images(widths[0], &mut random);
            let blob = integer_blob(&layers, &images[3], PartSelection::Both);
            check(&format!("{widths:?} {weights:?}"), &blob, &images);
        }
    }
    println!("{} shapes, any weights and all ±127: equal", SHAPES.len());
}

/// Of equal sums the first is marked: rows of equal weights have nothing else.
#[test]
fn one_hot_latents_of_odd_shapes_with_equal_sums() {
    let mut random = SplitMix64::new(65);
    for widths in SHAPES {
        for weights in Weights::ALL {
            let mut layers = random_layers(widths, weights, &mut random);
            let last = layers[0].last_mut().expect("an encoder has layers");
            *last = last.clone().into_one_hot();
            for (index, channel) in last.channels.iter_mut().enumerate() {
                // So that the bias decides no more than the weights.
                channel.parameters.bias %= 1 + 100 * (index as i32 % 3);
            }
            let images = images(widths[0], &mut random);
            let blob = integer_blob(&layers, &images[3], PartSelection::Both);
            check(&format!("{widths:?} {weights:?}"), &blob, &images);
        }
    }
}

#[test]
fn quantised_networks_of_every_activation_and_depth() {
    let deep = [50, 31, 29, 23, 19, 17, 3];
    let mut cases = vec![
        (&[783, 13][..], Activation::Relu, Output::Sigmoid),
        (&[40, 1], Activation::Relu, Output::Sigmoid),
        // Principal components: one layer each way, pixels as they are.
        (&[60, 5], Activation::Relu, Output::Linear),
    ];
    for activation in Activation::ALL {
        cases.push((&deep, activation, Output::Sigmoid));
        cases.push((&[30, 13, 1], activation, Output::Linear));
    }
    for (seed, (widths, activation, output)) in cases.into_iter().enumerate() {
        let network = network(widths, activation, output, seed as u64);
        let images = noise(widths[0], 200, 1000 + seed as u64);
        let blob = quantised(&network, &images, PartSelection::Both);
        let images: Vec<Vec<u8>> = images.iter().take(40).map(<[u8]>::to_vec).collect();
        check(&format!("{widths:?} {activation} {output:?}"), &blob, &images);
    }
}

#[test]
fn channels_at_the_limits_of_the_format() {
    let mut compared = 0;
    for inputs in [1, 13, 3000] {
        for (zero_point, is_rounded_twice) in
            [-128, -1, 0, 127].into_iter().flat_map(|it| [(it, false), (it, true)])
        {
            let layer = Int8::at_the_limits(inputs, is_rounded_twice, zero_point);
            let outputs = layer.channels.len();
            // Nothing comes behind the layer in this test; the decoder is there for the writer.
            let mut random = SplitMix64::new(5);
            let decoder = Int8::spread(outputs, inputs, Weights::Any, 3, &mut random);
            let layers = [vec![layer], vec![decoder]];
            let blob = integer_blob(&layers, &vec![0; inputs], PartSelection::Both);
            let model = Int8Autoencoder::load(&blob).expect("limits that the loader accepts");
            let layer = model.model().encoder().and_then(|part| part.layers().next());
            let alone = blob_of_layer(&layer.expect("a layer"));
            let oracle = Blob::<Int8>::read(&blob);
            for value in [0_u8, 1, 127, 128, 255] {
                let pixels = vec![value; inputs];
                let expected = oracle.encode(&pixels).outputs.remove(0);
                let found = run(&alone, &vec![i64::from(value) - 128; inputs]);
                let what = format!("{inputs} inputs of {value}, zero point {zero_point}");
                exactly(what, &found, &expected).unwrap_or_else(|mismatch| panic!("{mismatch}"));
                compared += expected.len();
            }
        }
    }
    println!("{compared} values at the limits: equal");
}

#[test]
fn a_trained_model_over_the_whole_test_set() {
    let trained = Trained::on_the_sample(Activation::Gelu, 2);
    let blob = trained.int8();
    let (check, oracle) = (Int8Check::new(&blob), Blob::<Int8>::read(&blob));
    let images: Vec<&[u8]> = trained.test.iter().collect();
    let mismatch = images.par_iter().enumerate().find_map_first(|(index, image)| {
        // Layer by layer for some; the digests of all layers are compared for all.
        let mismatch = check.image(&oracle, image, index % 50 == 0).err()?;
        Some(format!("image {index}: {mismatch}"))
    });
    assert_eq!(mismatch, None);
    println!("{} test images, latent, pixels, score and every layer: equal", images.len());
}

/// Each layer's change is found, at the place where it was made.
#[test]
fn one_changed_weight_is_found_and_placed() {
    let mut random = SplitMix64::new(6);
    let layers = random_layers(&[12, 9, 7, 3], Weights::Any, &mut random);
    let images = images(12, &mut random);
    let blob = integer_blob(&layers, &images[3], PartSelection::Both);
    let oracle = Blob::<Int8>::read(&blob);
    for part in ["encoder", "decoder"] {
        for layer in 0..3 {
            let field = format!("{part}.{layer}.weights[2]");
            let mut found = 0;
            for column in 0..Fields::of(&blob).bytes(&field).len() {
                let mut fields = Fields::of(&blob);
                // The second highest bit: −127…127 stays so, but for −64, which the loader
                // would not take as −128.
                let weight = &mut fields.bytes(&field)[column];
                *weight ^= if *weight == 0xc0 { 0x20 } else { 0x40 };
                found += usize::from(is_found(&fields.sealed(), &oracle, &images, part, layer));
            }
            assert!(found > 0, "no changed weight of {part} layer {layer} was found");
        }
    }
}

/// Whether a blob with a weight of row 2 changed differs from the oracle on any image. If so, the
/// difference is in that row, and the results show it too.
fn is_found(
    changed: &[u8],
    oracle: &Blob<Int8>,
    images: &[Vec<u8>],
    part: &str,
    layer: usize,
) -> bool {
    let check = Int8Check::new(changed);
    let mut differing =
        images.iter().filter_map(|image| Some((image, check.image(oracle, image, true).err()?)));
    let Some((image, mismatch)) = differing.next() else { return false };
    assert_eq!(mismatch.what, format!("{part} layer {layer}, as bytes"));
    let positions: Vec<usize> = mismatch.positions.iter().map(|&(at, ..)| at).collect();
    assert_eq!(positions, [2], "{mismatch}");
    assert!(check.image(oracle, image, false).is_err(), "digests differ too");
    true
}
