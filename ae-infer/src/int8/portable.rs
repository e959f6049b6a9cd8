//! The portable kernel: safe and obvious, what every other kernel is compared with.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use ae_core::{Int8, Layer, RowPairs, Weights};

use super::{Operand, Outcome};

/// Its name.
pub(super) const NAME: &str = "portable";

/// Rows that are summed side by side.
pub(super) const ROWS: usize = 1;

#[inline(always)]
fn sum<X: Operand>(row: &[u8], x: &[X]) -> i32 {
    let products = row.iter().zip(x).map(|(&weight, x)| i32::from(weight as i8) * x.value());
    products.fold(0, i32::wrapping_add)
}

/// The sum of one output, in any layout: slow, and obvious.
#[inline(never)]
pub(super) fn sum_of<X: Operand>(weights: &Weights<'_>, output: usize, x: &[X]) -> i32 {
    let products = x.iter().enumerate();
    let products = products.map(|(input, x)| i32::from(weights.at(output, input)) * x.value());
    // The loader has shown that no order of these additions leaves i32.
    products.fold(0, i32::wrapping_add)
}

/// The sum of one row, of products with i8.
pub(super) fn sums_i8(row: &[u8], x: &[i8]) -> [i32; ROWS] {
    [sum(row, x)]
}

/// The sum of one row, of products with pixels.
pub(super) fn sums_u8(row: &[u8], x: &[u8]) -> [i32; ROWS] {
    [sum(row, x)]
}

/// Row pairs are summed one output after the other, as other layouts are.
pub(super) fn row_pairs<X: Operand, Y: Outcome>(
    _layer: &Layer<'_, Int8<'_>>,
    _pairs: &RowPairs<'_>,
    _x: &[X],
    _y: &mut [Y],
    _room: &mut [i8],
) -> bool {
    false
}
