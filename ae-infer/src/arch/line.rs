//! Memory in which the samples of a tile lie side by side.

#[cfg(ae_kernel = "host")]
use ae_core::Activation;
use bytemuck::{Pod, Zeroable};

#[cfg(ae_kernel = "host")]
use super::{TileKernel, tile::Kernel};

/// Samples in a tile. With this many, reading the weights is a small part of the work.
pub(crate) const SAMPLES: usize = 32;

/// A word of each sample of a tile: an i32 sum, an f32, or four consecutive bytes
/// of the int8 contract, the first in the lowest bits. Such a byte is the value plus 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Line(pub(crate) [u32; SAMPLES]);

impl Line {
    pub(crate) const ZERO: Self = Self([0; SAMPLES]);

    /// Elements of scratch that surely hold `count` lines, wherever it begins.
    pub(crate) fn elements<E>(count: usize) -> usize {
        let bytes = count.saturating_mul(size_of::<Self>()).saturating_add(align_of::<Self>());
        bytes.div_ceil(size_of::<E>().max(1))
    }

    /// The lines in a scratch, which is in elements.
    pub(crate) fn within<E: Pod>(scratch: &mut [E]) -> &mut [Self] {
        bytemuck::pod_align_to_mut(scratch).1
    }
}

/// The activation of the numbers of one sample, which stand in a line as those of many. Gives `false`
/// where no kernel computes it sooner.
#[cfg(ae_kernel = "host")]
pub(crate) fn activate(activation: Activation, numbers: &mut [f32]) -> bool {
    let is_slow = matches!(activation, Activation::Gelu | Activation::Silu | Activation::Sigmoid);
    let Some(kernel) = TileKernel::detect().filter(|_| is_slow) else { return false };
    for numbers in numbers.chunks_mut(SAMPLES) {
        let mut line = [Line::ZERO];
        let [Line(words)] = &mut line;
        words.iter_mut().zip(numbers.iter()).for_each(|(word, number)| *word = number.to_bits());
        kernel.activate(activation, &mut line);
        let [Line(words)] = line;
        numbers.iter_mut().zip(words).for_each(|(to, word)| *to = f32::from_bits(word));
    }
    true
}

#[allow(unsafe_code, reason = "what `Line::within` relies on")]
// SAFETY: zeros are words.
unsafe impl Zeroable for Line {}
#[allow(unsafe_code, reason = "what `Line::within` relies on")]
// SAFETY: any bits are words, whose 128 bytes fill two times the alignment without padding.
unsafe impl Pod for Line {}
