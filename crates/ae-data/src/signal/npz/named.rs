//! Arrays by their names: those of an NPZ file, or the NPY files of a folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use rawzip::FileReader;

use super::archive::Archive;
use crate::npy::{NpyError, Numbers, read_numbers};
use crate::signal::budget::Budget;
use crate::signal::file_error::FileError;

/// Why arrays with names cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum NamedArraysError {
    /// The system refused.
    #[error("reading failed: {0}")]
    Read(#[from] std::io::Error),
    /// Not an NPZ file.
    #[error(transparent)]
    Archive(#[from] FileError),
    /// One of the arrays.
    #[error("array `{name}`: {source}")]
    Array {
        /// Its name.
        name: String,
        /// What is wrong with it.
        source: NpyError,
    },
    /// One of the arrays has more bytes than may be read.
    #[error("array `{name}` has more than {most} bytes, which is the most that is read")]
    TooLong {
        /// Its name.
        name: String,
        /// Most bytes.
        most: u64,
    },
    /// A folder with too many files.
    #[error(
        "there are more than {most} files in the folder and those in it; give one with arrays alone"
    )]
    TooMany {
        /// Most files.
        most: usize,
    },
}

/// Arrays with names, which are read when they are asked for.
pub struct NamedArrays {
    from: From,
    names: Vec<String>,
}

enum From {
    Archive(Archive<FileReader>),
    Folder(BTreeMap<String, PathBuf>),
}

/// Bytes for the names of an archive.
const NAMES_BYTES: u64 = 64 << 20;

/// Files of a folder that are looked at, in all folders below it.
const MOST_FILES: usize = 20_000;

impl NamedArrays {
    /// The arrays of an NPZ file; or of a folder, in which `a/b.npy` is called `a/b`, as it is in an NPZ
    /// file.
    ///
    /// # Errors
    /// There is neither, or it is damaged.
    pub fn open(path: &Path) -> Result<Self, NamedArraysError> {
        if path.is_dir() {
            let mut files = BTreeMap::new();
            collect(path, "", &mut files, &mut 0)?;
            let names = files.keys().cloned().collect();
            return Ok(Self { from: From::Folder(files), names });
        }
        let mut file = File::open(path)?;
        let len = file.seek(SeekFrom::End(0))?;
        let archive = Archive::new(FileReader::from(file), len, &Budget::new(NAMES_BYTES))?;
        let names = archive.names().to_vec();
        Ok(Self { from: From::Archive(archive), names })
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The numbers of one of them, which takes no more bytes than `most`.
    ///
    /// # Errors
    /// It is not there, is damaged, or holds no numbers of 8 bits or floats.
    pub fn read(&self, name: &str, most: u64) -> Result<Numbers, NamedArraysError> {
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let mut bytes = Vec::new();
        // What a file says of its length takes no memory.
        match &self.from {
            From::Archive(archive) => {
                let array = archive.array(name)?.ok_or_else(missing)?;
                array.bytes.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
            }
            From::Folder(files) => {
                let file = File::open(files.get(name).ok_or_else(missing)?)?;
                file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
            }
        }
        if bytes.len() as u64 > most {
            return Err(NamedArraysError::TooLong { name: name.to_owned(), most });
        }
        read_numbers(&bytes)
            .map_err(|source| NamedArraysError::Array { name: name.to_owned(), source })
    }
}

/// The NPY files of a folder and of those in it, by their names from there.
fn collect(
    folder: &Path,
    before: &str,
    files: &mut BTreeMap<String, PathBuf>,
    seen: &mut usize,
) -> Result<(), NamedArraysError> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        *seen += 1;
        if *seen > MOST_FILES {
            return Err(NamedArraysError::TooMany { most: MOST_FILES });
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link is followed to a file, and not to a folder, which may hold the link.
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{before}{name}/"), files, seen)?;
        } else if let Some(name) = name.strip_suffix(".npy") {
            files.insert(format!("{before}{name}"), entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::npy::{Values, write};
    use crate::signal::tests::npz;

    const MOST: u64 = 1 << 20;

    #[test]
    fn a_folder_and_an_archive_have_the_same_names() {
        let folder = tempfile::tempdir().unwrap();
        let array = |value: f32| write(&[value, 1.0], 1).unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b.npy"), array(3.0)).unwrap();
        fs::write(folder.path().join("c.npy"), array(4.0)).unwrap();
        fs::write(folder.path().join("readme.txt"), "none").unwrap();
        let file = folder.path().join("both.npz");
        fs::write(&file, npz(&[("a/b", array(3.0)), ("c", array(4.0))])).unwrap();
        for path in [folder.path(), &file] {
            let arrays = NamedArrays::open(path).unwrap();
            assert_eq!(arrays.names(), ["a/b", "c"]);
            for (name, first) in [("a/b", 3.0), ("c", 4.0)] {
                let numbers = arrays.read(name, MOST).unwrap();
                assert_eq!(numbers.values, Values::F32(vec![first, 1.0]));
            }
            assert!(arrays.read("d", MOST).is_err());
            let error = arrays.read("c", 20).unwrap_err().to_string();
            assert_eq!(error, "array `c` has more than 20 bytes, which is the most that is read");
        }
    }

    #[test]
    fn what_is_no_array_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x.npy"), "text").unwrap();
        let arrays = NamedArrays::open(folder.path()).unwrap();
        assert!(arrays.read("x", MOST).unwrap_err().to_string().starts_with("array `x`: "));
        let file = folder.path().join("x.npy");
        let error = NamedArrays::open(&file).err().unwrap().to_string();
        assert!(error.contains("not a usable NPZ file"), "{error}");
    }
}
