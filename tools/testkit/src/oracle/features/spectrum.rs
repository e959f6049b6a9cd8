//! From the samples of a frame to the levels of bands.

use std::f64::consts::PI;

use super::{halved, logarithm, short, word};
use crate::section::Bands;

/// A complex number.
type Complex = [i128; 2];

/// The spectrum of a frame, scaled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformed {
    /// Real and imaginary part of the bins 0 to half the frame.
    pub bins: Vec<[i128; 2]>,
    /// They are the spectrum times 2 to its power, less what is common to all frames.
    pub exponent: u32,
}

/// The page's cosine of `π · step / 1024`.
fn cosine(step: usize) -> i128 {
    ((PI * step as f64 / 1024.0).cos() * 32768.0).round().min(32767.0) as i128
}

/// The page's sine of the same.
fn sine(step: usize) -> i128 {
    ((PI * step as f64 / 1024.0).sin() * 32768.0).round().min(32767.0) as i128
}

/// The largest exponent up to `most` with which all numbers fit so many bits.
fn room(numbers: &[i128], bits: u32, most: u32) -> u32 {
    let fits = |it: i128| (-(1_i128 << (bits - 1))..1 << (bits - 1)).contains(&it);
    let all_fit = |&by: &u32| numbers.iter().all(|it| fits(it << by));
    (0..=most).rev().find(all_fit).expect("numbers that fit as they are")
}

/// The spectrum of the samples of one channel.
///
/// # Panics
/// If a number leaves the bits that the page gives it.
#[must_use]
pub fn transform(samples: &[i16], taper: usize) -> Transformed {
    let count = samples.len();
    let bits = count.ilog2();
    let samples: Vec<i128> = samples.iter().map(|&sample| sample.into()).collect();
    let first = room(&samples, 16, 15);
    let tapered: Vec<i128> = samples
        .iter()
        .enumerate()
        .map(|(at, sample)| {
            let sample = sample << first;
            if taper == 0 {
                return word(sample << (15 - bits));
            }
            // A cosine of the second half turn is that of the first as far from its end.
            let step = 2048 / count * at;
            let share = 32768 - cosine(step.min(2048 - step));
            halved(word(word(sample * share) + count as i128), bits + 1)
        })
        .collect();
    let numbers: Vec<Complex> = tapered.chunks(2).map(|pair| [pair[0], pair[1]]).collect();
    let bins = split(&fourier(&numbers));
    let parts: Vec<i128> = bins.iter().flatten().copied().collect();
    let second = room(&parts, 32, 31);
    let bins = bins.iter().map(|bin| bin.map(|part| part << second)).collect();
    Transformed { bins, exponent: first + second }
}

/// The transform of complex numbers: that of the even ones and that of the odd ones, put together.
fn fourier(numbers: &[Complex]) -> Vec<Complex> {
    if let [one] = numbers {
        return vec![*one];
    }
    let half = numbers.len() / 2;
    let every_second =
        |from| fourier(&numbers.iter().skip(from).step_by(2).copied().collect::<Vec<_>>());
    let (even, odd) = (every_second(0), every_second(1));
    let turned: Vec<Complex> = odd
        .iter()
        .enumerate()
        .map(|(at, &[real, imaginary])| match at * 1024 / half {
            0 => [real, imaginary],
            512 => [imaginary, -real],
            step => half_turned([real, imaginary], step).map(|part| word(2 * part)),
        })
        .collect();
    let pairs = || even.iter().zip(&turned);
    let sums = pairs().map(|(a, b)| [word(a[0] + b[0]), word(a[1] + b[1])]);
    let differences = pairs().map(|(a, b)| [word(a[0] - b[0]), word(a[1] - b[1])]);
    sums.chain(differences).collect()
}

/// Half of a number, turned back.
fn half_turned([real, imaginary]: Complex, step: usize) -> Complex {
    let product = |part: i128, by: i128| halved(part * by, 16);
    let (cosine, sine) = (cosine(step), sine(step));
    [
        word(product(real, cosine) + product(imaginary, sine)),
        word(product(imaginary, cosine) - product(real, sine)),
    ]
}

