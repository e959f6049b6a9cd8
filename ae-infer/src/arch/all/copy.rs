//! What a position of a convolution reads, side by side.
//!
//! This is the place of a core's own function: a module with the same items.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use super::convolution::Rows;

/// Copies rows, the first value of which is the first of `x`, to where `places` begins.
#[inline(always)]
pub(crate) fn rows(rows: &Rows, x: &[u8], places: &mut [u8]) {
    let (mut at, mut from) = (0_usize, 0_usize);
    for _ in 0..rows.rows {
        let places = places.get_mut(at..at.wrapping_add(rows.run)).unwrap_or_default();
        let values = x.get(from..from.wrapping_add(rows.run)).unwrap_or_default();
        copy(places, values, rows.flipped);
        at = at.wrapping_add(rows.pitch);
        from = from.wrapping_add(rows.step);
    }
}

/// Copies values, words where they lie on boundaries.
#[inline(always)]
fn copy(places: &mut [u8], values: &[u8], flipped: u8) {
    if let Ok(words) = bytemuck::try_cast_slice::<u8, u32>(values)
        && let Ok(places) = bytemuck::try_cast_slice_mut::<u8, u32>(places)
    {
        let flipped = u32::from_le_bytes([flipped; 4]);
        places.iter_mut().zip(words).for_each(|(place, word)| *place = word ^ flipped);
    } else {
        places.iter_mut().zip(values).for_each(|(place, value)| *place = value ^ flipped);
    }
}
