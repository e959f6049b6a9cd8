//! From the samples of a frame to the levels of bands.

use ae_core::{Bands, Spectrum, Taper};

use super::log2::log2;
use super::tables::{TURN_BY, TWIDDLES};
use super::{Frame, fourier};

/// Added to the logarithm of a band's sum, so that levels of ordinary signals are above 0.
const FLOOR: i32 = 24;
/// The least sum of a band. So a level has no gap above it: what a loud bin elsewhere leaves no digits
/// for has the level of a single unit, not that of silence.
const LEAST: u64 = Bands::UNIT as u64;

/// Computes the spectrum of a frame in `words`, as many as samples: bin 0 and the last bin, which have
/// no imaginary part, then real and imaginary part of the bins between. Gives its exponent: the words
/// are the spectrum times 2 to its power, less what is common to all frames.
pub(super) fn transform(frame: Frame<'_>, taper: Taper, words: &mut [i32]) -> u32 {
    let bits = frame.samples().fold(0, |bits, sample| bits | (sample ^ sample >> 15));
    // Shifted by so much, the largest sample uses 16 bits.
    let exponent = bits.leading_zeros().wrapping_sub(1);
    gather(frame, taper, exponent, words);
    fourier::transform(words);
    fourier::split(words);
    let bits = words.iter().fold(0, |bits, word| bits | (word ^ word >> 31));
    let room = bits.leading_zeros().wrapping_sub(1) & 31;
    for word in words.iter_mut() {
        *word <<= room;
    }
    exponent.wrapping_add(room)
}

/// Writes the tapered samples, two side by side as one complex number, where a transform in place
/// wants them: at the number whose bits are those of their own in reverse.
fn gather(frame: Frame<'_>, taper: Taper, exponent: u32, words: &mut [i32]) {
    let log2 = frame.log2;
    let mask = (1_u32 << (log2 & 31)).wrapping_sub(1);
    // A step of the table for each sample of the longest frame.
    let step = 11_u32.wrapping_sub(log2) & 31;
    let reverse = 33_u32.wrapping_sub(log2) & 31;
    for (index, sample) in (0_u32..).zip(frame.samples()) {
        let sample = i32::from(sample) << (exponent & 15);
        let value = match taper {
            Taper::Rectangular => sample << (15_u32.wrapping_sub(log2) & 31),
            Taper::Hann => {
                let angle = (index << step) as usize;
                // The second half turn is the first backwards.
                let angle = angle.min(TURN_BY.wrapping_mul(2).wrapping_sub(angle));
                let cosine = TWIDDLES.get(angle).map_or(0, |&word| word as i16);
                let share = 32_768_i32.wrapping_sub(cosine.into());
                let half = 1_i32 << (log2 & 31);
                sample.wrapping_mul(share).wrapping_add(half) >> (log2.wrapping_add(1) & 31)
            }
        };
        let pair = (index & mask) >> 1;
        let place = (pair.reverse_bits() >> reverse) << 1 | (index & 1);
        if let Some(word) = words.get_mut(place as usize) {
            *word = value;
        }
    }
}

