//! From the samples of a frame to the levels of bands.

use ae_core::{Bands, Segment, Spectrum, Taper};

use super::Frame;
use super::log2::log2;
use crate::arch::{fourier, wide};

/// Added to the logarithm of a band's sum, so that levels of ordinary signals are above 0.
const FLOOR: i32 = 24;
/// The least sum of a band. So a level has no gap above it: what a loud bin elsewhere leaves no digits
/// for has the level of a single unit, not that of silence.
const LEAST: u64 = Bands::UNIT as u64;

/// What words of a spectrum stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// Shifted left by so much, a word uses all of its bits.
    room: u32,
    /// Words that are shifted so are the spectrum times 2 to this power, less what is common to all
    /// frames.
    exponent: u32,
}

/// Computes the spectrum of a frame in `words`, as many as samples: bin 0 and the last bin, which have
/// no imaginary part, then real and imaginary part of the bins between.
pub(super) fn transform(frame: Frame<'_>, taper: Taper, words: &mut [i32]) -> Scale {
    let bits = frame.pieces.map(used_bits);
    // Shifted by so much, the largest sample uses 16 bits.
    let exponent = (bits[0] | bits[1]).leading_zeros().wrapping_sub(1);
    fourier::gather(frame.pieces, taper, exponent, words);
    fourier::transform(words);
    let bits = fourier::split(words);
    let room = bits.leading_zeros().wrapping_sub(1) & 31;
    Scale { room, exponent: exponent.wrapping_add(room) }
}

/// The bits that any sample has beside those that repeat its sign.
#[inline(never)]
fn used_bits(samples: &[i16]) -> u16 {
    let used = |sample: i16| (sample ^ sample >> 15).cast_unsigned();
    let (before, pairs, behind) = bytemuck::pod_align_to::<i16, u32>(samples);
    let alone = before.iter().chain(behind).fold(0, |bits, &sample| bits | used(sample));
    // A bit that differs from the one below it, in two samples at a time. The highest of these is one
    // above the highest that differs from the sign. The lowest of each sample says nothing.
    let steps = pairs.iter().fold(0, |bits, pair| bits | (pair ^ pair << 1)) & 0xfffe_fffe;
    alone | (steps >> 1 | steps >> 17) as u16
}

/// Gives the level of each band: the binary logarithm of its power, or of its magnitude, in 256ths.
pub(super) fn each_band(
    bands: &Bands<'_>,
    words: &[i32],
    Scale { room, exponent }: Scale,
    value: &mut impl FnMut(i16),
) {
    let exponent = match bands.spectrum {
        Spectrum::Power => exponent << 1,
        Spectrum::Magnitude => exponent,
    };
    let offset = FLOOR.wrapping_sub(exponent as i32) << 8;
    let mut at = usize::from(bands.first);
    // What the segment before gives the band whose centre it ends; none before the first.
    let mut rising = None;
    for segment in bands.segments() {
        let bins = segment.weights().len();
        let Sums { all, up } = Sums::of(segment, bands.spectrum, words, at, room);
        at = at.wrapping_add(bins);
        if let Some(rising) = rising.replace(up) {
            let falling = (all << 15).wrapping_sub(up);
            let sum = u64::wrapping_add(rising, falling);
            let level = log2(sum.max(LEAST)).wrapping_add(offset);
            value(level.clamp(0, i16::MAX.into()) as i16);
        }
    }
}

/// Sums over the bins of a segment.
#[derive(Clone, Copy)]
struct Sums {
    /// Of each bin.
    all: u64,
    /// Of each bin times its weight.
    up: u64,
}

impl Sums {
    /// Of the segment whose first bin is `at`.
    #[inline(never)]
    fn of(segment: Segment<'_>, spectrum: Spectrum, words: &[i32], at: usize, room: u32) -> Self {
        match spectrum {
            Spectrum::Power => Self::by(segment, words, at, room, |power| (power >> 32) as u32),
            Spectrum::Magnitude => {
                Self::by(segment, words, at, room, |power| (power.isqrt() >> 1) as u32)
            }
        }
    }

    #[inline(always)]
    fn by(
        segment: Segment<'_>,
        words: &[i32],
        at: usize,
        room: u32,
        bin: impl Fn(u64) -> u32,
    ) -> Self {
        let mut sums = Self { all: 0, up: 0 };
        let mut add = |[real, imaginary]: [i32; 2], weight| {
            let square = |part: i32| wide::square(part << (room & 31));
            let bin = bin(square(real).wrapping_add(square(imaginary)));
            sums.all = sums.all.wrapping_add(bin.into());
            sums.up = sums.up.wrapping_add(wide::product(bin, weight));
        };
        let (numbers, _) = words.as_chunks::<2>();
        let mut weights = segment.weights();
        // The first bin and the last have no imaginary part, and share a number.
        let [first, last] = numbers.first().copied().unwrap_or_default();
        if at == 0
            && let Some(weight) = weights.next()
        {
            add([first, 0], weight);
        }
        for number in numbers.get(at.max(1)..).unwrap_or_default() {
            let Some(weight) = weights.next() else { return sums };
            add(*number, weight);
        }
        if let Some(weight) = weights.next() {
            add([last, 0], weight);
        }
        sums
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
        // Each once, for emulators and Valgrind run this too.
        let turn = |turn: usize| {
            let angle = 2.0 * PI * turn as f64 / n as f64;
            [angle.cos(), -angle.sin()]
        };
        let turns: Vec<[f64; 2]> = (0..n).map(turn).collect();
        let bin = |k: usize| {
            let turned = tapered.iter().enumerate().map(|(i, value)| (value, turns[(i * k) % n]));
            turned.fold([0.0; 2], |[real, imaginary], (value, [cos, sin])| {
                [real + value * cos, imaginary + value * sin]
            })
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
    fn used_bits_are_those_of_the_largest_sample() {
        let mut noise = noise(7);
        for len in 0..70 {
            for shift in 0..16 {
                let samples: Vec<i16> =
                    (0..len).map(|_| (noise() * 32768.0) as i16 >> shift).collect();
                let of =
                    |samples: &[i16]| samples.iter().fold(0, |bits, it| bits | (it ^ it >> 15));
                for from in 0..len.min(3) {
                    let samples = &samples[from..];
                    let (found, expected) = (used_bits(samples), of(samples));
                    assert_eq!(found.leading_zeros(), expected.leading_zeros(), "{samples:?}");
                }
            }
        }
        for sample in [i16::MIN, i16::MAX, -1, 0, 1, -2, 0x4000, -0x4000, -0x4001] {
            for samples in [[sample, 0], [0, sample], [sample, -1], [-1, sample]] {
                let expected = (sample ^ sample >> 15).leading_zeros();
                assert_eq!(used_bits(&samples).leading_zeros(), expected, "{samples:?}");
            }
        }
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
                    let scale = transform(Frame::new(&ring, oldest), taper, &mut words);
                    // The samples are shifted to 30 − log2 bits, of which 15 were there.
                    let exponent = scale.exponent - scale.room;
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
