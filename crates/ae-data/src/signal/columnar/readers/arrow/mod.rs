//! Arrow files and streams, and Feather files of version 2, which are the same: tables by column, in
//! batches of rows.
//!
//! A stream is messages one after the other. A file has a list of them at its end, and what lies
//! between them means nothing.

mod batch;
mod dictionary;
mod file;
mod flat;
mod schema;
mod values;

use std::io::{self, Read};

use rawzip::ReaderAt;

use super::cell::Cell;
use super::table::Table;
use crate::signal::budget::Budget;
use crate::signal::clock::Clocks;
use crate::signal::columnar::ARROW_MESSAGE;
use crate::signal::faults::Faults;
use crate::signal::file_error::FileError;
use crate::signal::named_format::Format;
use crate::signal::{Signals, Source};
use batch::Batch;
use dictionary::Dictionaries;
use flat::{Flat, Record};
use schema::Field;
use values::{Values, place};

const ARROW: Format = Format("Arrow");

/// Bytes that are read at a time.
const CHUNK: u64 = 1 << 16;

/// What can go wrong here.
type Damage = FileError;

fn damage(reason: impl std::fmt::Display) -> Damage {
    ARROW.damaged(reason)
}

/// Kinds of messages.
const SCHEMA: u8 = 1;
const DICTIONARY: u8 = 2;
const BATCH: u8 = 3;

/// Reads a stream: messages one after the other.
pub(in crate::signal::columnar) fn read_stream(
    mut bytes: impl Read,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    let Some((description, length)) = message(&mut bytes, budget)? else {
        return Err(damage("it ends before the names of its columns"));
    };
    let (kind, header, _) = parts(&description)?;
    if kind != SCHEMA {
        return Err(damage("it does not begin with the names of its columns"));
    }
    let mut reading = Reading::new(schema::read(&header, budget)?, source, file, budget)?;
    budget.give_back(length);
    while reading.message(&mut bytes)?.is_some() {}
    reading.table.finish()
}

/// Reads a file of `len` bytes: the messages that a list at its end names.
pub(in crate::signal::columnar) fn read(
    bytes: impl ReaderAt,
    len: u64,
    source: &Source,
    file: &str,
    budget: &Budget,
) -> Result<(Signals, Clocks, Faults), FileError> {
    let description = file::footer(&bytes, len, budget)?;
    let footer = Flat::root(&description)?;
    let columns = footer.record(1)?.ok_or_else(|| damage("no names of its columns"))?;
    let mut reading = Reading::new(schema::read(&columns, budget)?, source, file, budget)?;
    // No message stands in the file twice, so that its length bounds the work.
    let mut left = len;
    for field in [2, 3] {
        for at in footer.vector(field, 24)?.places() {
            let Some(taken) = reading.message(&mut From { bytes: &bytes, at: at? })? else {
                return Err(damage("a message in its list that is not there"));
            };
            left =
                left.checked_sub(taken).ok_or_else(|| damage("messages longer than the file"))?;
        }
    }
    reading.table.finish()
}

/// What has been read of a file.
struct Reading<'a> {
    fields: Vec<Field>,
    dictionaries: Dictionaries,
    table: Table<'a>,
    budget: &'a Budget,
}

impl<'a> Reading<'a> {
    fn new(
        fields: Vec<Field>,
        source: &'a Source,
        file: &'a str,
        budget: &'a Budget,
    ) -> Result<Self, FileError> {
        let columns = fields.iter().map(|field| (field.name.clone(), field.kind())).collect();
        let table = Table::new(columns, source, file, budget)?;
        let dictionaries = Dictionaries::new(&fields, &table);
        Ok(Self { fields, dictionaries, table, budget })
    }

