//! Integers by their differences, in blocks of few bits each.

use super::bits::Bits;
use super::thrift::{varint, zigzag};
use super::{Damage, damage};

/// Numbers of a block at most; programs write 128 or 256.
const MAX_BLOCK: u64 = 1 << 16;

/// Integers that are read one after the other.
#[derive(Debug, Clone)]
pub(super) struct Deltas<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Numbers of a part of a block.
    in_part: usize,
    parts: usize,
    /// Numbers that are still to come.
    left: u64,
    value: i64,
    is_first: bool,
    least: i64,
    /// Bits of a number in each part of the block, and the parts that have begun.
    widths: &'b [u8],
    begun: usize,
    part: Bits<'b>,
    in_this: usize,
}

impl<'b> Deltas<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Result<Self, Damage> {
        let mut at = 0;
        let mut number = || {
            let (number, len) = varint(bytes.get(at..).unwrap_or_default())?;
            at += len;
            Ok(number)
        };
        let (block, parts, left, first) = (number()?, number()?, number()?, number()?);
        let is_right = (1..=MAX_BLOCK).contains(&block)
            && (1..=block).contains(&parts)
            && block.is_multiple_of(8 * parts);
        if !is_right {
            return Err(damage(format!("blocks of {block} differences in {parts} parts")));
        }
        // Neither is above the longest block.
        let (in_part, parts) = ((block / parts) as usize, parts as usize);
        let part = Bits { bytes: &[], width: 0 };
        let (is_first, value) = (true, zigzag(first));
        let (widths, begun, in_this) = (&bytes[..0], parts, in_part);
        Ok(Self {
            bytes,
            at,
            in_part,
            parts,
            left,
            value,
            is_first,
            least: 0,
            widths,
            begun,
            part,
            in_this,
        })
    }

    /// The next integer.
    pub(super) fn next(&mut self) -> Result<i64, Damage> {
        self.left = self.left.checked_sub(1).ok_or_else(ends)?;
        if std::mem::take(&mut self.is_first) {
            return Ok(self.value);
        }
        if self.in_this == self.in_part {
            self.begin_part()?;
        }
        let difference = self.part.at(self.in_this)?;
        self.in_this += 1;
        // As the format says, beyond the ends of the type it goes on at the other.
        self.value = self.value.wrapping_add(self.least).wrapping_add(difference as i64);
        Ok(self.value)
    }

    fn begin_part(&mut self) -> Result<(), Damage> {
        if self.begun == self.parts {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let (least, len) = varint(rest)?;
            self.least = zigzag(least);
            self.widths =
                rest.get(len..).and_then(|rest| rest.get(..self.parts)).ok_or_else(ends)?;
            self.at += len + self.parts;
            self.begun = 0;
        }
        let width = usize::from(self.widths.get(self.begun).copied().ok_or_else(ends)?);
        if width > 64 {
            return Err(damage(format!("differences of {width} bits")));
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // The last part may end early; what is not there is noticed when it is read.
        let taken = (width * self.in_part / 8).min(rest.len());
        self.part = Bits { bytes: &rest[..taken], width };
        self.at += taken;
        self.begun += 1;
        self.in_this = 0;
        Ok(())
    }

    /// The bytes behind all integers.
    pub(super) fn behind(mut self) -> Result<&'b [u8], Damage> {
        while self.left > 0 {
            self.next()?;
        }
        Ok(self.bytes.get(self.at..).unwrap_or_default())
    }
}

fn ends() -> Damage {
    damage("its differences end early")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_sums_of_differences() {
        // The two examples of the format's description: 1 to 5, and 7, 5, 3, 1, 2, 3, 4, 5.
        let rising = [128, 1, 4, 5, 2, 2, 0, 0, 0, 0];
        let mut deltas = Deltas::new(&rising).unwrap();
        assert_eq!((0..5).map(|_| deltas.next().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert!(deltas.next().is_err());
        let mut turning = vec![128, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111];
        turning.extend([0; 6]);
        turning.extend(b"behind");
        let mut deltas = Deltas::new(&turning).unwrap();
        assert_eq!(deltas.clone().behind().unwrap(), b"behind");
        let all: Vec<i64> = (0..8).map(|_| deltas.next().unwrap()).collect();
        assert_eq!(all, [7, 5, 3, 1, 2, 3, 4, 5]);
        for end in 0..11 {
            let read = Deltas::new(&turning[..end]).and_then(Deltas::behind);
            assert!(read.is_err(), "{end}");
        }
    }

    #[test]
    fn blocks_that_cannot_be_are_refused() {
        for head in [[0, 0, 1, 1], [128, 0, 1, 1], [127, 127, 1, 1], [12, 1, 1, 1]] {
            assert!(Deltas::new(&head).is_err(), "{head:?}");
        }
        // Four thousand million numbers of no bits end with the blocks.
        let many = [128, 1, 4, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 2, 0, 0, 0, 0];
        assert!(Deltas::new(&many).unwrap().behind().is_err());
    }
}
