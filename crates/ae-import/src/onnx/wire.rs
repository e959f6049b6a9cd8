//! Protocol buffers: a message is fields one behind the other, each with a number and a value.
//!
//! Nothing is copied and nothing is made for a field before it is asked for, so a file of many empty
//! messages takes no memory. The crates that were looked at make a structure of some hundred bytes
//! for a message of two, allocate by lengths before they meet the file's end, or add lengths
//! unchecked.

use crate::graph::{Refusal, Understood};

/// The fields of a message that are left.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Message<'a>(&'a [u8]);

/// A field's value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wire<'a> {
    Number(u64),
    Four([u8; 4]),
    Eight([u8; 8]),
    Bytes(&'a [u8]),
}

impl<'a> Message<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn varint(&mut self) -> Understood<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Refusal::damaged("a number of more than 10 bytes"))
    }

    fn array<const N: usize>(&mut self) -> Understood<[u8; N]> {
        let (array, rest) =
            self.0.split_first_chunk::<N>().ok_or_else(|| short(N, self.0.len()))?;
        self.0 = rest;
        Ok(*array)
    }

    fn field(&mut self) -> Understood<(u64, Wire<'a>)> {
        let tag = self.varint()?;
        let wire = match tag & 7 {
            0 => Wire::Number(self.varint()?),
            1 => Wire::Eight(self.array()?),
            2 => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                let parts = self.0.split_at_checked(length);
                let (bytes, rest) = parts.ok_or_else(|| short(length, self.0.len()))?;
                self.0 = rest;
                Wire::Bytes(bytes)
            }
            5 => Wire::Four(self.array()?),
            other => return Err(Refusal::damaged(format!("a field of the unknown type {other}"))),
        };
        Ok((tag >> 3, wire))
    }

    /// The last of the values that a field has.
    pub(crate) fn last(self, number: u64) -> Understood<Option<Wire<'a>>> {
        let mut last = None;
        for field in self {
            let (found, wire) = field?;
            if found == number {
                last = Some(wire);
            }
        }
        Ok(last)
    }

    /// A message in a field; an empty one if it is not there.
    pub(crate) fn message(self, number: u64) -> Understood<Self> {
        self.last(number)?.map_or(Ok(Self::default()), Wire::message)
    }

    pub(crate) fn text(self, number: u64) -> Understood<&'a str> {
        self.last(number)?.map_or(Ok(""), Wire::text)
    }

    pub(crate) fn i64(self, number: u64, default: i64) -> Understood<i64> {
        self.last(number)?.map_or(Ok(default), Wire::i64)
    }
}

impl<'a> Iterator for Message<'a> {
    type Item = Understood<(u64, Wire<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Wire<'a> {
    pub(crate) fn bytes(self) -> Understood<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(Refusal::damaged("a number where a part of the model is expected")),
        }
    }

    pub(crate) fn message(self) -> Understood<Message<'a>> {
        self.bytes().map(Message)
    }

    pub(crate) fn text(self) -> Understood<&'a str> {
        let text = std::str::from_utf8(self.bytes()?);
        text.map_err(|_| Refusal::damaged("a name that is not UTF-8"))
    }

    pub(crate) fn i64(self) -> Understood<i64> {
        match self {
            Self::Number(number) => Ok(number.cast_signed()),
            _ => Err(Refusal::damaged("a whole number is not one")),
        }
    }

    pub(crate) fn f32(self) -> Understood<f32> {
        match self {
            Self::Four(bytes) => Ok(f32::from_le_bytes(bytes)),
            _ => Err(Refusal::damaged("a real number is not one")),
        }
    }

    /// Whole numbers of a repeated field, which stand alone or many in one value.
    pub(crate) fn i64s(self, into: &mut Vec<i64>, most: usize) -> Understood<()> {
        let mut packed = match self {
            Self::Bytes(bytes) => Message(bytes),
            one => return push(into, one.i64()?, most),
        };
        while !packed.0.is_empty() {
            push(into, packed.varint()?.cast_signed(), most)?;
        }
        Ok(())
    }
}

fn push(into: &mut Vec<i64>, number: i64, most: usize) -> Understood<()> {
    if into.len() >= most {
        return Err(Refusal::damaged(format!("more than {most} numbers where fewer are expected")));
    }
    into.push(number);
    Ok(())
}

fn short(wanted: usize, found: usize) -> Refusal {
    Refusal::damaged(format!("{wanted} bytes are expected and {found} are left"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_up_to_ten_bytes() {
        let mut long = vec![0x08];
        long.extend([0xFF; 9]);
        long.push(0x01);
        assert_eq!(Message::new(&long).i64(1, 0).expect("ten bytes"), -1);
        long.insert(1, 0xFF);
        assert!(Message::new(&long).i64(1, 0).is_err());
    }

    #[test]
    fn lengths_stay_within_the_message() {
        let long = [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
        assert!(Message::new(&long).message(2).is_err());
        assert_eq!(Message::new(&[0x12, 2, b'a', b'b']).text(2).expect("two bytes"), "ab");
    }
}
