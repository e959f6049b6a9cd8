//! Postcard values read so that only one encoding of each is accepted.

use postcard::ser_flavors::Size;
use serde::{Deserialize, Serialize};

use crate::error::LoadError;

/// Reads values of the blob's body front to back and knows at which offset of the blob it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(rest: &'a [u8], offset: usize) -> Self {
        Self { rest, offset }
    }

    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// That no byte is left.
    pub(crate) fn finish(&self) -> Result<(), LoadError> {
        match self.remaining() {
            0 => Ok(()),
            count => Err(LoadError::TrailingBytes { offset: self.offset, count }),
        }
    }

    /// The next value, refused unless it stands in its shortest encoding: postcard itself also
    /// accepts varints with superfluous bytes. Nothing else of a value has two encodings, and of one
    /// length a varint has one, so it is enough to compare lengths.
    pub(crate) fn take<T: Deserialize<'a> + Serialize>(&mut self) -> Result<T, LoadError> {
        let (left, offset) = (self.rest.len(), self.offset);
        let value = self.take_again()?;
        if serialized_size(&value) == left.saturating_sub(self.rest.len()) {
            Ok(value)
        } else {
            Err(LoadError::NotCanonical { offset })
        }
    }

    /// The next value without the second look, for bytes that [`Reader::take`] has accepted.
    pub(crate) fn take_again<T: Deserialize<'a>>(&mut self) -> Result<T, LoadError> {
        self.read().ok_or(LoadError::Malformed { offset: self.offset })
    }

    /// The same for who knows what to do without a value.
    pub(crate) fn read<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let (value, rest) = postcard::take_from_bytes(self.rest).ok()?;
        self.offset = self.offset.saturating_add(self.rest.len().saturating_sub(rest.len()));
        self.rest = rest;
        Some(value)
    }
}

/// Bytes of a value in postcard. Counting does not fail for the types of this crate.
pub(crate) fn serialized_size<T: Serialize>(value: &T) -> usize {
    postcard::serialize_with_flavor(value, Size::default()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::Reader;
    use crate::error::LoadError;

    #[test]
    fn takes_values_in_order_and_counts_offsets() {
        let mut reader = Reader::new(&[0x80, 0x01, 2, b'h', b'i'], 10);
        assert_eq!(reader.take::<u32>(), Ok(128));
        assert_eq!(reader.offset(), 12);
        assert_eq!(reader.take::<&[u8]>(), Ok(&b"hi"[..]));
        assert_eq!(reader.remaining(), 0);
        assert_eq!(reader.take::<u32>(), Err(LoadError::Malformed { offset: 15 }));
    }

    #[test]
    fn refuses_a_varint_with_a_superfluous_byte() {
        // 0x85 0x00 is 5 in two bytes; postcard takes it, the canonical form is 0x05.
        let mut reader = Reader::new(&[0x85, 0x00], 0);
        assert_eq!(reader.take::<u32>(), Err(LoadError::NotCanonical { offset: 0 }));
    }
}