    /// Takes the next message, and says how many bytes it had; `None` behind the last.
    fn message(&mut self, bytes: &mut impl Read) -> Result<Option<u64>, FileError> {
        let budget = self.budget;
        let Some((description, length)) = message(bytes, budget)? else { return Ok(None) };
        let (kind, header, body_bytes) = parts(&description)?;
        let mut body = Vec::new();
        read_more(bytes, body_bytes, &mut body, budget)?;
        match kind {
            DICTIONARY => self.dictionaries.take(&header, &body, budget)?,
            BATCH => read_batch(
                &header,
                &body,
                &self.fields,
                &self.dictionaries,
                &mut self.table,
                budget,
            )?,
            SCHEMA => return Err(damage("two lists of columns")),
            // Tensors, which no table has.
            _ => {}
        }
        budget.give_back(length + 2 * body_bytes);
        Ok(Some(description.len() as u64 + body_bytes))
    }
}

/// Bytes of a file from a place on.
struct From<'b, R> {
    bytes: &'b R,
    at: u64,
}

impl<R: ReaderAt> Read for From<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read_at(buffer, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// The description of the next message, and what it took from the budget; `None` behind the last.
fn message(bytes: &mut impl Read, budget: &Budget) -> Result<Option<(Vec<u8>, u64)>, FileError> {
    let mut begin = Vec::new();
    let read = bytes.by_ref().take(4).read_to_end(&mut begin).map_err(FileError::Io)?;
    // A stream may end without a word.
    if read == 0 {
        return Ok(None);
    }
    if begin != ARROW_MESSAGE {
        return Err(damage("no message where one is expected (a file older than Arrow 0.15?)"));
    }
    let mut length = Vec::new();
    read_more(bytes, 4, &mut length, budget)?;
    let length = length.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
    if length == 0 {
        return Ok(None);
    }
    let mut description = Vec::new();
    read_more(bytes, length.into(), &mut description, budget)?;
    Ok(Some((description, 2 * u64::from(length))))
}

/// The kind of a message, what it says, and the bytes behind it.
fn parts(description: &[u8]) -> Result<(u8, Record<'_>, u64), Damage> {
    let message = Flat::root(description)?;
    let header = message.record(2)?.ok_or_else(|| damage("a message that says nothing"))?;
    Ok((message.u8(1, 0)?, header, message.count(3)?))
}

/// So many more bytes. Memory grows with what comes, to twice as much.
fn read_more(
    bytes: &mut impl Read,
    wanted: u64,
    into: &mut Vec<u8>,
    budget: &Budget,
) -> Result<(), FileError> {
    let mut left = wanted;
    while left > 0 {
        let part = left.min(CHUNK.max(into.len() as u64));
        budget.take(2 * part)?;
        let read = bytes.by_ref().take(part).read_to_end(into).map_err(FileError::Io)? as u64;
        left -= read;
        if read < part {
            let there = wanted - left;
            return Err(damage(format!(
                "it ends inside a message: {wanted} bytes are announced, and {there} are there"
            )));
        }
    }
    Ok(())
}

fn read_batch(
    header: &Record<'_>,
    body: &[u8],
    fields: &[Field],
    dictionaries: &Dictionaries,
    table: &mut Table<'_>,
    budget: &Budget,
) -> Result<(), FileError> {
    let mut batch = Batch::new(header, body, budget)?;
    let rows = batch.rows;
    for (at, field) in fields.iter().enumerate() {
        let Some(buffers) = batch.column(field, table.is_wanted(at), budget)? else { continue };
        table.announce(at, rows)?;
        match field.dictionary {
            None => {
                let values = Values::new(&buffers, field.stored);
                for row in 0..rows {
                    table.push(at, values.at(row as usize)?)?;
                }
            }
            Some((number, places)) => {
                let values = Values::new(&buffers, places);
                let dictionary = dictionaries.of(number, &field.name)?;
                for row in 0..rows {
                    let cell = match place(values.at(row as usize)?)? {
                        Some(place) => dictionary.at(place)?,
                        None => Cell::Nothing,
                    };
                    table.push(at, cell)?;
                }
            }
        }
        budget.give_back(buffers.taken);
    }
    table.end_batch(rows).map_err(|(name, found)| {
        damage(format!("column `{name}` has {found} values in a batch of {rows} rows"))
    })
}
