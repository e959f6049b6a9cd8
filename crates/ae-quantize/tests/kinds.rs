//! Networks that are the same function as a plain one, or nearly so, lose no more by quantising.

use std::ops::ControlFlow;

use ae_core::{Activation, PartSelection, Provenance};
use ae_data::Images;
use ae_infer::{Int8Autoencoder, squared_error};
use ae_model::{AutoencoderConfig, Code, LayerF32, Network};
use ae_quantize::{Quantised, QuantizeError, Seal, int8_blob, unwatched};

const PIXELS: usize = 36;

/// Waves; the last pixel never varies.
fn images(count: usize) -> Images {
    let pixel = |sample: usize, at: usize| {
        let phase = sample as f64 * 0.7;
        (127.0 + 90.0 * (at as f64 * 0.3 + phase).sin() * (phase * 0.31).cos()) as u8
    };
    let pixels = (0..count).flat_map(|sample| {
        (0..PIXELS).map(move |at| if at + 1 == PIXELS { 40 } else { pixel(sample, at) })
    });
    Images::new(pixels.collect(), 1, PIXELS).unwrap()
}

/// Random weights, and biases that keep ReLUs alive.
fn network(images: &Images) -> Network {
    let config = AutoencoderConfig {
        input: images.features(),
        hidden: vec![24],
        latent: 6,
        activation: ae_model::Activation::Relu,
        code: Code::Linear,
        architecture: None,
    };
    let mut network = Network::initial(&config, 3).unwrap();
    for layer in network.encoder.iter_mut().chain(&mut network.decoder) {
        layer.bias.iter_mut().enumerate().for_each(|(place, bias)| *bias = place as f32 * 0.01);
    }
    network
}

fn quantised(network: &Network, images: &Images) -> Quantised {
    let seal = Seal {
        parts: PartSelection::Both,
        latent_map: &[],
        provenance: Provenance { tool: "test", config: &[], data: &[] },
        test_image: images.image(0),
    };
    int8_blob(network, images, &seal, &mut unwatched).unwrap()
}

/// Mean squared distance between what float and int8 reconstruct, in pixel steps.
fn distance(network: &Network, images: &Images) -> f64 {
    let bytes = quantised(network, images).bytes;
    let model = Int8Autoencoder::load(&bytes).unwrap();
    let (mut found, mut scratch) = (vec![0; PIXELS], vec![0; model.model().header().scratch_len()]);
    let mut latent = vec![0; model.model().header().latent as usize];
    let mut sum = 0;
    for image in images.iter() {
        model.encode(image, &mut latent, &mut scratch).unwrap();
        model.decode(&latent, &mut found, &mut scratch).unwrap();
        sum += squared_error(&float(network, image), &found);
    }
    sum as f64 / images.pixels().len() as f64
}

/// The float network, in 64 bits.
fn float(network: &Network, image: &[u8]) -> Vec<u8> {
    let mut values: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect();
    for layer in network.layers() {
        let rows = layer.weights.chunks_exact(layer.inputs()).zip(&layer.bias);
        let sums = rows.map(|(row, &bias)| {
            let products =
                row.iter().zip(&values).map(|(&weight, value)| f64::from(weight) * value);
            f64::from(bias) + products.sum::<f64>()
        });
        let activated = sums.map(|sum| match layer.activation {
            Activation::Relu => sum.max(0.0),
            Activation::Sigmoid => 1.0 / (1.0 + (-sum).exp()),
            _ => sum,
        });
        values = activated.collect();
    }
    values.iter().map(|value| (value * 255.0).round() as u8).collect()
}

#[test]
fn a_weight_of_an_input_that_never_varies_costs_nothing() {
    let images = images(600);
    let plain = network(&images);
    let before = distance(&plain, &images);
    for large in [1e2, 1e4, 1e6] {
        let mut network = plain.clone();
        let layer = &mut network.encoder[0];
        for (row, bias) in layer.weights.chunks_exact_mut(PIXELS).zip(&mut layer.bias) {
            *bias -= (large - row[PIXELS - 1]) * 40.0 / 255.0;
            row[PIXELS - 1] = large;
        }
        // f32 biases of that size are themselves rounded.
        let after = distance(&network, &images);
        assert!(after < before * 1.02 + 0.2, "{large}: {before} became {after}");
    }
}

