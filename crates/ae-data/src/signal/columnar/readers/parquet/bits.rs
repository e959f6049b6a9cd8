//! Small numbers in few bits each, and runs of the same one.

use super::thrift::varint;
use super::{Damage, damage};

/// Numbers of so many bits each, the lowest bits first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits<'b> {
    pub(super) bytes: &'b [u8],
    /// Of a number, at most 64.
    pub(super) width: usize,
}

impl Bits<'_> {
    /// A number by its place.
    pub(super) fn at(&self, place: usize) -> Result<u64, Damage> {
        if self.width == 0 {
            return Ok(0);
        }
        let first = place.checked_mul(self.width).ok_or_else(ends)?;
        let (byte, shift) = (first / 8, first % 8);
        let needed = (shift + self.width).div_ceil(8);
        let rest = self.bytes.get(byte..).unwrap_or_default();
        let bytes = rest.get(..needed).ok_or_else(ends)?;
        let wide = bytes.iter().rev().fold(0_u128, |wide, &byte| wide << 8 | u128::from(byte));
        let mask = (1_u128 << self.width) - 1;
        Ok((wide >> shift & mask) as u64)
    }
}

/// Runs of one number, and numbers of a few bits each, in turn: how levels, places in dictionaries,
/// and switches are written.
#[derive(Debug, Clone)]
pub(super) struct Hybrid<'b> {
    bytes: &'b [u8],
    width: usize,
    run: Run<'b>,
}

#[derive(Debug, Clone)]
enum Run<'b> {
    Same { value: u64, left: u64 },
    Each { bits: Bits<'b>, next: usize, count: usize },
}

impl<'b> Hybrid<'b> {
    /// Of numbers of so many bits.
    pub(super) fn new(bytes: &'b [u8], width: usize) -> Result<Self, Damage> {
        if width > 32 {
            return Err(damage(format!("numbers of {width} bits, expected 32 at most")));
        }
        Ok(Self { bytes, width, run: Run::Same { value: 0, left: 0 } })
    }

    /// The next number.
    pub(super) fn next(&mut self) -> Result<u64, Damage> {
        loop {
            match &mut self.run {
                Run::Same { value, left } if *left > 0 => {
                    *left -= 1;
                    return Ok(*value);
                }
                Run::Each { bits, next, count } if *next < *count => {
                    *next += 1;
                    return bits.at(*next - 1);
                }
                _ => self.begin()?,
            }
        }
    }

    fn begin(&mut self) -> Result<(), Damage> {
        let (head, len) = varint(self.bytes)?;
        let rest = self.bytes.get(len..).unwrap_or_default();
        if head & 1 == 0 {
            let (value, rest) = rest.split_at_checked(self.width.div_ceil(8)).ok_or_else(ends)?;
            let value = value.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte));
            self.run = Run::Same { value, left: head >> 1 };
            self.bytes = rest;
            return Ok(());
        }
        let groups = usize::try_from(head >> 1).map_err(|_| ends())?;
        let count = groups.checked_mul(8).ok_or_else(ends)?;
        // The last group may end early; a number that is not there is noticed when it is read.
        let taken = groups.checked_mul(self.width).ok_or_else(ends)?.min(rest.len());
        let (bytes, rest) = rest.split_at(taken);
        self.run = Run::Each { bits: Bits { bytes, width: self.width }, next: 0, count };
        self.bytes = rest;
        Ok(())
    }
}

fn ends() -> Damage {
    damage("its values end early")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bytes: &[u8], width: usize, count: usize) -> Result<Vec<u64>, Damage> {
        let mut hybrid = Hybrid::new(bytes, width)?;
        (0..count).map(|_| hybrid.next()).collect()
    }

    #[test]
    fn runs_and_packed_numbers_follow_each_other() {
        // Five times 2, then 0 to 7 in three bits each (the example of the format's description).
        let bytes = [10, 2, 3, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let expected = [2, 2, 2, 2, 2, 0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(numbers(&bytes, 3, 13).unwrap(), expected);
        assert!(numbers(&bytes, 3, 14).is_err());
        assert!(numbers(&bytes[..5], 3, 13).is_err());
        assert_eq!(numbers(&bytes[..5], 3, 10).unwrap(), expected[..10]);
        assert_eq!(numbers(&[6], 0, 3).unwrap(), [0; 3]);
        assert_eq!(numbers(&[4, 0x34, 0x12], 16, 2).unwrap(), [0x1234; 2]);
        assert!(Hybrid::new(&[], 33).is_err());
        // A run of nothing, without end.
        assert!(numbers(&[0, 0, 0, 0], 1, 1).is_err());
        assert!(numbers(&[1, 1, 1, 1], 1, 1).is_err());
    }

    #[test]
    fn numbers_of_any_width_are_found() {
        let bytes: Vec<u8> = (0..64).map(|at: u8| at.wrapping_mul(37)).collect();
        let bit = |at: usize| u64::from(bytes[at / 8] >> (at % 8) & 1);
        for width in 0..=64 {
            let bits = Bits { bytes: &bytes, width };
            for place in 0..7 {
                let expected = (0..width).map(|at| bit(place * width + at) << at).sum::<u64>();
                assert_eq!(bits.at(place).unwrap(), expected, "{width}");
            }
        }
        assert!(Bits { bytes: &bytes, width: 64 }.at(8).is_err());
        assert!(Bits { bytes: &bytes, width: 64 }.at(usize::MAX).is_err());
    }
}
