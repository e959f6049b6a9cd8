//! Depthwise convolutions: each channel by itself, some of them side by side.

use ae_core::{Channel, F32, Int8, Layer, Requant, Spatial};

use super::map::{CHUNK, positions, taps};
use super::reals::{Sink, Source};
use crate::activation;
use crate::arch::Input;
use crate::arch::all::int8::finish;

/// What stands for a channel that a layer does not have.
const NONE: Channel<'_> = Channel { bias: 0, requant: Requant::new(0, 1, 0), table: None };

/// Computes a layer whose weights are `layer`'s. Some channels go over all positions before the next,
/// so that their parameters are read once.
#[inline(never)]
pub(super) fn int8<'a>(layer: &Layer<'a, Int8<'a>>, spatial: &Spatial, x: Input<'_>, y: &mut [u8]) {
    let data = layer.taps();
    let weights = data.weights();
    let mut channels = layer.channels(data.parameters());
    let all = layer.outputs().max(1);
    let (x, flipped) = x.bytes();
    let padding = i32::from(layer.arithmetic().padding());
    for first in (0..all).step_by(CHUNK) {
        let len = all.wrapping_sub(first).min(CHUNK);
        let mut own = [NONE; CHUNK];
        own.iter_mut().zip(channels.by_ref().take(len)).for_each(|(own, it)| *own = it);
        for (position, y) in positions(spatial).zip(y.chunks_exact_mut(all)) {
            let mut sums = [0_i32; CHUNK];
            let mut weights = weights.get(first..).unwrap_or_default();
            taps(spatial, position, |_, at| {
                let own = weights.get(..len).unwrap_or_default();
                weights = weights.get(all..).unwrap_or_default();
                // The loader has shown that no order of these additions leaves i32.
                if let Some(at) = at.map(|at| at.wrapping_add(first)) {
                    let x = x.get(at..).unwrap_or_default();
                    for ((sum, &weight), byte) in sums.iter_mut().zip(own).zip(x) {
                        let x = i32::from((byte ^ flipped) as i8);
                        *sum = sum.wrapping_add(i32::from(weight as i8).wrapping_mul(x));
                    }
                } else {
                    for (sum, &weight) in sums.iter_mut().zip(own) {
                        *sum = sum.wrapping_add(i32::from(weight as i8).wrapping_mul(padding));
                    }
                }
            });
            let y = y.get_mut(first..).unwrap_or_default();
            for ((y, channel), sum) in y.iter_mut().zip(&own).take(len).zip(sums) {
                *y = finish(channel, sum);
            }
        }
    }
}

/// Computes a layer whose weights are `layer`'s. Sums start from the bias and take their products tap
/// after tap; what lies in the padding counts as 0.
#[inline(never)]
pub(super) fn f32(layer: &Layer<'_, F32>, spatial: &Spatial, x: Source<'_>, mut y: Sink<'_>) {
    let (weights, biases) = layer.weights_and_biases();
    let all = layer.outputs();
    let mut place = 0_usize;
    for position in positions(spatial) {
        for first in (0..all).step_by(CHUNK) {
            let len = all.wrapping_sub(first).min(CHUNK);
            let mut sums = [0.0; CHUNK];
            let biases = biases.get(first..).unwrap_or_default();
            sums.iter_mut().zip(biases).for_each(|(sum, bias)| *sum = f32::from_le_bytes(*bias));
            taps(spatial, position, |tap, at| {
                let own = tap.wrapping_mul(all).wrapping_add(first);
                let own = weights.get(own..own.wrapping_add(len)).unwrap_or_default();
                let mut values = [0.0; CHUNK];
                if let Some(at) = at {
                    x.read(at.wrapping_add(first), values.get_mut(..len).unwrap_or_default());
                }
                for ((sum, weight), x) in sums.iter_mut().zip(own).zip(values) {
                    *sum += f32::from_le_bytes(*weight) * x;
                }
            });
            let sums = sums.get_mut(..len).unwrap_or_default();
            activation::apply_to_all(layer.arithmetic().activation(), sums);
            y.write(place.wrapping_add(first), sums);
        }
        place = place.wrapping_add(all);
    }
}
