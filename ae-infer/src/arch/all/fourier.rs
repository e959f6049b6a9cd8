//! A Fourier transform of real values in place, in 32 bits.
//!
//! Two real values side by side are one complex number, so n real values take a transform of n / 2
//! complex ones, and a step that takes even and odd values apart
//! ([Press et al., Numerical Recipes, section 12.3](https://numerical.recipes)). The transform is
//! Cooley and Tukey's, decimated in time, two numbers at a time.
//!
//! A product with a cosine or a sine is the floor of what is above 16 bits, which one instruction
//! gives on Arm's DSP cores. Doubled, it has lost the last bit.

use core::mem;

use ae_core::Taper;

use crate::arch::wide::scaled;
use crate::features::{RIGHT_ANGLE, TURN_BY, TWIDDLES};

/// A complex number, real part first.
type Complex = [i32; 2];

/// Writes the tapered samples, two side by side as one complex number, where a transform in place
/// wants them: at the number whose bits are those of their own in reverse. The samples come in two
/// pieces, as many as there are words: a power of two. Shifted by `exponent` they fit 16 bits.
#[inline(never)]
pub(crate) fn gather(pieces: [&[i16]; 2], taper: Taper, exponent: u32, words: &mut [i32]) {
    let log2 = words.len().trailing_zeros() & 15;
    let exponent = exponent & 15;
    let Some((older, newer)) = words.split_at_mut_checked(pieces[0].len()) else { return };
    // A step of the table for each sample of the longest frame.
    let step = 2048_usize >> log2;
    let (mut angle, half) = (0_usize, 1_i32 << log2);
    for (words, samples) in [older, newer].into_iter().zip(pieces) {
        for (word, &sample) in words.iter_mut().zip(samples) {
            let sample = i32::from(sample) << exponent;
            *word = match taper {
                Taper::Rectangular => sample << (15_u32.wrapping_sub(log2) & 15),
                Taper::Hann => {
                    // The second half turn is the first backwards.
                    let cosine =
                        TWIDDLES.get(angle.min(TURN_BY.wrapping_mul(2).wrapping_sub(angle)));
                    let share =
                        32_768_i32.wrapping_sub((cosine.map_or(0, |&word| word as i16)).into());
                    angle = angle.wrapping_add(step);
                    sample.wrapping_mul(share).wrapping_add(half) >> log2 >> 1
                }
            };
        }
    }
    reverse(words.as_chunks_mut().0);
}

/// Exchanges each number with the one whose place has the same bits in reverse.
fn reverse(numbers: &mut [Complex]) {
    let mut reversed = 0;
    for place in 0..numbers.len() {
        if place < reversed
            && let Some((before, behind)) = numbers.split_at_mut_checked(reversed)
            && let (Some(number), Some(other)) = (before.get_mut(place), behind.first_mut())
        {
            mem::swap(number, other);
        }
        // The next place in reverse: what is carried goes down.
        let mut bit = numbers.len() / 2;
        while reversed & bit != 0 {
            reversed ^= bit;
            bit /= 2;
        }
        reversed |= bit;
    }
}

/// Transforms complex numbers, which stand where their place has its bits reversed. The number of them
/// is a power of two from 4 to [`TURN_BY`]. The sum of their magnitudes is below 2^30.
#[inline(never)]
pub(crate) fn transform(words: &mut [i32]) {
    let (numbers, _) = words.as_chunks_mut::<2>();
    // The first two steps, whose twiddles are 1 and minus the imaginary unit.
    for [a, b, c, d] in numbers.as_chunks_mut().0 {
        (*a, *b) = butterfly(*a, *b);
        (*c, *d) = butterfly(*c, *d);
        (*a, *c) = butterfly(*a, *c);
        (*b, *d) = butterfly(*b, at_right_angle(*d));
    }
    let (mut half, mut step) = (4_usize, TURN_BY / 4);
    while half < numbers.len() {
        for block in numbers.chunks_exact_mut(half.wrapping_mul(2).max(1)) {
            let Some((a, b)) = block.split_at_mut_checked(half) else { continue };
            let (Some((a, past_a)), Some((b, past_b))) =
                (a.split_at_mut_checked(half / 2), b.split_at_mut_checked(half / 2))
            else {
                continue;
            };
            quarter(a, b, 0, step);
            quarter(past_a, past_b, RIGHT_ANGLE, step);
        }
        (half, step) = (half.wrapping_mul(2), step / 2);
    }
}

