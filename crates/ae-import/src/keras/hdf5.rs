//! An HDF5 file: attributes of text, and tensors.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hdf5_pure::{
    AttrValue, Datatype, DatatypeByteOrder, File, FloatingPointLayout, FormatError, Group, Layout,
    Source,
};

use crate::tensor::{Tensor, Width};
use crate::{ImportError, SourceFormat};

/// Bytes that one question may read beside as many as the file has.
const SPARE: u64 = 4 << 20;

/// An HDF5 file in memory.
pub(super) struct Hdf5<'a> {
    format: SourceFormat,
    bytes: &'a [u8],
    file: File,
    left: Arc<AtomicU64>,
}

/// The file's bytes, of which one question reads so many at most.
///
/// What the library keeps, it has read; so this bounds its memory. A file can name one text a
/// thousand times.
struct Bounded {
    bytes: Vec<u8>,
    left: Arc<AtomicU64>,
}

impl Source for Bounded {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FormatError> {
        let len = buffer.len() as u64;
        let spend = |left: u64| left.checked_sub(len);
        let spent = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
        spent.map_err(|_| FormatError::Source("the same bytes are read too often".into()))?;
        let start = usize::try_from(offset).ok();
        let range = start.and_then(|start| Some(start..start.checked_add(buffer.len())?));
        let found = range.and_then(|range| self.bytes.get(range));
        buffer.copy_from_slice(found.ok_or(FormatError::UnexpectedEof {
            expected: start.unwrap_or(usize::MAX).saturating_add(buffer.len()),
            available: self.bytes.len(),
        })?);
        Ok(())
    }
}

impl<'a> Hdf5<'a> {
    pub(super) fn open(bytes: &'a [u8], format: SourceFormat) -> Result<Self, ImportError> {
        let left = Arc::new(AtomicU64::new(bytes.len() as u64 + SPARE));
        let source = Bounded { bytes: bytes.to_vec(), left: left.clone() };
        let file = File::from_source(source)
            .map_err(|error| ImportError::malformed(format, "the HDF5 file", error.to_string()))?;
        Ok(Self { format, bytes, file, left })
    }

    /// The file, with all it may read for a question.
    fn ask(&self) -> &File {
        self.left.store(self.bytes.len() as u64 + SPARE, Ordering::Relaxed);
        &self.file
    }

    fn damaged(&self, place: &str, reason: impl ToString) -> ImportError {
        let place = if place.is_empty() { "root group" } else { place };
        ImportError::malformed(self.format, format!("`{place}`"), reason.to_string())
    }

    fn group(&self, path: &str) -> Option<Group> {
        match path {
            "" => Some(self.ask().root()),
            path => self.ask().group(path).ok(),
        }
    }

    /// Whether there is a group of this path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.group(path).is_some()
    }

    /// The attributes of a group, of the root for an empty path; none where there is no such group.
    fn attributes(&self, path: &str) -> Result<HashMap<String, AttrValue>, ImportError> {
        let Some(group) = self.group(path) else { return Ok(HashMap::new()) };
        group.attrs().map_err(|error| self.damaged(path, error))
    }

    /// Whether the root has an attribute of this name.
    pub(super) fn has_attribute(&self, name: &str) -> Result<bool, ImportError> {
        Ok(self.attributes("")?.contains_key(name))
    }

    /// The root's attribute of this name, if it is a text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ImportError> {
        let attributes = self.attributes("")?;
        Ok(attributes.get(name).and_then(AttrValue::as_str).map(str::to_owned))
    }

    /// A group's list of names. Keras splits one that is too long for an attribute and numbers its
    /// parts.
    pub(super) fn names(&self, path: &str, name: &str) -> Result<Vec<String>, ImportError> {
        let attributes = self.attributes(path)?;
        let of = |name: &str| attributes.get(name).and_then(AttrValue::as_strings);
        if let Some(names) = of(name) {
            return Ok(names.to_vec());
        }
        let parts = (0..).map_while(|part| of(&format!("{name}{part}")));
        Ok(parts.flatten().cloned().collect())
    }

    /// The tensor of this path.
    pub(super) fn tensor(&self, path: &str) -> Result<Tensor<'a>, ImportError> {
        let damaged = |error: hdf5_pure::Error| self.damaged(path, error);
        let dataset = self.ask().dataset(path).map_err(damaged)?;
        let width = self.width(path, &dataset.datatype().map_err(damaged)?)?;
        let shape = dataset.shape().map_err(damaged)?;
        let Layout::Contiguous { address: Some(start), size } =
            dataset.layout().map_err(damaged)?
        else {
            return Err(ImportError::unfit(
                format!("`{path}` is stored in chunks, or its numbers are not there"),
                "save the model again with Keras, which stores numbers in one piece",
            ));
        };
        let end = start.checked_add(size).and_then(|end| usize::try_from(end).ok());
        let range = usize::try_from(start).ok().zip(end);
        let bytes = range.and_then(|(start, end)| self.bytes.get(start..end));
        let bytes =
            bytes.ok_or_else(|| self.damaged(path, "it ends behind the end of the file"))?;
        let sizes = shape.iter().map(|&size| usize::try_from(size).ok()).collect::<Option<_>>();
        sizes.and_then(|sizes| Tensor::new(sizes, width, bytes)).ok_or_else(|| {
            let found = bytes.len();
            self.damaged(path, format!("{found} bytes do not hold a tensor of shape {shape:?}"))
        })
    }

    fn width(&self, path: &str, datatype: &Datatype) -> Result<Width, ImportError> {
        let found = match datatype {
            Datatype::FloatingPoint {
                byte_order: DatatypeByteOrder::LittleEndian, layout, ..
            } => WIDTHS.iter().find(|(known, _)| known == layout).map(|&(_, width)| width),
            // bfloat16, which NumPy has not of its own.
            Datatype::Opaque { size: 2, .. } => Some(Width::Bf16),
            _ => None,
        };
        found.ok_or_else(|| {
            ImportError::unfit(
                format!("the numbers of `{path}` are no little-endian real numbers"),
                "save the model of float32, as it is before it is quantised",
            )
        })
    }
}

/// The layouts of real numbers that are read.
const WIDTHS: [(FloatingPointLayout, Width); 4] = [
    (FloatingPointLayout::IEEE754_BINARY32, Width::F32),
    (FloatingPointLayout::IEEE754_BINARY64, Width::F64),
    (half(10, 5, 15), Width::F16),
    (half(7, 8, 127), Width::Bf16),
];

/// Two bytes: a sign, the exponent, and so many bits of the mantissa.
const fn half(mantissa: u8, exponent: u8, bias: u32) -> FloatingPointLayout {
    FloatingPointLayout {
        bit_offset: 0,
        bit_precision: 16,
        exponent_location: mantissa,
        exponent_size: exponent,
        mantissa_location: 0,
        mantissa_size: mantissa,
        exponent_bias: bias,
    }
}
