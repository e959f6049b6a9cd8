//! The portable kernel: safe and obvious, what every other kernel is compared with.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use ae_core::{Channel, Int8, Layer, Requant};

use crate::arch::{self, Input};
use crate::one_hot::{Largest, mark};

/// Its name.
pub(crate) const NAME: &str = "portable";

/// Computes a layer in any layout, or one-hot, weight by weight: slow, and obvious.
#[inline(never)]
pub(crate) fn dense<'a>(layer: &Layer<'a, Int8<'a>>, x: Input<'_>, y: &mut [u8]) {
    let weights = layer.weights();
    let mut largest = layer.arithmetic().is_one_hot().then_some(Largest::NONE);
    for (output, y) in y.iter_mut().enumerate() {
        let products = x
            .values()
            .enumerate()
            .map(|(input, x)| i32::from(weights.at(output, input)).wrapping_mul(x));
        let channel = layer.channel(&weights, output);
        // The loader has shown that no order of these additions leaves i32.
        let sum = products.fold(0, i32::wrapping_add);
        match &mut largest {
            Some(largest) => largest.see(output, channel.bias.wrapping_add(sum)),
            None => *y = finish(&channel, sum),
        }
    }
    if let Some(largest) = largest {
        mark(largest.place(), y);
    }
}

/// An output: the sum becomes i8, and a byte by its channel's table.
#[inline(always)]
pub(crate) fn finish(channel: &Channel<'_>, sum: i32) -> u8 {
    // The loader has shown that no sum leaves i32, with its bias.
    finish_sum(channel.requant, channel.table, channel.bias.wrapping_add(sum))
}

/// The same of a sum that holds its bias.
#[inline(always)]
pub(crate) fn finish_sum(requant: Requant, table: Option<&[u8; 256]>, sum: i32) -> u8 {
    let value = arch::requantise(requant, sum) as u8;
    // The table's first entry is that of −128.
    let place = usize::from(value ^ 0x80);
    table.map_or(value, |table| table.get(place).copied().unwrap_or_default())
}

/// Puts outputs through the layer's tables: those of a position, from output `first` on.
#[inline(never)]
pub(crate) fn look_up_from(layer: &Layer<'_, Int8<'_>>, first: usize, y: &mut [u8]) {
    let span = layer.table_span();
    let (mut rest, mut before) = (y, first);
    for table in layer.arithmetic().tables() {
        // A counter, not a division: the smallest cores have none.
        if before >= span {
            before = before.wrapping_sub(span);
            continue;
        }
        let own = span.wrapping_sub(before).min(rest.len());
        let (own, behind) = rest.split_at_mut_checked(own).unwrap_or_default();
        arch::look_up(table, own);
        (rest, before) = (behind, 0);
    }
}

/// Brings a sum back to i8.
pub(crate) fn requantise(requant: Requant, sum: i32) -> i8 {
    requant.apply(sum)
}

/// [`requantise`] for cores that multiply no two words into a long one.
pub(crate) fn requantise_in_halves(requant: Requant, sum: i32) -> i8 {
    requant.apply_in_halves(sum)
}

/// No layer is computed as a whole.
pub(crate) fn takes(_layer: &Layer<'_, Int8<'_>>) -> bool {
    false
}

/// No layer is computed as a whole.
pub(crate) fn whole_layer(
    _layer: &Layer<'_, Int8<'_>>,
    _x: Input<'_>,
    _y: &mut [u8],
    _room: &mut [i8],
) -> bool {
    false
}

/// Replaces bytes: i8 by their entries in a table, the first of which is that of −128.
#[inline(never)]
pub(crate) fn look_up(table: &[u8; 256], bytes: &mut [u8]) {
    let look_up = |byte: &mut u8| {
        *byte = table.get(usize::from(*byte ^ 0x80)).copied().unwrap_or_default();
    };
    // Several together: small cores count the rest of a loop as much as what it does.
    let (fours, rest) = bytes.as_chunks_mut::<4>();
    fours.iter_mut().flatten().for_each(look_up);
    rest.iter_mut().for_each(look_up);
}

/// Rows that are summed side by side.
pub(crate) const ROWS: usize = 1;

/// The sum of one row, of products with i8.
pub(crate) fn sums_i8(row: &[u8], x: &[i8]) -> [i32; ROWS] {
    [sum(row, x.iter().map(|&x| i32::from(x)))]
}

/// The sum of one row, of products with pixels.
pub(crate) fn sums_u8(row: &[u8], x: &[u8]) -> [i32; ROWS] {
    [sum(row, x.iter().map(|&x| i32::from(x).wrapping_sub(128)))]
}

#[inline(always)]
fn sum(row: &[u8], x: impl Iterator<Item = i32>) -> i32 {
    // A product is at most 128 · 128 in magnitude, and of the sum the loader has shown the bound.
    let products = row.iter().zip(x).map(|(&weight, x)| i32::from(weight as i8).wrapping_mul(x));
    products.fold(0, i32::wrapping_add)
}
