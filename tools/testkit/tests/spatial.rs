//! What layers give that work position by position, against numbers that were computed by hand; and
//! drawn models of every kind.

use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::{Blob, Layer};
use ae_testkit::draw::spatial_model::{float, int8};
use ae_testkit::fields::Fields;
use ae_testkit::float::{Activation, F32};
use ae_testkit::int8::{Channel, Int8};
use ae_testkit::places::{Layout, Parameters};
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::{Axis, Kind, Spatial};

/// An f32 layer of one row, so that the width alone counts.
fn layer(kind: Kind, channels: [usize; 2], width: Axis, weights: &[f32]) -> Layer<F32> {
    let [channels_in, channels_out] = channels;
    let spatial = Spatial { kind, channels_in, channels_out, axes: [Axis::of(1), width] };
    assert!(spatial.follows_the_rules());
    let biases = if kind.has_weights() { spatial.shape().outputs } else { 0 };
    let biases = (0..biases).map(|row| 100.0 * row as f32).collect();
    let arithmetic = F32 { activation: Activation::Identity, weights: weights.to_vec(), biases };
    Layer::of(spatial, arithmetic)
}

/// Three taps over `inputs` with padding of one on both sides.
fn same3(inputs: usize) -> Axis {
    Axis { kernel: 3, before: 1, ..Axis::of(inputs) }
}

#[test]
fn a_convolution_sums_over_taps_and_channels() {
    // Two channels to two: weights of an input to both outputs stand side by side.
    let weights = [1.0, 0.0, 2.0, 0.0, 3.0, 0.0, 4.0, 0.0, 5.0, 1.0, 6.0, 0.0];
    let conv = layer(Kind::Convolution, [2, 2], same3(3), &weights);
    let map = [1.0, 10.0, 2.0, 20.0, 3.0, 30.0];
    // Taps (1, 2), (3, 4), (5, 6) of the places −1, 0, 1; the second output takes the first channel
    // of the place behind.
    let expected = [43.0 + 130.0, 102.0, 21.0 + 86.0 + 195.0, 103.0, 42.0 + 129.0, 100.0];
    assert_eq!(conv.outputs(&map), expected);
}

#[test]
fn strides_and_dilation_choose_places() {
    // Places 0, 3 and 2, 5 of six, in positions two apart.
    let width = Axis { kernel: 2, stride: 2, dilation: 3, outputs: 2, ..Axis::of(6) };
    let conv = layer(Kind::Convolution, [1, 1], width, &[1.0, 10.0]);
    assert_eq!(conv.outputs(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), [41.0, 63.0]);
}

#[test]
fn a_transposed_convolution_interleaves_and_crops() {
    // A position gives two outputs: its input times 1, and times 10 and 100 more.
    let width = Axis { interleave: 2, outputs: 5, crop: 1, ..Axis::of(3) };
    let conv = layer(Kind::Convolution, [1, 1], width, &[1.0, 10.0]);
    assert_eq!(conv.outputs(&[1.0, 2.0, 3.0]), [110.0, 2.0, 120.0, 3.0, 130.0]);
}

#[test]
fn phases_of_both_directions_are_rows_of_the_weights() {
    let double = Axis { interleave: 2, outputs: 2, ..Axis::of(1) };
    let axes = [double, double];
    let spatial = Spatial { kind: Kind::Convolution, channels_in: 1, channels_out: 2, axes };
    let weights = (1..=8).map(|weight| weight as f32).collect();
    let biases = vec![0.0; 8];
    let arithmetic = F32 { activation: Activation::Identity, weights, biases };
    let conv = Layer::of(spatial, arithmetic);
    let expected: Vec<f32> = (1..=8).map(|weight| 3.0 * weight as f32).collect();
    // Phase row, phase column, channel; which is the order of height, width and channel as well.
    assert_eq!(conv.outputs(&[3.0]), expected);
    let tall = Axis { outputs: 4, ..Axis { interleave: 2, ..Axis::of(2) } };
    let axes = [tall, double];
    let conv = Layer { spatial: Some(Spatial { axes, ..spatial }), inputs: 2, outputs: 16, ..conv };
    let expected = [1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 30, 40, 50, 60, 70, 80].map(|it| it as f32);
    assert_eq!(conv.outputs(&[1.0, 10.0]), expected);
}

#[test]
fn depthwise_sums_keep_channels_apart() {
    // Tap after tap: the first channel has 1, 2, 3, the second 10, 20, 30 and a bias of 100.
    let weights = [1.0, 10.0, 2.0, 20.0, 3.0, 30.0];
    let depthwise = layer(Kind::Depthwise, [2, 2], same3(3), &weights);
    let map = [1.0, 1.0, 2.0, 0.0, 4.0, 0.0];
    assert_eq!(depthwise.outputs(&map), [8.0, 120.0, 17.0, 110.0, 10.0, 100.0]);
}