/// Gives the level of each band: the binary logarithm of its power, or of its magnitude, in 256ths.
pub(super) fn each_band(
    bands: &Bands<'_>,
    words: &[i32],
    exponent: u32,
    value: &mut impl FnMut(i16),
) {
    let last = words.len() / 2;
    let (ends, _) = words.as_chunks::<2>();
    let bin = |bin: usize| -> u64 {
        let [real, imaginary] = match ends.get(if bin == last { 0 } else { bin }) {
            Some(&[first, _]) if bin == 0 => [first, 0],
            Some(&[_, half]) if bin == last => [half, 0],
            Some(&parts) => parts,
            None => [0, 0],
        };
        let square =
            |part: i32| u64::from(part.unsigned_abs()).wrapping_mul(part.unsigned_abs().into());
        let power = square(real).wrapping_add(square(imaginary));
        match bands.spectrum {
            Spectrum::Power => power >> 32,
            Spectrum::Magnitude => power.isqrt() >> 1,
        }
    };
    let exponent = match bands.spectrum {
        Spectrum::Power => exponent << 1,
        Spectrum::Magnitude => exponent,
    };
    let offset = FLOOR.wrapping_sub(exponent as i32) << 8;
    let mut at = usize::from(bands.first);
    // What the segment before gives the band whose centre it ends; none before the first.
    let mut rising = None;
    for segment in bands.segments() {
        let (mut all, mut up) = (0_u64, 0_u64);
        for weight in segment.weights() {
            let bin = bin(at);
            all = all.wrapping_add(bin);
            up = up.wrapping_add(bin.wrapping_mul(weight.into()));
            at = at.wrapping_add(1);
        }
        if let Some(rising) = rising.replace(up) {
            let falling = (all << 15).wrapping_sub(up);
            let sum = u64::wrapping_add(rising, falling);
            let level = log2(sum.max(LEAST)).wrapping_add(offset);
            value(level.clamp(0, i16::MAX.into()) as i16);
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use core::f64::consts::PI;
    use std::vec::Vec;

    use super::*;

    /// The spectrum of a frame by definition, as [`transform`] orders it.
    fn exact(samples: &[i16], taper: Taper) -> Vec<[f64; 2]> {
        let n = samples.len();
        let tapered = samples.iter().enumerate().map(|(i, &sample)| match taper {
            Taper::Rectangular => f64::from(sample),
            Taper::Hann => f64::from(sample) * (0.5 - 0.5 * (2.0 * PI * i as f64 / n as f64).cos()),
        });
        let tapered: Vec<f64> = tapered.collect();
        let bin = |k: usize| {
            let turned = |i: usize| 2.0 * PI * ((i * k) % n) as f64 / n as f64;
            let sum = |of: fn(f64) -> f64| {
                tapered.iter().enumerate().map(|(i, value)| value * of(turned(i))).sum::<f64>()
            };
            [sum(f64::cos), -sum(f64::sin)]
        };
        (0..=n / 2).map(bin).collect()
    }

    fn noise(seed: u32) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state as i32) / 2_f64.powi(31)
        }
    }

    /// Frames of several kinds, from silence to full scale.
    fn frames(n: usize) -> Vec<(&'static str, Vec<i16>)> {
        let mut noise = noise(n as u32);
        let mut of = |kind, value: &mut dyn FnMut(f64, f64) -> f64| {
            let sample =
                |i: usize| value(i as f64, noise()).round().clamp(-32768.0, 32767.0) as i16;
            (kind, (0..n).map(sample).collect())
        };
        [
            of("silence", &mut |_, _| 0.0),
            of("a count", &mut |i, _| f64::from(i == 7.0)),
            of("an impulse", &mut |i, _| if i == n as f64 / 2.0 { 32767.0 } else { 0.0 }),
            of("a square wave of full scale", &mut |i, _| {
                if i % 16.0 < 8.0 { 32767.0 } else { -32768.0 }
            }),
            of("the least", &mut |_, _| -32768.0),
            of("noise of full scale", &mut |_, noise| noise * 40000.0),
            of("quiet noise", &mut |_, noise| noise * 3.0),
            of("a tone in noise 50 dB below", &mut |i, noise| {
                (i * 0.7).sin() * 30000.0 + noise * 100.0
            }),
            of("alternating extremes", &mut |i, _| if i % 2.0 == 0.0 { -32768.0 } else { 32767.0 }),
        ]
        .into()
    }

    #[test]
    fn the_spectrum_is_off_by_less_than_its_largest_bin_over_2_to_the_15() {
        for log2 in 5..=11 {
            let n = 1_usize << log2;
            for (kind, samples) in frames(n) {
                for taper in [Taper::Rectangular, Taper::Hann] {
                    let mut words = std::vec![0; n];
                    let oldest = n / 3;
                    let mut ring = samples.clone();
                    ring.rotate_right(oldest);
                    let exponent = transform(Frame::new(&ring, oldest), taper, &mut words);
                    // The samples are shifted to 30 − log2 bits, of which 15 were there.
                    let scale = 2_f64.powi(15 - log2 + exponent as i32);
                    let exact = exact(&samples, taper);
                    let bound = exact.iter().flatten().fold(0_f64, |most, it| most.max(it.abs()));
                    let mut found: Vec<[i32; 2]> = words.as_chunks().0.to_vec();
                    let [first, last] = found[0];
                    found[0] = [first, 0];
                    found.push([last, 0]);
                    for (bin, (found, exact)) in found.iter().zip(&exact).enumerate() {
                        for (found, exact) in found.iter().zip(exact) {
                            let error = (f64::from(*found) / scale - exact).abs();
                            assert!(
                                error <= bound / 32_768.0 + 1e-3,
                                "{kind}, {n} samples, bin {bin}: {} instead of {exact}, {bound}",
                                f64::from(*found) / scale
                            );
                        }
                    }
                }
            }
        }
    }
}
