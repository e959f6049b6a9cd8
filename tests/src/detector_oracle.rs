//! The detector once more, from what FORMAT.md says and in the plainest way: windows are slices of
//! the whole signal, counts go through exact fractions, debouncing looks back. The section is read
//! byte by byte; nothing of `ae_core::Detection` or of the detector is used.

use crate::fields::Fields;
use crate::signal::{Signal, Verdict};

/// A detection section as the oracle sees it.
#[derive(Debug)]
struct Section {
    channels: usize,
    window: usize,
    stride: usize,
    weights: Vec<u8>,
    threshold: u64,
    hits: usize,
    of: usize,
}

/// What a detector must say of every window of `signal`. `reconstruct` is the model.
///
/// # Panics
/// If the blob is not valid, or has no detection section for such a signal.
#[must_use]
pub fn verdicts(
    blob: &[u8],
    signal: &Signal,
    reconstruct: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<Verdict> {
    let mut fields = Fields::of(blob);
    let section = Section::of(&mut fields);
    let pixels = pixels(&mut fields, signal, section.channels);
    let mut exceeded = Vec::new();
    let mut verdicts = Vec::new();
    let samples = pixels.len() / section.channels;
    for start in (0..samples).step_by(section.stride) {
        let end = start + section.window;
        if end > samples {
            break;
        }
        let window = &pixels[start * section.channels..end * section.channels];
        let mut of_channels = vec![0_i128; section.channels];
        for (index, (&a, b)) in window.iter().zip(reconstruct(window)).enumerate() {
            let weight = section.weights.get(index).map_or(1, |&weight| i128::from(weight));
            of_channels[index % section.channels] +=
                weight * (i128::from(a) - i128::from(b)).pow(2);
        }
        let score: i128 = of_channels.iter().sum();
        let channel_score = of_channels.iter().copied().max().expect("at least one channel");
        let channel = of_channels.iter().position(|&it| it == channel_score);
        exceeded.push(score > i128::from(section.threshold));
        let looked_at = exceeded.len().saturating_sub(section.of);
        let hits = exceeded[looked_at..].iter().filter(|&&it| it).count();
        verdicts.push(Verdict {
            samples: end,
            score: score.try_into().expect("a score of 64 bits"),
            channel: channel.expect("the largest is one of them"),
            channel_score: channel_score.try_into().expect("a score of 64 bits"),
            alarm: hits >= section.hits,
        });
    }
    verdicts
}

impl Section {
    fn of(fields: &mut Fields) -> Self {
        let features = le(fields.bytes("header.features")) as usize;
        let window = number(fields.bytes("detection.window")) as usize;
        Self {
            channels: features / window,
            window,
            stride: number(fields.bytes("detection.stride")) as usize,
            weights: fields.bytes("detection.weights").clone(),
            threshold: number(fields.bytes("detection.threshold")),
            hits: fields.bytes("detection.debounce.hits")[0].into(),
            of: fields.bytes("detection.debounce.of")[0].into(),
        }
    }
}

/// The pixels of the whole signal.
fn pixels(fields: &mut Fields, signal: &Signal, channels: usize) -> Vec<u8> {
    let mut of_channel = |kind: &str, channel: usize, names: [&str; 3]| {
        names.map(|name| match name {
            "" => 0,
            _ => le(fields.bytes(&format!("detection.{kind}[{channel}].{name}"))),
        })
    };
    match signal {
        Signal::Pixels(pixels) => pixels.clone(),
        Signal::Counts(counts) => {
            let names = ["bias", "multiplier", "shift"];
            let maps: Vec<_> =
                (0..channels).map(|channel| of_channel("counts", channel, names)).collect();
            let codes = counts.iter().enumerate().map(|(index, &count)| {
                let [bias, multiplier, shift] = maps[index % channels];
                of_count(count, bias as i32, multiplier as i32, shift)
            });
            codes.collect()
        }
        Signal::Values(values) => {
            let names = ["offset", "scale", ""];
            let maps: Vec<_> =
                (0..channels).map(|channel| of_channel("values", channel, names)).collect();
            let codes = values.iter().enumerate().map(|(index, &value)| {
                let [offset, scale, _] = maps[index % channels].map(f32::from_bits);
                of_value(value, offset, scale)
            });
            codes.collect()
        }
    }
}

/// `⌊(256 · count + bias) · multiplier / 2^(32 + shift) + 1/2⌋ + 128`, clipped to a pixel.
fn of_count(count: i16, bias: i32, multiplier: i32, shift: u32) -> u8 {
    let numerator = (256 * i128::from(count) + i128::from(bias)) * i128::from(multiplier);
    let denominator = 1_i128 << (32 + shift);
    // ⌊n/d + 1/2⌋ = ⌊(2n + d) / 2d⌋
    let code = (2 * numerator + denominator).div_euclid(2 * denominator);
    (code + 128).clamp(0, 255) as u8
}

/// `⌊(value − offset) · scale + 1/2⌋ + 128` in f32 until the floor, clipped to a pixel; 0 for what
/// is not a number.
fn of_value(value: f32, offset: f32, scale: f32) -> u8 {
    let code = ((value - offset) * scale + 0.5).floor();
    if code.is_nan() { 0 } else { (code.clamp(-128.0, 127.0) + 128.0) as u8 }
}

fn le(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// An integer of seven bits a byte.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 7 | u64::from(byte & 0x7f))
}

#[cfg(test)]
mod tests {
    use ae_core::CountMap;

    use super::{number, of_count, of_value};
    use crate::fields::varint;

    #[test]
    fn halves_round_up_and_ends_are_clipped() {
        // 16 counts a step, around 1000.
        let pixel = |count| of_count(count, -256 * 1000, 1 << 30, 10);
        assert_eq!([1000, 1008, 1007, 992, 991].map(pixel), [128, 129, 128, 128, 127]);
        assert_eq!([i16::MIN, i16::MAX].map(pixel), [0, 255]);
        let pixel = |value| of_value(value, 1.0, 2.0);
        assert_eq!(
            [1.0, 1.25, 1.2, 0.75, 0.7, 1e9, f32::NAN].map(pixel),
            [128, 129, 128, 128, 127, 255, 0]
        );
    }

    /// The bias at its bound, where a sum of 32 bits comes nearest to its ends.
    #[test]
    fn no_count_overflows_a_map_that_the_loader_accepts() {
        const BOUND: i32 = i32::MAX - (1 << 23);
        for bias in [BOUND, -BOUND, 0] {
            for multiplier in [0, 1, 1 << 30, i32::MAX] {
                for shift in [1, 22] {
                    let map = CountMap { bias, multiplier, shift };
                    for count in i16::MIN..=i16::MAX {
                        let expected = of_count(count, bias, multiplier, shift.into());
                        let found = (i32::from(map.apply(count)) + 128) as u8;
                        assert_eq!(found, expected, "{map:?} {count}");
                    }
                }
            }
        }
        // Beyond the bound, the sum would wrap: a map that the loader refuses.
        let map = CountMap { bias: i32::MAX, multiplier: i32::MAX, shift: 22 };
        assert_eq!(of_count(1, map.bias, map.multiplier, 22), 255);
        assert_eq!(map.apply(1), -128);
    }

    #[test]
    fn numbers_have_up_to_64_bits() {
        for value in [0, 127, 128, 1 << 40, u64::MAX] {
            assert_eq!(number(&varint(value)), value);
        }
    }
}
