//! What is computed of a signal (`FORMAT.md`, "Features of a signal"): read, written, and its rules.

use super::ValueMap;
use crate::reader::Reader;
use crate::writer::{push_number, push_slice};

/// What is computed of a signal, frame after frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Values of a sample.
    pub channels: usize,
    /// Samples of a frame.
    pub frame: usize,
    /// Samples from a frame to the next.
    pub hop: usize,
    /// For each channel a map from f32 to i16; none where values are i16.
    pub units: Vec<ValueMap>,
    /// 1 if raw values are among the features.
    pub raw: u8,
    /// A bit for each statistic.
    pub statistics: u8,
    /// Bands of the spectrum.
    pub bands: Option<Bands>,
}

/// Triangles over the bins of a spectrum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bands {
    /// 0 rectangular, 1 Hann.
    pub taper: usize,
    /// 0 power, 1 magnitude.
    pub spectrum: usize,
    /// The first bin that has a weight.
    pub first: usize,
    /// Before the first centre, between two, and behind the last: the weights of the bins, each the
    /// share of the band whose centre ends the segment.
    pub segments: Vec<Vec<u16>>,
}

impl Features {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let mut number = |field: &str| reader.number(format_args!("detection.features.{field}"));
        let (channels, frame, hop) = (number("channels"), number("frame"), number("hop"));
        Self {
            channels,
            frame,
            hop,
            units: ValueMap::read_all(reader, "detection.features.units"),
            raw: reader.byte(format_args!("detection.features.raw")),
            statistics: reader.byte(format_args!("detection.features.statistics")),
            bands: match reader.named("detection.features.bands", &["absent", "present"]) {
                0 => None,
                _ => Some(Bands::read(reader)),
            },
        }
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        for number in [self.channels, self.frame, self.hop] {
            push_number(number, bytes);
        }
        let units: Vec<u8> = self.units.iter().flat_map(|unit| unit.to_bytes()).collect();
        push_slice(&units, bytes);
        bytes.extend([self.raw, self.statistics, self.bands.is_some().into()]);
        self.bands.iter().for_each(|bands| bands.write(bytes));
    }

    /// Values that come of a frame.
    #[must_use]
    pub fn values(&self) -> usize {
        let raw = if self.raw == 1 { self.hop } else { 0 };
        let bands = self.bands.as_ref().map_or(0, |it| it.segments.len() - 1);
        self.channels * (raw + self.statistics.count_ones() as usize + bands)
    }

    pub(super) fn follow_the_rules(&self) -> bool {
        self.channels > 0
            && [32, 64, 128, 256, 512, 1024, 2048].contains(&self.frame)
            && self.channels * self.frame <= 1 << 18
            && (1..=self.frame).contains(&self.hop)
            && (self.units.is_empty() || self.units.len() == self.channels)
            && self.units.iter().all(ValueMap::is_valid)
            && self.raw <= 1
            && self.statistics < 64
            && self.bands.as_ref().is_none_or(|it| it.follow_the_rules(self.frame))
    }
}

impl Bands {
    fn read(reader: &mut Reader<'_>) -> Self {
        let taper = reader.named("detection.bands.taper", &["rectangular", "hann"]);
        let spectrum = reader.named("detection.bands.spectrum", &["power", "magnitude"]);
        let mut number = |field: &str| reader.number(format_args!("detection.bands.{field}"));
        let (first, bytes) = (number("first"), number("segments.len"));
        assert!(bytes.is_multiple_of(2) && bytes > 0, "segments of 2 bytes");
        let mut bins = |segment| reader.u16(format_args!("detection.bands.segments[{segment}]"));
        let bins: Vec<u16> = (0..bytes / 2).map(&mut bins).collect();
        let found = reader.number(format_args!("detection.bands.weights.len"));
        let all: usize = bins.iter().copied().map(usize::from).sum();
        assert_eq!(found, 2 * all, "a weight for each bin");
        let mut bin = first;
        let mut weights = |count: u16| {
            let weight = |_| {
                bin += 1;
                reader.u16(format_args!("detection.bands.weights[{}]", bin - 1))
            };
            (0..count).map(weight).collect()
        };
        let segments = bins.into_iter().map(&mut weights).collect();
        Self { taper, spectrum, first, segments }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        for number in [self.taper, self.spectrum, self.first] {
            push_number(number, bytes);
        }
        let bins = self.segments.iter().map(|it| u16::try_from(it.len()).expect("16 bits"));
        push_slice(&bins.flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), bytes);
        let weights = self.segments.iter().flatten().copied();
        push_slice(&weights.flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), bytes);
    }

    fn follow_the_rules(&self, frame: usize) -> bool {
        let bins: usize = self.segments.iter().map(Vec::len).sum();
        self.taper <= 1
            && self.spectrum <= 1
            && self.segments.len() >= 2
            && self.first + bins <= frame / 2 + 1
            && self.segments.iter().flatten().all(|&weight| weight <= 1 << 15)
    }
}
