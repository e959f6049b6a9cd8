//! Postcard values read so that only one encoding of each is accepted.

use postcard::ser_flavors::Flavor;
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

    /// The next value, refused unless encoding it again gives the same bytes: postcard itself
    /// also accepts varints with superfluous bytes.
    pub(crate) fn take<T: Deserialize<'a> + Serialize>(&mut self) -> Result<T, LoadError> {
        let (whole, start) = (self.rest, self.offset);
        let value = self.take_checked_before().ok_or(LoadError::Malformed { offset: start })?;
        let length = whole.len().saturating_sub(self.rest.len());
        let taken = whole.get(..length).unwrap_or_default();
        match postcard::serialize_with_flavor(&value, Compare { expected: taken }) {
            Ok(true) => Ok(value),
            _ => Err(LoadError::NotCanonical { offset: start }),
        }
    }

    /// The next value without the second look, for bytes that [`Reader::take`] has accepted.
    pub(crate) fn take_checked_before<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let (value, rest) = postcard::take_from_bytes(self.rest).ok()?;
        self.offset = self.offset.saturating_add(self.rest.len().saturating_sub(rest.len()));
        self.rest = rest;
        Some(value)
    }
}

/// A flavour that compares what is serialised with `expected` and stores nothing.
struct Compare<'a> {
    expected: &'a [u8],
}

impl Flavor for Compare<'_> {
    /// Whether every expected byte came.
    type Output = bool;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.expected =
            self.expected.strip_prefix(bytes).ok_or(postcard::Error::SerializeBufferFull)?;
        Ok(())
    }

    fn finalize(self) -> postcard::Result<bool> {
        Ok(self.expected.is_empty())
    }
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
