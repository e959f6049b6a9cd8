//! Outputs of two positions of a convolution in rows, by the core's row sums.
//!
//! This is the place of a core's own functions: a module with the same items.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use super::dense_rows::DenseRows;
use crate::arch::int8_rows;

/// The fewest outputs of a layer that this takes.
pub(crate) const ROWS: usize = int8_rows::ROWS;

/// Computes as many outputs of each position as `y` has room for, from output `first` on. The second
/// position may have none. Gives `false`, and computes nothing, where it does not take them.
#[inline(never)]
pub(crate) fn outputs(
    rows: &DenseRows<'_>,
    x: [&[i8]; 2],
    first: usize,
    y: [&mut [u8]; 2],
) -> bool {
    let most = rows.biases.len().wrapping_sub(ROWS);
    for (x, y) in x.into_iter().zip(y) {
        let mut next = first;
        for outputs in y.chunks_mut(ROWS) {
            // The last outputs are computed together with some of those before them.
            let start = next.min(most);
            let sums = int8_rows::sums_i8(rows.block(start, ROWS), x);
            let sums = sums.get(next.wrapping_sub(start)..).unwrap_or_default();
            rows.finish(next, sums, outputs);
            next = next.wrapping_add(ROWS);
        }
    }
    true
}

/// Positions side by side, each of which reads a stretch of the map, and some of their outputs.
pub(crate) struct Line<'x> {
    /// From the first value of the first position on.
    pub(crate) x: &'x [i8],
    /// Values from what a position reads to what the next does.
    pub(crate) advance: usize,
    pub(crate) first: usize,
    pub(crate) outputs: usize,
}

/// Computes the outputs of as many positions as `y` has room for, which is an even number. Gives `false`, and
/// computes nothing, where it does not take them, as here.
pub(crate) fn line(_rows: &DenseRows<'_>, _line: &Line<'_>, _y: &mut [u8]) -> bool {
    false
}
