//! What assembly gets that computes outputs of two positions of a convolution in rows.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use core::ptr::null;

use super::dense_rows::DenseRows;
use super::pairs::Line;

/// The layer; the assembly knows the order of the fields.
#[repr(C)]
pub(crate) struct Job {
    weights: *const u8,
    inputs: usize,
    biases: *const i32,
    multipliers: *const i32,
    shifts: *const u8,
    /// `2 · zero_point + 1`: shifted left by `shift − 1` it is the constant of the requantisation.
    rounding: i32,
}

/// What is computed; the assembly takes a copy.
#[repr(C)]
pub(crate) struct Outputs {
    /// What the first position reads, and how far behind it what the second one does.
    x: *const i8,
    offset: usize,
    /// Where the next outputs of both positions go.
    out: [*mut u8; 2],
    /// The next output, and how many are left, at least 1.
    next: usize,
    left: usize,
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
}

/// For a function that computes `block` rows side by side. `None` where a length is not the layer's, or
/// where the outputs and those before them make no block.
///
/// Every pointer reaches what its field names: rows of `inputs` weights, of which there is at least one,
/// and an entry of every array for each output up to the last, values of each position, and places. If
/// fewer outputs than a block are left in the end, there are rows before them. Without a second position
/// the first one stands for it: its outputs are the same, at the same places.
#[inline(always)]
pub(crate) fn job(
    rows: &DenseRows<'_>,
    [one, other]: [&[i8]; 2],
    first: usize,
    [y, second_y]: [&mut [u8]; 2],
    block: usize,
) -> Option<(Job, Outputs)> {
    let (left, inputs) = (y.len(), rows.inputs);
    let end = first.wrapping_add(left);
    let is_single = second_y.is_empty();
    let fits = rows.block(first, left).len() == left.wrapping_mul(inputs)
        && rows.biases.len() >= end
        && rows.multipliers.len() >= end
        && rows.shifts.len() >= end
        && one.len() == inputs
        && (is_single || second_y.len() == left && other.len() == inputs);
    if !fits || inputs == 0 || left == 0 || end < block {
        return None;
    }
    let job = Job {
        weights: rows.weights.as_ptr(),
        inputs,
        biases: rows.biases.as_ptr(),
        multipliers: rows.multipliers.as_ptr(),
        shifts: rows.shifts.as_ptr(),
        rounding: i32::from(rows.zero_point).wrapping_mul(2).wrapping_add(1),
    };
    let out = y.as_mut_ptr();
    let (second, second_out) = if is_single { (one, out) } else { (other, second_y.as_mut_ptr()) };
    Some((
        job,
        Outputs {
            x: one.as_ptr(),
            offset: second.as_ptr().addr().wrapping_sub(one.as_ptr().addr()),
            out: [out, second_out],
            next: first,
            left,
            table: rows.table.map_or(null(), |table| table.as_ptr().wrapping_add(128)),
        },
    ))
}

/// Lets `run` compute a line, two positions at a time, of as many as `y` has room for, which is an even number.
/// Gives `false`, and computes nothing, where [`job`] does.
#[inline(always)]
pub(crate) fn line(
    rows: &DenseRows<'_>,
    line: &Line<'_>,
    y: &mut [u8],
    block: usize,
    run: impl Fn(&Job, &Outputs),
) -> bool {
    let Line { x, advance, first, outputs } = *line;
    let (pair, step) = (outputs.wrapping_mul(2), advance.wrapping_mul(2));
    let pairs = y.len().checked_div(pair).unwrap_or_default();
    let reach = pairs.wrapping_sub(1).saturating_mul(step).saturating_add(advance);
    let fields =
        [0, advance].map(|at| x.get(at..).and_then(|x| x.get(..rows.inputs)).unwrap_or_default());
    let (one, rest) = y.split_at_mut_checked(outputs).unwrap_or_default();
    let other = rest.get_mut(..outputs).unwrap_or_default();
    let Some((job, mut outputs)) = job(rows, fields, first, [one, other], block) else {
        return false;
    };
    if pairs == 0 || x.len() < reach.saturating_add(rows.inputs) {
        return false;
    }
    for _ in 0..pairs {
        run(&job, &outputs);
        outputs.x = outputs.x.wrapping_add(step);
        outputs.out = outputs.out.map(|out| out.wrapping_add(pair));
    }
    true
}
