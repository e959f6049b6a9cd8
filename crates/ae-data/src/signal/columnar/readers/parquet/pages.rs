//! The pages of a column in a group of rows.

use flate2::Crc;
use rawzip::ReaderAt;

use super::footer::Chunk;
use super::schema::Column;
use super::thrift::{Thrift, Type};
use super::{Damage, PARQUET, damage, fill, piece};
use crate::signal::budget::Budget;
use crate::signal::columnar::readers::packed::Packing;

/// Bytes in which the head of a page is looked for first, and at most: it may hold the least and the
/// largest value, which may be long texts.
const HEAD_BYTES: u64 = 1 << 12;
const MAX_HEAD_BYTES: u64 = 1 << 24;

const CODECS: &str = "write it with compression \"snappy\", \"zstd\", \"gzip\" or \"lz4_raw\"";

/// A page, unpacked.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) is_dictionary: bool,
    pub(super) values: u64,
    pub(super) encoding: i64,
    /// Which values are there, where some may not be.
    pub(super) levels: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

impl Page {
    /// What it took from the budget.
    pub(super) fn taken(&self) -> u64 {
        (self.levels.len() + self.bytes.len()) as u64
    }
}

/// The pages of a column in a group of rows, one after the other.
pub(super) struct Pages<'a, R> {
    bytes: &'a R,
    at: u64,
    end: u64,
    /// Values that are still to come.
    pub(super) left: u64,
    packing: Packing,
    column: &'a Column,
    pub(super) budget: &'a Budget,
}

/// What stands in front of a page.
#[derive(Debug, Default)]
struct Head {
    kind: i64,
    unpacked: u64,
    packed: u64,
    crc: Option<u32>,
    values: u64,
    encoding: i64,
    level_encoding: i64,
    /// Of a page whose levels are not packed, their bytes.
    level_bytes: Option<u64>,
    repetition_bytes: u64,
    is_plain: bool,
}

/// Kinds of pages.
const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_V2: i64 = 3;

impl<'a, R: ReaderAt> Pages<'a, R> {
    /// Of a column in a file of `len` bytes.
    pub(super) fn new(
        bytes: &'a R,
        len: u64,
        column: &'a Column,
        chunk: &Chunk,
        budget: &'a Budget,
    ) -> Result<Self, Damage> {
        if chunk.is_in_other_file {
            return Err(PARQUET.not_read("a column in another file", "write it as one file"));
        }
        if chunk.is_encrypted {
            return Err(PARQUET.not_read("the encryption", "write it without"));
        }
        let packing = match chunk.codec {
            0 => Packing::Plain,
            1 => Packing::Snappy,
            2 => Packing::Gzip,
            6 => Packing::Zstd,
            7 => Packing::Lz4Block,
            3 => return Err(PARQUET.not_read("the packing LZO", CODECS)),
            4 => return Err(PARQUET.not_read("the packing Brotli", CODECS)),
            5 => return Err(PARQUET.not_read("the older packing LZ4", CODECS)),
            other => return Err(PARQUET.not_read(format!("packing number {other}"), CODECS)),
        };
        let at =
            chunk.dictionary_at.filter(|&at| at > 0).unwrap_or(chunk.data_at).min(chunk.data_at);
        let end = at.checked_add(chunk.bytes).filter(|&end| end <= len).ok_or_else(|| {
            let (name, bytes) = (&column.name, chunk.bytes);
            damage(format!(
                "column `{name}`: {bytes} bytes from byte {at} on, of {len} in the file"
            ))
        })?;
        Ok(Self { bytes, at, end, left: chunk.values, packing, column, budget })
    }

    /// The next page; `None` behind the last value.
    pub(super) fn next(&mut self) -> Result<Option<Page>, Damage> {
        while self.left > 0 {
            let head = self.head()?;
            let packed = piece(self.bytes, self.at, head.packed, self.budget)?;
            self.at += head.packed;
            if let Some(crc) = head.crc {
                let mut found = Crc::new();
                found.update(&packed);
                if found.sum() != crc {
                    return Err(self.wrong("a page whose checksum is not that of its bytes"));
                }
            }
            let page = match head.kind {
                DATA | DICTIONARY | DATA_V2 => Some(self.unpack(&head, &packed)?),
                // An index, of which nothing is needed.
                _ => None,
            };
            self.budget.give_back(head.packed);
            let Some(page) = page else { continue };
            if !page.is_dictionary {
                self.left = self.left.checked_sub(page.values).ok_or_else(|| {
                    self.wrong("pages of more values than the column is said to have")
                })?;
            }
            return Ok(Some(page));
        }
        Ok(None)
    }

