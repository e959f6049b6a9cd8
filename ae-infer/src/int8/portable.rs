//! The portable kernel: safe and obvious, what every other kernel is compared with.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use ae_core::{Int8, Layer};

use super::{Input, finish};

/// Its name.
pub(super) const NAME: &str = "portable";

/// Computes a layer in any layout, weight by weight: slow, and obvious.
#[inline(never)]
pub(super) fn dense<'a>(layer: &Layer<'a, Int8<'a>>, x: Input<'_>, y: &mut [u8]) {
    let weights = layer.weights();
    for (output, y) in y.iter_mut().enumerate() {
        let products = x
            .values()
            .enumerate()
            .map(|(input, x)| i32::from(weights.at(output, input)).wrapping_mul(x));
        // The loader has shown that no order of these additions leaves i32.
        *y = finish(&layer.channel(&weights, output), products.fold(0, i32::wrapping_add));
    }
}

/// No layer is computed as a whole.
pub(super) fn takes(_layer: &Layer<'_, Int8<'_>>) -> bool {
    false
}

/// No layer is computed as a whole.
pub(super) fn whole_layer(
    _layer: &Layer<'_, Int8<'_>>,
    _x: Input<'_>,
    _y: &mut [u8],
    _room: &mut [i8],
) -> bool {
    false
}

/// Rows that are summed side by side.
pub(super) const ROWS: usize = 1;

/// The sum of one row, of products with i8.
pub(super) fn sums_i8(row: &[u8], x: &[i8]) -> [i32; ROWS] {
    [sum(row, x.iter().map(|&x| i32::from(x)))]
}

/// The sum of one row, of products with pixels.
pub(super) fn sums_u8(row: &[u8], x: &[u8]) -> [i32; ROWS] {
    [sum(row, x.iter().map(|&x| i32::from(x).wrapping_sub(128)))]
}

#[inline(always)]
fn sum(row: &[u8], x: impl Iterator<Item = i32>) -> i32 {
    // A product is at most 128 · 128 in magnitude, and of the sum the loader has shown the bound.
    let products = row.iter().zip(x).map(|(&weight, x)| i32::from(weight as i8).wrapping_mul(x));
    products.fold(0, i32::wrapping_add)
}
