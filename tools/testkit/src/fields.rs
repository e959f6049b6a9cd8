//! A blob taken apart into named fields, which can be changed and put together again.

use crate::float::F32;
use crate::int8::Int8;
use crate::reader;
use crate::seal::{HEADER_BYTES, seal};

/// A run of bytes with one meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it belongs, such as `encoder.1.shift[0]`.
    pub name: String,
    /// What its bytes are.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its value, for a reader.
    pub value: String,
}

/// What the bytes of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes of no order.
    Bytes,
    /// A number of fixed length, little-endian.
    Number,
    /// Numbers of type f32, little-endian.
    Reals,
    /// An unsigned integer of seven bits a byte.
    Varint,
}

/// All fields of a blob in order. Their bytes one after the other are the blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// Takes a valid blob of either contract apart.
    ///
    /// # Panics
    /// If the blob is not valid.
    #[must_use]
    pub fn of(blob: &[u8]) -> Self {
        assert!(blob.len() >= HEADER_BYTES, "a header");
        Self(match blob[20] {
            1 => reader::fields::<Int8>(blob),
            _ => reader::fields::<F32>(blob),
        })
    }

    /// The fields in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Field] {
        &self.0
    }

    /// The bytes of a field, to read or to change.
    ///
    /// # Panics
    /// If there is no such field.
    pub fn bytes(&mut self, name: &str) -> &mut Vec<u8> {
        let field = self.0.iter_mut().find(|field| field.name == name);
        &mut field.unwrap_or_else(|| panic!("no field {name}")).bytes
    }

    /// The offset of a field in the blob.
    ///
    /// # Panics
    /// If there is no such field.
    #[must_use]
    pub fn offset(&self, name: &str) -> usize {
        let before = self.0.iter().take_while(|field| field.name != name);
        let offset = before.map(|field| field.bytes.len()).sum();
        assert!(self.0.iter().any(|field| field.name == name), "no field {name}");
        offset
    }

    /// Puts `bytes` in place of a field's.
    ///
    /// # Panics
    /// If there is no such field.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        *self.bytes(name) = bytes.into();
        self
    }

    /// Removes all fields whose name begins with `prefix`.
    #[must_use]
    pub fn without(mut self, prefix: &str) -> Self {
        self.0.retain(|field| !field.name.starts_with(prefix));
        self
    }

    /// Chooses all paddings anew, so that every data section is on its boundary again.
    #[must_use]
    pub fn realigned(mut self) -> Self {
        let mut offset = 0;
        for index in 0..self.0.len() {
            if self.0[index].name.ends_with(".pad") {
                // Behind the padding stands the length of the data, then the data.
                let data_at = offset + self.0[index + 1].bytes.len();
                let pad = data_at.wrapping_neg() % 16;
                self.0[index].bytes = vec![0; pad];
                self.0[index - 1].bytes = vec![pad as u8];
            }
            offset += self.0[index].bytes.len();
        }
        self
    }

    /// The bytes of all fields.
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        self.0.iter().flat_map(|field| field.bytes.iter().copied()).collect()
    }

    /// The bytes of all fields under a true length and checksum.
    #[must_use]
    pub fn sealed(&self) -> Vec<u8> {
        let mut blob = self.joined();
        seal(&mut blob);
        blob
    }
}
