//! A detection section (`FORMAT.md`, "Detection"): read, written, and its rules.

mod features;
mod maps;

use crate::reader::Reader;
use crate::varint::push_varint;
use crate::writer::{push_number, push_slice};

pub use features::{Bands, Features};
pub use maps::{CountMap, Curve, Samples, ValueMap};

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
    /// What groups would have had for a threshold, in rising order; empty where nothing is said of them.
    pub groups: Vec<u64>,
    /// What is computed of the signal first.
    pub features: Option<Features>,
}

/// In the smoothing's byte: thresholds of groups stand behind it.
const WITH_GROUPS: u8 = 128;

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
        let samples = Samples::read(reader);
        let mut section = Self {
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
            groups: Vec::new(),
            features: None,
        };
        if section.smoothing >= WITH_GROUPS {
            section.smoothing -= WITH_GROUPS;
            let groups = reader.slice(format_args!("detection.groups"));
            let (groups, rest) = groups.as_chunks();
            assert!(rest.is_empty() && !groups.is_empty(), "whole thresholds");
            section.groups = groups.iter().map(|group| u64::from_le_bytes(*group)).collect();
        }
        section.features = (reader.offset() < end).then(|| Features::read(reader));
        section
    }

    /// The threshold for a group beyond these, where one in 10⁶ / `group_ppm` may need a higher one;
    /// none where they are too few.
    #[must_use]
    pub fn group_bound(&self, group_ppm: u32) -> Option<u64> {
        // Of all places among the groups and the new one the share that lies above is at most this.
        let groups = self.groups.len();
        let is_enough = |below: &usize| {
            (groups + 1 - below) as u128 * 1_000_000 <= (groups as u128 + 1) * u128::from(group_ppm)
        };
        let below = (1..=groups).find(is_enough)?;
        Some(self.groups[below - 1])
    }

    /// The section's bytes.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.samples.write(&mut bytes);
        push_number(self.window, &mut bytes);
        push_number(self.stride, &mut bytes);
        push_slice(&self.weights, &mut bytes);
        push_varint(self.threshold, 0, &mut bytes);
        push_number(self.alarm_ppm, &mut bytes);
        push_number(self.scores, &mut bytes);
        push_slice(&self.digest, &mut bytes);
        bytes.extend([self.hits, self.of]);
        let with_groups = if self.groups.is_empty() { 0 } else { WITH_GROUPS };
        let smoothing = self.smoothing | with_groups;
        let is_there = smoothing != 0 || self.features.is_some();
        bytes.extend(is_there.then_some(smoothing));
        if !self.groups.is_empty() {
            let groups = self.groups.iter().flat_map(|group| group.to_le_bytes());
            push_slice(&groups.collect::<Vec<u8>>(), &mut bytes);
        }
        self.features.iter().for_each(|features| features.write(&mut bytes));
        bytes
    }

    /// Channels of a window for a model of so many features: those of the signal, or the values of a
    /// frame.
    #[must_use]
    pub fn channels(&self, features: usize) -> usize {
        features / self.window
    }

    /// Channels of a signal for a model of so many features.
    #[must_use]
    pub fn signal_channels(&self, features: usize) -> usize {
        self.features.as_ref().map_or(self.channels(features), |it| it.channels)
    }

    /// Whether a signal's values are f32.
    #[must_use]
    pub fn takes_reals(&self) -> bool {
        match &self.features {
            Some(features) => !features.units.is_empty(),
            None => matches!(self.samples, Samples::Values(_) | Samples::ValueCurves(_)),
        }
    }

    /// Samples of a signal up to the end of a window that ends with this sample or frame, counted
    /// from 1.
    #[must_use]
    pub fn samples_to(&self, end: usize) -> usize {
        self.features.as_ref().map_or(end, |it| it.frame + (end - 1) * it.hop)
    }

    /// Whether the section breaks no rule of the format, for a model of so many features.
    #[must_use]
    pub fn follows_the_rules(&self, features: usize) -> bool {
        if self.window == 0 || !features.is_multiple_of(self.window) {
            return false;
        }
        let channels = self.channels(features);
        let maps = self.samples.follow_the_rules(channels);
        let of_signal = self.features.as_ref().is_none_or(|it| {
            let of_counts = matches!(self.samples, Samples::Counts(_) | Samples::CountCurves(_));
            of_counts && it.follow_the_rules() && it.values() == channels
        });
        let weights = self.weights.len();
        // (n + 1)(1 − α) is above n where a threshold would be the (n + 1)-th score.
        let (alarm, scores) = (self.alarm_ppm as i64, self.scores as i64);
        maps && of_signal
            && self.stride > 0
            && (weights == 0 || weights == features)
            && !self.weights.contains(&0)
            && (1..1_000_000).contains(&alarm)
            && (scores + 1) * (1_000_000 - alarm) <= scores * 1_000_000
            && self.digest.len() == 32
            && 1 <= self.hits
            && self.hits <= self.of
            && self.of <= 32
            && self.smoothing <= 3
            && (self.groups.is_empty() || (2..=64).contains(&self.groups.len()))
            && self.groups.is_sorted()
    }
}
