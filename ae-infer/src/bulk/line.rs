//! Memory in which the samples of a tile lie side by side.

/// Samples in a tile: so many that reading the weights is a small part of the work.
pub(super) const SAMPLES: usize = 32;

/// A word of each sample of a tile: an i32 sum, an f32, or four consecutive bytes
/// of the int8 contract, the first in the lowest bits. Such a byte is the value plus 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Line(pub(super) [u32; SAMPLES]);

impl Line {
    pub(super) const ZERO: Self = Self([0; SAMPLES]);

    /// Elements of scratch that surely hold `count` lines, wherever it begins.
    pub(super) fn elements<E>(count: usize) -> usize {
        let bytes = count.saturating_mul(size_of::<Self>()).saturating_add(align_of::<Self>());
        bytes.div_ceil(size_of::<E>().max(1))
    }

    /// The lines in a scratch.
    #[allow(unsafe_code, reason = "a scratch is in elements, a kernel takes lines")]
    pub(super) fn within<E: Plain>(scratch: &mut [E]) -> &mut [Self] {
        // SAFETY: any bits make a `Line`, and any bits that are written to it make an `E`.
        let (_, lines, _) = unsafe { scratch.align_to_mut() };
        lines
    }
}

/// A number for which any bits will do.
///
/// # Safety
/// It has no padding, and no bits that are invalid.
#[allow(unsafe_code, reason = "what `Line::within` relies on")]
pub unsafe trait Plain: Copy {}

#[allow(unsafe_code, reason = "what `Line::within` relies on")]
// SAFETY: an integer.
unsafe impl Plain for i8 {}
#[allow(unsafe_code, reason = "what `Line::within` relies on")]
// SAFETY: a float may have any bits.
unsafe impl Plain for f32 {}
