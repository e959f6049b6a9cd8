//! What can go wrong between the name of a dataset and images in memory.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::idx::IdxError;

/// Why images could not be had. Each message says what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The argument is neither a known name nor something on disk.
    #[error(
        "there is no folder {}; give a folder of IDX files, or the name fashion-mnist or \
         fashion-mnist-sample", path.display()
    )]
    NoFolder {
        /// The argument.
        path: PathBuf,
    },
    /// The argument is a file.
    #[error(
        "{} is a file where a folder was expected; give the folder that holds the IDX files, \
         here {}", path.display(), parent(path).display()
    )]
    NotAFolder {
        /// The argument.
        path: PathBuf,
    },
    /// A folder lacks the images of one half of a dataset.
    #[error(
        "{} has no file {expected} (or {expected}.gz, or with .idx3 or idx2 in its name); it \
         holds {found}; put the file there under that name or give another folder",
        folder.display()
    )]
    NoFile {
        /// The folder.
        folder: PathBuf,
        /// The usual name of the file.
        expected: String,
        /// The names that are there, the first few.
        found: String,
    },
    /// A folder has images without labels.
    #[error(
        "{} has no file {expected} (or {expected}.gz), which says what each image is; put it there",
        folder.display()
    )]
    NoLabels {
        /// The folder.
        folder: PathBuf,
        /// The usual name of the file.
        expected: String,
    },
    /// Labels that are not of these images.
    #[error(
        "{} has {found} labels, but there are {images} images; one of the two files is of other data",
        file.display()
    )]
    LabelCount {
        /// The file of labels.
        file: PathBuf,
        /// Images there are.
        images: usize,
        /// Labels there are.
        found: usize,
    },
    /// A file of labels with rows and columns.
    #[error("{} has {rank} dimensions, but labels have one", file.display())]
    LabelRank {
        /// The file.
        file: PathBuf,
        /// Its dimensions.
        rank: usize,
    },
    /// A folder holds two files that both could be meant.
    #[error("{} holds both {first} and {second}; keep one of them", folder.display())]
    TwoFiles {
        /// The folder.
        folder: PathBuf,
        /// One file name.
        first: String,
        /// The other.
        second: String,
    },
    /// A file is not the IDX file it should be.
    #[error(
        "{} cannot be read as an IDX file of bytes, plain or gzip: {source}; copy or download it \
         again", file.display()
    )]
    Idx {
        /// The file.
        file: PathBuf,
        /// What is wrong inside it.
        source: IdxError,
    },
    /// An IDX file of labels stands where images should be.
    #[error(
        "{} has rank {rank}, expected 3 (images x rows x columns) or 2 (images x features); is \
         it a file of labels under another name?", file.display()
    )]
    Rank {
        /// The file.
        file: PathBuf,
        /// Number of its dimensions.
        rank: usize,
    },
    /// Bytes do not make whole images.
    #[error("{bytes} bytes are not a whole number of images of {height} x {width} pixels")]
    ImageSize {
        /// Bytes given.
        bytes: usize,
        /// Rows of an image.
        height: usize,
        /// Columns of an image.
        width: usize,
    },
    /// Training and test images are not of one size.
    #[error(
        "{}: training images are {} x {} pixels, test images {} x {}; are the files of one \
         dataset?", folder.display(), train.0, train.1, test.0, test.1
    )]
    SizesDiffer {
        /// The folder.
        folder: PathBuf,
        /// Rows and columns of training images.
        train: (usize, usize),
        /// Rows and columns of test images.
        test: (usize, usize),
    },
    /// Fashion-MNIST is in none of the usual places.
    #[error(
        "fashion-mnist is not in {looked_in}. Download it (30 MB), or on Debian install the package dataset-fashion-mnist; the name \
         fashion-mnist-sample needs neither"
    )]
    NameNotFound {
        /// Each place, with what it lacks.
        looked_in: String,
    },
    /// A file found under the name of a dataset cannot be read.
    #[error(
        "{} is not the file of fashion-mnist: {source}; delete it and download it again, or \
         reinstall the package it is from", file.display()
    )]
    KnownDamaged {
        /// The file.
        file: PathBuf,
        /// What is wrong inside it.
        source: IdxError,
    },
    /// A file found under the name of a dataset is not the dataset's.
    #[error(
        "{} is not the file of fashion-mnist: its content has SHA-256 {found}, expected \
         {expected}; delete it and download it again, or reinstall the package it is from; if it is \
         meant to differ, name its folder in place of fashion-mnist", file.display()
    )]
    Checksum {
        /// The file.
        file: PathBuf,
        /// Digest in hex of the decompressed file.
        found: String,
        /// The known digest in hex.
        expected: String,
    },
    /// A class has too few images to take a balanced sample.
    #[error("class {class} has {found} images, expected at least {expected}")]
    ClassTooSmall {
        /// The label.
        class: u8,
        /// Images of it.
        found: usize,
        /// Images wanted.
        expected: usize,
    },
    /// Images and labels do not match.
    #[error("{labels} labels for {images} images, or a label above 9; are the files of one set?")]
    Labels {
        /// Number of labels.
        labels: usize,
        /// Number of images.
        images: usize,
    },
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl DataError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_path_buf(), source }
    }
}

/// The folder to name in a message about `path`.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
