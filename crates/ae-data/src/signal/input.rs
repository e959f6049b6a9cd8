//! The bytes of a file, read one after the other.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use rawzip::{FileReader, ReaderAt};

use super::budget::Budget;
use super::compressed::{Damaged, ZSTD, Zstd};
use super::file_error::FileError;

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 16;

/// Bytes that tell the kind of a file.
const START: u64 = 4096;

/// Where bytes are.
pub(super) enum Place<'a> {
    OnDisk(File),
    InMemory(&'a [u8]),
}

impl Place<'_> {
    /// How many there are, where that is known: a pipe has no length.
    pub(super) fn len(&self) -> Option<u64> {
        match self {
            Self::OnDisk(file) => {
                let metadata = file.metadata().ok().filter(|metadata| metadata.is_file());
                metadata.map(|metadata| metadata.len())
            }
            Self::InMemory(bytes) => Some(bytes.len() as u64),
        }
    }
}

/// A file whose first bytes are known, gzip and zstd unpacked.
pub(super) struct Input<'a> {
    /// The first bytes, unpacked.
    pub(super) start: Vec<u8>,
    /// Whether it was packed.
    pub(super) is_packed: bool,
    rest: Box<dyn BufRead + 'a>,
}

impl<'a> Input<'a> {
    /// Opens what is at `place`.
    pub(super) fn open(place: &'a Place<'_>, budget: &'a Budget) -> Result<Self, FileError> {
        let bytes: Box<dyn Read + 'a> = match place {
            Place::OnDisk(file) => Box::new(file),
            Place::InMemory(bytes) => Box::new(*bytes),
        };
        budget.begin(place.len().unwrap_or_default());
        let plain = BufReader::with_capacity(CHUNK, Counted { bytes, budget });
        let (start, rest) = start(plain, false)?;
        if !is_gzip(&start) && !start.starts_with(&ZSTD) {
            return Ok(Self { start, is_packed: false, rest: Box::new(rest) });
        }
        let (is_gzip, packed) = (is_gzip(&start), Cursor::new(start).chain(rest));
        let unpacked: Box<dyn Read + 'a> = match is_gzip {
            true => Box::new(MultiGzDecoder::new(packed)),
            false => Box::new(Zstd::new(packed, budget.left())),
        };
        let (start, rest) = self::start(BufReader::with_capacity(CHUNK, unpacked), true)?;
        Ok(Self { start, is_packed: true, rest: Box::new(rest) })
    }

    /// All bytes, from the first.
    pub(super) fn bytes(self) -> impl BufRead + 'a {
        Cursor::new(self.start).chain(self.rest)
    }
}

fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(&[0x1f, 0x8b])
}

/// The first bytes of a file, and the rest of it.
fn start<R: BufRead>(mut bytes: R, is_packed: bool) -> Result<(Vec<u8>, R), FileError> {
    let mut start = Vec::new();
    let read = bytes.by_ref().take(START).read_to_end(&mut start);
    read.map_err(|error| failed(error, is_packed))?;
    Ok((start, bytes))
}

/// What an error of reading says: the unpacker's own complaints are of the file, others the disk's.
pub(super) fn failed(error: io::Error, is_packed: bool) -> FileError {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    if error.get_ref().is_some_and(|error| error.is::<Damaged>()) {
        return FileError::Zstd(error);
    }
    match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof if is_packed => FileError::Gzip(error),
        _ => FileError::Io(error),
    }
}

/// All bytes of a reader, as far as the budget has room for them and for a buffer that grows.
pub(super) fn read_all(mut input: impl Read, budget: &Budget) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    loop {
        let read = input.by_ref().take(CHUNK as u64).read_to_end(&mut bytes);
        match read.map_err(FileError::Io)? {
            0 => return Ok(bytes),
            read => budget.take(3 * read as u64)?,
        }
    }
}

/// Tells the budget how far a file is read.
struct Counted<'a> {
    bytes: Box<dyn Read + 'a>,
    budget: &'a Budget,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.budget.progress(read);
        Ok(read)
    }
}

/// An archive is not read from its beginning to its end.
pub(super) enum Archived<'a> {
    OnDisk(FileReader),
    InMemory(&'a [u8]),
}

impl ReaderAt for Archived<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::OnDisk(file) => file.read_at(buffer, offset),
            Self::InMemory(bytes) => bytes.read_at(buffer, offset),
        }
    }
}
