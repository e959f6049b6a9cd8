//! The portable int8 kernel: safe and obvious, what every other kernel is compared with.

use ae_core::{Int8, Layer};

use crate::compute::Dense;

/// An input of the int8 contract: an i8, or a pixel that stands for `p − 128`.
///
/// The sums are functions of this crate, not of whoever uses it, so a program that is built to be
/// small can still have fast sums: `[profile.release.package.ae-infer] opt-level = 3`.
pub trait Operand: Copy {
    /// `bias + Σ weight · x` over as many products as both have.
    fn sum(bias: i32, weights: &[u8], x: &[Self]) -> i32;
}

impl Operand for i8 {
    #[inline(never)]
    fn sum(bias: i32, weights: &[u8], x: &[Self]) -> i32 {
        let products = weights.iter().zip(x).map(|(&w, &x)| i32::from(w as i8) * i32::from(x));
        // The loader has shown that no order of these additions leaves i32.
        products.fold(bias, i32::wrapping_add)
    }
}

impl Operand for u8 {
    #[inline(never)]
    fn sum(bias: i32, weights: &[u8], x: &[Self]) -> i32 {
        let products =
            weights.iter().zip(x).map(|(&w, &x)| i32::from(w as i8) * (i32::from(x) - 128));
        products.fold(bias, i32::wrapping_add)
    }
}

/// What a requantised sum becomes: the next layer's i8, or a pixel.
pub trait Outcome: Sized {
    /// From the requantised sum and the channel's table.
    fn from_requantised(value: i8, table: Option<&[u8; 256]>) -> Self;
}

impl Outcome for i8 {
    fn from_requantised(value: i8, table: Option<&[u8; 256]>) -> Self {
        table.map_or(value, |table| look_up(table, value) as Self)
    }
}

impl Outcome for u8 {
    /// The loader makes sure that the decoder's last layer has a table.
    fn from_requantised(value: i8, table: Option<&[u8; 256]>) -> Self {
        table.map_or(0, |table| look_up(table, value))
    }
}

/// The table's first entry is that of −128.
fn look_up(table: &[u8; 256], value: i8) -> u8 {
    let index = (value as u8) ^ 0x80;
    table.get(usize::from(index)).copied().unwrap_or_default()
}

impl<'a, X: Operand, Y: Outcome> Dense<'a, X, Y> for Int8<'a> {
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        for (channel, output) in layer.channels().zip(y) {
            let sum = X::sum(channel.bias, channel.weights, x);
            *output = Y::from_requantised(channel.requant.apply(sum), channel.table);
        }
    }
}
