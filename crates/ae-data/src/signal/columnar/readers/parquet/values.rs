//! The values of a page, in each of the ways that they may be written.

use super::bits::{Bits, Hybrid};
use super::delta::Deltas;
use super::pages::Page;
use super::schema::{Column, Physical};
use super::{Damage, PARQUET, damage};

/// A value as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw<'v> {
    /// A switch, or up to eight bytes.
    Bits(u64),
    Bytes(&'v [u8]),
}

impl Physical {
    /// Bytes of a value, where all have as many.
    fn size(self) -> Option<usize> {
        match self {
            Self::Boolean | Self::Bytes => None,
            Self::Int32 | Self::Float => Some(4),
            Self::Int64 | Self::Double => Some(8),
            Self::Int96 => Some(12),
            Self::Fixed(size) => Some(size),
        }
    }

    /// A value of these bytes.
    fn raw(self, bytes: &[u8]) -> Raw<'_> {
        match self {
            Self::Int96 | Self::Bytes | Self::Fixed(_) => Raw::Bytes(bytes),
            _ => Raw::Bits(bytes.iter().rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte))),
        }
    }
}

/// Values that pages name by their places.
#[derive(Debug)]
pub(super) struct Dictionary {
    bytes: Vec<u8>,
    physical: Physical,
    /// Where texts begin and end; nothing where all are as long.
    places: Vec<(u32, u32)>,
}

impl Dictionary {
    /// Of a page, which holds as many values as it says.
    pub(super) fn new(page: Page, physical: Physical) -> Result<Self, Damage> {
        let (bytes, mut places) = (page.bytes, Vec::new());
        if physical == Physical::Boolean {
            return Err(damage("a dictionary of switches"));
        }
        if physical == Physical::Bytes {
            let mut rest = &bytes[..];
            // Each has four bytes at least.
            for _ in 0..page.values {
                let text = next_bytes(&mut rest)?;
                let (end, len) = (bytes.len() - rest.len(), text.len());
                let place = |at: usize| u32::try_from(at).map_err(|_| ends());
                places.push((place(end - len)?, place(end)?));
            }
        }
        Ok(Self { bytes, physical, places })
    }

    /// Memory of the places, while they grow.
    pub(super) fn places_bytes(&self) -> u64 {
        2 * size_of_val(&self.places[..]) as u64
    }

    fn at(&self, place: u64) -> Result<Raw<'_>, Damage> {
        let none = || damage(format!("place {place} in a shorter dictionary"));
        let at = usize::try_from(place).map_err(|_| none())?;
        let range = match self.physical.size() {
            Some(size) => {
                let start = at.checked_mul(size).ok_or_else(none)?;
                start..start.checked_add(size).ok_or_else(none)?
            }
            None => self
                .places
                .get(at)
                .map(|&(from, to)| from as usize..to as usize)
                .ok_or_else(none)?,
        };
        Ok(self.physical.raw(self.bytes.get(range).ok_or_else(none)?))
    }
}

/// The values of a page that are there, one after the other.
pub(super) struct Values<'p> {
    physical: Physical,
    way: Way<'p>,
    /// A value that does not lie in one piece.
    buffer: Vec<u8>,
}

