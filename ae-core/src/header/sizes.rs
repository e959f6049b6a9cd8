//! Sizes in a header before the body has been read.
//!
//! A program makes buffers of these sizes before the loader sees the body, so they are held against
//! what can be known without it.

use super::Header;
use crate::error::LoadError;
use crate::format::MAX_WIDTH;

/// Most elements between layers: a layer's input and output, and the input in 16 bits.
const MAX_SCRATCH: usize = 4 * MAX_WIDTH + 12;

impl Header {
    /// The header itself, if a blob of `len` bytes can have its sizes.
    ///
    /// No buffer of a model has more bytes than its blob: each input of a layer has weights of as
    /// many bytes as an element, each output has a bias beside them, and where inputs are widened
    /// their weights have twice the bytes.
    ///
    /// # Errors
    /// The first size that is below 1, or above what the format or the length allows.
    pub(super) const fn check_sizes(self, len: usize) -> Result<Self, LoadError> {
        let element = self.contract.element_bytes();
        let sizes = [
            ("features", self.features, 1, 1, MAX_WIDTH),
            ("latent", self.latent, 1, element, MAX_WIDTH),
            ("encoder_scratch", self.encoder_scratch, 0, element, MAX_SCRATCH),
            ("decoder_scratch", self.decoder_scratch, 0, element, MAX_SCRATCH),
        ];
        let mut rest: &[_] = &sizes;
        while let [(field, found, least, bytes, most), others @ ..] = rest {
            let (field, found, least) = (*field, *found, *least);
            let by_len = match len.checked_div(*bytes) {
                Some(elements) => elements,
                None => 0,
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

    const HEADER: Header = Header {
        total_len: 1000,
        checksum: 0,
        contract: Contract::F32,
        has_encoder: true,
        has_decoder: true,
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
    fn no_buffer_is_larger_than_the_blob() {
        assert_eq!(refused(HEADER, 1000), "");
        assert_eq!(refused(HEADER, 999), "features");
        assert_eq!(refused(Header { features: 0, ..HEADER }, 1000), "features");
        assert_eq!(refused(Header { latent: 251, ..HEADER }, 1000), "latent");
        assert_eq!(refused(Header { latent: 251, contract: Contract::Int8, ..HEADER }, 1000), "");
        assert_eq!(refused(Header { encoder_scratch: 251, ..HEADER }, 1000), "encoder_scratch");
        assert_eq!(
            refused(Header { decoder_scratch: u32::MAX, ..HEADER }, 1000),
            "decoder_scratch"
        );
    }

    #[test]
    fn no_buffer_is_larger_than_the_format_allows() {
        let over = |most: usize| u32::try_from(most + 1).unwrap();
        let len = 1 << 30;
        assert_eq!(refused(Header { features: over(MAX_WIDTH), ..HEADER }, len), "features");
        assert_eq!(refused(Header { latent: over(MAX_WIDTH), ..HEADER }, len), "latent");
        let scratch = Header { encoder_scratch: over(MAX_SCRATCH), ..HEADER };
        assert_eq!(refused(scratch, len), "encoder_scratch");
    }
}
