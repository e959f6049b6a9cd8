//! The only output of a convolution, of neighbouring positions, from bytes where they lie in the map.
//!
//! This is the place of two functions of a core's own, [`outputs`] and [`sums`]: modules with the same items.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use core::slice::from_mut;

use super::dense_rows::DenseRows;
use crate::arch::int8_single;

/// Rows of values of positions.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Shape {
    /// Values of a row, and rows, at least one of each.
    pub(crate) run: usize,
    pub(crate) rows: usize,
    /// Values from a row to the next, and from a position to the next.
    pub(crate) step: usize,
    pub(crate) advance: usize,
}

impl Shape {
    /// Whether these are all weights, and `x` holds all values of two positions.
    pub(crate) fn fits(&self, weights: &[u8], x: &[u8]) -> bool {
        self.fits_pairs(weights, x, 1)
    }

    /// The same of pairs of positions, at least one.
    pub(crate) fn fits_pairs(&self, weights: &[u8], x: &[u8], pairs: usize) -> bool {
        let further = self.rows.wrapping_sub(1);
        let reach = self.step.wrapping_mul(further).wrapping_add(self.run);
        let advance = self.advance.saturating_mul(pairs.saturating_mul(2).wrapping_sub(1));
        self.run > 0
            && self.rows > 0
            && weights.len() == self.rows.wrapping_mul(self.run)
            && x.len() >= reach.saturating_add(advance)
    }
}

/// Computes the outputs of as many positions as `y` has room for, which is an even number.
#[inline(never)]
pub(crate) fn outputs(rows: &DenseRows<'_>, x: &[u8], shape: &Shape, y: &mut [u8]) {
    let mut first = 0_usize;
    for [one, other] in y.as_chunks_mut().0 {
        let x = x.get(first..).unwrap_or_default();
        let sums = int8_single::sums(rows.weights, x, shape);
        rows.finish_pair(0, sums, [from_mut(one), from_mut(other)]);
        first = first.wrapping_add(shape.advance.wrapping_mul(2));
    }
}

/// The sums of both positions.
#[inline(never)]
pub(crate) fn sums(weights: &[u8], x: &[u8], shape: &Shape) -> [i32; 2] {
    let mut sums = [0; 2];
    let mut first = 0_usize;
    for weights in weights.chunks(shape.run.max(1)) {
        let one = x.get(first..).unwrap_or_default();
        let other = one.get(shape.advance..).unwrap_or_default();
        add_row(weights, [one, other].map(bytemuck::must_cast_slice), &mut sums);
        first = first.wrapping_add(shape.step);
    }
    sums
}

/// Adds the products of weights with values of both positions.
#[inline(always)]
pub(super) fn add_row(weights: &[u8], [one, other]: [&[i8]; 2], sums: &mut [i32; 2]) {
    let [mut sum, mut second] = *sums;
    for ((&weight, &x), &second_x) in weights.iter().zip(one).zip(other) {
        let weight = i32::from(weight as i8);
        // The loader has shown that no order of these additions leaves i32.
        sum = sum.wrapping_add(weight.wrapping_mul(x.into()));
        second = second.wrapping_add(weight.wrapping_mul(second_x.into()));
    }
    *sums = [sum, second];
}
