//! All outputs of neighbouring positions, from bytes where they lie in the map: nothing is widened, and what
//! belongs to the layer is prepared once for all of them.

#![allow(unsafe_code, reason = "functions in assembly")]

use ae_core::{Int8, Layer, Rounding};

use super::gather::Gather;
use super::sums::Job;
use super::{BLOCK, POSITIONS, QUAD, block, short, single};
use crate::arch::all::convolution::Rows;
use crate::spatial::look_up;

/// Computes the outputs of as many neighbours as `y` has room for, which is an even number: those of a layer
/// with one output, and of positions that read [eight values](short) side by side, rounded once. Gives `false`,
/// and computes nothing, for all others. `advance` and `x` are those of
/// [`portable::Positions`](crate::arch::all::convolution::Positions::line).
#[inline(never)]
pub(super) fn line(
    layer: &Layer<'_, Int8<'_>>,
    job: &Job,
    gather: &Gather,
    rows: &Rows,
    x: &[u8],
    y: &mut [u8],
) -> bool {
    if layer.arithmetic().rounding() != Rounding::Once {
        return false;
    }
    let outputs = layer.outputs();
    let [read, _] = rows.reach();
    let positions = y.len().checked_div(outputs).unwrap_or_default();
    let further = positions.saturating_sub(1).saturating_mul(gather.advance);
    let are_words =
        (x.as_ptr().addr() | rows.run | rows.step | gather.advance).is_multiple_of(QUAD);
    let fits = rows.are_field(layer) && x.len() >= read.saturating_add(further) && are_words;
    if !fits || positions == 0 {
        return false;
    }
    if outputs == 1 {
        let (block, mut x) = (block(layer, 0), x.as_ptr());
        for y in y.as_chunks_mut::<POSITIONS>().0 {
            // SAFETY: `x` holds all that the rows of both positions reach, on word boundaries, and the data
            // the block of the only output.
            let both = unsafe { single(x, block, gather, job) };
            *y = [both as u8, (both >> 32) as u8];
            x = x.wrapping_add(gather.advance.wrapping_mul(POSITIONS));
        }
        return true;
    }
    if !(rows.rows == 1 && rows.run == short::INPUTS && outputs.is_multiple_of(short::OUTPUTS)) {
        return false;
    }
    let weights = layer.weights();
    let range = y.as_mut_ptr_range();
    for first in (0..outputs).step_by(short::OUTPUTS) {
        let channels = [first, first.wrapping_add(1)].map(|output| layer.channel(&weights, output));
        let end = range.end.wrapping_add(first);
        let own = short::Job::new(channels, gather.advance, outputs, end);
        let pair = block(layer, first).wrapping_add((first % BLOCK).wrapping_mul(QUAD));
        // SAFETY: `x` holds what all positions read, on word boundaries; the data has a block for every four
        // outputs; and of each position there is room for the outputs from `first` on.
        unsafe { short::run(x.as_ptr(), range.start.wrapping_add(first), pair, &own) };
    }
    look_up(layer, y);
    true
}