/// The bins of real values from the transform of their pairs.
fn split(numbers: &[Complex]) -> Vec<Complex> {
    let half = numbers.len();
    let mut bins = vec![[0; 2]; half + 1];
    let [real, imaginary] = numbers[0];
    bins[0] = [word(real + imaginary), 0];
    bins[half] = [word(real - imaginary), 0];
    bins[half / 2] = [numbers[half / 2][0], word(-numbers[half / 2][1])];
    for low in 1..half / 2 {
        let high = half - low;
        let (a, b) = (numbers[low], numbers[high]);
        let even = [halved(word(a[0] + b[0]), 1), halved(word(a[1] - b[1]), 1)];
        let odd = [word(a[0] - b[0]), word(a[1] + b[1])];
        let [real, imaginary] = half_turned(odd, 1024 / half * low);
        bins[low] = [word(even[0] + imaginary), word(even[1] - real)];
        bins[high] = [word(even[0] - imaginary), word(-word(even[1] + real))];
    }
    bins
}

impl Transformed {
    /// The level of each band.
    ///
    /// # Panics
    /// If a number leaves the bits that the page gives it.
    #[must_use]
    pub fn levels(&self, bands: &Bands) -> Vec<i16> {
        let bin = |at: usize| -> i128 {
            let power: i128 = self.bins[at].iter().map(|part| part.pow(2)).sum();
            match bands.spectrum {
                0 => halved(power, 32),
                _ => halved(root(power), 1),
            }
        };
        let exponent = i128::from(self.exponent) * if bands.spectrum == 0 { 2 } else { 1 };
        let mut at = bands.first;
        // Of every segment, what it gives the band before it and the one that it leads to.
        let shares = bands.segments.iter().map(|weights| {
            let mut shares = [0; 2];
            for &weight in weights {
                shares[0] += bin(at) * (32768 - i128::from(weight));
                shares[1] += bin(at) * i128::from(weight);
                at += 1;
            }
            shares
        });
        let shares: Vec<[i128; 2]> = shares.collect();
        let levels = shares.windows(2).map(|pair| {
            let sum = (pair[0][1] + pair[1][0]).max(32768);
            short((logarithm(sum) + 256 * (24 - exponent)).max(0))
        });
        levels.collect()
    }
}

/// `⌊√number⌋`, bit by bit.
fn root(number: i128) -> i128 {
    let with_bit = |root: i128, bit: u32| {
        let next = root | 1 << bit;
        if next * next <= number { next } else { root }
    };
    (0..=40).rev().fold(0, with_bit)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::{root, transform};

    #[test]
    fn a_tone_is_in_its_bin_and_a_mean_in_the_first() {
        let tone = |at: usize| 10_000.0 * (TAU * 3.0 * at as f64 / 64.0).cos();
        let samples: Vec<i16> = (0..64).map(|at| tone(at).round() as i16).collect();
        let found = transform(&samples, 0);
        // The exponent is that of 2^15 / 64 for one count.
        let magnitude = found.bins[3][0] as f64 / 2_f64.powi(9 + found.exponent as i32);
        assert!((magnitude - 320_000.0).abs() < 20.0, "{magnitude}");
        let mean = transform(&[-7; 32], 0);
        assert_eq!(mean.bins[0], [-7 << (10 + 5 + mean.exponent), 0]);
        assert!(mean.bins[1..].iter().all(|bin| *bin == [0, 0]));
        assert_eq!(transform(&[0; 32], 1).exponent, 15 + 31);
    }

    #[test]
    fn roots_are_rounded_down() {
        for number in [0, 1, 3, 4, 8, 9, (1 << 62) - 1, 1 << 62, 1 << 63] {
            let found = root(number);
            assert!(found * found <= number && (found + 1) * (found + 1) > number, "{number}");
        }
    }
}
