//! Networks of layers over maps: both contracts give nearly what the exact network gives.

mod common;

use ae_core::{Activation, Axis, Geometry, SpatialKind};
use ae_data::Images;
use ae_infer::Int8Autoencoder;
use ae_model::Network;
use common::{
    convolutional, distance, exact, f32_pixels, images, int8, layer_mut, network, separable,
    signal, square, try_quantised,
};

/// The activations of hidden layers.
const ACTIVATIONS: [Activation; 3] = [Activation::Relu, Activation::Gelu, Activation::Silu];

/// A network's name, itself, and images for it.
fn all(activation: Activation) -> [(&'static str, Network, Images); 3] {
    [
        ("convolutional", convolutional(activation), images(300, 12, 12)),
        ("signal", signal(activation), images(300, 1, 64)),
        ("separable", separable(activation), images(300, 12, 12)),
    ]
}

#[test]
fn the_f32_blob_gives_what_the_network_gives() {
    for activation in ACTIVATIONS {
        for (name, network, images) in all(activation) {
            let images = images.range(0..40);
            let found = f32_pixels(&network, &images);
            for (image, found) in images.iter().zip(found) {
                let (_, expected) = exact(&network, image);
                // Sums of 32 bits, rounded to a pixel.
                let worst = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max();
                assert!(worst <= Some(1), "{name}, {activation:?}: {worst:?}");
            }
        }
    }
}

/// The largest squared error of pixels that vary so much. Each of up to ten layers adds the noise of
/// 8 bits, some 1e-4 of what its values vary, and weights of 8 bits as much. Behind a table, channels
/// that are ten times narrower than others share their steps, which costs some ten times that. A
/// pixel's own rounding is a twelfth, in both.
fn bound(varies: f64) -> f64 {
    0.025 * varies + 0.17
}

#[test]
fn int8_is_close_to_the_network() {
    for activation in ACTIVATIONS {
        for (name, network, images) in all(activation) {
            let (error, varies) = distance(&network, &images);
            assert!(error < bound(varies), "{name}, {activation:?}: {error} of {varies}");
            assert!(varies > 15.0, "{name}, {activation:?}: it varies by {varies} alone");
        }
    }
}

#[test]
fn a_weight_that_is_wrong_is_seen() {
    // The bound of the test above, on a network with one weight in the middle that differs.
    let images = images(300, 12, 12);
    let plain = convolutional(Activation::Relu);
    let mut other = plain.clone();
    layer_mut(&mut other, 4).weights.iter_mut().take(12).for_each(|weight| *weight += 1.0);
    let found = int8(&other, &images);
    let mut error = 0.0;
    for (image, (_, found)) in images.iter().zip(found) {
        let (_, expected) = exact(&plain, image);
        let pairs = found.iter().zip(&expected);
        error += pairs.map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2)).sum::<f64>();
    }
    let (_, varies) = distance(&plain, &images);
    assert!(error / images.pixels().len() as f64 > bound(varies), "{error}");
}

#[test]
fn latent_values_of_a_map_are_those_of_the_network() {
    let images = images(300, 12, 12);
    let network = separable(Activation::Gelu);
    let found = int8(&network, &images);
    let (mut error, mut size) = (0.0, 0.0);
    for (image, (found, _)) in images.iter().zip(found) {
        let (expected, _) = exact(&network, image);
        for (found, expected) in found.iter().zip(expected) {
            error += (found - expected).powi(2);
            size += expected.powi(2);
        }
    }
    assert!(error < 0.003 * size, "{error} of {size}");
}

#[test]
fn the_code_of_the_padding_is_that_of_zero() {
    let blob = try_quantised(&separable(Activation::Relu), &images(100, 12, 12)).unwrap().bytes;
    let model = Int8Autoencoder::load(&blob).unwrap();
    let layers = model.model().encoder().unwrap().layers();
    let codes: Vec<i8> = layers.map(|layer| layer.arithmetic().padding()).collect();
    // Pixels; ReLU; no padding; ReLU; no padding.
    assert_eq!(codes, [-128, -128, 0, -128, 0]);
    // The latent is both below and above zero, and has a zero point where others have none.
    let layer = model.model().encoder().unwrap().layers().last().unwrap();
    let zero = layer.arithmetic().zero_point();
    let decoder = model.model().decoder().unwrap().layers().next().unwrap();
    assert_eq!(decoder.arithmetic().padding(), zero);
    for (scale, offset) in model.model().latent_map() {
        assert!((scale * f32::from(zero) + offset).abs() <= scale * 1e-4, "{scale}, {offset}");
    }
}

