//! Pooling: the largest value of each channel, or the mean, over what does not lie in the padding.

use ae_core::{Activation, Spatial};

use super::map::{CHUNK, positions, taps};
use super::reals::{Sink, Source};
use crate::activation;

/// The largest numbers: the first of a position, and then each that is greater.
#[inline(never)]
pub(super) fn maximum(spatial: &Spatial, activation: Activation, x: Source<'_>, y: Sink<'_>) {
    each(
        spatial,
        activation,
        x,
        y,
        |count, largest, values| {
            for (largest, &value) in largest.iter_mut().zip(values) {
                if count == 1 || value > *largest {
                    *largest = value;
                }
            }
        },
        |_, _| (),
    );
}

/// The means: sums from 0 in the order of the taps, divided by their number.
#[inline(never)]
pub(super) fn average(spatial: &Spatial, activation: Activation, x: Source<'_>, y: Sink<'_>) {
    each(
        spatial,
        activation,
        x,
        y,
        |_, sums, values| sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value),
        |count, sums| sums.iter_mut().for_each(|sum| *sum /= count.max(1) as f32),
    );
}

/// Shows `take` what a position reads, a tap after the other: how many taps there have been, what has
/// become of the channels, which begin as 0, and their values. Shows `finish` what has become of them.
#[inline(always)]
fn each(
    spatial: &Spatial,
    activation: Activation,
    x: Source<'_>,
    mut y: Sink<'_>,
    take: impl Fn(u32, &mut [f32], &[f32]),
    finish: impl Fn(u32, &mut [f32]),
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
            taps(spatial, position, |_, at| {
                let Some(at) = at else { return };
                count = count.wrapping_add(1);
                x.read(at.wrapping_add(first), values);
                take(count, results, values);
            });
            finish(count, results);
            activation::apply_to_all(activation, results);
            y.write(place.wrapping_add(first), results);
        }
        place = place.wrapping_add(all);
    }
}
