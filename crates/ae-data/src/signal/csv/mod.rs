//! CSV files as loggers write them: perhaps comments, a header, perhaps units, then a line for each
//! sample.

mod decimal;
mod delimiter;
mod field;
mod header;
mod lengths;
mod lines;
mod opening;
mod rows;
mod samples;
mod words;

use std::io::BufRead;

use super::budget::Budget;
use super::clock::Clocks;
use super::faults::Faults;
use super::file_error::FileError;
use super::utf16::NotUtf16;
use super::{Signals, Source};
use header::{Header, Names};
use opening::Opening;
use rows::Rows;
use samples::Table;

/// What a file holds, which channels may be a time where nothing says what the columns are, and values
/// that cannot be used. `start` is the beginning of `bytes`.
pub(super) fn read(
    start: &[u8],
    bytes: impl BufRead,
    source: &Source,
    name: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    read_text(start, bytes, source, name, budget).map_err(|error| match error {
        FileError::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(&NotUtf16 { byte }) => FileError::Utf16 { byte },
            None => FileError::Io(error),
        },
        error => error,
    })
}

fn read_text(
    start: &[u8],
    bytes: impl BufRead,
    source: &Source,
    name: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    let opening = Opening::read(start, Box::new(bytes), &source.reading)?;
    let Opening { rest, line, delimiter, first, comment, comments, is_utf16 } = opening;
    let mut rows = Rows::new(rest, line, delimiter, budget);
    let row = rows.next()?.ok_or(FileError::Empty)?;
    let names = Names::of(&row, &first, comment, source.reading.no_header)?;
    let header = Header::new(names, source)?;
    let mut table = Table::new(&header, source, name, budget);
    if header.is_above(row.line) {
        table.take(&row)?;
    }
    while let Some(row) = rows.next()? {
        table.take(&row)?;
    }
    table.format.delimiter = (header.names.len() > 1).then_some(delimiter);
    table.format.is_utf16 = is_utf16;
    table.format.comments = comments + rows.comments;
    table.finish()
}
