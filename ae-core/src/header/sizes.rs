//! Sizes in a header before the body has been read.
//!
//! A program makes buffers of these sizes before the loader sees the body, so they are held against
//! what can be known without it.

use super::Header;
use crate::contract::Contract;
use crate::error::LoadError;
use crate::format::MAX_WIDTH;

/// Most elements between layers: a layer's input and output, what two positions read in 16 bits, and
/// what they give.
const MAX_SCRATCH: usize = 2 * MAX_WIDTH + 4 * (MAX_WIDTH + 1) + 2 * (MAX_WIDTH + 1) + 4;

impl Header {
    /// The header itself, if a blob of `len` bytes can have its sizes.
    ///
    /// A part has a test input of as many values as it takes, a pixel a byte; and int8 latents have
    /// a map of eight bytes each. Nothing else must be as long as a buffer: a layer may use a few
    /// weights at many positions.
    ///
    /// # Errors
    /// The first size that is below 1, or above what the format or the length allows.
    pub(super) const fn check_sizes(self, len: usize) -> Result<Self, LoadError> {
        let pixel = if self.has_encoder { 1 } else { 0 };
        let latent = match self.contract {
            Contract::Int8 => 8,
            Contract::F32 if self.has_decoder => self.contract.element_bytes(),
            Contract::F32 => 0,
        };
        let sizes = [
            ("features", self.features, 1, pixel, MAX_WIDTH),
            ("latent", self.latent, 1, latent, MAX_WIDTH),
            ("encoder_scratch", self.encoder_scratch, 0, 0, MAX_SCRATCH),
            ("decoder_scratch", self.decoder_scratch, 0, 0, MAX_SCRATCH),
        ];
        let mut rest: &[_] = &sizes;
        while let [(field, found, least, bytes, most), others @ ..] = rest {
            let (field, found, least) = (*field, *found, *least);
            let by_len = match len.checked_div(*bytes) {
                Some(elements) => elements,
                None => *most,
            };
            let limit = if by_len < *most { by_len as u32 } else { *most as u32 };
            if found < least || found > limit {
                return Err(LoadError::HeaderSize { field, least, limit, found });
            }
            rest = others;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, MAX_SCRATCH, MAX_WIDTH};
    use crate::contract::Contract;
    use crate::error::LoadError;
    use crate::geometry::{Axis, Geometry, Layout, Spatial, SpatialKind, Storage};

    const HEADER: Header = Header {
        total_len: 1000,
        checksum: 0,
        contract: Contract::F32,
        has_encoder: true,
        has_decoder: true,
        in_strips: false,
        model_id: [0; 16],
        features: 1000,
        latent: 250,
        encoder_scratch: 0,
        decoder_scratch: 250,
    };

    fn refused(header: Header, len: usize) -> &'static str {
        match header.check_sizes(len) {
            Ok(_) => "",
            Err(LoadError::HeaderSize { field, .. }) => field,
            Err(_) => "another error",
        }
    }

    #[test]
    fn test_inputs_and_latent_map_are_in_the_blob() {
        assert_eq!(refused(HEADER, 1000), "");
        assert_eq!(refused(HEADER, 999), "features");
        assert_eq!(refused(Header { has_encoder: false, ..HEADER }, 1000), "");
        assert_eq!(refused(Header { features: 0, ..HEADER }, 1000), "features");
        let latent = |latent, contract| Header { latent, contract, ..HEADER };
        assert_eq!(refused(latent(251, Contract::F32), 1000), "latent");
        assert_eq!(refused(latent(125, Contract::Int8), 1000), "");
        assert_eq!(refused(latent(126, Contract::Int8), 1000), "latent");
        let encoder = Header { has_decoder: false, ..latent(251, Contract::F32) };
        assert_eq!(refused(encoder, 1000), "");
        assert_eq!(refused(Header { latent: 0, ..encoder }, 1000), "latent");
    }

    #[test]
    fn no_buffer_is_larger_than_the_format_allows() {
        let over = |most: usize| u32::try_from(most + 1).unwrap();
        let len = 1 << 30;
        assert_eq!(refused(Header { features: over(MAX_WIDTH), ..HEADER }, len), "features");
        assert_eq!(refused(Header { latent: over(MAX_WIDTH), ..HEADER }, len), "latent");
        let encoder = Header { has_decoder: false, latent: over(MAX_WIDTH), ..HEADER };
        assert_eq!(refused(encoder, len), "latent");
        let scratch = Header { encoder_scratch: over(MAX_SCRATCH), ..HEADER };
        assert_eq!(refused(scratch, len), "encoder_scratch");
        let scratch = Header { decoder_scratch: u32::MAX, ..HEADER };
        assert_eq!(refused(scratch, len), "decoder_scratch");
        let most = Header { encoder_scratch: over(MAX_SCRATCH) - 1, ..HEADER };
        assert_eq!(refused(most, 1000), "");
    }

    /// A transposed convolution in row pairs, whose positions read all that there may be and give as
    /// much as the products allow, takes nearly the most.
    #[test]
    fn no_layer_takes_more_than_the_most_scratch() {
        let width = Axis { kernel: 65_535, before: 65_534, interleave: 16_384, ..Axis::ONE };
        let width = Axis { inputs: 65_535, outputs: 16_384, ..width };
        let layer = Spatial {
            kind: SpatialKind::Convolution,
            channels_in: 1,
            channels_out: 1,
            height: Axis::ONE,
            width,
        };
        let layer = Geometry::Spatial(layer);
        assert_eq!(layer.check(), Ok(()));
        let room = layer.room(Storage::Int8(Layout::RowPairs));
        let left = MAX_SCRATCH - (layer.inputs() + room + layer.outputs());
        assert_eq!(left, 3 * (65_535 - 16_384) + 2);
        for storage in [Storage::Int8(Layout::Rows), Storage::F32] {
            assert!(layer.inputs() + layer.room(storage) + layer.outputs() <= MAX_SCRATCH);
        }
    }
}
