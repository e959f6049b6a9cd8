//! Models with convolutions, of the int8 contract with ReLU: an image, a signal, and a network of
//! depthwise and pointwise layers.

use ae_testkit::blob::Layer;
use ae_testkit::int8::{Channel, Int8};
use ae_testkit::places::{Layout, Parameters};
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::{Axis, Kind, Shape, Spatial};

use super::integer::requant;
use super::seal::{seal, seal_encoder};

/// A layer's sizes, and what stands behind its sums.
struct Plan {
    inputs: usize,
    outputs: usize,
    spatial: Option<Spatial>,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Saturation alone.
    Relu,
    Latent,
    Pixels,
}

impl Plan {
    fn dense(inputs: usize, outputs: usize, end: End) -> Self {
        Self { inputs, outputs, spatial: None, end }
    }

    fn of(kind: Kind, [channels_in, channels_out]: [usize; 2], axes: [Axis; 2], end: End) -> Self {
        let spatial = Spatial { kind, channels_in, channels_out, axes };
        let (inputs, outputs) = (spatial.inputs(), spatial.outputs());
        Self { inputs, outputs, spatial: Some(spatial), end }
    }
}

/// 28 × 28 pixels, a latent of 20: convolutions with a stride of 2 there, transposed ones back.
pub(super) fn image() -> Vec<u8> {
    use Kind::Convolution;
    let square = |axis: Axis| [axis, axis];
    let encoder = [
        Plan::of(Convolution, [1, 16], square(same(28, 3, 2)), End::Relu),
        Plan::of(Convolution, [16, 32], square(same(14, 3, 2)), End::Relu),
        Plan::dense(1568, 20, End::Latent),
    ];
    let decoder = [
        Plan::dense(20, 1568, End::Relu),
        Plan::of(Convolution, [32, 16], square(transposed(7, 2)), End::Relu),
        Plan::of(Convolution, [16, 8], square(transposed(14, 2)), End::Relu),
        Plan::of(Convolution, [8, 1], square(same(28, 3, 1)), End::Pixels),
    ];
    autoencoder(&encoder, &decoder, 11)
}

/// Windows of 256 samples of three channels, a latent of 8.
pub(super) fn signal() -> Vec<u8> {
    use Kind::Convolution;
    let line = |axis: Axis| [whole(1), axis];
    let encoder = [
        Plan::of(Convolution, [3, 16], line(same(256, 9, 4)), End::Relu),
        Plan::of(Convolution, [16, 32], line(same(64, 5, 2)), End::Relu),
        Plan::of(Convolution, [32, 32], line(same(32, 3, 2)), End::Relu),
        Plan::dense(512, 8, End::Latent),
    ];
    let decoder = [
        Plan::dense(8, 512, End::Relu),
        Plan::of(Convolution, [32, 32], line(transposed(16, 2)), End::Relu),
        Plan::of(Convolution, [32, 16], line(transposed(32, 2)), End::Relu),
        Plan::of(Convolution, [16, 3], line(transposed(64, 4)), End::Pixels),
    ];
    autoencoder(&encoder, &decoder, 12)
}

/// 32 × 32 places of eight channels, by depthwise and pointwise layers and pooling: an encoder alone.
pub(super) fn separable() -> Vec<u8> {
    let square = |axis: Axis| [axis, axis];
    let encoder = [
        Plan::of(Kind::Depthwise, [8, 8], square(same(32, 3, 1)), End::Relu),
        Plan::of(Kind::Convolution, [8, 16], square(same(32, 1, 1)), End::Relu),
        Plan::of(Kind::Depthwise, [16, 16], square(same(32, 3, 2)), End::Relu),
        Plan::of(Kind::Convolution, [16, 32], square(same(16, 1, 1)), End::Relu),
        Plan::of(Kind::Maximum, [32, 32], square(same(16, 2, 2)), End::Relu),
        Plan::of(Kind::Average, [32, 32], square(same(8, 2, 2)), End::Latent),
    ];
    let mut random = SplitMix64::new(13);
    let layers = part(&encoder, &mut random);
    let image = random.bytes(encoder[0].inputs);
    seal_encoder(layers, latent_map(512), image)
}

