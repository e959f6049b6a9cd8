//! The int8 contract.

use ae_core::{
    Axis, Description, Geometry, Int8, LayerSpec, Layout, PartSpec, Provenance, Spatial,
    SpatialKind, write_to_vec,
};
use ae_infer::Int8Autoencoder;
use ae_testkit::places::{self, Parameters, Places};

use crate::{map, signal};

/// The latent that the layer, as a model's encoder, makes of integers.
fn computed(spatial: Spatial, arithmetic: Int8<'_>, data: &[u8], x: &[i8]) -> Vec<i8> {
    let pixels: Vec<u8> = x.iter().map(|&x| x as u8 ^ 0x80).collect();
    let latent_map = [0, 0, 0x80, 0x3f, 0, 0, 0, 0].repeat(spatial.outputs());
    let layer = LayerSpec { geometry: Geometry::Spatial(spatial), digest: 0, arithmetic, data };
    let blob = write_to_vec(&Description {
        model_id: [0; 16],
        latent_map: &latent_map,
        provenance: Provenance { tool: "", config: &[], data: &[] },
        detection: None,
        in_strips: false,
        encoder: Some(PartSpec { layers: &[layer], test_input: &pixels }),
        decoder: None,
    })
    .unwrap();
    let model = Int8Autoencoder::load(&blob).unwrap();
    let header = *model.model().header();
    let mut latent = vec![99; spatial.outputs()];
    let mut scratch = vec![99; header.encoder_scratch as usize];
    model.encode(&pixels, &mut latent, &mut scratch).unwrap();
    latent
}

/// The data of a layer whose sums are divided by 8: rows of weights, each behind its bias.
fn eighths(layout: places::Layout, rows: &[(i32, &[i8])]) -> Vec<u8> {
    let places = Places { layout, inputs: rows[0].1.len(), outputs: rows.len() };
    let mut data = vec![0; places.bytes()];
    for (output, &(bias, weights)) in rows.iter().enumerate() {
        for (input, &weight) in weights.iter().enumerate() {
            places.set_weight(&mut data, output, input, weight).unwrap();
        }
        let parameters = Parameters { bias, multiplier: 1 << 30, shift: 1 };
        places.set_parameters(&mut data, output, parameters).unwrap();
    }
    data
}

/// What a convolution gives, the same in both layouts.
fn convolved(
    spatial: Spatial,
    zero_point: i8,
    padding: i8,
    rows: &[(i32, &[i8])],
    x: &[i8],
) -> Vec<i8> {
    let [one, other] =
        [(Layout::Rows, places::Layout::Rows), (Layout::RowPairs, places::Layout::RowPairs)].map(
            |(layout, place)| {
                let arithmetic = Int8::new(layout, zero_point, &[]).with_padding(padding);
                computed(spatial, arithmetic, &eighths(place, rows), x)
            },
        );
    assert_eq!(one, other);
    one
}

#[test]
fn a_convolution_reads_the_padding_beside_the_map() {
    let layer = signal(SpatialKind::Convolution, [1, 1], Axis::same(4, 3, 1));
    // −2 + 2 · 2 + 10 + 5; 1 + 2 · 3 + 15; 2 + 2 · 4 + 15; 3 − 2 · 2 + 15
    let found = convolved(layer, 5, -2, &[(80, &[8, 0, 16])], &[1, 2, 3, 4]);
    assert_eq!(found, [17, 22, 25, 14]);
}

#[test]
fn a_convolution_adds_over_rows_columns_and_channels() {
    // Two channels, 2 × 2 with a stride of 2, from 2 × 4 to 1 × 2.
    let layer = map(SpatialKind::Convolution, [2, 3], Axis::valid(2, 2, 2), Axis::valid(4, 2, 2));
    let x: Vec<i8> = (1..=16).collect();
    let rows: [(i32, &[i8]); 3] = [
        (0, &[8; 8]),
        // The second channel of the second row's first column.
        (0, &[0, 0, 0, 0, 0, 8, 0, 0]),
        (-8, &[8, 0, 0, 0, 0, 0, 0, -8]),
    ];
    // 1 + 2 + 3 + 4 + 9 + 10 + 11 + 12; 10; 1 − 12 − 1. And the same four further on.
    assert_eq!(convolved(layer, 0, 0, &rows, &x), [52, 10, -12, 84, 14, -12]);
}

