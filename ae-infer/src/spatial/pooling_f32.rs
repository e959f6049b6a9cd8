//! Pooling: the largest value of each channel, or the mean, over what does not lie in the padding.

use ae_core::{Activation, Spatial};

use super::map::{CHUNK, positions, taps};
use super::reals::{Sink, Source};
use crate::activation;

/// Computes a pool: the largest numbers, or the means.
#[inline(never)]
pub(super) fn pool(
    spatial: &Spatial,
    activation: Activation,
    x: Source<'_>,
    mut y: Sink<'_>,
    is_mean: bool,
) {
    let all = usize::from(spatial.channels_in);
    let mut place = 0_usize;
    for position in positions(spatial) {
        for first in (0..all).step_by(CHUNK) {
            let len = all.wrapping_sub(first).min(CHUNK);
            let (mut results, mut values) = ([0.0; CHUNK], [0.0; CHUNK]);
            let results = results.get_mut(..len).unwrap_or_default();
            let values = values.get_mut(..len).unwrap_or_default();
            let mut count = 0_u32;
            for at in taps(spatial, position).flatten() {
                count = count.wrapping_add(1);
                x.read(at.wrapping_add(first), values);
                if is_mean {
                    add(results, values);
                } else {
                    replace(results, values, count == 1);
                }
            }
            if is_mean {
                results.iter_mut().for_each(|sum| *sum /= count.max(1) as f32);
            }
            activation::apply_to_all(activation, results);
            y.write(place.wrapping_add(first), results);
        }
        place = place.wrapping_add(all);
    }
}

/// Adds values to sums from 0, in the order of the taps.
#[inline(never)]
fn add(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

/// Takes the first values of a position, and then those that are greater.
#[inline(never)]
fn replace(largest: &mut [f32], values: &[f32], are_first: bool) {
    for (largest, &value) in largest.iter_mut().zip(values) {
        if are_first || value > *largest {
            *largest = value;
        }
    }
}
