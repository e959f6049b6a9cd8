//! Cosines and sines, computed when the program is compiled.

/// Steps of a table in half a turn.
pub(crate) const TURN_BY: usize = 1024;
/// The step of a right angle.
pub(crate) const RIGHT_ANGLE: usize = TURN_BY / 2;

/// Of the angle `π · k / 1024` the cosine in the low and the sine in the high half of a word, times
/// 2^15, rounded to the nearest and at most 32,767.
pub(crate) static TWIDDLES: [u32; TURN_BY + 1] = twiddles();

/// π in units of 2^−60.
const PI: i128 = 0x3243_f6a8_885a_308d;
const ONE: i128 = 1 << 60;

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a compiler runs it, and would find a mistake"
)]
const fn twiddles() -> [u32; TURN_BY + 1] {
    let mut table = [0; TURN_BY + 1];
    let mut step = 0;
    while step <= TURN_BY {
        // What is beyond a right angle has the cosine of what is short of half a turn, below zero.
        let beyond = step > RIGHT_ANGLE;
        let angle = PI * (if beyond { TURN_BY - step } else { step }) as i128 / TURN_BY as i128;
        let cosine = in_15_bits(cosine(angle));
        let sine = in_15_bits(self::cosine(PI / 2 - angle));
        let cosine = if beyond { -cosine } else { cosine };
        table[step] = (at_most(cosine) as u16 as u32) | (at_most(sine) as u16 as u32) << 16;
        step += 1;
    }
    table
}

/// By Taylor's series, for an angle from 0 to π / 2.
#[expect(clippy::arithmetic_side_effects, reason = "a compiler runs it")]
const fn cosine(angle: i128) -> i128 {
    let square = (angle * angle) >> 60;
    let (mut sum, mut term, mut n) = (0, ONE, 0);
    while term != 0 {
        sum += term;
        n += 2;
        term = -(((term * square) >> 60) / (n * (n - 1)));
        if n > 40 {
            break;
        }
    }
    sum
}

#[expect(clippy::arithmetic_side_effects, reason = "a compiler runs it")]
const fn in_15_bits(value: i128) -> i32 {
    ((value + (1 << 44)) >> 45) as i32
}

const fn at_most(value: i32) -> i16 {
    if value > i16::MAX as i32 { i16::MAX } else { value as i16 }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use core::f64::consts::PI;

    use super::{TURN_BY, TWIDDLES};

    #[test]
    fn they_are_the_nearest() {
        for (step, &word) in TWIDDLES.iter().enumerate() {
            let angle = PI * step as f64 / TURN_BY as f64;
            let rounded = |value: f64| (value * 32768.0).round().min(32767.0) as i16;
            let found = (word as i16, (word >> 16) as i16);
            assert_eq!(found, (rounded(angle.cos()), rounded(angle.sin())), "{step}");
        }
    }
}
