//! Writes a blob (`FORMAT.md`, "Layout", "Header" and "Body").

use crate::arithmetic::Arithmetic;
use crate::blob::{Blob, Part};
use crate::seal::{HEADER_BYTES, seal};
use crate::spatial;
use crate::varint::{push_varint, varint};

impl<A: Arithmetic> Blob<A> {
    /// The blob's bytes. Nothing is checked: what breaks a rule of the format can be written too.
    ///
    /// # Panics
    /// If there is no part, or a part has no layer.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut blob = self.header();
        assert_eq!(blob.len(), HEADER_BYTES, "bytes of the header");
        // The input is pixels.
        blob.push(0);
        let tool = self.tool.as_bytes();
        for bytes in [&self.latent_map, tool, &self.config, &self.data, &self.detection] {
            push_slice(bytes, &mut blob);
        }
        for part in [&self.encoder, &self.decoder] {
            blob.push(part.is_some().into());
            part.iter().for_each(|part| part.push(&mut blob));
        }
        seal(&mut blob);
        blob
    }

    /// The header, with zeros for length and checksum.
    fn header(&self) -> Vec<u8> {
        let parts = self.parts();
        let sizes = self.sizes();
        let [encoder, decoder] = sizes.scratch;
        let mut header = b"\x89AEB\x0d\x0a\x1a\x0a\x04\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        header.extend([A::CONTRACT, parts].into_iter().flat_map(u16::to_le_bytes));
        header.extend(self.model_id);
        let numbers = [sizes.features, sizes.latent, encoder, decoder];
        header.extend(numbers.into_iter().flat_map(|number| (number as u32).to_le_bytes()));
        header
    }
}

impl<A: Arithmetic> Part<A> {
    fn push(&self, blob: &mut Vec<u8>) {
        push_number(self.layers.len(), blob);
        for layer in &self.layers {
            push_number(layer.inputs, blob);
            push_number(layer.outputs, blob);
            spatial::write(layer.spatial.as_ref(), blob);
            push_varint(layer.digest.into(), 0, blob);
            layer.arithmetic.write(blob);
            let data = layer.arithmetic.data(layer.shape().inputs);
            // The length of the padding takes a byte; behind the padding stands that of the data.
            let unpadded = blob.len() + 1 + varint(data.len() as u64).len();
            let pad = unpadded.next_multiple_of(16) - unpadded;
            push_slice(&vec![0; pad], blob);
            push_slice(&data, blob);
        }
        push_slice(&self.test_input, blob);
    }
}

/// Adds a length and as many bytes.
pub(crate) fn push_slice(bytes: &[u8], to: &mut Vec<u8>) {
    push_number(bytes.len(), to);
    to.extend(bytes);
}

/// Adds a number of seven bits a byte.
pub(crate) fn push_number(number: usize, to: &mut Vec<u8>) {
    push_varint(number as u64, 0, to);
}