#[test]
fn a_dilated_convolution_leaves_holes() {
    let axis = Axis::valid_dilated(3, 2, 1, 2);
    let layer = map(SpatialKind::Convolution, [1, 1], axis, axis);
    let x: Vec<i8> = (1..=9).collect();
    assert_eq!(convolved(layer, 0, 0, &[(0, &[8, 16, 24, 32])], &x), [1 + 6 + 21 + 36]);
}

#[test]
fn a_transposed_convolution_adds_what_overlaps() {
    // Each input i adds its product with weight k, of 1, 2, 3, 4, to output 2 · i + k − 1.
    let layer = signal(SpatialKind::Convolution, [1, 1], Axis::transposed(3, 4, 2));
    let rows: [(i32, &[i8]); 2] = [(0, &[24, 8]), (0, &[32, 16])];
    let found = convolved(layer, 0, 0, &rows, &[1, 10, 20]);
    assert_eq!(found, [2, 3 + 10, 4 + 20, 30 + 20, 40 + 40, 60]);
}

#[test]
fn transposed_outputs_lie_between_each_other_in_both_directions() {
    let axis = Axis::transposed(2, 2, 2);
    let layer = map(SpatialKind::Convolution, [1, 1], axis, axis);
    let rows: [(i32, &[i8]); 4] = [(0, &[8]), (0, &[16]), (0, &[24]), (0, &[32])];
    let expected = [
        1, 2, 5, 10, //
        3, 4, 15, 20, //
        10, 20, 20, 40, //
        30, 40, 60, 80,
    ];
    assert_eq!(convolved(layer, 0, 0, &rows, &[1, 5, 10, 20]), expected);
}

#[test]
fn tables_are_divided_among_the_channels_of_a_convolution() {
    let tables: Vec<u8> = [|x: i8| x.wrapping_add(1), i8::wrapping_neg]
        .into_iter()
        .flat_map(|function| (i8::MIN..=i8::MAX).map(move |x| function(x) as u8))
        .collect();
    let layer = signal(SpatialKind::Convolution, [1, 3], Axis::valid(2, 1, 1));
    let arithmetic = Int8::new(Layout::Rows, 0, &tables);
    let data = eighths(places::Layout::Rows, &[(0, &[8]), (0, &[16]), (0, &[24])]);
    // Two channels have the first table.
    assert_eq!(computed(layer, arithmetic, &data, &[1, 10]), [2, 3, -3, 11, 21, -30]);
    let layer = signal(SpatialKind::Maximum, [2, 2], Axis::valid(2, 1, 1));
    assert_eq!(computed(layer, arithmetic, &[], &[1, 10, -2, -20]), [2, -10, -1, 20]);
    let layer = signal(SpatialKind::Average, [2, 2], Axis::valid(2, 2, 1));
    assert_eq!(computed(layer, arithmetic, &[], &[1, 10, -2, -20]), [1, 5]);
    let layer = signal(SpatialKind::Upsampling, [2, 2], Axis::repeated(1, 2));
    assert_eq!(computed(layer, arithmetic, &[], &[1, 10]), [2, -10, 2, -10]);
}

#[test]
fn a_depthwise_convolution_keeps_channels_apart() {
    // Weights by tap: 1 and 2, then 3 and −1; biases 1 and −2.
    let mut data = vec![8, 16, 24, -8_i8 as u8];
    data.extend([8, -16].map(i32::to_le_bytes).concat());
    data.extend([1 << 30; 2].map(i32::to_le_bytes).concat());
    data.extend([1, 1]);
    let arithmetic = Int8::new(Layout::Rows, 0, &[]).with_padding(3);
    let layer = signal(SpatialKind::Depthwise, [2, 2], Axis::same(3, 2, 1));
    // 1 + 6 + 1, 20 − 20 − 2; 2 + 9 + 1, 40 − 30 − 2; 3 + 9 + 1, 60 − 3 − 2.
    let found = computed(layer, arithmetic, &data, &[1, 10, 2, 20, 3, 30]);
    assert_eq!(found, [8, -2, 12, 8, 13, 55]);
}

