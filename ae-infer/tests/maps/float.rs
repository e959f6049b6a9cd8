//! The f32 contract.

use ae_core::{
    Activation, Axis, Description, F32, Geometry, LayerSpec, PartSpec, Provenance, Spatial,
    SpatialKind, write_to_vec,
};
use ae_infer::F32Autoencoder;

use crate::{map, signal};

/// The latent that the layer, as a model's encoder, makes of pixels. `numbers` are the weights, input
/// after input, and the biases.
fn computed(spatial: Spatial, activation: Activation, numbers: &[f32], pixels: &[u8]) -> Vec<f32> {
    let data: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let (geometry, arithmetic) = (Geometry::Spatial(spatial), F32::new(activation));
    let layer = LayerSpec { geometry, digest: 0, arithmetic, data: &data };
    let blob = write_to_vec(&Description {
        model_id: [0; 16],
        latent_map: &[],
        provenance: Provenance { tool: "", config: &[], data: &[] },
        detection: None,
        in_strips: false,
        encoder: Some(PartSpec { layers: &[layer], test_input: pixels }),
        decoder: None,
    })
    .unwrap();
    let model = F32Autoencoder::load(&blob).unwrap();
    let header = *model.model().header();
    let mut latent = vec![f32::NAN; spatial.outputs()];
    let mut scratch = vec![f32::NAN; header.encoder_scratch as usize];
    model.encode(pixels, &mut latent, &mut scratch).unwrap();
    latent
}

/// A weight that makes a pixel count as itself: the product is exact for the pixels below.
const UNIT: f32 = 255.0;
/// Pixels whose real values, 0, 1/5 … 1, times [`UNIT`] are exact.
const PIXELS: [u8; 6] = [0, 51, 102, 153, 204, 255];

#[test]
fn the_pixels_are_exact() {
    for pixel in PIXELS {
        assert_eq!(f32::from(pixel) / 255.0 * UNIT, f32::from(pixel));
    }
}

#[test]
fn a_convolution_reads_0_beside_the_map() {
    let layer = signal(SpatialKind::Convolution, [1, 2], Axis::same(3, 3, 1));
    // Columns of two outputs: the left neighbour less the right one, and the place itself plus 1.
    let numbers = [UNIT, 0.0, 0.0, UNIT, -UNIT, 0.0, 0.0, 1.0];
    let found = computed(layer, Activation::Relu, &numbers, &[255, 51, 102]);
    assert_eq!(found, [0.0, 256.0, 153.0, 52.0, 51.0, 103.0]);
}

#[test]
fn a_transposed_convolution_adds_what_overlaps() {
    // Each input i adds its product with weight k, of 1, 2, 3, 4, to output 2 · i + k − 1.
    let layer = signal(SpatialKind::Convolution, [1, 1], Axis::transposed(3, 4, 2));
    let numbers = [3.0, 4.0, 1.0, 2.0].map(|weight| weight * UNIT);
    let numbers = [&numbers[..], &[0.0, 0.0]].concat();
    let found = computed(layer, Activation::Identity, &numbers, &[51, 0, 255]);
    assert_eq!(found, [102.0, 153.0, 204.0, 255.0, 510.0, 765.0]);
}

#[test]
fn a_depthwise_convolution_keeps_channels_apart() {
    let layer = signal(SpatialKind::Depthwise, [2, 2], Axis::same(2, 2, 1));
    let numbers = [UNIT, 2.0 * UNIT, 3.0 * UNIT, -UNIT, 1.0, -2.0];
    let found = computed(layer, Activation::Identity, &numbers, &[51, 51, 102, 102]);
    assert_eq!(found, [51.0 + 306.0 + 1.0, 102.0 - 102.0 - 2.0, 103.0, 202.0]);
}

#[test]
fn pools_take_what_is_in_the_map() {
    let one = 1.0_f32;
    let layer = signal(SpatialKind::Maximum, [1, 1], Axis::same(4, 3, 2));
    let found = computed(layer, Activation::Identity, &[], &[0, 255, 51, 0]);
    assert_eq!(found, [1.0, one / 5.0]);
    let layer = map(SpatialKind::Average, [2, 2], Axis::same(2, 3, 1), Axis::whole(2));
    let found = computed(layer, Activation::Identity, &[], &[255, 0, 0, 51, 255, 51, 255, 0]);
    let second = (0.0 + 0.0 + one / 5.0 + one / 5.0 + 0.0) / 4.0;
    assert_eq!(found, [0.75, second, 0.75, second]);
}

#[test]
fn upsampling_repeats_places_behind_their_activation() {
    let layer = signal(SpatialKind::Upsampling, [1, 1], Axis::repeated(2, 2));
    let found = computed(layer, Activation::Gelu, &[], &[0, 255]);
    assert_eq!(found, [0.0, 0.0, ae_infer::gelu(1.0), ae_infer::gelu(1.0)]);
}
