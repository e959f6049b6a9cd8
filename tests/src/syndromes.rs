//! What each flipped bit does to the checksum of a blob.
//!
//! The checksum is linear: the difference that a damage makes between the stored checksum and that
//! of the bytes is the exclusive or of the differences that its flipped bits make one by one, their
//! *syndromes*. A damage behind the length keeps the checksum if, and only if, the syndromes of its
//! bits cancel out. So a claim about all patterns of flipped bits is one about sets of syndromes:
//! bits whose syndromes are linearly independent cannot be flipped in any pattern unnoticed.

use ae_core::crc32c;

/// Where the stored checksum lies; what it is of begins behind it.
const STORED: std::ops::Range<usize> = 16..20;

/// The order in which the bits of a byte follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BitOrder {
    /// As CRC-32C takes them, and as UARTs, USB and Ethernet send them.
    LowFirst,
    /// As SPI sends them.
    HighFirst,
}

/// The syndromes of all bits from the stored checksum on, of every blob of one length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Syndromes(Vec<[u32; 8]>);

impl Syndromes {
    /// Of blobs of `len` bytes, from [`crc32c`] of single bytes: a byte more behind a bit moves its
    /// syndrome on by one step of the same table.
    ///
    /// # Panics
    /// If a blob of this length has no checksum.
    #[must_use]
    pub fn of_length(len: usize) -> Self {
        assert!(len >= STORED.end, "a blob with a checksum");
        let zero = crc32c(&[0]);
        let table: [u32; 256] = std::array::from_fn(|byte| crc32c(&[byte as u8]) ^ zero);
        let mut bits: [u32; 8] = std::array::from_fn(|bit| table[1 << bit]);
        let mut bytes = vec![[0; 8]; len - STORED.start];
        for place in bytes[STORED.len()..].iter_mut().rev() {
            *place = bits;
            bits = bits.map(|syndrome| syndrome >> 8 ^ table[(syndrome & 0xff) as usize]);
        }
        // Flipped in the stored checksum, a bit makes itself the difference.
        for (index, place) in bytes[..STORED.len()].iter_mut().enumerate() {
            *place = std::array::from_fn(|bit| 1 << (8 * index + bit));
        }
        Self(bytes)
    }

    /// How stored and computed checksum differ after `mask` was put over the byte at `offset`,
    /// which is not before the checksum.
    ///
    /// # Panics
    /// If it is.
    #[must_use]
    pub fn of_byte(&self, offset: usize, mask: u8) -> u32 {
        let bits = self.0[offset - STORED.start].iter().enumerate();
        bits.filter(|(bit, _)| mask >> bit & 1 != 0).fold(0, |all, (_, syndrome)| all ^ syndrome)
    }

    /// The checksum of what `damaged`, a changed copy of `whole` of these many bytes, holds behind
    /// the stored one; `computed` is that of `whole`.
    #[must_use]
    pub fn computed(&self, whole: &[u8], computed: u32, damaged: &[u8]) -> u32 {
        let bytes = whole.iter().zip(damaged).enumerate().skip(STORED.end);
        let changed = bytes.filter(|(_, (before, after))| before != after);
        changed.fold(computed, |sum, (offset, (before, after))| {
            sum ^ self.of_byte(offset, before ^ after)
        })
    }

    /// The place of each bit, as byte offset and mask, and its syndrome, in the order asked for.
    pub fn bits(&self, order: BitOrder) -> impl Iterator<Item = (usize, u8, u32)> {
        self.0.iter().enumerate().flat_map(move |(index, syndromes)| {
            (0..8).map(move |bit| {
                let bit = if order == BitOrder::LowFirst { bit } else { 7 - bit };
                (STORED.start + index, 1 << bit, syndromes[bit])
            })
        })
    }

    /// The first bit behind the checksum, among [`bits`](Self::bits).
    pub const FIRST_SEALED: usize = 8 * (STORED.end - STORED.start);
}

/// The non-empty sets of `vectors`, as masks, whose exclusive or is 0. There is none if, and only
/// if, the vectors are linearly independent.
///
/// # Panics
/// If there are more than 32 vectors.
#[must_use]
pub fn vanishing_sets(vectors: &[u32]) -> Vec<u32> {
    assert!(vectors.len() <= 32, "a mask has 32 bits");
    // By highest bit: a vector, and which of those given it is made of.
    let mut basis = [(0_u32, 0_u32); 32];
    let mut sets: Vec<u32> = Vec::new();
    for (index, &vector) in vectors.iter().enumerate() {
        let (mut vector, mut made_of) = (vector, 1 << index);
        while let Some(highest) = vector.checked_ilog2() {
            let (other, parts) = &mut basis[highest as usize];
            if *other == 0 {
                (*other, *parts) = (vector, made_of);
                break;
            }
            vector ^= *other;
            made_of ^= *parts;
        }
        if vector == 0 {
            // With each set that there is, and alone.
            let with_others: Vec<u32> = sets.iter().map(|set| set ^ made_of).collect();
            sets.extend(with_others);
            sets.push(made_of);
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use ae_core::crc32c;

    use super::{BitOrder, Syndromes, vanishing_sets};
    use ae_testkit::random::SplitMix64;

    #[test]
    fn a_syndrome_is_what_the_bit_changes() {
        let mut random = SplitMix64::new(1);
        let blob: Vec<u8> = (0..80).map(|_| random.bits() as u8).collect();
        let difference = |blob: &[u8]| {
            crc32c(&blob[20..]) ^ u32::from_le_bytes(blob[16..20].try_into().unwrap())
        };
        let syndromes = Syndromes::of_length(blob.len());
        let mut count = 0;
        for (offset, mask, syndrome) in syndromes.bits(BitOrder::LowFirst) {
            let mut flipped = blob.clone();
            flipped[offset] ^= mask;
            assert_eq!(difference(&flipped) ^ difference(&blob), syndrome, "{offset}, {mask:02x}");
            assert_eq!(syndromes.of_byte(offset, mask), syndrome);
            count += 1;
        }
        assert_eq!(count, 8 * (80 - 16));

        let mut damaged = blob.clone();
        damaged[10..70].fill(0xff);
        let computed = syndromes.computed(&blob, crc32c(&blob[20..]), &damaged);
        assert_eq!(computed, crc32c(&damaged[20..]));
    }

    #[test]
    fn vanishing_sets_are_all_that_vanish() {
        assert_eq!(vanishing_sets(&[1, 2, 4]), [0; 0]);
        assert_eq!(vanishing_sets(&[0]), [1]);
        let mut random = SplitMix64::new(2);
        for _ in 0..50 {
            // Few bits, so that many sets vanish.
            let vectors: Vec<u32> = (0..9).map(|_| random.below(32) as u32).collect();
            let vanishes = |set: &u32| {
                let of_set = vectors.iter().enumerate().filter(|(index, _)| set >> index & 1 != 0);
                of_set.fold(0, |all, (_, vector)| all ^ vector) == 0
            };
            let mut sets = vanishing_sets(&vectors);
            sets.sort_unstable();
            let all: Vec<u32> = (1..1 << 9).filter(vanishes).collect();
            assert_eq!(sets, all);
        }
    }
}
