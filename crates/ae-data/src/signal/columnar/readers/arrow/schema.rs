//! What the columns of an Arrow file are.

use super::flat::Record;
use super::{Damage, damage};
use crate::signal::budget::Budget;
use crate::signal::columnar::readers::table::Kind;

/// Columns inside each other.
const DEEPEST: usize = 16;

/// How the values of a column are stored, and what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// Of so many bytes.
    Signed(usize),
    Unsigned(usize),
    /// Of 2, 4 or 8 bytes.
    Float(usize),
    Switch,
    /// Of so many bytes, times ten to the power of minus so many.
    Decimal(usize, i32),
    /// Since 1970, of so many bytes: in days, in parts of a second.
    Days,
    Moment(u32),
    TimeOfDay(usize, u32),
    Duration(u32),
    /// Bytes of each offset.
    Text(usize),
    /// Short ones in place, long ones elsewhere.
    TextView,
    /// Nothing that is read, and how it lies in the file.
    Other(Layout),
}

/// Which buffers a column has that is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Buffers(usize),
    /// And as many more as are said beside.
    View,
}

/// A column, and those inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) stored: Stored,
    /// What it is, where it is not read.
    pub(super) what: &'static str,
    /// Number of the dictionary, and how places in it are stored.
    pub(super) dictionary: Option<(i64, Stored)>,
    pub(super) children: Vec<Field>,
}

impl Field {
    /// What its cells are.
    pub(super) fn kind(&self) -> Kind {
        match self.stored {
            Stored::Text(_) | Stored::TextView => Kind::Texts,
            Stored::Days | Stored::Moment(_) | Stored::TimeOfDay(..) => Kind::Moments,
            Stored::Other(_) => Kind::Other(self.what.to_owned()),
            _ => Kind::Numbers,
        }
    }
}

/// The columns that a schema has.
pub(super) fn read(schema: &Record<'_>, budget: &Budget) -> Result<Vec<Field>, Damage> {
    if schema.i16(0, 0)? != 0 {
        return Err(
            super::ARROW.not_read("the byte order (big-endian)", "write it on another machine")
        );
    }
    fields(schema, 1, 0, budget)
}

fn fields(
    record: &Record<'_>,
    field: usize,
    depth: usize,
    budget: &Budget,
) -> Result<Vec<Field>, Damage> {
    if depth > DEEPEST {
        return Err(damage("columns inside each other without end"));
    }
    let mut fields = Vec::new();
    for record in record.vector(field, 4)?.records() {
        // Many offsets may lead to one field.
        let field = self::field(&record?, depth, budget)?;
        budget.take(2 * (size_of::<Field>() + field.name.len()) as u64)?;
        fields.push(field);
    }
    Ok(fields)
}

fn field(record: &Record<'_>, depth: usize, budget: &Budget) -> Result<Field, Damage> {
    let (stored, what) = stored(record.u8(2, 0)?, record.record(3)?)?;
    let dictionary = match record.record(4)? {
        None => None,
        Some(of) => {
            let places = match of.record(1)? {
                Some(integer) => integers(&integer)?,
                None => Stored::Signed(4),
            };
            Some((of.i64(0, 0)?, places))
        }
    };
    let children = fields(record, 5, depth + 1, budget)?;
    Ok(Field { name: record.text(0)?, stored, what, dictionary, children })
}

fn integers(record: &Record<'_>) -> Result<Stored, Damage> {
    let is_signed = record.u8(1, 0)? != 0;
    let bytes = match record.i32(0, 0)? {
        8 => 1,
        16 => 2,
        32 => 4,
        64 => 8,
        bits => return Err(damage(format!("integers of {bits} bits"))),
    };
    Ok(if is_signed { Stored::Signed(bytes) } else { Stored::Unsigned(bytes) })
}

/// The unit of a time.
fn parts(unit: i16) -> Result<u32, Damage> {
    Ok(match unit {
        0 => 1,
        1 => 1000,
        2 => 1_000_000,
        3 => 1_000_000_000,
        other => return Err(damage(format!("a unit of time number {other}"))),
    })
}

/// How a type is stored, and what to call it where it is not read.
fn stored(number: u8, of: Option<Record<'_>>) -> Result<(Stored, &'static str), Damage> {
    let said = || of.ok_or_else(|| damage("a type without its description"));
    let other = |buffers, what| Ok((Stored::Other(Layout::Buffers(buffers)), what));
    let stored = match number {
        1 => return other(0, "nothing"),
        2 => integers(&said()?)?,
        3 => match said()?.i16(0, 0)? {
            0 => Stored::Float(2),
            1 => Stored::Float(4),
            2 => Stored::Float(8),
            precision => return Err(damage(format!("floats of precision {precision}"))),
        },
        4 | 19 => return other(3, "bytes"),
        5 => Stored::Text(4),
        6 => Stored::Switch,
        7 => {
            let of = said()?;
            match of.i32(2, 128)? {
                bits @ (32 | 64 | 128) => Stored::Decimal(bits as usize / 8, of.i32(1, 0)?),
                _ => return other(2, "decimals of many digits"),
            }
        }
        8 => match said()?.i16(0, 1)? {
            0 => Stored::Days,
            _ => Stored::Moment(1000),
        },
        9 => {
            let of = said()?;
            let bytes = if of.i32(1, 32)? == 64 { 8 } else { 4 };
            Stored::TimeOfDay(bytes, parts(of.i16(0, 1)?)?)
        }
        10 => Stored::Moment(parts(said()?.i16(0, 0)?)?),
        18 => Stored::Duration(parts(said()?.i16(0, 1)?)?),
        20 => Stored::Text(8),
        24 => Stored::TextView,
        11 | 15 => return other(2, "bytes"),
        12 | 17 | 21 => return other(2, "lists"),
        13 | 16 => return other(1, "several values"),
        14 => {
            // A union: which of its columns counts, and in one kind of it where.
            let is_dense = said()?.i16(0, 0)? == 1;
            return other(if is_dense { 2 } else { 1 }, "values of several types");
        }
        22 => return other(0, "runs of values"),
        23 => return Ok((Stored::Other(Layout::View), "bytes")),
        25 | 26 => return other(3, "lists"),
        other => {
            return Err(super::ARROW.not_read(format!("type number {other}"), "write it as CSV"));
        }
    };
    Ok((stored, ""))
}
