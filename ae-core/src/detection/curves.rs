//! Maps of several straight lines: for channels with several levels.

use super::samples::{CountMap, ValueMap};
use crate::error::DetectionError;

/// Curves as they stand one behind the other, one for each channel: the number of segments, the
/// bounds between them, a map for each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Curves<'a> {
    bytes: &'a [u8],
    /// Bytes of a bound: 2 of an i16, 4 of an f32.
    bound: usize,
    /// Bytes of a map.
    map: usize,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Curve<'a> {
    bounds: &'a [u8],
    maps: &'a [u8],
}

/// How i16 counts of one channel become i8: by a straight line of its own, a [`CountMap`], in each
/// segment. A count belongs to the segment of as many bounds as are less than it, so a bound is the
/// last count of its segment.
///
/// ```
/// use ae_core::{CountMap, SampleMap};
///
/// // A count is a step up to 100; above, 16 are.
/// let map = |bias, shift| CountMap { bias, multiplier: 1 << 30, shift }.to_bytes();
/// let bound = 100_i16.to_le_bytes();
/// let bytes = [&[2][..], &bound, &map(-256 * 100, 6), &map(-256 * 100, 10)].concat();
/// let curve = SampleMap::CountCurves(&bytes).count_curves().next().unwrap();
/// assert_eq!([90, 99, 100, 108, 116].map(|count| curve.apply(count)), [-10, -1, 0, 1, 1]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountCurve<'a>(Curve<'a>);

/// The same of f32 values, with f32 bounds and [`ValueMap`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueCurve<'a>(Curve<'a>);

impl<'a> Curves<'a> {
    pub(super) const fn of_counts(bytes: &'a [u8]) -> Self {
        Self { bytes, bound: 2, map: CountMap::LEN }
    }

    pub(super) const fn of_values(bytes: &'a [u8]) -> Self {
        Self { bytes, bound: 4, map: ValueMap::LEN }
    }

    pub(super) fn count_curves(self) -> impl Iterator<Item = CountCurve<'a>> {
        self.map(CountCurve)
    }

    pub(super) fn value_curves(self) -> impl Iterator<Item = ValueCurve<'a>> {
        self.map(ValueCurve)
    }

    /// Bytes of the bounds and of the maps of so many segments.
    fn lens(&self, segments: u8) -> [usize; 2] {
        let segments = usize::from(segments);
        let bounds = segments.saturating_sub(1).saturating_mul(self.bound);
        [bounds, segments.saturating_mul(self.map)]
    }

    /// Bytes that so many channels take by the numbers of segments that stand there. Where bytes are
    /// missing, and where there is no segment, one counts.
    fn expected(&self, channels: usize) -> usize {
        let mut expected = 0_usize;
        for _ in 0..channels {
            let segments = self.bytes.get(expected).copied().unwrap_or(1).max(1);
            let [bounds, maps] = self.lens(segments);
            expected = expected.saturating_add(1).saturating_add(bounds).saturating_add(maps);
        }
        expected
    }

    /// Whether a detector can follow them.
    pub(super) fn check(self, channels: usize) -> Result<(), DetectionError> {
        let (expected, found) = (self.expected(channels), self.bytes.len());
        if expected != found {
            return Err(DetectionError::MapLength { expected, found });
        }
        for (channel, curve) in self.enumerate() {
            if !self.has_segments(curve) {
                return Err(DetectionError::MapSegments { channel });
            }
            if !self.is_sound(curve) {
                return Err(DetectionError::MapValue { channel });
            }
        }
        Ok(())
    }

    /// Whether there are any, and each bound is finite, and larger than the one before.
    fn has_segments(&self, curve: Curve<'_>) -> bool {
        let (mut last, mut rest) = (i32::MIN, curve.bounds);
        while let Some((bound, after)) = rest.split_at_checked(self.bound) {
            match key(bound) {
                Some(key) if key > last => last = key,
                _ => return false,
            }
            rest = after;
        }
        !curve.maps.is_empty()
    }

    fn is_sound(&self, curve: Curve<'_>) -> bool {
        if self.bound == 2 {
            curve.maps.as_chunks().0.iter().all(|map| CountMap::from_bytes(map).is_sound())
        } else {
            curve.maps.as_chunks().0.iter().all(|map| ValueMap::from_bytes(map).is_sound())
        }
    }
}

/// A number above [`i32::MIN`] that is in the order of bounds; `None` if a bound is not finite. By
/// bits: a program that takes counts alone links no float arithmetic for this.
fn key(bound: &[u8]) -> Option<i32> {
    match *bound {
        [a, b] => Some(i16::from_le_bytes([a, b]).into()),
        [a, b, c, d] => {
            let bits = i32::from_le_bytes([a, b, c, d]);
            let magnitude = bits & i32::MAX;
            let is_finite = magnitude < f32::INFINITY.to_bits() as i32;
            // Both zeros are one.
            is_finite.then_some(if bits < 0 { magnitude.saturating_neg() } else { magnitude })
        }
        _ => None,
    }
}

