//! Depthwise convolutions: some channels at a time go over all positions, in groups as the core's kernel
//! takes them, and in portable code what is left.

#![allow(unsafe_code, reason = "kernels take pointers")]

use ae_core::{Int8, Layer, Requant, Spatial};

use super::all::depthwise as lanes;
use super::job::{CHUNK, Job, Jobs, Parameters, in_groups};
use super::{Input, Own, depthwise_groups as groups};
use crate::spatial::inside::Inside;

/// The name of what computes a layer.
pub(crate) fn name(layer: &Layer<'_, Int8<'_>>, spatial: &Spatial) -> &'static str {
    let is_of_groups = usize::from(spatial.channels_in).is_multiple_of(groups::GROUP);
    let rounds = Own::Depthwise.rounds(layer.arithmetic().rounding());
    if rounds && is_of_groups && groups::takes(spatial, layer.taps().weights()) {
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
    if weights.len() != spatial.taps().saturating_mul(channels) {
        return;
    }
    let (bytes, flipped) = x.bytes();
    let (zero_point, rounding) = (layer.arithmetic().zero_point(), layer.arithmetic().rounding());
    let takes_groups = Own::Depthwise.rounds(rounding)
        && groups::takes(spatial, weights)
        && groups::takes(spatial, bytes);
    for first in (0..channels).step_by(CHUNK) {
        let count = channels.wrapping_sub(first).min(CHUNK);
        let Some((biases, multipliers, shifts)) = taps.parameters().block_parameters(first, count)
        else {
            return;
        };
        let mut chunk = Chunk {
            spatial,
            weights: weights.get(first..).unwrap_or_default(),
            biases,
            parameters: [[0; CHUNK]; 4],
            // A byte `p` of pixels stands for `p − 128`.
            offset: if flipped == 0 { 0 } else { -128 },
            padding: layer.arithmetic().padding().into(),
            last: None,
            takes_groups,
        };
        let [_, own_multipliers, constants, own_shifts] = &mut chunk.parameters;
        let own = own_multipliers.iter_mut().zip(constants).zip(own_shifts);
        let numbers = multipliers.iter().zip(shifts);
        for (((own, constant), own_shift), (multiplier, &shift)) in own.zip(numbers) {
            let requant = Requant::new(i32::from_le_bytes(*multiplier), shift.into(), zero_point);
            *own = requant.multiplier();
            *constant = requant.constant();
            *own_shift = requant.shift() as i32;
        }
        let Some(jobs) = &mut Jobs::new(spatial, x, y, [first, count]) else { return };
        while let Some((job, inside)) = jobs.next() {
            (job.zero_point, job.rounding) = (zero_point.into(), rounding);
            chunk.compute(job, inside);
        }
    }
}

/// Weights of no taps.
static NONE: [u32; CHUNK / 4] = [0; CHUNK / 4];

/// Some channels.
struct Chunk<'a> {
    spatial: &'a Spatial,
    /// From the first tap of the first of them on.
    weights: &'a [u8],
    biases: &'a [[u8; 4]],
    /// What sums start from at hand, and the rest.
    parameters: Parameters,
    /// What is added to a byte of the map, and what is read beside it.
    offset: i32,
    padding: i32,
    /// The taps in the map of the last job.
    last: Option<[Inside; 2]>,
    takes_groups: bool,
}

impl Chunk<'_> {
    /// Computes whole groups of channels, and then what is left.
    #[inline(always)]
    fn compute(&mut self, job: &mut Job, inside: [Inside; 2]) {
        // Most jobs read the taps of the one before.
        let is_like = |last: [Inside; 2]| last.iter().zip(&inside).all(|(a, b)| a.is_like(b));
        if !self.last.is_some_and(is_like) {
            self.last = Some(inside);
            self.start(inside);
        }
        let ([down, right], [gap, _]) = (inside, job.gaps);
        let tap = down.tap.wrapping_mul(gap);
        let tap = tap.wrapping_add(right.tap.wrapping_mul(job.channels));
        job.weights = self.weights.as_ptr().wrapping_add(tap);
        job.parameters = self.parameters.as_flattened().as_ptr();
        if job.rows == 0 || job.columns == 0 {
            // All taps lie in the padding. One with weights of 0 does no harm, whatever it reads.
            (job.rows, job.columns) = (1, 1);
            job.weights = NONE.as_ptr().cast();
        }
        let count = job.count;
        let whole = if self.takes_groups { in_groups(count, groups::GROUP) } else { 0 };
        if whole > 0 {
            job.count = whole;
            // SAFETY: the job holds what the function asks for, of more channels even.
            unsafe { groups::run(job) };
        }
        if whole < count {
            job.count = count;
            job.skip(whole);
            // SAFETY: as before.
            unsafe { lanes::run(job) };
        }
    }

    /// Sets what sums start from: the biases, and the products of which no byte of the map is part.
    #[inline(never)]
    fn start(&mut self, [down, right]: [Inside; 2]) {
        let [starts, ..] = &mut self.parameters;
        let starts = starts.get_mut(..self.biases.len()).unwrap_or_default();
        for (start, bias) in starts.iter_mut().zip(self.biases) {
            *start = i32::from_le_bytes(*bias);
        }
        let mut weights = self.weights;
        for row in 0..usize::from(self.spatial.height.kernel) {
            for column in 0..usize::from(self.spatial.width.kernel) {
                let is_inside = down.has(row) && right.has(column);
                let value = if is_inside { self.offset } else { self.padding };
                if value != 0 {
                    for (start, &weight) in starts.iter_mut().zip(weights) {
                        // The loader has shown that no sum leaves i32.
                        let product = i32::from(weight as i8).wrapping_mul(value);
                        *start = start.wrapping_add(product);
                    }
                }
                weights = weights.get(self.spatial.channels_in.into()..).unwrap_or_default();
            }
        }
    }
}