#[test]
fn the_largest_value_is_one_in_the_map() {
    let plain = Int8::new(Layout::Rows, 0, &[]);
    let axes = (Axis::valid(2, 2, 2), Axis::valid(4, 2, 2));
    let layer = map(SpatialKind::Maximum, [1, 1], axes.0, axes.1);
    assert_eq!(computed(layer, plain, &[], &[1, -5, 3, 4, 0, 7, -128, 2]), [7, 4]);
    let layer = signal(SpatialKind::Maximum, [1, 1], Axis::same(3, 3, 1));
    assert_eq!(computed(layer, plain, &[], &[-7, -9, -3]), [-7, -3, -3]);
}

#[test]
fn a_mean_is_of_what_is_in_the_map_and_rounded_half_up() {
    let plain = Int8::new(Layout::Rows, 0, &[]);
    let layer = signal(SpatialKind::Average, [1, 1], Axis::valid(8, 2, 2));
    let x = [1, 2, -1, -2, 127, 127, -128, -128];
    assert_eq!(computed(layer, plain, &[], &x), [2, -1, 127, -128]);
    let layer = signal(SpatialKind::Average, [1, 1], Axis::same(3, 3, 1));
    assert_eq!(computed(layer, plain, &[], &[1, 2, 6]), [2, 3, 4]);
    // All of a map of two channels.
    let whole = map(SpatialKind::Average, [2, 2], Axis::whole(2), Axis::whole(2));
    assert_eq!(computed(whole, plain, &[], &[1, 0, 2, 0, 3, 0, 5, 127]), [3, 32]);
}

#[cfg(feature = "double-rounding")]
#[test]
fn a_mean_of_a_second_rounding_is_rounded_half_away_from_zero() {
    let twice = Int8::new(Layout::Rows, 0, &[]).rounded(ae_core::Rounding::Twice);
    let layer = signal(SpatialKind::Average, [1, 1], Axis::valid(8, 2, 2));
    let x = [1, 2, -1, -2, 127, 127, -128, -127];
    assert_eq!(computed(layer, twice, &[], &x), [2, -2, 127, -128]);
    // At the ends there are two values, and in the middle three.
    let layer = signal(SpatialKind::Average, [1, 1], Axis::same(3, 3, 1));
    assert_eq!(computed(layer, twice, &[], &[-1, -2, -6]), [-2, -3, -4]);
    // Four channels, which kernels take together.
    let whole = map(SpatialKind::Average, [4, 4], Axis::whole(2), Axis::whole(2));
    let x = [-1, 1, 3, -3, -1, 1, 3, -3, 0, 0, 2, -2, 0, 0, 2, -2];
    assert_eq!(computed(whole, twice, &[], &x), [-1, 1, 3, -3]);
}

#[test]
fn upsampling_repeats_places() {
    let plain = Int8::new(Layout::Rows, 0, &[]);
    let axes = (Axis::repeated(1, 2), Axis::repeated(2, 3));
    let layer = map(SpatialKind::Upsampling, [2, 2], axes.0, axes.1);
    let line = [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4];
    assert_eq!(computed(layer, plain, &[], &[1, 2, 3, 4]), line.repeat(2));
    // The first place has lost one of its outputs.
    let cropped = Axis { crop: 1, outputs: 4, ..Axis::repeated(2, 3) };
    let layer = signal(SpatialKind::Upsampling, [1, 1], cropped);
    assert_eq!(computed(layer, plain, &[], &[5, 6]), [5, 5, 6, 6]);
}