    fn unpack(&self, head: &Head, packed: &[u8]) -> Result<Page, Damage> {
        let is_optional = self.column.is_optional;
        let (levels, values) = match head.level_bytes {
            // In front of the values, and not packed with them.
            Some(bytes) => {
                let cut = |bytes: &[u8], at: u64| {
                    let at = usize::try_from(at).ok().filter(|&at| at <= bytes.len());
                    at.map(|at| (bytes[..at].to_vec(), at))
                };
                let (_, from) = cut(packed, head.repetition_bytes).ok_or_else(|| self.levels())?;
                let (levels, to) = cut(&packed[from..], bytes).ok_or_else(|| self.levels())?;
                (levels, &packed[from + to..])
            }
            None => (Vec::new(), packed),
        };
        let aside = head.level_bytes.map_or(0, |bytes| bytes + head.repetition_bytes);
        let len = head.unpacked.checked_sub(aside).ok_or_else(|| self.levels())?;
        let packing = if head.is_plain { Packing::Plain } else { self.packing };
        let mut bytes = match len {
            // Nothing at all: every value is missing.
            0 => Vec::new(),
            len => packing.unpack(values, len, PARQUET, self.budget)?.into_owned(),
        };
        let is_dictionary = head.kind == DICTIONARY;
        self.budget.take(levels.len() as u64)?;
        let mut page = Page {
            is_dictionary,
            values: head.values,
            encoding: head.encoding,
            levels,
            bytes: Vec::new(),
        };
        if head.kind == DATA && is_optional {
            if head.level_encoding != 3 {
                return Err(PARQUET.not_read(
                    format!("the encoding {} of missing values", head.level_encoding),
                    "write it again with a newer program",
                ));
            }
            let said = bytes.first_chunk().map(|said| u32::from_le_bytes(*said) as usize);
            let end = said.and_then(|said| said.checked_add(4)).filter(|&end| end <= bytes.len());
            let behind = bytes.split_off(end.ok_or_else(|| self.levels())?);
            page.levels = bytes.split_off(4);
            bytes = behind;
        }
        page.bytes = bytes;
        Ok(page)
    }

    fn levels(&self) -> Damage {
        self.wrong("a page whose levels are longer than it")
    }

    fn wrong(&self, what: &str) -> Damage {
        damage(format!("column `{}`: {what}", self.column.name))
    }

    /// Reads the head of the next page, and goes on behind it.
    fn head(&mut self) -> Result<Head, Damage> {
        let left = self.end - self.at;
        let mut looked = HEAD_BYTES.min(left);
        loop {
            let mut bytes = vec![0; looked as usize];
            fill(self.bytes, &mut bytes, self.at)?;
            let mut thrift = Thrift::new(&bytes);
            match head(&mut thrift) {
                Ok(head) => {
                    self.at += thrift.at() as u64;
                    if head.packed > self.end - self.at {
                        let (packed, left) = (head.packed, self.end - self.at);
                        return Err(
                            self.wrong(&format!("a page of {packed} bytes, of {left} left"))
                        );
                    }
                    return Ok(head);
                }
                Err(error) if looked == left || looked >= MAX_HEAD_BYTES => return Err(error),
                Err(_) => looked = (16 * looked).min(left).min(MAX_HEAD_BYTES),
            }
        }
    }
}

fn head(thrift: &mut Thrift<'_>) -> Result<Head, Damage> {
    let mut head = Head::default();
    thrift.structure(|thrift, id, kind| {
        match (id, kind) {
            (1, Type::Integer) => head.kind = thrift.integer()?,
            (2, Type::Integer) => head.unpacked = thrift.count()?,
            (3, Type::Integer) => head.packed = thrift.count()?,
            (4, Type::Integer) => head.crc = Some(thrift.integer()? as u32),
            (5 | 7, Type::Structure) => thrift.structure(|thrift, id, kind| {
                match (id, kind) {
                    (1, Type::Integer) => head.values = thrift.count()?,
                    (2, Type::Integer) => head.encoding = thrift.integer()?,
                    (3, Type::Integer) => head.level_encoding = thrift.integer()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            (8, Type::Structure) => {
                head.level_bytes = Some(0);
                thrift.structure(|thrift, id, kind| {
                    match (id, kind) {
                        (1, Type::Integer) => head.values = thrift.count()?,
                        (4, Type::Integer) => head.encoding = thrift.integer()?,
                        (5, Type::Integer) => head.level_bytes = Some(u64::from(length(thrift)?)),
                        (6, Type::Integer) => head.repetition_bytes = length(thrift)?.into(),
                        (7, Type::False) => head.is_plain = true,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    if head.kind != DATA_V2 {
        head.level_bytes = None;
    }
    Ok(head)
}

fn length(thrift: &mut Thrift<'_>) -> Result<u32, Damage> {
    let length = thrift.count()?;
    u32::try_from(length).map_err(|_| damage(format!("levels of {length} bytes")))
}
