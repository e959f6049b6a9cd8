//! A ZIP archive in memory.

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};

use crate::signal::file_error::FileError;
use crate::signal::limited::read_limited;

/// The arrays of an NPZ file. They are unpacked when they are asked for.
pub(super) struct Archive<'a> {
    zip: ZipSliceArchive<&'a [u8]>,
    names: Vec<String>,
    entries: Vec<(CompressionMethod, ZipArchiveEntryWayfinder)>,
}

impl<'a> Archive<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, FileError> {
        let zip = ZipArchive::from_slice(bytes).map_err(unusable)?;
        let (mut names, mut entries) = (Vec::new(), Vec::new());
        let mut records = zip.entries();
        while let Some(record) = records.next_entry().map_err(unusable)? {
            let name = String::from_utf8_lossy(record.file_path().as_bytes()).into_owned();
            names.push(name.strip_suffix(".npy").map(str::to_owned).unwrap_or(name));
            entries.push((record.compression_method(), record.wayfinder()));
        }
        Ok(Self { zip, names, entries })
    }

    /// Names of the arrays.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The NPY file of an array, checked against its checksum.
    pub(super) fn array(&self, name: &str) -> Result<Option<Vec<u8>>, FileError> {
        let Some(at) = self.names.iter().position(|there| there == name) else { return Ok(None) };
        let (method, place) = self.entries[at];
        let entry = self.zip.get_entry(place).map_err(unusable)?;
        let failed = |error| unusable(format!("array `{name}`: {error}"));
        let bytes = match method {
            CompressionMethod::STORE => read_limited(entry.verifying_reader(entry.data()), failed),
            CompressionMethod::DEFLATE => {
                let unpacked = DeflateDecoder::new(entry.data());
                read_limited(entry.verifying_reader(unpacked), failed)
            }
            other => Err(unusable(format!("array `{name}` is packed by method {other}"))),
        };
        bytes.map(Some)
    }
}

fn unusable(reason: impl ToString) -> FileError {
    FileError::Npz { reason: reason.to_string() }
}
