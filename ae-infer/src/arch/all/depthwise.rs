//! Depthwise convolutions, some channels side by side: so that registers hold their sums, and one walk
//! over the taps serves them all.
//!
//! The walk is by pointers. Slices of three taps would take longer to make than to sum.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]
#![allow(unsafe_code, reason = "pointers")]

use ae_core::{Requant, Spatial};

use crate::arch;
use crate::arch::job::{CHUNK, Job, in_groups, times};

/// The name of portable code.
pub(crate) const NAME: &str = "portable";

/// Channels of a group: any number.
pub(crate) const GROUP: usize = 1;

/// Channels that are computed side by side.
const SIDE_BY_SIDE: usize = 4;

/// Whether a layer is taken in groups that reads and weighs `bytes`.
pub(crate) fn takes(_spatial: &Spatial, _bytes: &[u8]) -> bool {
    true
}

/// Computes a job: some channels side by side where [`arch::PORTABLE_GROUPS`] says so, and one by one what
/// is left.
///
/// # Safety
/// The job is as [`Job`] says.
pub(crate) unsafe fn run(job: &mut Job) {
    let count = job.count;
    let whole = if arch::PORTABLE_GROUPS { in_groups(count, SIDE_BY_SIDE) } else { 0 };
    if whole > 0 {
        job.count = whole;
        // SAFETY: the caller's promise, of more channels even.
        unsafe { side_by_side::<SIDE_BY_SIDE>(job) };
    }
    if whole < count {
        job.count = count;
        job.skip(whole);
        // SAFETY: as before.
        unsafe { side_by_side::<1>(job) };
    }
}

/// Computes a depthwise convolution, `N` channels side by side.
///
/// # Safety
/// The job is as [`Job`] says, and its channels are a multiple of `N`.
#[inline(never)]
unsafe fn side_by_side<const N: usize>(job: &Job) {
    for first in (0..job.count).step_by(N) {
        let numbers = |row: usize| {
            let numbers = job.parameters.wrapping_add(row.wrapping_mul(CHUNK).wrapping_add(first));
            // SAFETY: there are `N` numbers from each channel that begins a group on.
            unsafe { &*numbers.cast::<[i32; N]>() }
        };
        let weights = job.weights.wrapping_add(first);
        let (mut x, mut y) = (job.x.wrapping_add(first), job.y.wrapping_add(first));
        times(job.positions, || {
            let mut sums = *numbers(0);
            let (mut weights, mut row) = (weights, x);
            times(job.rows, || {
                if N == 1 {
                    // One loop for both, which is less code.
                    let mask = if job.flipped == 0 { -1 } else { 0xff };
                    // SAFETY: the caller's promise.
                    unsafe {
                        add(job, weights, row, &mut sums, |byte| i32::from(byte as i8) & mask)
                    };
                } else if job.flipped == 0 {
                    // SAFETY: as before.
                    unsafe { add(job, weights, row, &mut sums, |byte| (byte as i8).into()) };
                } else {
                    // SAFETY: as before.
                    unsafe { add(job, weights, row, &mut sums, i32::from) };
                }
                let [of_weights, of_values] = job.gaps;
                (weights, row) = (weights.wrapping_add(of_weights), row.wrapping_add(of_values));
            });
            let requant = numbers(1).iter().zip(numbers(2)).zip(numbers(3));
            let outputs =
                sums.iter().zip(requant).map(|(&sum, ((&multiplier, &constant), &shift))| {
                    let requant = Requant::of(multiplier, constant, shift as u32);
                    arch::requantise(requant.rounded(job.rounding), sum) as u8
                });
            // SAFETY: there is a place for the outputs of the group.
            let places = unsafe { &mut *y.cast::<[u8; N]>() };
            places.iter_mut().zip(outputs).for_each(|(place, output)| *place = output);
            (x, y) = (x.wrapping_add(job.step), y.wrapping_add(job.channels));
        });
    }
}

/// Adds the products of a row of taps.
///
/// # Safety
/// There are `N` weights and `N` values at each of the job's columns.
#[inline(always)]
unsafe fn add<const N: usize>(
    job: &Job,
    weights: *const u8,
    x: *const u8,
    sums: &mut [i32; N],
    value: impl Fn(u8) -> i32,
) {
    let (mut weights, mut x) = (weights, x);
    times(job.columns, || {
        // SAFETY: the caller's promise.
        let own = unsafe { &*weights.cast::<[i8; N]>() };
        // SAFETY: as before.
        let values = unsafe { &*x.cast::<[u8; N]>() };
        for (sum, (&weight, &byte)) in sums.iter_mut().zip(own.iter().zip(values)) {
            *sum = sum.wrapping_add(i32::from(weight).wrapping_mul(value(byte)));
        }
        (weights, x) = (weights.wrapping_add(job.channels), x.wrapping_add(job.tap));
    });
}
