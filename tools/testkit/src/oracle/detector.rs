//! What a detector must say (`FORMAT.md`, "Detection"), from the whole signal: windows are slices
//! of it, sums have 128 bits, debouncing looks back.

use super::features;
use crate::section::{CountMap, Curve, Samples, Section, ValueMap};
use crate::signal::{Signal, Verdict};

/// A window of a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Samples of the signal up to its end.
    pub samples: usize,
    /// Its pixels, as the model takes them.
    pub pixels: Vec<u8>,
}

/// The windows of `signal`, for a model of so many features.
///
/// # Panics
/// If the section breaks a rule of the format, or is for signals of another type.
#[must_use]
pub fn windows(section: &Section, features: usize, signal: &Signal) -> Vec<Window> {
    assert!(section.follows_the_rules(features), "a section that breaks a rule");
    let channels = section.channels(features);
    // The values of frames stand where those of samples would.
    let computed = section.features.as_ref().map(|it| features::frames(it, signal).concat());
    let computed = computed.map(Signal::Counts);
    let pixels = pixels(&section.samples, channels, computed.as_ref().unwrap_or(signal));
    let samples = pixels.len() / channels;
    let starts = (0..samples).step_by(section.stride);
    let ends = starts.map(|start| start + section.window).filter(|&end| end <= samples);
    let window = |end: usize| Window {
        samples: section.samples_to(end),
        pixels: pixels[(end - section.window) * channels..end * channels].to_vec(),
    };
    ends.map(window).collect()
}

/// The verdict on every window of `signal`, for a model of so many features. `reconstruct` is the
/// model.
///
/// # Panics
/// As [`windows`].
#[must_use]
pub fn verdicts(
    section: &Section,
    features: usize,
    signal: &Signal,
    reconstruct: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<Verdict> {
    let channels = section.channels(features);
    let mut exceeded = Vec::new();
    let verdicts = windows(section, features, signal).into_iter().map(|window| {
        let Window { samples, pixels: window } = window;
        let reconstruction = reconstruct(&window);
        assert_eq!(reconstruction.len(), features, "pixels of a reconstruction");
        let mut sums = vec![0_i128; channels];
        let error = |sample: usize, channel: usize| {
            let index = sample * channels + channel;
            i128::from(window[index]) - i128::from(reconstruction[index])
        };
        let reach = usize::from(section.smoothing);
        for index in 0..features {
            let (sample, channel) = (index / channels, index % channels);
            let near = sample.saturating_sub(reach)..(sample + reach + 1).min(section.window);
            let sum: i128 = near.map(|sample| error(sample, channel)).sum();
            let weight = if section.weights.is_empty() { 1 } else { section.weights[index] };
            sums[channel] += i128::from(weight) * sum.pow(2);
        }
        let score: i128 = sums.iter().sum();
        exceeded.push(score > i128::from(section.threshold));
        // Of several, the first.
        let most = *sums.iter().max().expect("a channel");
        Verdict {
            samples,
            score: score.try_into().expect("a score of 64 bits"),
            channel: sums.iter().position(|&sum| sum == most).expect("it is one of them"),
            channel_score: most.try_into().expect("a score of 64 bits"),
            alarm: is_alarm(section, &exceeded),
        }
    });
    verdicts.collect()
}

/// Whether enough of the last windows exceeded the threshold.
pub(super) fn is_alarm(section: &Section, exceeded: &[bool]) -> bool {
    let recent = exceeded.iter().rev().take(section.of.into());
    recent.filter(|&&it| it).count() >= section.hits.into()
}

/// The pixels of a signal.
fn pixels(samples: &Samples, channels: usize, signal: &Signal) -> Vec<u8> {
    match (samples, signal) {
        (Samples::Pixels, Signal::Pixels(pixels)) => pixels.clone(),
        (Samples::Counts(maps), Signal::Counts(counts)) => {
            let counts = counts.iter().enumerate();
            counts.map(|(index, &count)| maps[index % channels].pixel(count)).collect()
        }
        (Samples::Values(maps), Signal::Values(values)) => {
            let values = values.iter().enumerate();
            values.map(|(index, &value)| maps[index % channels].pixel(value)).collect()
        }
        (Samples::CountCurves(curves), Signal::Counts(counts)) => {
            let counts = counts.iter().enumerate();
            counts.map(|(at, &count)| curves[at % channels].of(count).pixel(count)).collect()
        }
        (Samples::ValueCurves(curves), Signal::Values(values)) => {
            let values = values.iter().enumerate();
            values.map(|(at, &value)| curves[at % channels].of(value).pixel(value)).collect()
        }
        _ => panic!("a signal of another type than the section's"),
    }
}

impl<B: PartialOrd, M: Copy> Curve<B, M> {
    /// The map of the segment that a value is in: as many bounds lie before it as are less.
    fn of(&self, value: B) -> M {
        self.maps[self.bounds.iter().filter(|&bound| *bound < value).count()]
    }
}

impl CountMap {
    /// `⌊(256 · count + bias) · multiplier / 2^(32 + shift) + 1/2⌋ + 128`, clipped to a pixel.
    #[must_use]
    pub fn pixel(self, count: i16) -> u8 {
        let sum = 256 * i128::from(count) + i128::from(self.bias);
        let numerator = sum * i128::from(self.multiplier);
        let denominator = 1_i128 << (32 + self.shift);
        // ⌊n/d + 1/2⌋ = ⌊(2n + d) / 2d⌋
        let code = (2 * numerator + denominator).div_euclid(2 * denominator);
        (code + 128).clamp(0, 255) as u8
    }
}

impl ValueMap {
    /// `⌊(value − offset) · scale + 1/2⌋ + 128` in f32 until the floor, clipped to a pixel; 0 for
    /// what is not a number.
    #[must_use]
    pub fn pixel(self, value: f32) -> u8 {
        // The cast takes what is not a number to 0.
        let code = ((value - self.offset) * self.scale + 0.5).floor();
        (code.clamp(-128.0, 127.0) + 128.0) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::{CountMap, ValueMap};

    #[test]
    fn halves_round_up_and_ends_are_clipped() {
        // 16 counts a step, around 1000.
        let map = CountMap { bias: -256 * 1000, multiplier: 1 << 30, shift: 10 };
        let found = [1000, 1008, 1007, 992, 991].map(|count| map.pixel(count));
        assert_eq!(found, [128, 129, 128, 128, 127]);
        assert_eq!([i16::MIN, i16::MAX].map(|count| map.pixel(count)), [0, 255]);
        let map = ValueMap { offset: 1.0, scale: 2.0 };
        let values = [1.0, 1.25, 1.2, 0.75, 0.7, 1e9, f32::NAN];
        assert_eq!(values.map(|value| map.pixel(value)), [128, 129, 128, 128, 127, 255, 0]);
    }

    #[test]
    fn sums_are_not_clipped_to_32_bits() {
        let map = CountMap { bias: i32::MAX, multiplier: i32::MAX, shift: 22 };
        assert_eq!(map.pixel(1), 255);
    }
}
