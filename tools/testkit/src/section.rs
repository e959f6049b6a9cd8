//! A detection section (`FORMAT.md`, "Detection"): read, written, and its rules.

use crate::reader::Reader;
use crate::varint::push_varint;
use crate::writer::{push_number, push_slice};

/// What a detector follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// How the values of a signal become pixels.
    pub samples: Samples,
    /// Samples of a window.
    pub window: usize,
    /// Samples from a window to the next.
    pub stride: usize,
    /// One for each pixel of a window, or none.
    pub weights: Vec<u8>,
    /// A window exceeds it if its score is larger.
    pub threshold: u64,
    /// The false-alarm rate in parts per million.
    pub alarm_ppm: usize,
    /// Scores that the threshold was chosen from.
    pub scores: usize,
    /// SHA-256 of these scores.
    pub digest: Vec<u8>,
    /// Windows that make an alarm …
    pub hits: u8,
    /// … of the last so many.
    pub of: u8,
    /// Samples on each side of one whose errors are added to its own.
    pub smoothing: u8,
}

/// The type of a signal's values, with a map for each channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// u8.
    Pixels,
    /// i16.
    Counts(Vec<CountMap>),
    /// f32.
    Values(Vec<ValueMap>),
}

/// How counts of a channel become pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountMap {
    /// Added to 256 times the count.
    pub bias: i32,
    /// Not negative.
    pub multiplier: i32,
    /// 1 to 22.
    pub shift: u8,
}

/// How values of a channel become pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueMap {
    /// What becomes the pixel 128.
    pub offset: f32,
    /// Pixels for a unit.
    pub scale: f32,
}

impl Section {
    /// Reads a section that can be read; whether it [follows the rules](Self::follows_the_rules) is
    /// another question.
    ///
    /// # Panics
    /// If it is not in its shortest encoding, or bytes are missing or left.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut reader = Reader::of_section(bytes);
        let section = Self::read_fields(&mut reader, bytes.len());
        reader.end();
        section
    }

    /// Reads the section's fields, which are the next `len` bytes.
    pub(crate) fn read_fields(reader: &mut Reader<'_>, len: usize) -> Self {
        let end = reader.offset() + len;
        let kinds = ["pixels", "counts", "values"];
        let name = format_args!("detection.samples");
        let samples = match reader.varint(name, |kind| kinds[kind as usize].into()) {
            0 => Samples::Pixels,
            1 => Samples::Counts(CountMap::read_all(reader)),
            _ => Samples::Values(ValueMap::read_all(reader)),
        };
        Self {
            samples,
            window: reader.number(format_args!("detection.window")),
            stride: reader.number(format_args!("detection.stride")),
            weights: reader.slice(format_args!("detection.weights")).to_vec(),
            threshold: reader.varint(format_args!("detection.threshold"), |it| it.to_string()),
            alarm_ppm: reader.number(format_args!("detection.alarm_ppm")),
            scores: reader.number(format_args!("detection.scores")),
            digest: reader.slice(format_args!("detection.digest")).to_vec(),
            hits: reader.byte(format_args!("detection.debounce.hits")),
            of: reader.byte(format_args!("detection.debounce.of")),
            smoothing: match reader.offset() < end {
                true => reader.byte(format_args!("detection.smoothing")),
                false => 0,
            },
        }
    }

    /// The section's bytes.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match &self.samples {
            Samples::Pixels => bytes.push(0),
            Samples::Counts(maps) => {
                bytes.push(1);
                push_slice(
                    &maps.iter().flat_map(|map| map.to_bytes()).collect::<Vec<_>>(),
                    &mut bytes,
                );
            }
            Samples::Values(maps) => {
                bytes.push(2);
                push_slice(
                    &maps.iter().flat_map(|map| map.to_bytes()).collect::<Vec<_>>(),
                    &mut bytes,
                );
            }
        }
        push_number(self.window, &mut bytes);
        push_number(self.stride, &mut bytes);
        push_slice(&self.weights, &mut bytes);
        push_varint(self.threshold, 0, &mut bytes);
        push_number(self.alarm_ppm, &mut bytes);
        push_number(self.scores, &mut bytes);
        push_slice(&self.digest, &mut bytes);
        bytes.extend([self.hits, self.of]);
        bytes.extend((self.smoothing != 0).then_some(self.smoothing));
        bytes
    }

    /// Channels of a signal for a model of so many features.
    #[must_use]
    pub fn channels(&self, features: usize) -> usize {
        features / self.window
    }

    /// Whether the section breaks no rule of the format, for a model of so many features.
    #[must_use]
    pub fn follows_the_rules(&self, features: usize) -> bool {
        if self.window == 0 || !features.is_multiple_of(self.window) {
            return false;
        }
        let channels = self.channels(features);
        let maps = match &self.samples {
            Samples::Pixels => true,
            Samples::Counts(maps) => maps.len() == channels && maps.iter().all(CountMap::is_valid),
            Samples::Values(maps) => maps.len() == channels && maps.iter().all(ValueMap::is_valid),
        };
        let weights = self.weights.len();
        // (n + 1)(1 − α) is above n where a threshold would be the (n + 1)-th score.
        let (alarm, scores) = (self.alarm_ppm as i64, self.scores as i64);
        maps && self.stride > 0
            && (weights == 0 || weights == features)
            && !self.weights.contains(&0)
            && (1..1_000_000).contains(&alarm)
            && (scores + 1) * (1_000_000 - alarm) <= scores * 1_000_000
            && self.digest.len() == 32
            && 1 <= self.hits
            && self.hits <= self.of
            && self.of <= 32
            && self.smoothing <= 3
    }
}

impl CountMap {
    fn read_all(reader: &mut Reader<'_>) -> Vec<Self> {
        let len = reader.number(format_args!("detection.counts.len"));
        assert!(len.is_multiple_of(9), "maps of 9 bytes");
        let map = |channel| {
            let name = format_args!("detection.counts[{channel}]");
            Self {
                bias: reader.i32(format_args!("{name}.bias")),
                multiplier: reader.i32(format_args!("{name}.multiplier")),
                shift: reader.byte(format_args!("{name}.shift")),
            }
        };
        (0..len / 9).map(map).collect()
    }

    fn to_bytes(self) -> [u8; 9] {
        let ([a, b, c, d], [e, f, g, h]) = (self.bias.to_le_bytes(), self.multiplier.to_le_bytes());
        [a, b, c, d, e, f, g, h, self.shift]
    }

    fn is_valid(&self) -> bool {
        let largest = i64::from(i32::MAX) - (1 << 23);
        i64::from(self.bias).abs() <= largest
            && self.multiplier >= 0
            && (1..=22).contains(&self.shift)
    }
}

impl ValueMap {
    fn read_all(reader: &mut Reader<'_>) -> Vec<Self> {
        let len = reader.number(format_args!("detection.values.len"));
        assert!(len.is_multiple_of(8), "maps of 8 bytes");
        let map = |channel| {
            let mut number =
                |name| reader.reals(format_args!("detection.values[{channel}].{name}"), 1)[0];
            Self { offset: number("offset"), scale: number("scale") }
        };
        (0..len / 8).map(map).collect()
    }

    fn to_bytes(self) -> [u8; 8] {
        let ([a, b, c, d], [e, f, g, h]) = (self.offset.to_le_bytes(), self.scale.to_le_bytes());
        [a, b, c, d, e, f, g, h]
    }

    fn is_valid(&self) -> bool {
        self.offset.is_finite() && self.scale.is_finite() && self.scale > 0.0
    }
}
