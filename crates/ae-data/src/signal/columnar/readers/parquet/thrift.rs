//! The compact protocol of Thrift, in which a Parquet file says what it holds.
//!
//! Code of ours, as is the rest of this reader: the library for Parquet takes memory by lengths that a
//! file states, adds some of them unchecked, and unpacks zstd by a library in C.

use super::{Damage, damage};

/// Structures inside each other; those of Parquet are five deep.
const DEEPEST: usize = 16;

/// What a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    True,
    False,
    Byte,
    /// Of 16, 32 and 64 bits, all written alike.
    Integer,
    Double,
    Binary,
    List,
    Map,
    Structure,
}

/// Bytes that are read as Thrift.
#[derive(Debug, Clone)]
pub(super) struct Thrift<'b> {
    bytes: &'b [u8],
    at: usize,
    depth: usize,
}

impl<'b> Thrift<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// Bytes that have been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Reads a structure. `field` takes the value of each field that it knows, and says so.
    pub(super) fn structure(
        &mut self,
        mut field: impl FnMut(&mut Self, i16, Type) -> Result<bool, Damage>,
    ) -> Result<(), Damage> {
        self.enter()?;
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                break;
            }
            let delta = i16::from(head >> 4);
            id = match delta {
                0 => i16::try_from(self.integer()?).map_err(|_| damage("a field's number"))?,
                delta => id.checked_add(delta).ok_or_else(|| damage("a field's number"))?,
            };
            let kind = type_of(head & 0x0f)?;
            if !field(self, id, kind)? {
                self.skip(kind)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a list. `element` takes each.
    pub(super) fn list(
        &mut self,
        mut element: impl FnMut(&mut Self, Type) -> Result<(), Damage>,
    ) -> Result<(), Damage> {
        let head = self.byte()?;
        let count = match u64::from(head >> 4) {
            15 => self.varint()?,
            count => count,
        };
        let kind = type_of(head & 0x0f)?;
        self.enter()?;
        // Each takes a byte at least, so a count beyond the bytes ends with them.
        for _ in 0..count {
            element(self, kind)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// A number of 16, 32 or 64 bits.
    pub(super) fn integer(&mut self) -> Result<i64, Damage> {
        Ok(zigzag(self.varint()?))
    }

    /// A number that counts something, or a place.
    pub(super) fn count(&mut self) -> Result<u64, Damage> {
        let number = self.integer()?;
        u64::try_from(number).map_err(|_| damage(format!("{number} where a count is expected")))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Damage> {
        let byte = self.bytes.get(self.at).copied().ok_or_else(ends)?;
        self.at += 1;
        Ok(byte)
    }

    /// Text, or bytes.
    pub(super) fn binary(&mut self) -> Result<&'b [u8], Damage> {
        let len = usize::try_from(self.varint()?).map_err(|_| ends())?;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let binary = rest.get(..len).ok_or_else(ends)?;
        self.at += len;
        Ok(binary)
    }

    fn varint(&mut self) -> Result<u64, Damage> {
        let (number, len) = varint(self.bytes.get(self.at..).unwrap_or_default())?;
        self.at += len;
        Ok(number)
    }

    /// Passes over a value, however it is nested.
    pub(super) fn skip(&mut self, kind: Type) -> Result<(), Damage> {
        match kind {
            Type::True | Type::False => {}
            Type::Byte => drop(self.byte()?),
            Type::Integer => drop(self.varint()?),
            Type::Double => (0..8).try_for_each(|_| self.byte().map(drop))?,
            Type::Binary => drop(self.binary()?),
            Type::List => self.list(|thrift, kind| thrift.skip_element(kind))?,
            Type::Structure => self.structure(|_, _, _| Ok(false))?,
            Type::Map => {
                let count = self.varint()?;
                if count > 0 {
                    let kinds = self.byte()?;
                    let kinds = [type_of(kinds >> 4)?, type_of(kinds & 0x0f)?];
                    self.enter()?;
                    for _ in 0..count {
                        kinds.into_iter().try_for_each(|kind| self.skip_element(kind))?;
                    }
                    self.depth -= 1;
                }
            }
        }
        Ok(())
    }

    /// The same in a list, where yes and no are bytes.
    fn skip_element(&mut self, kind: Type) -> Result<(), Damage> {
        match kind {
            Type::True | Type::False => self.byte().map(drop),
            kind => self.skip(kind),
        }
    }

    fn enter(&mut self) -> Result<(), Damage> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(damage("structures inside each other without end"));
        }
        Ok(())
    }
}

fn type_of(code: u8) -> Result<Type, Damage> {
    Ok(match code {
        1 => Type::True,
        2 => Type::False,
        3 => Type::Byte,
        4..=6 => Type::Integer,
        7 => Type::Double,
        8 => Type::Binary,
        9 | 10 => Type::List,
        11 => Type::Map,
        12 => Type::Structure,
        code => return Err(damage(format!("a value of type {code}"))),
    })
}

fn ends() -> Damage {
    damage("its description ends early")
}

/// A number of seven bits a byte, the lowest first, and how many bytes it has.
pub(super) fn varint(bytes: &[u8]) -> Result<(u64, usize), Damage> {
    let mut number = 0_u64;
    for (at, &byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return Ok((number, at + 1));
        }
    }
    Err(damage("a number that ends early"))
}

/// Signed numbers by their size: 0, −1, 1, −2 and so on.
pub(super) fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Refuses another element of a list than a structure.
pub(super) fn expect(kind: Type) -> Result<(), Damage> {
    match kind {
        Type::Structure => Ok(()),
        other => Err(damage(format!("{other:?} where a structure is expected"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_or_passed_over() {
        // 1: i32 −3; 3: list of two structures { 1: true }; 4: map of text to double; 20: "ab".
        let bytes = [
            0x15, 0x05, 0x29, 0x2c, 0x11, 0x00, 0x11, 0x00, 0x1b, 0x01, 0x87, 0x01, b'k', 0, 0, 0,
            0, 0, 0, 0, 0, 0x08, 0x28, 0x02, b'a', b'b', 0x00, 0xff,
        ];
        let mut seen = Vec::new();
        let mut thrift = Thrift::new(&bytes);
        let read = thrift.structure(|thrift, id, kind| {
            seen.push((id, kind));
            Ok(match id {
                1 => thrift.integer()? == -3,
                20 => thrift.binary()? == b"ab",
                _ => false,
            })
        });
        read.unwrap();
        let expected = [(1, Type::Integer), (3, Type::List), (4, Type::Map), (20, Type::Binary)];
        assert_eq!((seen, thrift.at()), (expected.to_vec(), bytes.len() - 1));
        for end in 0..bytes.len() - 1 {
            assert!(Thrift::new(&bytes[..end]).skip(Type::Structure).is_err(), "{end}");
        }
    }

    #[test]
    fn nesting_and_counts_have_an_end() {
        assert!(Thrift::new(&[0x1c; 10_000]).skip(Type::Structure).is_err());
        assert!(Thrift::new(&[0x19; 10_000]).skip(Type::List).is_err());
        let many = [0xf3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 7];
        assert!(Thrift::new(&many).skip(Type::List).is_err());
        assert!(varint(&[0x80; 11]).is_err());
    }
}
