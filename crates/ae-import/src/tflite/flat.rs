//! FlatBuffers, as far as a model needs them: tables, vectors, strings and numbers.
//!
//! A table is a signed offset back to its vtable, which says for each field where in the table it
//! stands, or 0. Vectors, strings and tables stand elsewhere, at an offset from the field. Each
//! access here is checked against the file, so that no offset or length can lead out of it, and
//! nothing is copied. The public libraries' readers are either unsafe functions behind a verifier
//! that needs generated code, or hidden from other crates; this is smaller than what they need.

use crate::graph::{Refusal, Understood};

/// A whole file, or what one of its offsets leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    file: &'a [u8],
    at: usize,
    /// The vtable's entries.
    fields: &'a [u8],
}

/// Elements one behind the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vector<'a> {
    file: &'a [u8],
    /// Where the first element stands.
    at: usize,
    bytes: &'a [u8],
    element_bytes: usize,
}

impl<'a> Table<'a> {
    /// The table that the file begins with.
    pub(crate) fn root(file: &'a [u8]) -> Understood<Self> {
        Self::behind(file, 0)
    }

    /// The table that the offset at `at` leads to.
    fn behind(file: &'a [u8], at: usize) -> Understood<Self> {
        let at = follow(file, at)?;
        let back = i32::from_le_bytes(bytes_at(file, at)?);
        let vtable = i64::try_from(at).ok().and_then(|at| at.checked_sub(i64::from(back)));
        let vtable = vtable.and_then(|vtable| usize::try_from(vtable).ok());
        let vtable = vtable.ok_or_else(|| outside(file, at))?;
        let size = usize::from(u16::from_le_bytes(bytes_at(file, vtable)?));
        let entries = vtable.checked_add(4).zip(vtable.checked_add(size));
        let fields = entries.and_then(|(from, to)| file.get(from..to));
        Ok(Self { file, at, fields: fields.ok_or_else(|| outside(file, vtable))? })
    }

    /// Where a field stands; none where it has its default.
    fn place(&self, field: usize) -> Option<usize> {
        let entry = field.checked_mul(2)?;
        let entry = self.fields.get(entry..entry.checked_add(2)?)?.try_into().ok()?;
        match u16::from_le_bytes(entry) {
            0 => None,
            offset => self.at.checked_add(usize::from(offset)),
        }
    }

    fn number<const N: usize>(&self, field: usize) -> Understood<Option<[u8; N]>> {
        self.place(field).map(|at| bytes_at(self.file, at)).transpose()
    }

    pub(crate) fn i8(&self, field: usize, default: i8) -> Understood<i8> {
        Ok(self.number(field)?.map_or(default, i8::from_le_bytes))
    }

    pub(crate) fn bool(&self, field: usize) -> Understood<bool> {
        Ok(self.i8(field, 0)? != 0)
    }

    pub(crate) fn i32(&self, field: usize, default: i32) -> Understood<i32> {
        Ok(self.number(field)?.map_or(default, i32::from_le_bytes))
    }

    pub(crate) fn u32(&self, field: usize, default: u32) -> Understood<u32> {
        Ok(self.number(field)?.map_or(default, u32::from_le_bytes))
    }

    pub(crate) fn u64(&self, field: usize, default: u64) -> Understood<u64> {
        Ok(self.number(field)?.map_or(default, u64::from_le_bytes))
    }

    pub(crate) fn f32(&self, field: usize, default: f32) -> Understood<f32> {
        Ok(self.number(field)?.map_or(default, f32::from_le_bytes))
    }

    pub(crate) fn table(&self, field: usize) -> Understood<Option<Self>> {
        self.place(field).map(|at| Self::behind(self.file, at)).transpose()
    }

    /// A vector of elements of so many bytes; an empty one where the field is not there.
    pub(crate) fn vector(&self, field: usize, element_bytes: usize) -> Understood<Vector<'a>> {
        let file = self.file;
        let Some(at) = self.place(field) else {
            return Ok(Vector { file, at: 0, bytes: &[], element_bytes });
        };
        let at = follow(file, at)?;
        let count = u32::from_le_bytes(bytes_at(file, at)?);
        let length = usize::try_from(count).ok().and_then(|n| n.checked_mul(element_bytes));
        let from = at.checked_add(4);
        let to = from.zip(length).and_then(|(from, length)| from.checked_add(length));
        let bytes = from.zip(to).and_then(|(from, to)| file.get(from..to));
        let bytes = bytes.ok_or_else(|| {
            let beyond = file.len();
            Refusal::damaged(format!(
                "a vector of {count} elements at byte {at} reaches beyond the file's {beyond} bytes"
            ))
        })?;
        Ok(Vector { file, at: at.saturating_add(4), bytes, element_bytes })
    }

    /// A string, or an empty one.
    pub(crate) fn text(&self, field: usize) -> Understood<&'a str> {
        let bytes = self.vector(field, 1)?.bytes;
        std::str::from_utf8(bytes).map_err(|_| Refusal::damaged("a name that is not UTF-8"))
    }
}

impl<'a> Vector<'a> {
    pub(crate) fn len(&self) -> usize {
        self.bytes.len().checked_div(self.element_bytes).unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The table that an element leads to.
    pub(crate) fn table(&self, index: usize, what: &str) -> Understood<Table<'a>> {
        let place = (index < self.len())
            .then(|| index.checked_mul(self.element_bytes)?.checked_add(self.at))
            .flatten();
        let place = place.ok_or_else(|| {
            Refusal::damaged(format!("there is no {what} {index} among {}", self.len()))
        })?;
        Table::behind(self.file, place)
    }

    fn numbers<const N: usize>(self) -> impl Iterator<Item = [u8; N]> + use<'a, N> {
        self.bytes.as_chunks::<N>().0.iter().copied()
    }

    pub(crate) fn i32s(self) -> impl Iterator<Item = i32> + use<'a> {
        self.numbers().map(i32::from_le_bytes)
    }

    pub(crate) fn i64s(self) -> impl Iterator<Item = i64> + use<'a> {
        self.numbers().map(i64::from_le_bytes)
    }

    pub(crate) fn f32s(self) -> impl Iterator<Item = f32> + use<'a> {
        self.numbers().map(f32::from_le_bytes)
    }
}

/// Where the offset at `at` leads.
fn follow(file: &[u8], at: usize) -> Understood<usize> {
    let offset = u32::from_le_bytes(bytes_at(file, at)?);
    let to = usize::try_from(offset).ok().and_then(|offset| at.checked_add(offset));
    to.ok_or_else(|| outside(file, at))
}

fn bytes_at<const N: usize>(file: &[u8], at: usize) -> Understood<[u8; N]> {
    let to = at.checked_add(N);
    let bytes = to.and_then(|to| file.get(at..to)).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| outside(file, at))
}

fn outside(file: &[u8], at: usize) -> Refusal {
    let length = file.len();
    Refusal::damaged(format!("an offset leads to byte {at} of a file of {length} bytes"))
}
