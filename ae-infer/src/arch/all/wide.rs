//! Products of more than 32 bits, on cores whose multiplication gives 64 bits.

/// The floor of `number · by / 2^16`.
pub(crate) fn scaled(number: i32, by: i16) -> i32 {
    // What is above 32 bits of the product with 2^16 times as much.
    (i64::from(number).wrapping_mul(i64::from(by) << 16) >> 32) as i32
}

/// The square.
pub(crate) fn square(number: i32) -> u64 {
    i64::from(number).wrapping_mul(number.into()) as u64
}

/// The product.
pub(crate) fn product(number: u32, by: u16) -> u64 {
    u64::from(number).wrapping_mul(by.into())
}

#[cfg(test)]
mod tests {
    use crate::arch::all::{halves, wide};

    #[test]
    fn products_in_halves_are_the_same() {
        let extremes = [0, 1, 2, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000];
        let numbers = extremes.into_iter().flat_map(|it: u32| [it, it.wrapping_neg()]);
        let mut state = 1_u32;
        let drawn = (0..1000).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> (state >> 8 & 31)
        });
        for number in numbers.chain(drawn) {
            let signed = number as i32;
            assert_eq!(halves::square(signed), wide::square(signed), "{signed}");
            for by in [0, 1, -1, 23_170, 12_345, -23_170, i16::MAX, i16::MIN] {
                let exact = (i64::from(signed) * i64::from(by)) >> 16;
                assert_eq!(i64::from(wide::scaled(signed, by)), exact, "{signed} by {by}");
                assert_eq!(i64::from(halves::scaled(signed, by)), exact, "{signed} by {by}");
                let by = by as u16;
                assert_eq!(halves::product(number, by), wide::product(number, by), "{number}");
            }
        }
    }
}
