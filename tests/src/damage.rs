//! Damaged blobs that nobody sealed again: which error the loader must name for each, and how many
//! there were of each.

use std::fmt;
use std::io::{self, Write as _};
use std::ops::AddAssign;

use ae_core::{Arithmetic, F32, Header, Int8, LoadError};

/// The errors that damage leads to, in the order in which the loader looks.
const NAMES: [&str; 5] =
    ["TooShort", "BadMagic", "UnsupportedVersion", "LengthMismatch", "ChecksumMismatch"];

/// Damages that were tried, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// By error, as in [`NAMES`].
    refused: [u64; 5],
    /// By a loader of either contract.
    accepted: u64,
    /// Those that changed no byte, and so are none.
    unchanged: u64,
}

impl Tally {
    /// How many were tried.
    #[must_use]
    pub fn tried(&self) -> u64 {
        self.refused.iter().sum::<u64>() + self.accepted
    }

    /// How many the loader took for models. It must be none.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Loads `damaged`, a damaged copy of `whole`, as a model of either contract; `computed` is the
    /// checksum of its bytes, found otherwise than by the loader.
    ///
    /// # Panics
    /// If the loader names another error than the one that fits, or its message does not say what
    /// to do.
    pub fn load(&mut self, whole: &[u8], damaged: &[u8], computed: u32) {
        if whole == damaged {
            self.unchanged += 1;
            return;
        }
        self.load_changed(damaged, computed);
    }

    /// [`load`](Self::load) of bytes that are known to be changed.
    ///
    /// # Panics
    /// As [`load`](Self::load).
    pub fn load_changed(&mut self, damaged: &[u8], computed: u32) {
        // Damage is found before the contract is looked at, so both loaders name the same error.
        self.judge(&[Int8::validate(damaged), F32::validate(damaged)], damaged, computed);
    }

    /// [`load_changed`](Self::load_changed), as a model of the int8 contract alone: half the time.
    ///
    /// # Panics
    /// As [`load`](Self::load).
    pub fn load_int8(&mut self, damaged: &[u8], computed: u32) {
        self.judge(&[Int8::validate(damaged)], damaged, computed);
    }

    fn judge(&mut self, results: &[Result<(), LoadError>], damaged: &[u8], computed: u32) {
        if results.iter().any(Result::is_ok) {
            self.accepted += 1;
            return;
        }
        let (kind, expected) = fitting(damaged, computed);
        results.iter().for_each(|result| assert_eq!(*result, Err(expected)));
        if self.refused[kind] == 0 {
            let message = expected.to_string();
            assert!(message.contains("again"), "no word on what to do: {message}");
        }
        self.refused[kind] += 1;
    }

    /// Says what was tried, in the test's output also where that is captured: these figures are
    /// what the tests are for.
    pub fn report(&self, what: fmt::Arguments<'_>) {
        // Nobody may be listening.
        let _ = writeln!(io::stderr(), "{what}: {self}");
    }
}

/// The error that fits `damaged`, and its place in [`NAMES`].
fn fitting(damaged: &[u8], computed: u32) -> (usize, LoadError) {
    if damaged.len() < Header::LEN {
        return (0, LoadError::TooShort { needed: Header::LEN, found: damaged.len() });
    }
    let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| damaged[at + byte]));
    let magic = std::array::from_fn(|byte| damaged[byte]);
    if magic != Header::MAGIC {
        (1, LoadError::BadMagic { found: magic })
    } else if word(8) != Header::VERSION {
        let supported = Header::VERSION;
        (2, LoadError::UnsupportedVersion { supported, found: word(8) })
    } else if word(12) as usize != damaged.len() {
        (3, LoadError::LengthMismatch { expected: word(12), found: damaged.len() })
    } else {
        (4, LoadError::ChecksumMismatch { stored: word(16), computed })
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        for (sum, count) in self.refused.iter_mut().zip(more.refused) {
            *sum += count;
        }
        self.accepted += more.accepted;
        self.unchanged += more.unchanged;
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |mut sum, tally| {
            sum += tally;
            sum
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tried, {} accepted", self.tried(), self.accepted)?;
        let counted = NAMES.iter().zip(self.refused).filter(|(_, count)| *count > 0);
        for (index, (name, count)) in counted.enumerate() {
            write!(f, "{} {name} {count}", if index == 0 { ";" } else { "," })?;
        }
        if self.unchanged > 0 {
            write!(f, " ({} changed no byte and are left out)", self.unchanged)?;
        }
        Ok(())
    }
}

/// CRC-32C of what `blob`'s checksum is of, bit by bit: nothing is shared with the loader.
#[must_use]
pub fn checksum_by_bits(blob: &[u8]) -> u32 {
    let mut state = u32::MAX;
    for &byte in blob.iter().skip(20) {
        state ^= u32::from(byte);
        for _ in 0..8 {
            state = state >> 1 ^ if state & 1 == 1 { 0x82f6_3b78 } else { 0 };
        }
    }
    !state
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use ae_core::{PartSelection, crc32c};

    use super::{Tally, checksum_by_bits};
    use crate::models::small_blobs;
    use ae_testkit::seal::with_bit_flipped;

    #[test]
    fn the_checksum_by_bits_is_crc_32c() {
        let digits = [&[0; 20][..], b"123456789"].concat();
        assert_eq!(checksum_by_bits(&digits), 0xe306_9283);
        let [blob, _] = small_blobs(PartSelection::Both);
        assert_eq!(checksum_by_bits(&blob), crc32c(&blob[20..]));
    }

    #[test]
    fn what_the_loader_accepts_or_names_otherwise_is_noticed() {
        let [blob, _] = small_blobs(PartSelection::Both);
        // The model id may be anything, so this is accepted.
        let resealed = with_bit_flipped(&blob, 8 * 24);
        let computed = checksum_by_bits(&resealed);
        let load = |damaged: &[u8], computed| {
            catch_unwind(|| {
                let mut tally = Tally::default();
                tally.load(&blob, damaged, computed);
                tally
            })
        };
        let tally = load(&resealed, computed).unwrap();
        assert_eq!((tally.tried(), tally.accepted()), (1, 1));
        assert_eq!(tally.to_string(), "1 tried, 1 accepted");
        let mut damaged = resealed.clone();
        damaged[24] ^= 3;
        let computed = checksum_by_bits(&damaged);
        assert!(load(&damaged, computed ^ 1).is_err(), "another checksum than expected");
        let tally = load(&damaged, computed).unwrap();
        assert_eq!(tally.to_string(), "1 tried, 0 accepted; ChecksumMismatch 1");
        let unchanged = load(&blob, 0).unwrap();
        assert_eq!(
            unchanged.to_string(),
            "0 tried, 0 accepted (1 changed no byte and are left out)"
        );
    }
}
