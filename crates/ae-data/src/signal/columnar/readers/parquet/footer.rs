//! What stands at the end of a Parquet file: its columns, and where their values lie.

use super::Damage;
use super::schema::{Column, Element, columns, element};
use super::thrift::{Thrift, Type, expect};
use crate::signal::budget::Budget;

/// Rows whose columns lie one behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RowGroup {
    pub(super) rows: u64,
    pub(super) chunks: Vec<Chunk>,
}

/// The values of a column in a row group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) is_in_other_file: bool,
    pub(super) is_encrypted: bool,
    pub(super) codec: i64,
    pub(super) values: u64,
    pub(super) bytes: u64,
    pub(super) data_at: u64,
    pub(super) dictionary_at: Option<u64>,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) columns: Vec<Column>,
    /// Columns that hold values, those of structures among them.
    pub(super) leaves: usize,
    pub(super) groups: Vec<RowGroup>,
}

/// Reads the footer in `bytes`. What an entry takes here may be many times what it takes there, so each
/// counts.
pub(super) fn read(bytes: &[u8], budget: &Budget) -> Result<Footer, Damage> {
    // Twice as much while a list grows.
    let take = |size: usize| budget.take(2 * size as u64);
    let (mut elements, mut groups) = (Vec::new(), Vec::new());
    Thrift::new(bytes).structure(|thrift, id, kind| {
        match (id, kind) {
            (2, Type::List) => thrift.list(|thrift, kind| {
                let element = element(thrift, kind)?;
                take(size_of::<Element>() + size_of::<Column>() + 2 * element.name.len())?;
                elements.push(element);
                Ok(())
            })?,
            (4, Type::List) => thrift.list(|thrift, kind| {
                take(size_of::<RowGroup>())?;
                groups.push(group(thrift, kind, &take)?);
                Ok(())
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let (columns, leaves) = columns(&elements)?;
    Ok(Footer { columns, leaves, groups })
}

fn group(
    thrift: &mut Thrift<'_>,
    kind: Type,
    take: &impl Fn(usize) -> Result<(), Damage>,
) -> Result<RowGroup, Damage> {
    expect(kind)?;
    let mut group = RowGroup::default();
    thrift.structure(|thrift, id, kind| {
        match (id, kind) {
            (1, Type::List) => thrift.list(|thrift, kind| {
                take(size_of::<Chunk>())?;
                group.chunks.push(chunk(thrift, kind)?);
                Ok(())
            })?,
            (3, Type::Integer) => group.rows = thrift.count()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(group)
}

fn chunk(thrift: &mut Thrift<'_>, kind: Type) -> Result<Chunk, Damage> {
    expect(kind)?;
    let mut chunk = Chunk::default();
    thrift.structure(|thrift, id, kind| {
        match (id, kind) {
            (1, Type::Binary) => chunk.is_in_other_file = !thrift.binary()?.is_empty(),
            (3, Type::Structure) => thrift.structure(|thrift, id, kind| {
                match (id, kind) {
                    (4, Type::Integer) => chunk.codec = thrift.integer()?,
                    (5, Type::Integer) => chunk.values = thrift.count()?,
                    (7, Type::Integer) => chunk.bytes = thrift.count()?,
                    (9, Type::Integer) => chunk.data_at = thrift.count()?,
                    (11, Type::Integer) => chunk.dictionary_at = Some(thrift.count()?),
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            (8, Type::Structure) => {
                chunk.is_encrypted = true;
                return Ok(false);
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(chunk)
}
