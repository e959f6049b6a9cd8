//! Parquet files: tables by column, in groups of rows, packed page by page.
//!
//! A group is read after the other, and in it a column page by page, so that beside the samples that
//! are kept no more than a page is in memory. Read are columns of single values, in every encoding that
//! the format has for them, packed by Snappy, gzip, zstd or LZ4.

mod bits;
mod column;
mod delta;
mod footer;
mod pages;
mod schema;
mod thrift;
mod values;

use std::io;

use rawzip::ReaderAt;

use super::table::{Kind, Table};
use crate::signal::budget::Budget;
use crate::signal::clock::Clocks;
use crate::signal::columnar::PARQUET_MAGIC;
use crate::signal::faults::Faults;
use crate::signal::file_error::FileError;
use crate::signal::named_format::Format;
use crate::signal::{Signals, Source};
use footer::{Footer, RowGroup};
use schema::{Column, Meaning};

const PARQUET: Format = Format("Parquet");

/// What can go wrong here.
type Damage = FileError;

fn damage(reason: impl std::fmt::Display) -> Damage {
    PARQUET.damaged(reason)
}

/// Reads the file in `bytes`, of which there are `len`.
pub(in crate::signal::columnar) fn read(
    bytes: impl ReaderAt,
    len: u64,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    let Footer { columns, leaves, groups } = read_footer(&bytes, len, budget)?;
    let kinds = columns.iter().map(|column| (column.name.clone(), kind(column))).collect();
    let mut table = Table::new(kinds, source, file, budget)?;
    for group in &groups {
        read_group(&bytes, len, group, (&columns, leaves), &mut table, budget)?;
    }
    table.finish()
}

fn read_group(
    bytes: &impl ReaderAt,
    len: u64,
    group: &RowGroup,
    (columns, leaves): (&[Column], usize),
    table: &mut Table<'_>,
    budget: &Budget,
) -> Result<(), FileError> {
    if group.chunks.len() != leaves {
        let found = group.chunks.len();
        return Err(damage(format!("a group of rows with {found} columns, expected {leaves}")));
    }
    for (at, column) in columns.iter().enumerate() {
        if table.is_wanted(at) {
            let Some(chunk) = group.chunks.get(column.leaf) else { continue };
            let mut pages = pages::Pages::new(bytes, len, column, chunk, budget)?;
            column::read(&mut pages, column, at, table)?;
        }
    }
    table.end_batch(group.rows).map_err(|(name, found)| {
        let rows = group.rows;
        damage(format!("column `{name}` has {found} values in a group of {rows} rows"))
    })
}

/// The footer, whose length stands at the end of the file.
fn read_footer(bytes: &impl ReaderAt, len: u64, budget: &Budget) -> Result<Footer, FileError> {
    let mut tail = [0; 8];
    let Some(at) = len.checked_sub(8).filter(|&at| at >= 4) else {
        return Err(damage(format!("it has {len} bytes, expected 12 at least")));
    };
    fill(bytes, &mut tail, at)?;
    let [a, b, c, d, magic @ ..] = tail;
    if magic != *PARQUET_MAGIC {
        return Err(match &magic {
            b"PARE" => PARQUET.not_read("the encryption", "write it without"),
            _ => damage("it does not end as such a file does: was the copy cut off?"),
        });
    }
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let Some(start) = at.checked_sub(length).filter(|&start| start >= 4) else {
        let reason = format!("its footer is said to have {length} bytes, and the file has {len}");
        return Err(damage(reason));
    };
    let footer = piece(bytes, start, length, budget)?;
    let read = footer::read(&footer, budget);
    budget.give_back(length);
    read
}

/// Bytes of a file, which it has.
fn piece(
    bytes: &impl ReaderAt,
    at: u64,
    length: u64,
    budget: &Budget,
) -> Result<Vec<u8>, FileError> {
    budget.take(length)?;
    let length = usize::try_from(length).map_err(|_| damage("a piece beyond all memory"))?;
    let mut piece = vec![0; length];
    fill(bytes, &mut piece, at)?;
    Ok(piece)
}

fn fill(bytes: &impl ReaderAt, buffer: &mut [u8], at: u64) -> Result<(), FileError> {
    match bytes.read_exact_at(buffer, at) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(damage(format!("it ends before byte {}", at.saturating_add(buffer.len() as u64))))
        }
        read => read.map_err(FileError::Io),
    }
}

/// What the cells of a column are.
fn kind(column: &Column) -> Kind {
    match column.meaning {
        Meaning::Text => Kind::Texts,
        Meaning::Days | Meaning::Moment(_) | Meaning::TimeOfDay(_) => Kind::Moments,
        Meaning::Other(what) => Kind::Other(what.to_owned()),
        Meaning::Plain | Meaning::Unsigned | Meaning::Decimal(_) | Meaning::Half => Kind::Numbers,
    }
}