fn autoencoder(encoder: &[Plan], decoder: &[Plan], seed: u64) -> Vec<u8> {
    let mut random = SplitMix64::new(seed);
    let parts = [encoder, decoder].map(|plans| part(plans, &mut random));
    let image = random.bytes(encoder[0].inputs);
    seal(parts, latent_map(decoder[0].inputs), Vec::new(), image)
}

fn latent_map(latent: usize) -> Vec<u8> {
    [1.0 / 16.0, 0.0_f32].map(f32::to_le_bytes).concat().repeat(latent)
}

fn part(plans: &[Plan], random: &mut SplitMix64) -> Vec<Layer<Int8>> {
    // Of the latent; of pixels, whose code of black is the least, it makes no difference here.
    let mut zero_point = 0;
    let layers = plans.iter().map(|plan| {
        let layer = layer(plan, zero_point, random);
        if plan.spatial.is_none_or(|spatial| spatial.kind.has_weights()) {
            zero_point = layer.arithmetic.zero_point;
        }
        layer
    });
    layers.collect()
}

fn layer(plan: &Plan, input_zero_point: i8, random: &mut SplitMix64) -> Layer<Int8> {
    let dense = Shape { kind: None, inputs: plan.inputs, outputs: plan.outputs };
    let Shape { inputs, outputs, kind } = plan.spatial.map_or(dense, |spatial| spatial.shape());
    let has_weights = kind.is_none_or(Kind::has_weights);
    let (multiplier, shift) = requant(48.0 / ((inputs as f64).sqrt() * 73.0 * 74.0));
    let channels = (0..if has_weights { outputs } else { 0 }).map(|_| {
        let weights: Vec<i8> = (0..inputs).map(|_| random.between(-127, 127) as i8).collect();
        // The input's zero point is folded into the bias.
        let sum: i32 = weights.iter().map(|&weight| i32::from(weight)).sum();
        let bias = -i32::from(input_zero_point) * sum + (1000.0 * random.signed_unit()) as i32;
        Channel { weights, parameters: Parameters { bias, multiplier, shift } }
    });
    let is_hidden = plan.end == End::Relu && has_weights;
    let arithmetic = Int8 {
        layout: if kind == Some(Kind::Depthwise) { Layout::Taps } else { Layout::Rows },
        is_rounded_twice: false,
        zero_point: if is_hidden { i8::MIN } else { 0 },
        padding: if kind.is_some() && has_weights { input_zero_point } else { 0 },
        tables: if plan.end == End::Pixels { (0..=u8::MAX).collect() } else { Vec::new() },
        channels: channels.collect(),
    };
    let (inputs, outputs) = (plan.inputs, plan.outputs);
    Layer { inputs, outputs, spatial: plan.spatial, digest: 0, arithmetic }
}

fn axis(inputs: usize, outputs: usize, kernel: usize, stride: usize, before: usize) -> Axis {
    Axis { inputs, outputs, kernel, stride, dilation: 1, before, interleave: 1, crop: 0 }
}

/// As many outputs as strides in the inputs, the padding on both sides.
fn same(inputs: usize, kernel: usize, stride: usize) -> Axis {
    let outputs = inputs.div_ceil(stride);
    let before = ((outputs - 1) * stride + kernel).saturating_sub(inputs) / 2;
    axis(inputs, outputs, kernel, stride, before)
}

fn whole(inputs: usize) -> Axis {
    axis(inputs, 1, inputs, 1, 0)
}

/// A transposed convolution whose kernel is its stride.
fn transposed(inputs: usize, stride: usize) -> Axis {
    Axis { interleave: stride, ..axis(inputs, inputs * stride, 1, 1, 0) }
}
