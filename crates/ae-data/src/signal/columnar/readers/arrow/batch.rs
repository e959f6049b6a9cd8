//! The buffers of a batch of rows, and to which column they belong.

use std::borrow::Cow;

use super::flat::Record;
use super::schema::{Field, Layout, Stored};
use super::{ARROW, Damage, damage};
use crate::signal::budget::Budget;
use crate::signal::columnar::readers::packed::Packing;

/// A batch of rows, or a dictionary: where its buffers lie in the body behind its description.
#[derive(Debug)]
pub(super) struct Batch<'b> {
    pub(super) rows: u64,
    body: &'b [u8],
    packing: Option<Packing>,
    buffers: Vec<[i64; 2]>,
    /// Of each column whose buffers are not of a fixed number, how many more there are.
    more: Vec<i64>,
    /// The next of each.
    next: usize,
    next_more: usize,
}

/// The buffers of a column, unpacked.
#[derive(Debug)]
pub(super) struct Buffers<'b> {
    /// A bit for each row, or nothing where no value is missing.
    pub(super) valid: Cow<'b, [u8]>,
    /// Offsets, then the bytes; or the values alone; or views, then the bytes.
    pub(super) data: Vec<Cow<'b, [u8]>>,
    /// What they took from the budget.
    pub(super) taken: u64,
}

impl<'b> Batch<'b> {
    pub(super) fn new(
        record: &Record<'_>,
        body: &'b [u8],
        budget: &Budget,
    ) -> Result<Self, Damage> {
        let packing = match record.record(3)? {
            None => None,
            Some(of) => match of.u8(0, 0)? {
                0 => Some(Packing::Lz4Frame),
                1 => Some(Packing::Zstd),
                other => {
                    let how = "write it with compression \"lz4\", \"zstd\" or none";
                    return Err(ARROW.not_read(format!("packing number {other}"), how));
                }
            },
        };
        let (buffers, more) = (record.vector(2, 16)?, record.vector(4, 8)?);
        budget.take((16 * buffers.len + 8 * more.len) as u64)?;
        let (buffers, more) =
            (buffers.pairs().collect::<Result<_, _>>()?, more.numbers().collect::<Result<_, _>>()?);
        let rows = record.count(0)?;
        Ok(Self { rows, body, packing, buffers, more, next: 0, next_more: 0 })
    }

    /// Goes on to the next column, and unpacks its buffers if they are wanted.
    pub(super) fn column(
        &mut self,
        field: &Field,
        is_wanted: bool,
        budget: &Budget,
    ) -> Result<Option<Buffers<'b>>, Damage> {
        let stored = field.dictionary.map_or(field.stored, |(_, places)| places);
        let count = self.count(stored)?;
        let first = self.next;
        self.next = first.saturating_add(count);
        if field.dictionary.is_none() {
            for child in &field.children {
                self.column(child, false, budget)?;
            }
        }
        if !is_wanted {
            return Ok(None);
        }
        let mut taken = 0;
        let mut unpacked = (first..first.saturating_add(count)).map(|at| {
            let bytes = self.buffer(at, budget)?;
            taken += match &bytes {
                Cow::Borrowed(_) => 0,
                Cow::Owned(bytes) => bytes.len() as u64,
            };
            Ok(bytes)
        });
        let valid = unpacked.next().transpose()?.unwrap_or_default();
        let data = unpacked.collect::<Result<_, Damage>>()?;
        Ok(Some(Buffers { valid, data, taken }))
    }

    /// How many buffers a column has, without those inside it.
    fn count(&mut self, stored: Stored) -> Result<usize, Damage> {
        Ok(match stored {
            Stored::Other(Layout::Buffers(count)) => count,
            Stored::Text(_) => 3,
            Stored::TextView | Stored::Other(Layout::View) => {
                let more = self.more.get(self.next_more).copied();
                self.next_more += 1;
                let more = more.and_then(|more| usize::try_from(more).ok());
                // Each is one of the buffers that are there.
                let more = more.filter(|&more| more <= self.buffers.len());
                2 + more.ok_or_else(|| damage("a column of views with no number of buffers"))?
            }
            _ => 2,
        })
    }

    fn buffer(&self, at: usize, budget: &Budget) -> Result<Cow<'b, [u8]>, Damage> {
        let Some(&[offset, length]) = self.buffers.get(at) else {
            return Err(damage("a batch with fewer buffers than its columns need"));
        };
        let start = usize::try_from(offset).ok();
        let range = start.and_then(|start| {
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            self.body.get(start..end)
        });
        let Some(bytes) = range else {
            return Err(damage(format!(
                "a buffer of {length} bytes from byte {offset} on, of {} in the batch",
                self.body.len()
            )));
        };
        match (self.packing, bytes.split_first_chunk()) {
            // Behind its length when unpacked, unless it did not get shorter.
            (Some(packing), Some((said, packed))) => match i64::from_le_bytes(*said) {
                -1 => Ok(Cow::Borrowed(packed)),
                said => {
                    let said = u64::try_from(said)
                        .map_err(|_| damage(format!("a buffer of {said} bytes when unpacked")))?;
                    packing.unpack(packed, said, ARROW, budget)
                }
            },
            (Some(_), None) if !bytes.is_empty() => Err(damage("a packed buffer without a length")),
            _ => Ok(Cow::Borrowed(bytes)),
        }
    }
}
