//! Networks over maps, images for them, and what they give in 64 bits.

#![allow(dead_code, reason = "each test uses a part of it")]

use ae_core::{Activation, Axis, Geometry, PartSelection, Provenance, Spatial, SpatialKind};
use ae_data::Images;
use ae_infer::{F32Autoencoder, Int8Autoencoder, gelu, silu};
use ae_model::{LayerF32, Network};
use ae_quantize::{Quantised, QuantizeError, Seal, float_blob, int8_blob, unwatched};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A number in −1…1.
fn unit(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0
}

/// Smooth images that differ: waves of random direction, phase and height.
pub(crate) fn images(count: usize, height: usize, width: usize) -> Images {
    let random = &mut ChaCha8Rng::seed_from_u64(5);
    let mut pixels = Vec::new();
    for _ in 0..count {
        let waves: Vec<[f64; 4]> = (0..3)
            .map(|_| [unit(random), unit(random), 3.0 * unit(random), 20.0 + 25.0 * unit(random)])
            .collect();
        for y in 0..height {
            for x in 0..width {
                let waves = waves
                    .iter()
                    .map(|[a, b, phase, high]| high * (a * y as f64 + b * x as f64 + phase).sin());
                pixels.push((127.0 + waves.sum::<f64>()).clamp(0.0, 255.0) as u8);
            }
        }
    }
    Images::new(pixels, height, width).unwrap()
}

/// A layer without weights yet.
pub(crate) fn map(kind: SpatialKind, channels: (u16, u16), height: Axis, width: Axis) -> Geometry {
    let (channels_in, channels_out) = channels;
    Geometry::Spatial(Spatial { kind, channels_in, channels_out, height, width })
}

/// The same in both directions.
pub(crate) fn square(kind: SpatialKind, channels: (u16, u16), axis: Axis) -> Geometry {
    map(kind, channels, axis, axis)
}

/// Random weights that keep the size of values, and small random biases.
pub(crate) fn layer(geometry: Geometry, activation: Activation, seed: u64) -> LayerF32 {
    let random = &mut ChaCha8Rng::seed_from_u64(seed);
    let inputs = geometry.weights_as_dense().inputs as f64;
    let limit = (6.0 / inputs).sqrt();
    let weights = (0..geometry.weights()).map(|_| (limit * unit(random)) as f32).collect();
    let biases = geometry.parameters() - geometry.weights();
    let bias = (0..biases).map(|_| (0.2 * unit(random)) as f32).collect();
    LayerF32 { geometry, weights, bias, activation }
}

/// Layers of these shapes, with weights of seeds that count up.
pub(crate) fn network(
    encoder: &[(Geometry, Activation)],
    decoder: &[(Geometry, Activation)],
) -> Network {
    let mut seeds = 10..;
    let mut part = |shapes: &[(Geometry, Activation)]| -> Vec<LayerF32> {
        let layers = shapes.iter().zip(&mut seeds);
        layers.map(|(&(geometry, activation), seed)| layer(geometry, activation, seed)).collect()
    };
    let mut network = Network { encoder: part(encoder), decoder: part(decoder) };
    // Pixels shall differ from image to image.
    let weights = network.decoder.last_mut().into_iter().flat_map(|layer| &mut layer.weights);
    weights.for_each(|weight| *weight *= 3.0);
    network
}

/// A layer of a network, counted through both parts.
pub(crate) fn layer_mut(network: &mut Network, index: usize) -> &mut LayerF32 {
    network.encoder.iter_mut().chain(&mut network.decoder).nth(index).unwrap()
}

/// Two convolutions with a stride, dense layers around the latent, and transposed convolutions.
pub(crate) fn convolutional(activation: Activation) -> Network {
    use SpatialKind::Convolution;
    network(
        &[
            (square(Convolution, (1, 8), Axis::same(12, 3, 2)), activation),
            (square(Convolution, (8, 12), Axis::same(6, 3, 2)), activation),
            (Geometry::dense(108, 10), Activation::Identity),
        ],
        &[
            (Geometry::dense(10, 108), activation),
            (square(Convolution, (12, 8), Axis::transposed(3, 2, 2)), activation),
            (square(Convolution, (8, 6), Axis::transposed(6, 4, 2)), activation),
            (square(Convolution, (6, 1), Axis::same(12, 3, 1)), Activation::Sigmoid),
        ],
    )
}

