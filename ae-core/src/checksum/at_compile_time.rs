//! The checksum of a long blob while a program is compiled.
//!
//! A compiler interprets a `const fn` some thousand times slower than a processor runs it, so a step
//! for each byte takes seconds for a million of them. Here is a step for every sixteen bytes: they
//! are divided by a multiple of CRC-32C's polynomial that has six terms, all of them powers of
//! x¹²⁸. What is left is a message of 3,344 bytes that has the same checksum.

use super::crc32c;

/// Words of 128 bits that are left: the degree of the multiple in powers of x¹²⁸, which is
/// 1 + x¹⁴ + x³⁹ + x⁵⁴ + x¹⁴⁴ + x²⁰⁹. Squaring keeps a multiple a multiple, so the polynomial in x
/// that divides is the one in x¹²⁸ too.
const LEFT: usize = 209;
/// How far behind a word those lie that are added to it: the degree less that of each other term.
const BEHIND: [usize; 5] = [65, 155, 170, 195, LEFT];
/// The last quotients, in a ring that is longer than all of [`BEHIND`].
const RING: usize = 256;
/// The checksum begins with the first 32 bits flipped.
const FIRST: u128 = 0xffff_ffff;

/// [`crc32c`], for a compiler. A processor is faster with that one, and has no 8 KiB of stack to
/// spare for this one.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a compiler takes twice as long for calls that check, and would find a mistake"
)]
pub(crate) const fn crc32c_at_compile_time(bytes: &[u8]) -> u32 {
    let (words, tail) = bytes.as_chunks::<16>();
    let Some(divided) = words.len().checked_sub(LEFT) else { return crc32c(bytes) };
    if divided == 0 {
        return crc32c(bytes);
    }
    let [one, two, three, four, five] =
        [RING - BEHIND[0], RING - BEHIND[1], RING - BEHIND[2], RING - BEHIND[3], RING - BEHIND[4]];
    let mut ring = [0_u128; RING];
    ring[0] = u128::from_le_bytes(words[0]) ^ FIRST;
    let mut at = 1;
    while at < divided {
        ring[at % RING] = u128::from_le_bytes(words[at])
            ^ ring[(at + one) % RING]
            ^ ring[(at + two) % RING]
            ^ ring[(at + three) % RING]
            ^ ring[(at + four) % RING]
            ^ ring[(at + five) % RING];
        at += 1;
    }
    let mut rest = [[0; 16]; LEFT + 1];
    let mut index = 0;
    while index < LEFT {
        let mut word = u128::from_le_bytes(words[at]);
        let mut term = 0;
        while term < BEHIND.len() {
            // Only quotients are added, and there is none from `divided` on.
            if at >= BEHIND[term] && at - BEHIND[term] < divided {
                word ^= ring[(at - BEHIND[term]) % RING];
            }
            term += 1;
        }
        rest[index] = (if index == 0 { word ^ FIRST } else { word }).to_le_bytes();
        (at, index) = (at + 1, index + 1);
    }
    let mut byte = 0;
    while byte < tail.len() {
        rest[LEFT][byte] = tail[byte];
        byte += 1;
    }
    match rest.as_flattened().split_at_checked(LEFT * 16 + tail.len()) {
        Some((short, _)) => crc32c(short),
        None => crc32c(bytes),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{LEFT, crc32c, crc32c_at_compile_time};

    #[test]
    fn it_is_the_checksum_at_every_length() {
        let bytes: std::vec::Vec<u8> =
            (0..12_000_u32).map(|at| (at.wrapping_mul(0x9e37_79b9) >> 13) as u8).collect();
        let long = 16 * LEFT;
        for len in (0..40).chain(long - 20..long + 20).chain(7_000..7_600).chain([11_999, 12_000]) {
            let bytes = &bytes[..len];
            assert_eq!(crc32c_at_compile_time(bytes), crc32c(bytes), "{len} bytes");
        }
    }
}
