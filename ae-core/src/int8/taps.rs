//! The data of a depthwise convolution: tap after tap.

use super::{Rows, check_channel};
use crate::error::LayerError;

/// The data of a depthwise convolution: for each tap the weights of all channels, a byte each; behind
/// them zeros, biases, multipliers and shifts as in [`Layout::Rows`](crate::Layout::Rows).
#[derive(Debug, Clone, Copy)]
pub struct Taps<'a> {
    channels: usize,
    weights: &'a [u8],
    rows: Rows<'a>,
}

impl<'a> Taps<'a> {
    pub(super) fn new(taps: usize, channels: usize, data: &'a [u8]) -> Self {
        let rows = Rows::new(taps, channels, data);
        Self { channels, weights: rows.block(0, channels).unwrap_or_default(), rows }
    }

    /// The weights of all channels for a tap, each byte an i8; none where there is no such tap.
    #[must_use]
    pub fn tap(&self, tap: usize) -> &'a [u8] {
        self.weights.chunks_exact(self.channels.max(1)).nth(tap).unwrap_or_default()
    }

    /// The weights of all taps, those of one after those of the other.
    #[must_use]
    pub fn weights(&self) -> &'a [u8] {
        self.weights
    }

    /// Biases, multipliers and shifts, which stand as in rows.
    #[must_use]
    pub fn parameters(&self) -> &Rows<'a> {
        &self.rows
    }

    /// Whether every channel can be run on any input.
    #[inline(never)]
    pub(super) fn check(taps: usize, channels: usize, data: &'a [u8]) -> Result<(), LayerError> {
        let found = Self::new(taps, channels, data);
        found.rows.check_padding()?;
        (0..channels).try_for_each(|channel| {
            let mut magnitude = 0_u32;
            for &weight in found.weights.iter().skip(channel).step_by(channels.max(1)) {
                let weight = weight as i8;
                if weight == i8::MIN {
                    return Err(LayerError::WeightRange { channel });
                }
                // At most 127 · MAX_WIDTH, far below 2^32.
                magnitude = magnitude.wrapping_add(u32::from(weight.unsigned_abs()));
            }
            check_channel(channel, magnitude, &found.rows.parameters(channel))
        })
    }
}
