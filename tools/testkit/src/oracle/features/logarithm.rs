//! Binary logarithms in 256ths.

use super::halved;

/// `log2(1 + i / 64)` in units of 2^−16, to the nearest.
fn table(i: i128) -> i128 {
    ((1.0 + i as f64 / 64.0).log2() * 65536.0).round() as i128
}

/// The logarithm of a whole number below 2^64; 0 counts as 1.
///
/// # Panics
/// If the number is negative or larger.
#[must_use]
pub fn logarithm(number: i128) -> i128 {
    assert!((0..1 << 64).contains(&number), "{number} has more than 64 bits");
    let number = number.max(1);
    let whole = i128::from(number.ilog2());
    // The 32 bits behind the highest.
    let behind = (number << 32 >> whole) - (1 << 32);
    let (chord, rest) = (halved(behind, 26), halved(behind, 10) % (1 << 16));
    let fraction = table(chord) + halved((table(chord + 1) - table(chord)) * rest, 16);
    256 * whole + halved(fraction + 128, 8)
}

#[cfg(test)]
mod tests {
    use super::logarithm;

    #[test]
    fn powers_are_exact_and_others_near() {
        for power in 0..64_u32 {
            assert_eq!(logarithm(1 << power), 256 * i128::from(power));
        }
        assert_eq!([0, 1, 3, 5, u64::MAX.into()].map(logarithm), [0, 0, 406, 594, 64 * 256]);
    }
}