/// A signal: convolutions, both poolings, upsampling, and holes in a kernel.
pub(crate) fn signal(activation: Activation) -> Network {
    use Activation::Identity;
    use SpatialKind::{Average, Convolution, Maximum, Upsampling};
    let line = |kind, channels, width| map(kind, channels, Axis::ONE, width);
    network(
        &[
            (line(Convolution, (1, 6), Axis::same(64, 5, 2)), activation),
            (line(Maximum, (6, 6), Axis::valid(32, 2, 2)), Identity),
            (line(Convolution, (6, 8), Axis::same_dilated(16, 3, 1, 2)), activation),
            (line(Average, (8, 8), Axis::same(16, 3, 2)), Identity),
            (Geometry::dense(64, 6), Identity),
        ],
        &[
            (Geometry::dense(6, 64), activation),
            (line(Upsampling, (8, 8), Axis::repeated(8, 2)), Identity),
            (line(Convolution, (8, 6), Axis::same(16, 3, 1)), activation),
            (line(Upsampling, (6, 6), Axis::repeated(16, 4)), Identity),
            (line(Convolution, (6, 1), Axis::same(64, 5, 1)), Activation::Sigmoid),
        ],
    )
}

/// Depthwise convolutions, with an activation and without, and a latent that is a map.
pub(crate) fn separable(activation: Activation) -> Network {
    use Activation::Identity;
    use SpatialKind::{Convolution, Depthwise};
    network(
        &[
            (square(Convolution, (1, 8), Axis::same(12, 3, 2)), activation),
            (square(Depthwise, (8, 8), Axis::same(6, 3, 1)), Identity),
            (square(Convolution, (8, 12), Axis::valid(6, 1, 1)), activation),
            (square(Depthwise, (12, 12), Axis::same(6, 3, 2)), activation),
            (square(Convolution, (12, 4), Axis::valid(3, 1, 1)), Identity),
        ],
        &[
            (square(Convolution, (4, 12), Axis::transposed(3, 4, 2)), activation),
            (square(Depthwise, (12, 12), Axis::same(6, 3, 1)), activation),
            (square(Convolution, (12, 1), Axis::transposed(6, 2, 2)), Activation::Sigmoid),
        ],
    )
}

pub(crate) fn seal(images: &Images) -> Seal<'_> {
    Seal {
        parts: PartSelection::Both,
        latent_map: &[],
        provenance: Provenance { tool: "test", config: &[], data: &[] },
        test_image: images.image(0),
    }
}

pub(crate) fn try_quantised(
    network: &Network,
    images: &Images,
) -> Result<Quantised, QuantizeError> {
    int8_blob(network, images, &seal(images), &mut unwatched)
}

/// The latent values and the pixels of every image, in int8; latent values as real numbers.
pub(crate) fn int8(network: &Network, images: &Images) -> Vec<(Vec<f64>, Vec<u8>)> {
    let blob = try_quantised(network, images).unwrap().bytes;
    let model = Int8Autoencoder::load(&blob).unwrap();
    let header = model.model().header();
    let mut scratch = vec![0; header.scratch_len()];
    let run = |image: &[u8]| {
        let (mut latent, mut pixels) = (vec![0; header.latent as usize], vec![0; image.len()]);
        model.encode(image, &mut latent, &mut scratch).unwrap();
        model.decode(&latent, &mut pixels, &mut scratch).unwrap();
        let real = latent.iter().zip(model.model().latent_map());
        (
            real.map(|(&q, (scale, offset))| f64::from(scale * f32::from(q) + offset)).collect(),
            pixels,
        )
    };
    images.iter().map(run).collect()
}

/// The pixels of every image by the f32 blob.
pub(crate) fn f32_pixels(network: &Network, images: &Images) -> Vec<Vec<u8>> {
    let blob = float_blob(network, &seal(images)).unwrap();
    let model = F32Autoencoder::load(&blob).unwrap();
    let mut scratch = vec![0.0; model.model().header().scratch_len()];
    let run = |image: &[u8]| {
        let mut pixels = vec![0; image.len()];
        model.reconstruct(image, &mut pixels, &mut scratch).unwrap();
        pixels
    };
    images.iter().map(run).collect()
}

/// The latent values and the pixels of an image, in 64 bits and by the plainest loops.
pub(crate) fn exact(network: &Network, image: &[u8]) -> (Vec<f64>, Vec<u8>) {
    let pixels: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect();
    let part = |layers: &[LayerF32], values| {
        layers.iter().fold(values, |values: Vec<f64>, layer| through(layer, &values))
    };
    let latent = part(&network.encoder, pixels);
    let values = part(&network.decoder, latent.clone());
    let pixels = values.iter().map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8);
    (latent, pixels.collect())
}