#[test]
fn values_far_from_zero_lose_no_more_at_the_edge() {
    // Were zero no code, the hidden values would have their range around 4, and a padding of the
    // nearest code would be wrong by far.
    let identity = Activation::Identity;
    let mut network = network(
        &[
            (square(SpatialKind::Convolution, (1, 4), Axis::valid(12, 1, 1)), identity),
            (square(SpatialKind::Convolution, (4, 3), Axis::same(12, 3, 2)), identity),
        ],
        &[(
            square(SpatialKind::Convolution, (3, 1), Axis::transposed(6, 2, 2)),
            Activation::Sigmoid,
        )],
    );
    let images = images(300, 12, 12);
    network.encoder[0].bias.fill(4.0);
    network.encoder[1].weights.iter_mut().for_each(|weight| *weight *= 0.3);
    let found = int8(&network, &images);
    let (mut edge, mut middle) = ((0.0, 0.0), (0.0, 0.0));
    for (image, (_, found)) in images.iter().zip(found) {
        let (_, expected) = exact(&network, image);
        for (at, (&found, &expected)) in found.iter().zip(&expected).enumerate() {
            // Padding stands below and to the right: at a stride of 2, one is enough.
            let is_edge = [at / 12, at % 12].iter().any(|&at| at > 9);
            let sum = if is_edge { &mut edge } else { &mut middle };
            sum.0 += f64::from(found.abs_diff(expected)).powi(2);
            sum.1 += 1.0;
        }
    }
    let (edge, middle) = (edge.0 / edge.1, middle.0 / middle.1);
    let (_, varies) = distance(&network, &images);
    assert!(varies > 20.0, "it gives nearly always the same: {varies}");
    assert!(edge < 2.0 * middle + 0.2, "{edge} at the edge, {middle} in the middle");
}

#[test]
fn the_unit_of_a_channel_does_not_matter() {
    // A channel scaled, and its scaling undone by the next layer with weights: the same function.
    let grow = |network: &mut Network, index: usize, channel: usize, channels: usize| {
        let layer = layer_mut(network, index);
        let inputs = layer.geometry.weights_as_dense().inputs;
        let is_depthwise =
            matches!(layer.geometry, Geometry::Spatial(map) if map.kind == SpatialKind::Depthwise);
        for (at, weight) in layer.weights.iter_mut().enumerate() {
            let of = if is_depthwise { at } else { at / inputs };
            *weight *= if of % channels == channel { 100.0 } else { 1.0 };
        }
        let biases = layer.bias.iter_mut().enumerate().filter(|(at, _)| at % channels == channel);
        biases.for_each(|(_, bias)| *bias *= 100.0);
    };
    let undo = |network: &mut Network, index: usize, channel: usize, channels: usize| {
        let weights = layer_mut(network, index).weights.iter_mut().enumerate();
        weights.filter(|(at, _)| at % channels == channel).for_each(|(_, weight)| *weight /= 100.0);
    };
    let relu = Activation::Relu;
    let cases = [
        ("convolution, convolution", convolutional(relu), 0, 1, 8),
        ("convolution, dense", convolutional(relu), 1, 2, 12),
        ("dense, transposed convolution", convolutional(relu), 3, 4, 12),
        ("transposed convolution, another", convolutional(relu), 4, 5, 8),
        ("through maximum pooling", signal(relu), 0, 2, 6),
        ("through average pooling", signal(relu), 2, 4, 8),
        ("dense through upsampling", signal(relu), 5, 7, 8),
        ("convolution, depthwise", separable(relu), 0, 1, 8),
        ("depthwise without activation, convolution", separable(relu), 1, 2, 8),
        ("depthwise, latent", separable(relu), 3, 4, 12),
        ("latent, transposed convolution", separable(relu), 4, 5, 4),
    ];
    for (name, plain, layer, next, channels) in cases {
        let images = match plain.features() {
            64 => images(200, 1, 64),
            _ => images(200, 12, 12),
        };
        let (before, _) = distance(&plain, &images);
        let mut scaled = plain.clone();
        grow(&mut scaled, layer, 2, channels);
        undo(&mut scaled, next, 2, channels);
        let (after, _) = distance(&scaled, &images);
        assert!(after < 1.1 * before + 0.02, "{name}: {before} became {after}");
    }
}

#[test]
fn the_blob_is_the_same_with_any_number_of_threads() {
    let images = images(60, 12, 12);
    let network = separable(Activation::Silu);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| try_quantised(&network, &images).unwrap())
    };
    assert!(with(1) == with(3));
}