/// Butterflies from the angle 0, or from a right one, whose twiddles are 1 and minus the imaginary unit.
fn quarter(a: &mut [Complex], b: &mut [Complex], mut angle: usize, step: usize) {
    let Some(((a, past_a), (b, past_b))) = a.split_first_mut().zip(b.split_first_mut()) else {
        return;
    };
    (*a, *b) = butterfly(*a, if angle == 0 { *b } else { at_right_angle(*b) });
    for (a, b) in past_a.iter_mut().zip(past_b) {
        angle = angle.wrapping_add(step);
        let turned = half_turned(*b, TWIDDLES.get(angle).copied().unwrap_or_default());
        (*a, *b) = butterfly(*a, turned.map(|part| part << 1));
    }
}

/// The number times minus the imaginary unit.
fn at_right_angle([real, imaginary]: Complex) -> Complex {
    [imaginary, real.wrapping_neg()]
}

/// The sum and the difference.
fn butterfly(a: Complex, b: Complex) -> (Complex, Complex) {
    let sum = [a[0].wrapping_add(b[0]), a[1].wrapping_add(b[1])];
    (sum, [a[0].wrapping_sub(b[0]), a[1].wrapping_sub(b[1])])
}

/// From the transform of n / 2 numbers to the bins 0 to n / 2 of n real values. Bin 0 and the last have
/// no imaginary part, and stand first as one number. Gives the bits that any word has beside those
/// that repeat its sign.
#[inline(never)]
pub(crate) fn split(words: &mut [i32]) -> u32 {
    let mut bits = split_ends(words);
    let (numbers, _) = words.as_chunks_mut::<2>();
    let step = TURN_BY >> (numbers.len().trailing_zeros() & 15);
    let Some((_, rest)) = numbers.split_first_mut() else { return bits };
    // From both ends to the middle.
    let Some((front, back)) = rest.split_at_mut_checked(rest.len() / 2) else { return bits };
    let mut angle = 0_usize;
    for (low, high) in front.iter_mut().zip(back.iter_mut().rev()) {
        angle = angle.wrapping_add(step);
        let twiddle = TWIDDLES.get(angle).copied().unwrap_or_default();
        let even = [low[0].wrapping_add(high[0]) >> 1, low[1].wrapping_sub(high[1]) >> 1];
        let odd = [low[0].wrapping_sub(high[0]), low[1].wrapping_add(high[1])];
        let [real, imaginary] = half_turned(odd, twiddle);
        *low = [even[0].wrapping_add(imaginary), even[1].wrapping_sub(real)];
        *high = [even[0].wrapping_sub(imaginary), even[1].wrapping_add(real).wrapping_neg()];
        bits |= used(*low) | used(*high);
    }
    bits
}

/// The same of the numbers that are not split in pairs: the first, and that in the middle, which would
/// meet itself. Gives their bits.
pub(crate) fn split_ends(words: &mut [i32]) -> u32 {
    let (numbers, _) = words.as_chunks_mut::<2>();
    let middle = numbers.len() / 2;
    let Some([first, .., _]) = numbers.get_mut(..=middle) else { return 0 };
    *first = [first[0].wrapping_add(first[1]), first[0].wrapping_sub(first[1])];
    let bits = used(*first);
    let Some([real, imaginary]) = numbers.get_mut(middle) else { return 0 };
    *imaginary = imaginary.wrapping_neg();
    bits | used([*real, *imaginary])
}

/// The bits that differ from the sign.
fn used([real, imaginary]: Complex) -> u32 {
    ((real ^ real >> 31) | (imaginary ^ imaginary >> 31)).cast_unsigned()
}

/// Half of the number, turned back by the twiddle's angle.
fn half_turned([real, imaginary]: Complex, twiddle: u32) -> Complex {
    let (cosine, sine) = (twiddle as i16, (twiddle >> 16) as i16);
    [
        scaled(real, cosine).wrapping_add(scaled(imaginary, sine)),
        scaled(imaginary, cosine).wrapping_sub(scaled(real, sine)),
    ]
}
