//! From the buffers of a column to cells.

use std::borrow::Cow;

use half::f16;

use super::batch::Buffers;
use super::schema::Stored;
use super::{Damage, damage};
use crate::signal::columnar::readers::cell::{Cell, text_of};

/// Bytes of a view, and those of a text that fits into one.
const VIEW: usize = 16;
const SHORT: usize = 12;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The values of a column in a batch.
pub(super) struct Values<'v> {
    valid: &'v [u8],
    stored: Stored,
    data: &'v [Cow<'v, [u8]>],
}

impl<'v> Values<'v> {
    pub(super) fn new(buffers: &'v Buffers<'v>, stored: Stored) -> Self {
        Self { valid: &buffers.valid, stored, data: &buffers.data }
    }

    /// Whether a value is there.
    fn is_there(&self, row: usize) -> Result<bool, Damage> {
        match self.valid.get(row / 8) {
            Some(bits) => Ok(bits >> (row % 8) & 1 == 1),
            // Without such a buffer all are.
            None if self.valid.is_empty() => Ok(true),
            None => Err(ends()),
        }
    }

    /// The value of a row.
    pub(super) fn at(&self, row: usize) -> Result<Cell<'v>, Damage> {
        if !self.is_there(row)? {
            return Ok(Cell::Nothing);
        }
        Ok(match self.stored {
            Stored::Signed(bytes) => Cell::Integer(self.signed(row, bytes)?),
            Stored::Unsigned(bytes) => Cell::Natural(self.bits(row, bytes)?),
            Stored::Float(2) => Cell::Number(f16::from_bits(self.bits(row, 2)? as u16).to_f64()),
            Stored::Float(4) => Cell::Number(f32::from_bits(self.bits(row, 4)? as u32).into()),
            Stored::Float(_) => Cell::Number(f64::from_bits(self.bits(row, 8)?)),
            Stored::Switch => {
                let bits = self.buffer(0)?.get(row / 8).ok_or_else(ends)?;
                Cell::Switch(bits >> (row % 8) & 1 == 1)
            }
            Stored::Decimal(bytes, scale) => {
                let bytes = self.bytes(row, bytes)?;
                let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
                let start = if negative { -1_i128 } else { 0 };
                let number = bytes.iter().rev().fold(start, |n, &byte| n << 8 | i128::from(byte));
                Cell::Number(number as f64 / 10_f64.powi(scale))
            }
            Stored::Days => Cell::Moment(self.signed(row, 4)? * DAY, 1),
            Stored::Moment(parts) => Cell::Moment(self.signed(row, 8)?, parts),
            Stored::TimeOfDay(bytes, parts) => Cell::TimeOfDay(self.signed(row, bytes)?, parts),
            Stored::Duration(parts) => Cell::Number(self.signed(row, 8)? as f64 / f64::from(parts)),
            Stored::Text(offset) => {
                let (from, to) =
                    (self.bits(row, offset)?, self.bits(row.saturating_add(1), offset)?);
                text(self.buffer(1)?, from, to)?
            }
            Stored::TextView => self.view(row)?,
            Stored::Other(_) => return Err(damage("a value of a type that is not read")),
        })
    }

    /// A text in its view, or in the buffer that the view names.
    fn view(&self, row: usize) -> Result<Cell<'v>, Damage> {
        let view = self.bytes(row, VIEW)?;
        let number = |at: usize| little_endian(&view[at..at + 4]);
        let len = number(0);
        if len <= SHORT as u64 {
            return text(view, 4, 4 + len);
        }
        let buffer = usize::try_from(number(8)).ok().and_then(|at| at.checked_add(1));
        let bytes = self.buffer(buffer.ok_or_else(ends)?)?;
        text(bytes, number(12), number(12) + len)
    }

    fn buffer(&self, at: usize) -> Result<&'v [u8], Damage> {
        self.data.get(at).map(|bytes| &**bytes).ok_or_else(ends)
    }

    /// A place of so many bytes in the first buffer.
    fn bytes(&self, row: usize, size: usize) -> Result<&'v [u8], Damage> {
        let start = row.checked_mul(size).ok_or_else(ends)?;
        let rest = self.buffer(0)?.get(start..).unwrap_or_default();
        rest.get(..size).ok_or_else(ends)
    }

    fn bits(&self, row: usize, size: usize) -> Result<u64, Damage> {
        self.bytes(row, size).map(little_endian)
    }

    fn signed(&self, row: usize, size: usize) -> Result<i64, Damage> {
        let unused = 64 - 8 * size;
        Ok((self.bits(row, size)? << unused) as i64 >> unused)
    }
}

/// A place in a dictionary, where a row names one.
pub(super) fn place(cell: Cell<'_>) -> Result<Option<usize>, Damage> {
    let place = match cell {
        Cell::Nothing => return Ok(None),
        Cell::Integer(place) => usize::try_from(place).ok(),
        Cell::Natural(place) => usize::try_from(place).ok(),
        _ => None,
    };
    place.map(Some).ok_or_else(|| damage("a place in a dictionary that is no count"))
}

fn text(bytes: &[u8], from: u64, to: u64) -> Result<Cell<'_>, Damage> {
    let place = |at: u64| usize::try_from(at).ok();
    let range = place(from).zip(place(to)).filter(|(from, to)| from <= to);
    let bytes = range.and_then(|(from, to)| bytes.get(from..to)).ok_or_else(ends)?;
    text_of(bytes).map_err(damage)
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte))
}

fn ends() -> Damage {
    damage("the values of a batch end early")
}
