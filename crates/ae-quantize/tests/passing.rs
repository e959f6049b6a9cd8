//! Layers without weights wherever they may stand, and what is refused.

mod common;

use ae_core::{Activation, Axis, Geometry, SpatialKind};
use ae_quantize::{Place, QuantizeError};
use common::{distance, exact, images, int8, network, square, try_quantised};

use Activation::{Identity, Relu, Sigmoid};
use SpatialKind::{Average, Convolution, Maximum, Upsampling};

#[test]
fn a_network_without_weights_gives_the_means_of_the_pixels() {
    let images = images(50, 12, 12);
    let network = network(
        &[(square(Average, (1, 1), Axis::valid(12, 2, 2)), Identity)],
        &[(square(Upsampling, (1, 1), Axis::repeated(6, 2)), Identity)],
    );
    for (image, (latent, pixels)) in images.iter().zip(int8(&network, &images)) {
        let (means, expected) = exact(&network, image);
        // A mean is rounded to a code, which is a pixel.
        assert!(pixels.iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= 1));
        let worst = latent.iter().zip(&means).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()));
        assert!(worst <= 0.5001 / 255.0, "{worst}");
    }
}

#[test]
fn pooling_may_be_first_and_give_the_latent_and_the_pixels() {
    let images = images(300, 12, 12);
    for hidden in [Identity, Relu, Activation::Gelu] {
        for (pool, output) in [(Maximum, Sigmoid), (Average, Sigmoid), (Upsampling, Identity)] {
            let last = match pool {
                Upsampling => square(pool, (1, 1), Axis::repeated(6, 2)),
                _ => square(pool, (1, 1), Axis::same(12, 3, 1)),
            };
            let before = if pool == Upsampling { 1 } else { 2 };
            let network = network(
                &[
                    (square(Maximum, (1, 1), Axis::valid(12, 2, 2)), Identity),
                    (square(Convolution, (1, 5), Axis::same(6, 3, 1)), hidden),
                    (square(Average, (5, 5), Axis::valid(6, 2, 2)), Identity),
                ],
                &[
                    (square(Convolution, (5, 4), Axis::transposed(3, 2, 2)), hidden),
                    (square(Convolution, (4, 1), Axis::transposed(6, 2 * before, before)), hidden),
                    (last, output),
                ],
            );
            let (error, varies) = distance(&network, &images);
            // The last integers of 8 bits stand before the function that makes pixels: a step is up
            // to two pixels, and is rounded in the convolution and in the pooling.
            assert!(error < 0.01 * varies + 0.84, "{hidden:?}, {pool:?}: {error} of {varies}");
            let (mut wrong, mut size) = (0.0, 0.0);
            for (image, (found, _)) in images.iter().zip(int8(&network, &images)) {
                for (found, expected) in found.iter().zip(exact(&network, image).0) {
                    wrong += (found - expected).powi(2);
                    size += expected.powi(2);
                }
            }
            assert!(wrong < 0.003 * size, "{hidden:?}, {pool:?}: {wrong} of {size}");
        }
    }
}

/// The error of a network of a convolution, pooling and a dense layer that is changed.
fn error(change: impl Fn(&mut ae_model::Network)) -> QuantizeError {
    let mut network = network(
        &[
            (square(Convolution, (1, 4), Axis::same(12, 3, 2)), Relu),
            (square(Maximum, (4, 4), Axis::valid(6, 2, 2)), Identity),
            (square(Convolution, (4, 4), Axis::valid(3, 1, 1)), Identity),
        ],
        &[
            (Geometry::dense(36, 36), Relu),
            (square(Convolution, (4, 1), Axis::transposed(3, 4, 4)), Identity),
            (square(Maximum, (1, 1), Axis::same(12, 3, 1)), Sigmoid),
        ],
    );
    let images = images(20, 12, 12);
    try_quantised(&network, &images).unwrap();
    change(&mut network);
    try_quantised(&network, &images).unwrap_err()
}

#[test]
fn what_cannot_be_quantised_is_named() {
    let pooling = error(|network| network.encoder[1].activation = Relu);
    assert!(matches!(
        pooling,
        QuantizeError::Activation { layer: 1, place: Place::Pooling, activation: Relu }
    ));
    let text = pooling.to_string();
    assert!(text.contains("layer 1 ends in Relu, expected Identity behind pooling"), "{text}");

    let output = error(|network| network.decoder[2].activation = Relu);
    assert!(matches!(output, QuantizeError::Activation { layer: 5, place: Place::Output, .. }));

    let one_hot = error(|network| network.encoder[2].activation = Activation::OneHot);
    let text = one_hot.to_string();
    assert!(text.contains("layer 2 ends in OneHot, expected a dense layer"), "{text}");

    let chain = error(|network| {
        network.encoder.remove(1);
    });
    let text = chain.to_string();
    assert!(text.contains("layer 1: it has 36 inputs, but the layer before has 144"), "{text}");

    let weights = error(|network| {
        network.encoder[0].weights.pop();
    });
    let text = weights.to_string();
    assert!(text.contains("layer 0 has 35 weights and 4 biases, expected 36 and 4"), "{text}");

    let kernel = error(|network| {
        let Geometry::Spatial(map) = &mut network.encoder[0].geometry else { unreachable!() };
        map.height.kernel = 0;
    });
    assert!(kernel.to_string().contains("the kernel of its height is 0"), "{kernel}");

    let infinite = error(|network| network.encoder[2].bias[0] = f32::INFINITY);
    assert!(matches!(infinite, QuantizeError::NotFinite { layer: 2 }));
}
