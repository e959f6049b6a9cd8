//! The portable kernel: safe and obvious, what every other kernel is compared with.

use super::Operand;

/// Its name.
pub(super) const NAME: &str = "portable";

/// Rows that are summed side by side.
pub(super) const ROWS: usize = 1;

/// `Σ weight · x` over as many products as both have. The loader has shown that no order of these
/// additions leaves i32.
#[inline(always)]
pub(super) fn sum(weights: impl Iterator<Item = i8>, x: impl Iterator<Item = i32>) -> i32 {
    let products = weights.zip(x).map(|(weight, x)| i32::from(weight) * x);
    products.fold(0, i32::wrapping_add)
}

/// The sum of one row, of products with i8.
pub(super) fn sums_i8(row: &[u8], x: &[i8]) -> [i32; ROWS] {
    [sum(row.iter().map(|&weight| weight as i8), x.iter().map(|x| x.value()))]
}

/// The sum of one row, of products with pixels.
pub(super) fn sums_u8(row: &[u8], x: &[u8]) -> [i32; ROWS] {
    [sum(row.iter().map(|&weight| weight as i8), x.iter().map(|x| x.value()))]
}
