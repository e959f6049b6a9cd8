//! Without the feature `columnar` nothing of such a file is read, and the message says so.

use std::io::Read;

use rawzip::ReaderAt;

use crate::signal::budget::Budget;
use crate::signal::clock::Clocks;
use crate::signal::faults::Faults;
use crate::signal::file_error::FileError;
use crate::signal::{Signals, Source};

type Nothing = Result<(Signals, Clocks, Faults), FileError>;

fn not_read(format: &'static str) -> Nothing {
    let how = "build ae-data with its feature `columnar`, or write the samples as CSV or NPY";
    Err(FileError::NotRead { format, what: "the content".to_owned(), how })
}

pub(super) fn read_stream(_: impl Read, _: &Source, _: &str, _: &Budget) -> Nothing {
    not_read("Arrow")
}

pub(super) fn read_arrow(_: impl ReaderAt, _: u64, _: &Source, _: &str, _: &Budget) -> Nothing {
    not_read("Arrow")
}

pub(super) fn read_parquet(_: impl ReaderAt, _: u64, _: &Source, _: &str, _: &Budget) -> Nothing {
    not_read("Parquet")
}