fn through(layer: &LayerF32, values: &[f64]) -> Vec<f64> {
    let sums = match layer.geometry {
        Geometry::Dense(_) => {
            let rows = layer.weights.chunks_exact(values.len()).zip(&layer.bias);
            let sum = |row: &[f32]| -> f64 {
                row.iter().zip(values).map(|(&weight, value)| f64::from(weight) * value).sum()
            };
            rows.map(|(row, &bias)| sum(row) + f64::from(bias)).collect()
        }
        Geometry::Spatial(spatial) => over_map(layer, spatial, values),
    };
    let activate = |sum: f64| match layer.activation {
        Activation::Relu => sum.max(0.0),
        Activation::Gelu => f64::from(gelu(sum as f32)),
        Activation::Silu => f64::from(silu(sum as f32)),
        Activation::Sigmoid => 1.0 / (1.0 + (-sum).exp()),
        _ => sum,
    };
    sums.into_iter().map(activate).collect()
}

fn over_map(layer: &LayerF32, spatial: Spatial, values: &[f64]) -> Vec<f64> {
    let Spatial { kind, channels_in, channels_out, height, width } = spatial;
    let (depth, channels) = (usize::from(channels_in), usize::from(channels_out));
    let mut sums = Vec::new();
    for y in 0..usize::from(height.outputs) {
        for x in 0..usize::from(width.outputs) {
            for channel in 0..channels {
                let (y, x) = (y + usize::from(height.crop), x + usize::from(width.crop));
                let (down, across) =
                    (usize::from(height.interleave), usize::from(width.interleave));
                let row = ((y % down) * across + x % across) * channels + channel;
                let read = |tap: usize, of: usize| {
                    let (ty, tx) =
                        (tap / usize::from(width.kernel), tap % usize::from(width.kernel));
                    let y = height.input(y / down, ty)?;
                    let x = width.input(x / across, tx)?;
                    Some(values[(y * usize::from(width.inputs) + x) * depth + of])
                };
                let taps = 0..spatial.taps();
                let inside: Vec<f64> =
                    taps.clone().filter_map(|tap| read(tap, channel % depth)).collect();
                sums.push(match kind {
                    SpatialKind::Convolution => {
                        let places = taps.flat_map(|tap| (0..depth).map(move |of| (tap, of)));
                        let terms = places.map(|(tap, of)| {
                            let at = row * spatial.field() + tap * depth + of;
                            f64::from(layer.weights[at]) * read(tap, of).unwrap_or(0.0)
                        });
                        f64::from(layer.bias[row]) + terms.sum::<f64>()
                    }
                    SpatialKind::Depthwise => {
                        let terms = taps.map(|tap| {
                            let weight = f64::from(layer.weights[tap * channels + channel]);
                            weight * read(tap, channel).unwrap_or(0.0)
                        });
                        f64::from(layer.bias[channel]) + terms.sum::<f64>()
                    }
                    SpatialKind::Maximum => inside.into_iter().fold(f64::MIN, f64::max),
                    SpatialKind::Average => inside.iter().sum::<f64>() / inside.len() as f64,
                    SpatialKind::Upsampling => inside[0],
                });
            }
        }
    }
    sums
}

/// The mean squared distance of int8 from the exact network, in steps of a pixel, and how much the
/// exact network's pixels vary from image to image.
pub(crate) fn distance(network: &Network, images: &Images) -> (f64, f64) {
    let exact: Vec<Vec<u8>> = images.iter().map(|image| exact(network, image).1).collect();
    let found: Vec<Vec<u8>> = int8(network, images).into_iter().map(|(_, pixels)| pixels).collect();
    let count = images.pixels().len() as f64;
    let square = |a: f64, b: u8| (a - f64::from(b)).powi(2);
    let pairs = exact.iter().flatten().zip(found.iter().flatten());
    let error: f64 = pairs.map(|(&a, &b)| square(a.into(), b)).sum();
    let varies = (0..images.features()).map(|at| {
        let mean = exact.iter().map(|it| f64::from(it[at])).sum::<f64>() / exact.len() as f64;
        exact.iter().map(|it| square(mean, it[at])).sum::<f64>()
    });
    (error / count, varies.sum::<f64>() / count)
}
