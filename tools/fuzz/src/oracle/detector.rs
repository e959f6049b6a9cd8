//! What a detector must say, from the whole signal: windows are slices of it, sums have 128 bits,
//! debouncing looks back.

use ae_core::{Debounce, Detection, SampleMap};

/// A signal, sample after sample.
pub enum Signal {
    /// u8 pixels.
    Pixels(Vec<u8>),
    /// i16 counts.
    Counts(Vec<i16>),
    /// f32 values.
    Values(Vec<f32>),
}

/// What is said of a window.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Samples up to its end.
    pub samples: usize,
    /// Its score.
    pub score: u64,
    /// The channel that contributes most.
    pub channel: usize,
    /// What it contributes.
    pub channel_score: u64,
    /// Whether it is an alarm.
    pub alarm: bool,
}

/// Whether a section breaks no rule of the format, for a model of so many features.
pub fn follows_the_rules(section: &Detection<'_>, features: usize) -> bool {
    let window = section.window as usize;
    if window == 0 || !features.is_multiple_of(window) {
        return false;
    }
    let channels = features / window;
    let maps = match section.samples {
        SampleMap::Pixels => true,
        SampleMap::Counts(bytes) => {
            let sound = |map: &[u8]| {
                let bias = i64::from(i32::from_le_bytes([map[0], map[1], map[2], map[3]]));
                map[7] < 0x80
                    && (1..=22).contains(&map[8])
                    && bias.abs() <= (1 << 31) - 1 - (1 << 23)
            };
            bytes.len() == 9 * channels && bytes.chunks(9).all(sound)
        }
        SampleMap::Values(bytes) => {
            let sound = |map: &[u8]| {
                let [offset, scale] = offset_and_scale(map);
                offset.abs() <= f32::MAX && scale <= f32::MAX && scale > 0.0
            };
            bytes.len() == 8 * channels && bytes.chunks(8).all(sound)
        }
    };
    let weights = section.weights.len();
    // (n + 1)(1 − α) is above n where a threshold would be the (n + 1)-th score.
    let calibration = section.calibration;
    let (alarm, scores) = (i64::from(calibration.alarm_ppm), i64::from(calibration.scores));
    let enough = (scores + 1) * (1_000_000 - alarm) <= scores * 1_000_000;
    let Debounce { hits, of } = section.debounce;
    maps && section.stride > 0
        && (weights == 0 || weights == features)
        && section.weights.iter().all(|&weight| weight > 0)
        && (1..1_000_000).contains(&alarm)
        && enough
        && calibration.digest.len() == 32
        && 1 <= hits
        && hits <= of
        && of <= 32
}

/// The verdicts on a signal of so many channels. `reconstruct` is the model.
pub fn verdicts(
    section: &Detection<'_>,
    channels: usize,
    signal: &Signal,
    reconstruct: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<Verdict> {
    let pixels = pixels(section.samples, channels, signal);
    let (window, stride) = (section.window as usize, section.stride as usize);
    let samples = pixels.len() / channels;
    let mut exceeded = Vec::new();
    let starts = (0..samples).step_by(stride).filter(|start| start + window <= samples);
    let verdicts = starts.map(|start| {
        let end = start + window;
        let original = &pixels[start * channels..end * channels];
        let reconstruction = reconstruct(original);
        let mut sums = vec![0_i128; channels];
        for (index, (&a, &b)) in original.iter().zip(&reconstruction).enumerate() {
            let weight = if section.weights.is_empty() { 1 } else { section.weights[index] };
            sums[index % channels] += i128::from(weight) * (i128::from(a) - i128::from(b)).pow(2);
        }
        let score: i128 = sums.iter().sum();
        exceeded.push(score > i128::from(section.threshold));
        let recent = exceeded.iter().rev().take(section.debounce.of.into());
        // Of several, the first.
        let most = *sums.iter().max().expect("a channel");
        Verdict {
            samples: end,
            score: score.try_into().expect("64 bits"),
            channel: sums.iter().position(|&sum| sum == most).expect("it is one of them"),
            channel_score: most.try_into().expect("64 bits"),
            alarm: recent.filter(|&&it| it).count() >= section.debounce.hits.into(),
        }
    });
    verdicts.collect()
}

/// The pixels of a signal.
fn pixels(map: SampleMap<'_>, channels: usize, signal: &Signal) -> Vec<u8> {
    match (map, signal) {
        (SampleMap::Pixels, Signal::Pixels(pixels)) => pixels.clone(),
        (SampleMap::Counts(maps), Signal::Counts(counts)) => {
            let counts = counts.iter().enumerate();
            counts
                .map(|(index, &count)| of_count(count, &maps[index % channels * 9..][..9]))
                .collect()
        }
        (SampleMap::Values(maps), Signal::Values(values)) => {
            let values = values.iter().enumerate();
            values
                .map(|(index, &value)| of_value(value, &maps[index % channels * 8..][..8]))
                .collect()
        }
        _ => unreachable!("the signal is made for the map"),
    }
}

/// `⌊(256 · count + bias) · multiplier / 2^(32 + shift) + 1/2⌋ + 128`, clipped to a pixel.
fn of_count(count: i16, map: &[u8]) -> u8 {
    let number = |at: usize| i32::from_le_bytes([map[at], map[at + 1], map[at + 2], map[at + 3]]);
    let sum = 256 * i64::from(count) + i64::from(number(0));
    assert!(i32::try_from(sum).is_ok(), "the sum of a count overflows");
    let product = i128::from(sum) * i128::from(number(4));
    let divisor = 1_i128 << (32 + map[8]);
    let code = (2 * product + divisor).div_euclid(2 * divisor);
    (code + 128).clamp(0, 255) as u8
}

/// `⌊(value − offset) · scale + 1/2⌋ + 128`, clipped to a pixel; 0 for what is not a number.
fn of_value(value: f32, map: &[u8]) -> u8 {
    let [offset, scale] = offset_and_scale(map);
    // The cast takes what is not a number to 0.
    (((value - offset) * scale + 0.5).floor().clamp(-128.0, 127.0) + 128.0) as u8
}

fn offset_and_scale(map: &[u8]) -> [f32; 2] {
    [0, 4].map(|at| f32::from_le_bytes([map[at], map[at + 1], map[at + 2], map[at + 3]]))
}
