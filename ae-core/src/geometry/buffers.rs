//! The memory that running a model takes.

use super::Chain;
use crate::contract::Contract;

/// The buffers that whoever runs a model provides, in elements: an `i8` in the int8 contract, an
/// `f32` in the f32 contract. Pixels are bytes in both.
///
/// ```
/// use ae_core::{Buffers, Chain, Contract, Geometry, Storage};
///
/// let (mut encoder, mut decoder) = (Chain::new(), Chain::new());
/// for (chain, widths) in [(&mut encoder, [12, 7, 3]), (&mut decoder, [3, 7, 12])] {
///     chain.push(Geometry::dense(widths[0], widths[1]), Storage::F32)?;
///     chain.push(Geometry::dense(widths[1], widths[2]), Storage::F32)?;
/// }
/// let buffers = Buffers::of(Contract::F32, Some(&encoder), Some(&decoder));
/// // Seven hidden values, and the latent between the parts.
/// assert_eq!(buffers.scratch_bytes(), 4 * (7 + 3));
/// assert_eq!(buffers.total_bytes(1), 12 + 12 + 40);
/// assert_eq!(buffers.total_bytes(8), 16 + 16 + 40);
/// # Ok::<(), ae_core::LayerError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffers {
    /// The contract, which says what an element is.
    pub contract: Contract,
    /// Pixels of one input, and of one reconstruction.
    pub features: usize,
    /// Latent values.
    pub latent: usize,
    /// Elements that encoding alone holds between layers; 0 without an encoder.
    pub encoder_scratch: usize,
    /// Elements that decoding alone holds between layers; 0 without a decoder.
    pub decoder_scratch: usize,
}

impl Buffers {
    /// The buffers of a model with these parts.
    #[must_use]
    pub const fn of(contract: Contract, encoder: Option<&Chain>, decoder: Option<&Chain>) -> Self {
        const NONE: Chain = Chain::new();
        let encoder = match encoder {
            Some(chain) => chain,
            None => &NONE,
        };
        let decoder = match decoder {
            Some(chain) => chain,
            None => &NONE,
        };
        Self {
            contract,
            features: larger(encoder.inputs(), decoder.outputs()),
            latent: larger(encoder.outputs(), decoder.inputs()),
            encoder_scratch: encoder.scratch(),
            decoder_scratch: decoder.scratch(),
        }
    }

    /// Elements of scratch that every operation can do with: the larger of both parts', and the
    /// latent between them.
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        larger(self.encoder_scratch, self.decoder_scratch).saturating_add(self.latent)
    }

    /// Bytes of the latent.
    #[must_use]
    pub const fn latent_bytes(&self) -> u64 {
        self.bytes(self.latent)
    }

    /// Bytes of the scratch for encoding alone.
    #[must_use]
    pub const fn encoder_scratch_bytes(&self) -> u64 {
        self.bytes(self.encoder_scratch)
    }

    /// Bytes of the scratch for decoding alone.
    #[must_use]
    pub const fn decoder_scratch_bytes(&self) -> u64 {
        self.bytes(self.decoder_scratch)
    }

    /// Bytes of the scratch for every operation.
    #[must_use]
    pub const fn scratch_bytes(&self) -> u64 {
        self.bytes(self.scratch_len())
    }

    /// Bytes of input, reconstruction and scratch, where each begins on a multiple of `alignment`
    /// bytes.
    #[must_use]
    pub const fn total_bytes(&self, alignment: u64) -> u64 {
        let image = round_up(self.features as u64, alignment);
        image.saturating_mul(2).saturating_add(round_up(self.scratch_bytes(), alignment))
    }

    const fn bytes(&self, elements: usize) -> u64 {
        (elements as u64).saturating_mul(self.contract.element_bytes() as u64)
    }
}

pub(super) const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// The next multiple of `unit`; `bytes` itself where there is none.
const fn round_up(bytes: u64, unit: u64) -> u64 {
    match bytes.checked_next_multiple_of(unit) {
        Some(rounded) => rounded,
        None => bytes,
    }
}
