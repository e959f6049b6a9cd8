//! Depthwise convolutions: some channels at a time go over all positions, in groups as the core's kernel
//! takes them, and one by one what is left.

#![allow(unsafe_code, reason = "kernels take pointers")]

use ae_core::{Int8, Layer, Requant, Spatial};

use super::all::depthwise as lanes;
use super::job::{CHUNK, Job, Parameters, runs};
use super::{Input, depthwise_groups as groups};
use crate::spatial::runs::Inside;

/// The name of what computes a layer.
pub(crate) fn name(layer: &Layer<'_, Int8<'_>>, spatial: &Spatial) -> &'static str {
    let is_of_groups = usize::from(spatial.channels_in).is_multiple_of(groups::GROUP);
    if is_of_groups && groups::takes(spatial, layer.taps().weights()) {
        groups::NAME
    } else {
        lanes::NAME
    }
}

/// Computes a layer up to its tables.
#[inline(never)]
pub(crate) fn depthwise(
    layer: &Layer<'_, Int8<'_>>,
    spatial: &Spatial,
    x: Input<'_>,
    y: &mut [u8],
) {
    let channels = usize::from(spatial.channels_in);
    let taps = layer.taps();
    let weights = taps.weights();
    if weights.len() != spatial.taps().wrapping_mul(channels) {
        return;
    }
    let (bytes, flipped) = x.bytes();
    let in_groups = groups::takes(spatial, weights) && groups::takes(spatial, bytes);
    // A byte `p` of pixels stands for `p − 128`.
    let offset = if flipped == 0 { 0 } else { -128 };
    let padding = i32::from(layer.arithmetic().padding()).wrapping_sub(offset);
    let zero_point = layer.arithmetic().zero_point();
    let kernel = usize::from(spatial.width.kernel);
    for first in (0..channels).step_by(CHUNK) {
        let count = channels.wrapping_sub(first).min(CHUNK);
        let Some((biases, multipliers, shifts)) = taps.parameters().block_parameters(first, count)
        else {
            return;
        };
        let weights = weights.get(first..).unwrap_or_default();
        let mut parameters: Parameters = [[0; CHUNK]; 4];
        let [starts, others @ ..] = &mut parameters;
        starts.iter_mut().zip(biases).for_each(|(own, bias)| *own = i32::from_le_bytes(*bias));
        let [own_multipliers, constants, own_shifts] = others;
        let own = own_multipliers.iter_mut().zip(constants).zip(own_shifts);
        for (((own, constant), own_shift), (multiplier, &shift)) in own.zip(multipliers.iter().zip(shifts)) {
            let requant = Requant::new(i32::from_le_bytes(*multiplier), shift.into(), zero_point);
            *own = requant.multiplier();
            *constant = requant.constant();
            *own_shift = requant.shift() as i32;
        }
        if offset != 0 {
            add(starts, weights, spatial, offset, [Inside::NONE; 2]);
        }
        let whole = *starts;
        runs(spatial, x, y, first, count, |mut job, run| {
            let inside = [run.down, run.right];
            let [starts, ..] = &mut parameters;
            *starts = whole;
            if padding != 0 && run.taps() != spatial.taps() {
                add(starts, weights, spatial, padding, inside);
            }
            let tap = run.down.tap.wrapping_mul(kernel).wrapping_add(run.right.tap);
            job.weights = weights.as_ptr().wrapping_add(tap.wrapping_mul(channels));
            job.zero_point = zero_point.into();
            job.parameters = parameters.as_flattened().as_ptr();
            compute(&mut job, in_groups && run.taps() > 0);
        });
    }
}

/// Computes whole groups of channels, and then what is left.
#[inline(always)]
fn compute(job: &mut Job, in_groups: bool) {
    let count = job.count;
    let whole = if in_groups { count.wrapping_sub(count % groups::GROUP) } else { 0 };
    if whole > 0 {
        job.count = whole;
        // SAFETY: the caller's job holds what the function asks for, of more channels even.
        unsafe { groups::run(job) };
    }
    if whole < count {
        job.count = count.wrapping_sub(whole);
        job.weights = job.weights.wrapping_add(whole);
        job.x = job.x.wrapping_add(whole);
        job.y = job.y.wrapping_add(whole);
        job.parameters = job.parameters.wrapping_add(whole);
        // SAFETY: as before.
        unsafe { lanes::side_by_side::<1>(job) };
    }
}

/// Adds the products of the taps that are not inside with `value`; `weights` begins with the first of the
/// channels.
#[inline(never)]
fn add(
    sums: &mut [i32; CHUNK],
    weights: &[u8],
    spatial: &Spatial,
    value: i32,
    [down, right]: [Inside; 2],
) {
    let mut weights = weights;
    for row in 0..usize::from(spatial.height.kernel) {
        for column in 0..usize::from(spatial.width.kernel) {
            if !(down.has(row) && right.has(column)) {
                // Those behind the last channel are another's, and are not used.
                for (sum, &weight) in sums.iter_mut().zip(weights) {
                    // The loader has shown that no sum leaves i32.
                    *sum = sum.wrapping_add(i32::from(weight as i8).wrapping_mul(value));
                }
            }
            weights = weights.get(spatial.channels_in.into()..).unwrap_or_default();
        }
    }
}
