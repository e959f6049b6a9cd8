//! A ZIP archive of arrays.

use std::io::{BufReader, Read};

use flate2::bufread::DeflateDecoder;
use rawzip::{
    CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder,
    ZipLocator,
};

use crate::signal::budget::{BYTES_PER_RECORDING, Budget};
use crate::signal::file_error::FileError;

/// The arrays of an NPZ file. They are unpacked when they are asked for.
pub(super) struct Archive<R> {
    zip: ZipArchive<R>,
    names: Vec<String>,
    /// Whether an NPY file is in it.
    pub(super) has_arrays: bool,
    entries: Vec<(CompressionMethod, ZipArchiveEntryWayfinder)>,
}

/// An array's NPY file.
pub(super) struct Array<'a> {
    pub(super) bytes: Box<dyn Read + 'a>,
    /// Bytes that it has.
    pub(super) len: u64,
}

impl<R: ReaderAt> Archive<R> {
    /// In `bytes`, of which there are `len`.
    pub(super) fn new(bytes: R, len: u64, budget: &Budget) -> Result<Self, FileError> {
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let located = ZipLocator::new().locate_in_reader(bytes, &mut buffer, len);
        let zip = located.map_err(|(_, error)| unusable(error))?;
        let (mut names, mut entries, mut has_arrays) = (Vec::new(), Vec::new(), false);
        let mut records = zip.entries(&mut buffer);
        while let Some(record) = records.next_entry().map_err(unusable)? {
            let name = String::from_utf8_lossy(record.file_path().as_bytes()).into_owned();
            budget.take(name.len() as u64 + BYTES_PER_RECORDING)?;
            let array = name.strip_suffix(".npy").map(str::to_owned);
            has_arrays |= array.is_some();
            names.push(array.unwrap_or(name));
            entries.push((record.compression_method(), record.wayfinder()));
        }
        Ok(Self { zip, names, has_arrays, entries })
    }

    /// Names of the arrays.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The NPY file of an array, checked against its checksum where it ends.
    pub(super) fn array(&self, name: &str) -> Result<Option<Array<'_>>, FileError> {
        let Some(at) = self.names.iter().position(|there| there == name) else { return Ok(None) };
        let (method, place) = self.entries[at];
        let entry = self.zip.get_entry(place).map_err(unusable)?;
        let packed = BufReader::new(entry.reader());
        let bytes: Box<dyn Read + '_> = match method {
            CompressionMethod::STORE => Box::new(entry.verifying_reader(packed)),
            CompressionMethod::DEFLATE => {
                Box::new(entry.verifying_reader(DeflateDecoder::new(packed)))
            }
            other => return Err(unusable(format!("array `{name}` is packed by method {other}"))),
        };
        Ok(Some(Array { bytes, len: place.uncompressed_size_hint() }))
    }
}

fn unusable(reason: impl ToString) -> FileError {
    FileError::Npz { reason: reason.to_string() }
}
