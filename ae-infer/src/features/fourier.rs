//! A Fourier transform of real values in place, in 32 bits.
//!
//! Two real values side by side are one complex number, so n real values take a transform of n / 2
//! complex ones, and a step that takes even and odd values apart
//! ([Press et al., Numerical Recipes, section 12.3](https://numerical.recipes)). The transform is
//! Cooley and Tukey's, decimated in time, two numbers at a time.
//!
//! A product with a cosine or a sine is the floor of what is above 16 bits, which one instruction
//! gives on Arm's DSP cores. Doubled, it has lost the last bit.

use super::{RIGHT_ANGLE, TURN_BY, TWIDDLES};

/// A complex number, real part first.
type Complex = [i32; 2];

/// Transforms complex numbers, which stand where their place has its bits reversed. The number of them
/// is a power of two up to [`TURN_BY`]. The sum of their magnitudes is below 2^30.
pub(super) fn transform(words: &mut [i32]) {
    let (numbers, _) = words.as_chunks_mut::<2>();
    let mut half = 1_usize;
    while half < numbers.len() {
        let step = TURN_BY.checked_div(half).unwrap_or(1);
        for block in numbers.chunks_exact_mut(half.wrapping_mul(2).max(1)) {
            let Some((first, second)) = block.split_at_mut_checked(half) else { continue };
            let angles = (0_usize..).step_by(step);
            let twiddles = TWIDDLES.iter().step_by(step);
            for (((a, b), &twiddle), angle) in
                first.iter_mut().zip(second).zip(twiddles).zip(angles)
            {
                let [real, imaginary] = match angle {
                    0 => *b,
                    // Minus the imaginary unit.
                    RIGHT_ANGLE => [b[1], b[0].wrapping_neg()],
                    _ => half_turned(*b, twiddle).map(|part| part << 1),
                };
                *b = [a[0].wrapping_sub(real), a[1].wrapping_sub(imaginary)];
                *a = [a[0].wrapping_add(real), a[1].wrapping_add(imaginary)];
            }
        }
        half = half.wrapping_mul(2);
    }
}

/// From the transform of n / 2 numbers to the bins 0 to n / 2 of n real values. Bin 0 and the last have
/// no imaginary part, and stand first as one number.
pub(super) fn split(words: &mut [i32]) {
    let (numbers, _) = words.as_chunks_mut::<2>();
    let step = TURN_BY.checked_div(numbers.len()).unwrap_or(1);
    let Some((first, rest)) = numbers.split_first_mut() else { return };
    *first = [first[0].wrapping_add(first[1]), first[0].wrapping_sub(first[1])];
    // From both ends to the middle, which meets itself.
    let Some((front, back)) = rest.split_at_mut_checked(rest.len() / 2) else { return };
    let Some((middle, back)) = back.split_first_mut() else { return };
    middle[1] = middle[1].wrapping_neg();
    let twiddles = TWIDDLES.iter().step_by(step).skip(1);
    for ((low, high), &twiddle) in front.iter_mut().zip(back.iter_mut().rev()).zip(twiddles) {
        let even = [low[0].wrapping_add(high[0]) >> 1, low[1].wrapping_sub(high[1]) >> 1];
        let odd = [low[0].wrapping_sub(high[0]), low[1].wrapping_add(high[1])];
        let [real, imaginary] = half_turned(odd, twiddle);
        *low = [even[0].wrapping_add(imaginary), even[1].wrapping_sub(real)];
        *high = [even[0].wrapping_sub(imaginary), even[1].wrapping_add(real).wrapping_neg()];
    }
}

/// Half of the number, turned back by the twiddle's angle.
fn half_turned([real, imaginary]: Complex, twiddle: u32) -> Complex {
    let (cosine, sine) = (twiddle as i16, (twiddle >> 16) as i16);
    let product = |part: i32, by: i16| (i64::from(part).wrapping_mul(by.into()) >> 16) as i32;
    [
        product(real, cosine).wrapping_add(product(imaginary, sine)),
        product(imaginary, cosine).wrapping_sub(product(real, sine)),
    ]
}