impl<'a> Iterator for Curves<'a> {
    type Item = Curve<'a>;

    fn next(&mut self) -> Option<Curve<'a>> {
        let (&segments, rest) = self.bytes.split_first()?;
        let [bounds, maps] = self.lens(segments);
        let (bounds, rest) = rest.split_at_checked(bounds)?;
        let (maps, rest) = rest.split_at_checked(maps)?;
        self.bytes = rest;
        Some(Curve { bounds, maps })
    }
}

impl CountCurve<'_> {
    /// The i8 of a count.
    #[must_use]
    pub fn apply(&self, count: i16) -> i8 {
        let bounds = self.0.bounds.as_chunks().0;
        let segment = bounds.partition_point(|&bound| i16::from_le_bytes(bound) < count);
        let map = self.0.maps.as_chunks().0.get(segment);
        map.map_or(i8::MIN, |map| CountMap::from_bytes(map).apply(count))
    }

    /// Number of segments, each with a line of its own.
    #[must_use]
    pub const fn segments(&self) -> usize {
        self.0.maps.as_chunks::<{ CountMap::LEN }>().0.len()
    }
}

impl ValueCurve<'_> {
    /// The i8 of a value; −128 of what is not a number.
    #[must_use]
    pub fn apply(&self, value: f32) -> i8 {
        let bounds = self.0.bounds.as_chunks().0;
        let segment = bounds.partition_point(|&bound| f32::from_le_bytes(bound) < value);
        let map = self.0.maps.as_chunks().0.get(segment);
        map.map_or(i8::MIN, |map| ValueMap::from_bytes(map).apply(value))
    }

    /// Number of segments, each with a line of its own.
    #[must_use]
    pub const fn segments(&self) -> usize {
        self.0.maps.as_chunks::<{ ValueMap::LEN }>().0.len()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::super::samples::{CountMap, SampleMap, ValueMap};

    /// One channel: `bounds` and `maps` as they stand in a blob.
    fn bytes<const B: usize, const M: usize>(bounds: &[[u8; B]], maps: &[[u8; M]]) -> Vec<u8> {
        let segments = [maps.len() as u8];
        [&segments[..], bounds.as_flattened(), maps.as_flattened()].concat()
    }

    #[test]
    fn a_bound_belongs_to_the_segment_that_it_ends() {
        let line = |offset| ValueMap { offset, scale: 1.0 }.to_bytes();
        let bounds = [-1.5_f32, 0.0, 2.0].map(f32::to_le_bytes);
        let bytes = bytes(&bounds, &[line(-40.0), line(-20.0), line(20.0), line(40.0)]);
        let curve = SampleMap::ValueCurves(&bytes).value_curves().next().unwrap();
        assert_eq!(curve.segments(), 4);
        for (value, code) in [
            (f32::NEG_INFINITY, -128),
            (-2.0, 38),
            (-1.5, 39),
            (-1.0, 19),
            (-0.0, 20),
            (0.0, 20),
            (1.0, -19),
            (2.0, -18),
            (3.0, -37),
            (f32::INFINITY, 127),
            (f32::NAN, -128),
        ] {
            assert_eq!(curve.apply(value), code, "{value}");
        }
    }

    #[test]
    fn one_segment_is_the_line_itself() {
        let line = CountMap { bias: -25_600, multiplier: 1_300_000_000, shift: 9 };
        let bytes = bytes::<2, 9>(&[], &[line.to_bytes()]);
        let curve = SampleMap::CountCurves(&bytes).count_curves().next().unwrap();
        for count in i16::MIN..=i16::MAX {
            assert_eq!(curve.apply(count), line.apply(count), "{count}");
        }
    }

    #[test]
    fn channels_stand_one_behind_the_other() {
        let line = |bias| CountMap { bias, multiplier: 1 << 30, shift: 10 };
        let [a, b, c] = [0, 256, 512].map(|bias| line(bias).to_bytes());
        let all = [bytes(&[7_i16.to_le_bytes()], &[a, b]), bytes::<2, 9>(&[], &[c])].concat();
        let map = SampleMap::CountCurves(&all);
        assert!(map.count_curves().map(|curve| curve.segments()).eq([2, 1]));
        assert_eq!((map.counts().len(), map.values().len(), map.value_curves().count()), (0, 0, 0));
        // A byte less, and the last is no curve.
        assert_eq!(SampleMap::CountCurves(&all[..all.len() - 1]).count_curves().count(), 1);
    }
}
