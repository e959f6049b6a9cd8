//! CSV files: a header, then a line for each sample.

mod field;
mod header;
mod lengths;
mod rising;
mod rows;
mod samples;

use std::io::BufRead;

use super::budget::Budget;
use super::faults::Faults;
use super::file_error::FileError;
use super::{Signals, Source};
use header::Header;

pub(super) use rising::Rising;
use rows::Rows;
use samples::Table;

/// What a file holds, which channels only rise where nothing says what the columns are, and values
/// that cannot be used. `start` is the beginning of `bytes`.
pub(super) fn read(
    start: &[u8],
    bytes: impl BufRead,
    source: &Source,
    name: &str,
    budget: &Budget,
) -> Result<(Signals, Rising, Faults), FileError> {
    let mut rows = Rows::new(start, bytes, budget)?;
    let header = Header::read(&mut rows, source)?;
    let mut table = Table::new(&header, source, name, budget);
    while let Some(row) = rows.next()? {
        table.take(&row)?;
    }
    table.finish()
}
