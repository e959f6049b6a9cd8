//! Where the values of short fields lie, lane by lane of the registers that hold them.

use crate::arch::all::convolution::Rows;

/// The most values that a position reads.
pub(super) const MOST: usize = 32;

/// Where the values of a field lie.
#[repr(C)]
pub(super) struct Lanes {
    /// What the values differ by from what is read: the bits that are flipped, or the padding where nothing
    /// is read, and 0 behind the last one.
    pub(super) differences: [u8; MOST],
    /// How far behind the first one each of them is.
    pub(super) offsets: [u8; MOST],
}

/// Of fields whose values lie side by side, and are read as they are.
pub(super) static SIDE_BY_SIDE: Lanes = Lanes::NONE;

impl Lanes {
    pub(super) const NONE: Self = Self { differences: [0; MOST], offsets: [0; MOST] };

    /// Of rows in the map, between which and around which lies padding; and the masks of what is read.
    pub(super) fn fill(&mut self, rows: &Rows, inputs: usize, padding: u8) -> [u32; 2] {
        let lanes = self.differences.iter_mut().zip(&mut self.offsets).take(inputs);
        lanes.for_each(|(difference, _)| *difference = padding);
        let (mut mask, mut at, mut from) = (0_u32, rows.at, 0_usize);
        for _ in 0..rows.rows {
            let lanes = self.differences.iter_mut().zip(&mut self.offsets).skip(at).take(rows.run);
            for ((difference, place), offset) in lanes.zip(from..) {
                (*difference, *place) = (rows.flipped, offset as u8);
            }
            mask |= ones(rows.run) << (at & 31);
            at = at.wrapping_add(rows.pitch);
            from = from.wrapping_add(rows.step);
        }
        halves(mask)
    }
}

/// The masks of so many values.
pub(super) fn first(values: usize) -> [u32; 2] {
    halves(ones(values))
}

fn ones(count: usize) -> u32 {
    u32::MAX.checked_shr(MOST.saturating_sub(count) as u32).unwrap_or_default()
}

fn halves(mask: u32) -> [u32; 2] {
    [mask & 0xffff, mask >> 16]
}
