//! A zip archive whose files are stored as they are, as Keras and PyTorch write it.

use std::collections::BTreeMap;

use rawzip::{
    CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive, ZipVerification,
};

use crate::{ImportError, SourceFormat};

/// The files of an archive, none of them read yet.
pub(crate) struct Archive<'a> {
    zip: ZipSliceArchive<&'a [u8]>,
    files: BTreeMap<String, (CompressionMethod, ZipArchiveEntryWayfinder)>,
}

impl<'a> Archive<'a> {
    /// The files in `bytes`; in words what is wrong with them.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, String> {
        let zip = ZipArchive::from_slice(bytes).map_err(|error| error.to_string())?;
        let mut files = BTreeMap::new();
        let mut records = zip.entries();
        while let Some(record) = records.next_entry().map_err(|error| error.to_string())? {
            let name = String::from_utf8_lossy(record.file_path().as_bytes()).into_owned();
            files.entry(name).or_insert((record.compression_method(), record.wayfinder()));
        }
        Ok(Self { zip, files })
    }

    /// The names of its files, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether it has a file of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// What the file of this name holds.
    pub(crate) fn file(&self, name: &str, format: SourceFormat) -> Result<&'a [u8], ImportError> {
        let damaged = |reason: String| ImportError::malformed(format, format!("`{name}`"), reason);
        let missing = || damaged("the archive has no such file".to_owned());
        let &(method, place) = self.files.get(name).ok_or_else(missing)?;
        if method != CompressionMethod::STORE {
            return Err(ImportError::Unfit {
                reason: format!("`{name}` is compressed in this {format} file"),
                mend: "write the file with the tool itself, which compresses nothing".to_owned(),
            });
        }
        let entry = self.zip.get_entry(place).map_err(|error| damaged(error.to_string()))?;
        let ((start, end), expected) = (entry.compressed_data_range(), entry.claim_verifier());
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let found = range.and_then(|(start, end)| self.zip.get_ref().get(start..end));
        let bytes =
            found.ok_or_else(|| damaged("it ends behind the end of the file".to_owned()))?;
        let found =
            ZipVerification { crc: rawzip::crc32(bytes), uncompressed_size: bytes.len() as u64 };
        expected.valid(found).map_err(|error| damaged(error.to_string()))?;
        Ok(bytes)
    }
}
