//! The f32 contract.

use ae_core::{F32, Layer, SpatialKind};

use super::{outputs, taps};
use crate::activation::apply;
use crate::spatial::{Sink, Source};

/// Computes a layer of any kind but dense.
#[inline(never)]
pub(crate) fn compute(layer: &Layer<'_, F32>, x: Source<'_>, mut y: Sink<'_>) {
    let Some(spatial) = layer.spatial() else { return };
    let layer = layer.as_dense();
    let (weights, biases) = layer.weights_and_biases();
    let number = |numbers: &[[u8; 4]], at: usize| {
        numbers.get(at).map_or(0.0, |bytes| f32::from_le_bytes(*bytes))
    };
    for (place, output) in outputs(&spatial).enumerate() {
        let channel = output.channel;
        let taps = taps(&spatial, output.position);
        let value = match spatial.kind {
            SpatialKind::Convolution | SpatialKind::Depthwise => {
                // What there is of a tap for this output: all channels, or its own.
                let of_tap = if spatial.kind == SpatialKind::Convolution {
                    0..usize::from(spatial.channels_in)
                } else {
                    channel..channel.wrapping_add(1)
                };
                let row = output.phase.wrapping_mul(spatial.channels_out.into());
                let row = row.wrapping_add(channel);
                let (mut sum, mut input) = (number(biases, row), 0_usize);
                for at in taps {
                    for channel in of_tap.clone() {
                        let x = at.map_or(0.0, |at| x.at(at.wrapping_add(channel)));
                        let weight = input.wrapping_mul(layer.outputs()).wrapping_add(row);
                        sum += number(weights, weight) * x;
                        input = input.wrapping_add(1);
                    }
                }
                sum
            }
            SpatialKind::Maximum => {
                let values = taps.flatten().map(|at| x.at(at.wrapping_add(channel)));
                let largest = values.reduce(|largest, x| if x > largest { x } else { largest });
                largest.unwrap_or_default()
            }
            SpatialKind::Average => {
                let values = taps.flatten().map(|at| x.at(at.wrapping_add(channel)));
                let (mut sum, mut count) = (0.0, 0_u32);
                values.for_each(|x| (sum, count) = (sum + x, count.wrapping_add(1)));
                sum / count.max(1) as f32
            }
            SpatialKind::Upsampling => {
                let at = taps.flatten().next().unwrap_or_default();
                x.at(at.wrapping_add(channel))
            }
        };
        y.write(place, &[apply(layer.arithmetic().activation(), value)]);
    }
}