enum Way<'p> {
    Plain(&'p [u8]),
    /// A bit each, and the next.
    Switches(Bits<'p>, usize),
    Runs(Hybrid<'p>),
    Places(Hybrid<'p>, &'p Dictionary),
    Deltas(Deltas<'p>),
    /// Texts behind all their lengths.
    Lengths(Deltas<'p>, &'p [u8]),
    /// The same, each with bytes of the one before in front.
    Prefixes(Deltas<'p>, Deltas<'p>, &'p [u8]),
    /// The first bytes of all values, then the second, and so on; how many, and the next.
    Split(&'p [u8], usize, usize),
}

impl<'p> Values<'p> {
    pub(super) fn new(
        page: &'p Page,
        column: &Column,
        dictionary: Option<&'p Dictionary>,
    ) -> Result<Self, Damage> {
        let (bytes, physical) = (&page.bytes[..], column.physical);
        let is_integer = matches!(physical, Physical::Int32 | Physical::Int64);
        let are_bytes = matches!(physical, Physical::Bytes | Physical::Fixed(_));
        let way = match (page.encoding, physical.size()) {
            // No value is there at all.
            _ if bytes.is_empty() => Way::Plain(bytes),
            (0, None) if physical == Physical::Boolean => {
                Way::Switches(Bits { bytes, width: 1 }, 0)
            }
            (0, _) => Way::Plain(bytes),
            (2 | 8, _) => {
                let Some(dictionary) = dictionary else {
                    return Err(damage(format!("column `{}` without its dictionary", column.name)));
                };
                let (width, bytes) = bytes.split_first().ok_or_else(ends)?;
                Way::Places(Hybrid::new(bytes, usize::from(*width))?, dictionary)
            }
            // Behind their length.
            (3, _) if physical == Physical::Boolean => {
                Way::Runs(Hybrid::new(next_bytes(&mut &*bytes)?, 1)?)
            }
            (5, _) if is_integer => Way::Deltas(Deltas::new(bytes)?),
            (6, None) if physical == Physical::Bytes => {
                let lengths = Deltas::new(bytes)?;
                Way::Lengths(lengths.clone(), lengths.behind()?)
            }
            (7, _) if are_bytes => {
                let prefixes = Deltas::new(bytes)?;
                let lengths = Deltas::new(prefixes.clone().behind()?)?;
                Way::Prefixes(prefixes, lengths.clone(), lengths.behind()?)
            }
            (9, Some(size)) if physical != Physical::Int96 => {
                if !bytes.len().is_multiple_of(size) {
                    return Err(ends());
                }
                Way::Split(bytes, bytes.len() / size, 0)
            }
            (encoding, _) => {
                let what = format!("column `{}` in the encoding {encoding}", column.name);
                return Err(PARQUET.not_read(what, "write it with the encodings that are usual"));
            }
        };
        Ok(Self { physical, way, buffer: Vec::new() })
    }

    /// The next value.
    pub(super) fn next(&mut self) -> Result<Raw<'_>, Damage> {
        let physical = self.physical;
        Ok(match &mut self.way {
            Way::Plain(rest) => match physical.size() {
                Some(size) => physical.raw(cut(rest, size)?),
                None => Raw::Bytes(next_bytes(rest)?),
            },
            Way::Switches(bits, next) => {
                *next += 1;
                Raw::Bits(bits.at(*next - 1)?)
            }
            Way::Runs(runs) => Raw::Bits(runs.next()?),
            Way::Places(places, dictionary) => dictionary.at(places.next()?)?,
            Way::Deltas(deltas) => {
                let number = deltas.next()? as u64;
                Raw::Bits(if physical == Physical::Int32 { number & 0xffff_ffff } else { number })
            }
            Way::Lengths(lengths, rest) => Raw::Bytes(cut(rest, length(lengths)?)?),
            Way::Prefixes(prefixes, lengths, rest) => {
                let (same, len) = (length(prefixes)?, length(lengths)?);
                if same > self.buffer.len() {
                    return Err(damage("a text that begins with more than the one before has"));
                }
                self.buffer.truncate(same);
                self.buffer.extend(cut(rest, len)?);
                if physical.size().is_some_and(|size| size != self.buffer.len()) {
                    return Err(ends());
                }
                Raw::Bytes(&self.buffer)
            }
            Way::Split(bytes, count, next) => {
                if next == count {
                    return Err(ends());
                }
                self.buffer.clear();
                self.buffer.extend(bytes.iter().skip(*next).step_by(*count));
                *next += 1;
                physical.raw(&self.buffer)
            }
        })
    }
}

/// The next bytes, as many as that.
fn cut<'b>(rest: &mut &'b [u8], len: usize) -> Result<&'b [u8], Damage> {
    let (bytes, behind) = rest.split_at_checked(len).ok_or_else(ends)?;
    *rest = behind;
    Ok(bytes)
}

/// The next bytes, behind their number.
fn next_bytes<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Damage> {
    let len = cut(rest, 4)?.iter().rev().fold(0, |len, &byte| len << 8 | usize::from(byte));
    cut(rest, len)
}

fn length(deltas: &mut Deltas<'_>) -> Result<usize, Damage> {
    let length = deltas.next()?;
    usize::try_from(length).map_err(|_| damage(format!("a text of {length} bytes")))
}

fn ends() -> Damage {
    damage("the values of a page end early")
}
