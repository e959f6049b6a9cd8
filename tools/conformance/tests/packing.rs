//! How many products the packed sums of row pairs can hold: the kernel splits them every 512.
//!
//! The kernel's arithmetic is written down again here, without its splitting.

/// `SMLAD`: two products of 16-bit halves, added to `sum` in 32 bits that wrap.
fn smlad(a: u32, b: u32, sum: i32) -> i32 {
    let product =
        |shift: u32| i32::from((a >> shift) as i16).wrapping_mul(i32::from((b >> shift) as i16));
    sum.wrapping_add(product(0)).wrapping_add(product(16))
}

/// `SXTB16`: the low bytes of both halves, sign-extended.
fn sxtb16(a: u32) -> u32 {
    let half = |shift: u32| u32::from(i16::from((a >> shift) as i8) as u16) << shift;
    half(0) | half(16)
}

/// Sums of the even and the odd output over `count` inputs of `x`, all with the same two weights,
/// in one run.
fn packed(even: i8, odd: i8, x: i8, count: usize) -> [i32; 2] {
    let lane = u32::from((256 * i32::from(odd) + i32::from(even)) as u16);
    let (mut both, mut low) = (0, 0);
    for input in (0..count).step_by(2) {
        // A last input without a partner has a zero beside it.
        let two = if input + 1 < count { 0x1_0001 } else { 1 };
        let (weights, inputs) = (lane * two, u32::from(i16::from(x) as u16) * two);
        both = smlad(weights, inputs, both);
        low = smlad(sxtb16(weights), inputs, low);
    }
    [low, both.wrapping_sub(low) >> 8]
}

fn exact(even: i8, odd: i8, x: i8, count: usize) -> [i32; 2] {
    [even, odd].map(|weight| count as i32 * i32::from(weight) * i32::from(x))
}

#[test]
fn sums_of_516_extremes_are_exact() {
    for x in [-128, 127] {
        for even in [-127, 0, 127] {
            for odd in [-127, 0, 127] {
                for count in [1, 2, 511, 512, 515, 516] {
                    assert_eq!(packed(even, odd, x, count), exact(even, odd, x, count));
                }
            }
        }
    }
}

#[test]
fn the_517th_can_be_one_too_many() {
    // 127 · 128 · 516 is below 2^23, 127 · 128 · 517 is not.
    assert_ne!(packed(0, 127, -128, 517), exact(0, 127, -128, 517));
    assert_ne!(packed(0, -127, -128, 517), exact(0, -127, -128, 517));
}
