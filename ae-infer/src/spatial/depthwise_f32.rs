//! Depthwise convolutions in f32: each channel by itself, some of them side by side.

use ae_core::{F32, Layer, Spatial};

use super::map::{CHUNK, positions, taps};
use super::reals::{Sink, Source};
use crate::activation;

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
            for (tap, at) in taps(spatial, position).enumerate() {
                let own = tap.wrapping_mul(all).wrapping_add(first);
                let own = weights.get(own..own.wrapping_add(len)).unwrap_or_default();
                let mut values = [0.0; CHUNK];
                if let Some(at) = at {
                    x.read(at.wrapping_add(first), values.get_mut(..len).unwrap_or_default());
                }
                add(&mut sums, own, &values);
            }
            let sums = sums.get_mut(..len).unwrap_or_default();
            activation::apply_to_all(layer.arithmetic().activation(), sums);
            y.write(place.wrapping_add(first), sums);
        }
        place = place.wrapping_add(all);
    }
}

/// Adds products to sums.
#[inline(never)]
fn add(sums: &mut [f32], weights: &[[u8; 4]], values: &[f32]) {
    for ((sum, weight), value) in sums.iter_mut().zip(weights).zip(values) {
        *sum += f32::from_le_bytes(*weight) * value;
    }
}
