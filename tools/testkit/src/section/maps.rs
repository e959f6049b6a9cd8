//! Maps from the values of a sample to pixels (`FORMAT.md`, "Detection").

use crate::reader::Reader;
use crate::writer::push_slice;

/// The type of a signal's values, with a map for each channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Samples {
    /// u8.
    Pixels,
    /// i16.
    Counts(Vec<CountMap>),
    /// f32.
    Values(Vec<ValueMap>),
    /// i16, in segments.
    CountCurves(Vec<Curve<i16, CountMap>>),
    /// f32, in segments.
    ValueCurves(Vec<Curve<f32, ValueMap>>),
}

/// A channel's segments: a map for each, and the last value of each but the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve<B, M> {
    /// One less than maps, rising.
    pub bounds: Vec<B>,
    /// At least one.
    pub maps: Vec<M>,
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

impl Samples {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let kinds = ["pixels", "counts", "values", "count curves", "value curves"];
        let name = format_args!("detection.samples");
        match reader.varint(name, |kind| kinds[kind as usize].into()) {
            0 => Samples::Pixels,
            1 => Samples::Counts(CountMap::read_all(reader)),
            2 => Samples::Values(ValueMap::read_values(reader)),
            3 => Samples::CountCurves(read_curves(reader, "count_curves", i16_at, CountMap::read)),
            _ => Samples::ValueCurves(read_curves(reader, "value_curves", f32_at, ValueMap::read)),
        }
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        let (kind, maps): (u8, Vec<u8>) = match self {
            Samples::Pixels => (0, Vec::new()),
            Samples::Counts(maps) => (1, maps.iter().flat_map(|map| map.to_bytes()).collect()),
            Samples::Values(maps) => (2, maps.iter().flat_map(|map| map.to_bytes()).collect()),
            Samples::CountCurves(curves) => {
                (3, write_curves(curves, |bound| bound.to_le_bytes(), |map| map.to_bytes()))
            }
            Samples::ValueCurves(curves) => {
                (4, write_curves(curves, |bound| bound.to_le_bytes(), |map| map.to_bytes()))
            }
        };
        bytes.push(kind);
        if kind > 0 {
            push_slice(&maps, bytes);
        }
    }

    pub(super) fn follow_the_rules(&self, channels: usize) -> bool {
        match self {
            Samples::Pixels => true,
            Samples::Counts(maps) => maps.len() == channels && maps.iter().all(CountMap::is_valid),
            Samples::Values(maps) => maps.len() == channels && maps.iter().all(ValueMap::is_valid),
            Samples::CountCurves(curves) => {
                let are_valid =
                    |it: &Curve<_, _>| it.rises() && it.maps.iter().all(CountMap::is_valid);
                curves.len() == channels && curves.iter().all(are_valid)
            }
            Samples::ValueCurves(curves) => {
                let are_valid = |it: &Curve<f32, ValueMap>| {
                    let is_finite = it.bounds.iter().all(|bound| bound.is_finite());
                    is_finite && it.rises() && it.maps.iter().all(ValueMap::is_valid)
                };
                curves.len() == channels && curves.iter().all(are_valid)
            }
        }
    }
}

impl<B: PartialOrd, M> Curve<B, M> {
    fn rises(&self) -> bool {
        !self.maps.is_empty() && self.bounds.windows(2).all(|pair| pair[0] < pair[1])
    }
}

/// Curves until their bytes end.
///
/// # Panics
/// If they end within a curve.
fn read_curves<B, M>(
    reader: &mut Reader<'_>,
    kind: &str,
    bound: fn(&mut Reader<'_>, &str) -> B,
    map: fn(&mut Reader<'_>, &str) -> M,
) -> Vec<Curve<B, M>> {
    let len = reader.number(format_args!("detection.{kind}.len"));
    let end = reader.offset() + len;
    let mut curves = Vec::new();
    while reader.offset() < end {
        let name = format!("detection.{kind}[{}]", curves.len());
        let segments = reader.byte(format_args!("{name}.segments")).into();
        let bounds = (1..segments).map(|at| bound(reader, &format!("{name}.bounds[{}]", at - 1)));
        let bounds = bounds.collect();
        let maps = (0..segments).map(|at| map(reader, &format!("{name}.maps[{at}]"))).collect();
        curves.push(Curve { bounds, maps });
    }
    assert_eq!(reader.offset(), end, "a curve that ends where the curves end");
    curves
}

fn i16_at(reader: &mut Reader<'_>, name: &str) -> i16 {
    reader.i16(format_args!("{name}"))
}

fn f32_at(reader: &mut Reader<'_>, name: &str) -> f32 {
    reader.reals(format_args!("{name}"), 1)[0]
}

fn write_curves<B: Copy, M: Copy, const BOUND: usize, const MAP: usize>(
    curves: &[Curve<B, M>],
    bound: fn(B) -> [u8; BOUND],
    map: fn(M) -> [u8; MAP],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    for curve in curves {
        bytes.push(u8::try_from(curve.maps.len()).expect("at most 255 segments"));
        curve.bounds.iter().for_each(|&it| bytes.extend(bound(it)));
        curve.maps.iter().for_each(|&it| bytes.extend(map(it)));
    }
    bytes
}

impl CountMap {
    fn read_all(reader: &mut Reader<'_>) -> Vec<Self> {
        let len = reader.number(format_args!("detection.counts.len"));
        assert!(len.is_multiple_of(9), "maps of 9 bytes");
        let map = |channel| Self::read(reader, &format!("detection.counts[{channel}]"));
        (0..len / 9).map(map).collect()
    }

    fn read(reader: &mut Reader<'_>, name: &str) -> Self {
        Self {
            bias: reader.i32(format_args!("{name}.bias")),
            multiplier: reader.i32(format_args!("{name}.multiplier")),
            shift: reader.byte(format_args!("{name}.shift")),
        }
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
    fn read_values(reader: &mut Reader<'_>) -> Vec<Self> {
        Self::read_all(reader, "detection.values")
    }

    /// Those of all channels.
    pub(super) fn read_all(reader: &mut Reader<'_>, name: &str) -> Vec<Self> {
        let len = reader.number(format_args!("{name}.len"));
        assert!(len.is_multiple_of(8), "maps of 8 bytes");
        let map = |channel| Self::read(reader, &format!("{name}[{channel}]"));
        (0..len / 8).map(map).collect()
    }

    fn read(reader: &mut Reader<'_>, name: &str) -> Self {
        let mut number = |field| reader.reals(format_args!("{name}.{field}"), 1)[0];
        Self { offset: number("offset"), scale: number("scale") }
    }

    pub(super) fn to_bytes(self) -> [u8; 8] {
        let ([a, b, c, d], [e, f, g, h]) = (self.offset.to_le_bytes(), self.scale.to_le_bytes());
        [a, b, c, d, e, f, g, h]
    }

    pub(super) fn is_valid(&self) -> bool {
        self.offset.is_finite() && self.scale.is_finite() && self.scale > 0.0
    }
}
