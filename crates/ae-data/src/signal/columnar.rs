//! Tables that lie in a file by column, with a type for each: Parquet and Arrow files.
//!
//! They are told by their first bytes in any case, and read with the feature `columnar`. This is the only
//! place that asks for it.

use std::io::Read;

use rawzip::ReaderAt;

use super::budget::Budget;
use super::clock::Clocks;
use super::faults::Faults;
use super::file_error::FileError;
use super::{Signals, Source, foreign};

#[cfg(feature = "columnar")]
mod readers;
#[cfg(not(feature = "columnar"))]
#[path = "columnar/no_readers.rs"]
mod readers;

#[cfg(all(test, feature = "columnar"))]
#[path = "tests/tables.rs"]
mod tests;

/// What a Parquet file begins and ends with.
const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

/// What an Arrow file begins with.
const ARROW_MAGIC: &[u8; 8] = b"ARROW1\0\0";

/// What a message of Arrow begins with.
const ARROW_MESSAGE: [u8; 4] = [0xff; 4];

/// A format of files that are read from their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columnar {
    Arrow,
    Parquet,
}

/// Whether bytes begin as an Arrow stream does, which has no list of its batches at its end.
pub(super) fn is_stream(start: &[u8]) -> bool {
    start.starts_with(&ARROW_MESSAGE)
}

/// The format that a file of these first bytes has.
pub(super) fn kind_of(start: &[u8]) -> Option<Columnar> {
    if start.starts_with(ARROW_MAGIC) {
        return Some(Columnar::Arrow);
    }
    foreign::begins(start, PARQUET_MAGIC).then_some(Columnar::Parquet)
}

/// Reads an Arrow stream.
pub(super) fn read_stream(
    bytes: impl Read,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    readers::read_stream(bytes, source, file, budget)
}

/// Reads the file in `bytes`, of which there are `len`.
pub(super) fn read(
    kind: Columnar,
    bytes: impl ReaderAt,
    len: u64,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    match kind {
        Columnar::Arrow => readers::read_arrow(bytes, len, source, file, budget),
        Columnar::Parquet => readers::read_parquet(bytes, len, source, file, budget),
    }
}