#[test]
fn pools_do_not_count_the_padding() {
    let maximum = layer(Kind::Maximum, [2, 2], same3(3), &[]);
    let map = [-1.0, 5.0, -2.0, 6.0, -3.0, 4.0];
    assert_eq!(maximum.outputs(&map), [-1.0, 6.0, -1.0, 6.0, -2.0, 6.0]);
    let average = layer(Kind::Average, [2, 2], same3(3), &[]);
    assert_eq!(average.outputs(&map), [-1.5, 5.5, -2.0, 5.0, -2.5, 5.0]);
}

#[test]
fn upsampling_repeats_and_crops() {
    let width = Axis { interleave: 3, crop: 2, outputs: 4, ..Axis::of(2) };
    let upsampling = layer(Kind::Upsampling, [2, 2], width, &[]);
    let found = upsampling.outputs(&[1.0, 2.0, 3.0, 4.0]);
    // Of the first place one output is left.
    assert_eq!(found, [1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 3.0, 4.0]);
}

#[test]
fn a_kernel_may_be_larger_than_its_map() {
    let width = Axis { kernel: 7, before: 3, ..Axis::of(2) };
    let conv = layer(Kind::Convolution, [1, 1], width, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    // Position 0 has its inputs at taps 3 and 4, position 1 at 2 and 3.
    assert_eq!(conv.outputs(&[1.0, 10.0]), [54.0, 43.0]);
}

/// An int8 layer over a signal, which adds up or passes on and has no table.
fn integers(kind: Kind, width: Axis, padding: i8) -> Layer<Int8> {
    let spatial = Spatial { kind, channels_in: 1, channels_out: 1, axes: [Axis::of(1), width] };
    assert!(spatial.follows_the_rules());
    // With these the sum times 1/8.
    let parameters = Parameters { bias: 0, multiplier: 1 << 30, shift: 1 };
    let channel = Channel { weights: vec![8; spatial.shape().inputs], parameters };
    let layout = if kind == Kind::Depthwise { Layout::Taps } else { Layout::Rows };
    let channels = if kind.has_weights() { vec![channel] } else { Vec::new() };
    let (is_rounded_twice, tables) = (false, Vec::new());
    let arithmetic = Int8 { layout, is_rounded_twice, zero_point: 0, padding, tables, channels };
    Layer::of(spatial, arithmetic)
}

#[test]
fn integers_read_the_padding_code() {
    for kind in [Kind::Convolution, Kind::Depthwise] {
        assert_eq!(integers(kind, same3(3), -100).outputs(&[1, 2, 3]), [-97, 6, -95], "{kind:?}");
    }
}

#[test]
fn means_of_integers_round_halves_up() {
    let average = |map: &[i64]| {
        let width = Axis { kernel: map.len(), outputs: 1, ..Axis::of(map.len()) };
        integers(Kind::Average, width, 0).outputs(map)[0]
    };
    let means =
        [[1, 2], [-1, -2], [-3, 0], [-128, -128], [127, 127], [126, 127]].map(|map| average(&map));
    assert_eq!(means, [2, -1, -1, -128, 127, 127]);
    assert_eq!(average(&[1, 0, 0]), 0);
    assert_eq!(average(&[-1, -1, 0]), -1);
}

#[test]
fn means_of_a_second_rounding_round_halves_away_from_zero() {
    let average = |map: &[i64]| {
        let width = Axis { kernel: map.len(), outputs: 1, ..Axis::of(map.len()) };
        let mut layer = integers(Kind::Average, width, 0);
        layer.arithmetic.is_rounded_twice = true;
        layer.outputs(map)[0]
    };
    let means = [[1, 2], [-1, -2], [-3, 0], [-128, -127], [-1, 0], [1, 0]].map(|map| average(&map));
    assert_eq!(means, [2, -2, -2, -128, -1, 1]);
    assert_eq!(average(&[-1, -1, 0]), -1);
}

/// Every kind of layer at every place of a model.
#[test]
fn drawn_models_are_read_as_they_were_written() {
    let mut random = SplitMix64::new(16);
    for index in 0..60 {
        let kinds = [(); 4].map(|()| random.one_of(&Kind::ALL));
        let layout = random.one_of(&[Layout::Rows, Layout::RowPairs]);
        check(&int8(kinds, layout, &mut random), index);
        check(&float(kinds, &mut random), index);
    }
}

fn check<A: Arithmetic>(blob: &Blob<A>, index: usize) {
    let bytes = blob.write();
    assert_eq!(Blob::read(&bytes), *blob, "model {index}");
    assert_eq!(Fields::of(&bytes).joined(), bytes);
    let layers = [&blob.encoder, &blob.decoder].map(|part| part.as_ref().unwrap().layers.clone());
    let written = layers.map(|layers| layers.iter().map(|layer| layer.digest).collect::<Vec<_>>());
    assert_eq!(blob.digests(), written);
}