#[test]
fn a_dead_channel_with_large_weights_costs_nothing() {
    let images = images(600);
    let plain = network(&images);
    let mut dead = plain.clone();
    dead.encoder[0].bias[5] = -100.0;
    let before = distance(&dead, &images);
    dead.encoder[1].weights.chunks_exact_mut(24).for_each(|row| row[5] = 3e4);
    let after = distance(&dead, &images);
    assert!(after <= before * 1.02 + 0.01, "{before} became {after}");
}

#[test]
fn the_units_of_a_latent_do_not_matter() {
    let images = images(600);
    let plain = network(&images);
    let before = distance(&plain, &images);
    for unit in [1e-20, 1e-6, 1e6, 1e20] {
        let mut network = plain.clone();
        let latent = network.encoder.last_mut().unwrap();
        latent.weights.iter_mut().chain(&mut latent.bias).for_each(|value| *value *= unit);
        network.decoder[0].weights.iter_mut().for_each(|weight| *weight /= unit);
        let after = distance(&network, &images);
        assert!(after < before * 1.1 + 0.02, "{unit}: {before} became {after}");
    }
}

#[test]
fn images_that_are_all_equal_are_reconstructed_as_in_float() {
    let one = images(1);
    let equal = Images::new(one.pixels().repeat(40), 1, PIXELS).unwrap();
    let network = network(&equal);
    assert!(distance(&network, &equal) <= 1.5);
}

#[test]
fn the_blob_is_the_same_with_any_number_of_threads_and_can_be_stopped() {
    let images = images(700);
    let network = network(&images);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| quantised(&network, &images))
    };
    assert!(with(1) == with(3));
    let seal = Seal {
        parts: PartSelection::Both,
        latent_map: &[],
        provenance: Provenance { tool: "test", config: &[], data: &[] },
        test_image: images.image(0),
    };
    let stopped = int8_blob(&network, &images, &seal, &mut |done| match done > 0.5 {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    });
    assert!(matches!(stopped, Err(QuantizeError::Stopped)));
}

/// The layers in the order of the report.
fn layer_mut(network: &mut Network, index: usize) -> &mut LayerF32 {
    network.encoder.iter_mut().chain(&mut network.decoder).nth(index).unwrap()
}

#[test]
fn a_single_weight_that_is_very_large_is_harmless_or_named() {
    let images = images(600);
    let plain = network(&images);
    let before = distance(&plain, &images);
    assert_eq!(quantised(&plain, &images).coarse, []);
    let (row, input) = (3, 2);
    for layer in 0..4 {
        for large in [10.0, 1e3, 1e5, 1e20, 3e38] {
            let mut network = plain.clone();
            let dense = layer_mut(&mut network, layer);
            let inputs = dense.inputs();
            dense.weights[row * inputs + input] = large;
            let after = distance(&network, &images);
            // The layer itself, or the one that gets its huge values.
            let named = quantised(&network, &images).coarse.iter().any(|coarse| {
                (coarse.layer, coarse.channel, coarse.input) == (layer, row, input)
                    || (coarse.layer, coarse.input) == (layer + 1, row)
            });
            assert!(named || after < before + 0.5, "layer {layer}, {large}: {before}, {after}");
            assert!(named || large < 1e20, "layer {layer}, {large}: not named");
        }
    }
}

#[test]
fn a_network_that_gives_the_same_for_every_image_gives_it_in_int8() {
    let images = images(600);
    let mut network = network(&images);
    network.encoder[0].bias.fill(-100.0);
    for unit in [1.0, 1e-30, 1e30] {
        let latent = network.encoder.last_mut().unwrap();
        latent.bias.iter_mut().for_each(|bias| *bias *= unit);
        network.decoder[0].weights.iter_mut().for_each(|weight| *weight /= unit);
        // A collapsed hidden layer behind large weights of pixels that never vary.
        network.encoder[0].weights.chunks_exact_mut(PIXELS).for_each(|row| row[PIXELS - 1] = -1e5);
        let found = distance(&network, &images);
        assert!(found <= 0.1, "{unit}: {found}");
    }
}

#[test]
fn one_image_of_calibration_is_reconstructed_as_in_float() {
    let many = images(600);
    let network = network(&many);
    let one = Images::new(many.image(0).to_vec(), 1, PIXELS).unwrap();
    assert!(distance(&network, &one) <= 0.5);
}
