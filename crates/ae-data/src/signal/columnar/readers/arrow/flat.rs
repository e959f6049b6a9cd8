//! FlatBuffers, in which an Arrow file says what it holds.
//!
//! Code of ours, as is the rest of this reader: the library for Arrow takes memory by lengths that a file
//! states, and unpacks zstd by a library in C.

use super::{Damage, damage};

/// Bytes that are read as FlatBuffers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flat<'b>(&'b [u8]);

/// A table in them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'b> {
    all: Flat<'b>,
    at: usize,
    /// Where its fields are said to be, and how many.
    fields_at: usize,
    fields: usize,
}

/// Elements of a vector.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vector<'b> {
    all: Flat<'b>,
    at: usize,
    pub(super) len: usize,
}

impl<'b> Flat<'b> {
    /// The table that the bytes begin with.
    pub(super) fn root(bytes: &'b [u8]) -> Result<Record<'b>, Damage> {
        Self(bytes).record(0)
    }

    fn bytes<const N: usize>(self, at: usize) -> Result<[u8; N], Damage> {
        let bytes = self.0.get(at..).and_then(|rest| rest.first_chunk());
        bytes.copied().ok_or_else(|| damage(format!("its description ends before byte {at}")))
    }

    /// Where the offset at `at` leads to.
    fn behind(self, at: usize) -> Result<usize, Damage> {
        let offset = u32::from_le_bytes(self.bytes(at)?) as usize;
        at.checked_add(offset).ok_or_else(|| damage(format!("an offset of {offset}")))
    }

    /// The table that the offset at `at` leads to.
    fn record(self, at: usize) -> Result<Record<'b>, Damage> {
        let at = self.behind(at)?;
        let back = i32::from_le_bytes(self.bytes(at)?);
        let table = at as i64 - i64::from(back);
        let table = usize::try_from(table).map_err(|_| damage(format!("an offset of {back}")))?;
        let size = usize::from(u16::from_le_bytes(self.bytes(table)?));
        let fields_at = table.saturating_add(4);
        Ok(Record { all: self, at, fields_at, fields: size.saturating_sub(4) / 2 })
    }
}

impl<'b> Record<'b> {
    /// Where a field is, if it is there.
    fn place(&self, field: usize) -> Result<Option<usize>, Damage> {
        if field >= self.fields {
            return Ok(None);
        }
        let offset = u16::from_le_bytes(self.all.bytes(self.fields_at.saturating_add(2 * field))?);
        Ok((offset > 0).then(|| self.at.saturating_add(offset.into())))
    }

    fn scalar<const N: usize>(&self, field: usize) -> Result<Option<[u8; N]>, Damage> {
        self.place(field)?.map(|at| self.all.bytes(at)).transpose()
    }

    /// A number of 8 bits, or what it is where it is not said.
    pub(super) fn u8(&self, field: usize, otherwise: u8) -> Result<u8, Damage> {
        Ok(self.scalar(field)?.map_or(otherwise, |[byte]| byte))
    }

    pub(super) fn i16(&self, field: usize, otherwise: i16) -> Result<i16, Damage> {
        Ok(self.scalar(field)?.map_or(otherwise, i16::from_le_bytes))
    }

    pub(super) fn i32(&self, field: usize, otherwise: i32) -> Result<i32, Damage> {
        Ok(self.scalar(field)?.map_or(otherwise, i32::from_le_bytes))
    }

    pub(super) fn i64(&self, field: usize, otherwise: i64) -> Result<i64, Damage> {
        Ok(self.scalar(field)?.map_or(otherwise, i64::from_le_bytes))
    }

    /// A number that counts something.
    pub(super) fn count(&self, field: usize) -> Result<u64, Damage> {
        let number = self.i64(field, 0)?;
        u64::try_from(number).map_err(|_| damage(format!("{number} where a count is expected")))
    }

    pub(super) fn record(&self, field: usize) -> Result<Option<Record<'b>>, Damage> {
        self.place(field)?.map(|at| self.all.record(at)).transpose()
    }

    /// A vector of elements of so many bytes; one of none where it is not there.
    pub(super) fn vector(&self, field: usize, element_bytes: usize) -> Result<Vector<'b>, Damage> {
        let Some(at) = self.place(field)? else {
            return Ok(Vector { all: self.all, at: 0, len: 0 });
        };
        let at = self.all.behind(at)?;
        let len = u32::from_le_bytes(self.all.bytes(at)?) as usize;
        let at = at.saturating_add(4);
        let there = self.all.0.len().saturating_sub(at);
        match len.checked_mul(element_bytes).filter(|&bytes| bytes <= there) {
            Some(_) => Ok(Vector { all: self.all, at, len }),
            None => {
                Err(damage(format!("{len} elements of {element_bytes} bytes, of {there} left")))
            }
        }
    }

    /// A text, empty where it is not there.
    pub(super) fn text(&self, field: usize) -> Result<String, Damage> {
        let Vector { all, at, len } = self.vector(field, 1)?;
        let bytes = all.0.get(at..at.saturating_add(len)).unwrap_or_default();
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
}

impl<'b> Vector<'b> {
    /// The tables that a vector of offsets leads to.
    pub(super) fn records(self) -> impl Iterator<Item = Result<Record<'b>, Damage>> {
        (0..self.len).map(move |at| self.all.record(self.at.saturating_add(4 * at)))
    }

    /// The two numbers of each element of 16 bytes.
    pub(super) fn pairs(self) -> impl Iterator<Item = Result<[i64; 2], Damage>> {
        (0..self.len).map(move |at| {
            let at = self.at.saturating_add(16 * at);
            let number = |at| self.all.bytes(at).map(i64::from_le_bytes);
            Ok([number(at)?, number(at.saturating_add(8))?])
        })
    }

    /// The first number of each element of 24 bytes: where a message is.
    pub(super) fn places(self) -> impl Iterator<Item = Result<u64, Damage>> {
        (0..self.len)
            .map(move |at| self.all.bytes(self.at.saturating_add(24 * at)).map(u64::from_le_bytes))
    }

    /// The numbers of a vector of those.
    pub(super) fn numbers(self) -> impl Iterator<Item = Result<i64, Damage>> {
        (0..self.len)
            .map(move |at| self.all.bytes(self.at.saturating_add(8 * at)).map(i64::from_le_bytes))
    }
}
