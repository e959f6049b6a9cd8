//! Binary logarithms of whole numbers.

/// `log2(1 + i / 64)` in units of 2^−16, rounded to the nearest.
static TABLE: [u32; 65] = table();

/// The binary logarithm in 256ths, by a table of 64 chords; 0 counts as 1.
///
/// It is off by less than one unit: half of one by rounding, and `2^8 · (1/64)² / (8 · ln 2)` by the
/// chord, a ninetieth.
pub(crate) fn log2(number: u64) -> i32 {
    let zeros = number.leading_zeros() & 63;
    // The bits behind the highest, as many as there may be.
    let behind = (number << zeros >> 31) as u32;
    let (chord, rest) = ((behind >> 26) as usize, behind >> 10 & 0xffff);
    let [from, to] = [chord, chord.wrapping_add(1)].map(|it| TABLE.get(it).copied().unwrap_or(0));
    let within = to.wrapping_sub(from).wrapping_mul(rest) >> 16;
    let fraction = from.wrapping_add(within).wrapping_add(128) >> 8;
    if number == 0 {
        return 0;
    }
    (63_u32.wrapping_sub(zeros) << 8).wrapping_add(fraction) as i32
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a compiler runs it, and would find a mistake"
)]
const fn table() -> [u32; 65] {
    let mut table = [0; 65];
    let mut place = 0;
    while place < 64 {
        // Squaring doubles a logarithm: its bits are whether the number then is 2 or more.
        let mut number: u128 = (64 + place as u128) << 54;
        let (mut bits, mut bit) = (0_u32, 0);
        while bit < 24 {
            number = (number * number) >> 60;
            bits <<= 1;
            if number >> 61 != 0 {
                bits |= 1;
                number >>= 1;
            }
            bit += 1;
        }
        table[place] = (bits + 128) >> 8;
        place += 1;
    }
    table[64] = 1 << 16;
    table
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{TABLE, log2};

    #[test]
    fn the_table_is_the_nearest() {
        for (place, &found) in TABLE.iter().enumerate() {
            let exact = (1.0 + place as f64 / 64.0).log2() * 65536.0;
            assert_eq!(f64::from(found), exact.round(), "{place}");
        }
    }

    #[test]
    fn it_is_off_by_less_than_a_unit() {
        assert_eq!([0, 1, 2, 3, 4, 1 << 40].map(log2), [0, 0, 256, 406, 512, 40 * 256]);
        assert_eq!(log2(u64::MAX), 64 * 256);
        for step in 1..2_000_000_u64 {
            let number = step.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (step & 63);
            for number in [step, number.max(1)] {
                let exact = (number as f64).log2() * 256.0;
                assert!((f64::from(log2(number)) - exact).abs() < 0.52, "{number}");
            }
        }
    }
}
