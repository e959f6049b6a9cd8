//! Maps of several straight lines: for channels with several levels.

use super::samples::{CountMap, ValueMap};

/// How the values of one channel become i8: by a straight line of its own in each segment. A value
/// belongs to the segment of as many bounds as are less than it, so a bound is the last value of its
/// segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Curve<'a, const BOUND: usize, const MAP: usize> {
    bounds: &'a [[u8; BOUND]],
    /// One more than bounds.
    maps: &'a [[u8; MAP]],
}

/// For i16 counts: bounds are i16, and each segment has a [`CountMap`].
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
pub type CountCurve<'a> = Curve<'a, 2, { CountMap::LEN }>;

/// For f32 values: bounds are f32, and each segment has a [`ValueMap`].
pub type ValueCurve<'a> = Curve<'a, 4, { ValueMap::LEN }>;

/// The curves of the channels in order, as far as there are bytes of whole ones.
#[derive(Debug, Clone)]
pub struct Curves<'a, const BOUND: usize, const MAP: usize>(&'a [u8]);

impl<'a, const BOUND: usize, const MAP: usize> Curves<'a, BOUND, MAP> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Bytes that so many channels take by the numbers of segments that stand there. Where bytes are
    /// missing, those that are known to be.
    pub(super) fn expected(&self, channels: usize) -> usize {
        let (mut rest, mut expected) = (self.0, 0_usize);
        for _ in 0..channels {
            let segments = rest.first().copied().unwrap_or(1).max(1);
            let len = Self::len(segments);
            expected = expected.saturating_add(len);
            rest = rest.get(len..).unwrap_or_default();
        }
        expected
    }

    /// Bytes of a curve: their number, the bounds between them, a map for each.
    fn len(segments: u8) -> usize {
        let segments = usize::from(segments);
        let bounds = segments.saturating_sub(1).saturating_mul(BOUND);
        segments.saturating_mul(MAP).saturating_add(bounds).saturating_add(1)
    }
}

impl<'a, const BOUND: usize, const MAP: usize> Iterator for Curves<'a, BOUND, MAP> {
    type Item = Curve<'a, BOUND, MAP>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&segments, rest) = self.0.split_first()?;
        let bounds = usize::from(segments).saturating_sub(1).saturating_mul(BOUND);
        let (bounds, rest) = rest.split_at_checked(bounds)?;
        let (maps, rest) = rest.split_at_checked(usize::from(segments).saturating_mul(MAP))?;
        self.0 = rest;
        Some(Curve { bounds: bounds.as_chunks().0, maps: maps.as_chunks().0 })
    }
}

impl<'a, const BOUND: usize, const MAP: usize> Curve<'a, BOUND, MAP> {
    /// Number of segments, each with a line of its own.
    #[must_use]
    pub const fn segments(&self) -> usize {
        self.maps.len()
    }

    /// The map of the segment that as many bounds lie before as `is_before` says.
    fn map(&self, is_before: impl Fn(&[u8; BOUND]) -> bool) -> Option<&'a [u8; MAP]> {
        self.maps.get(self.bounds.partition_point(is_before))
    }

    /// Whether there is a segment, and each bound is larger than the one before.
    fn rises<K: Ord>(&self, key: impl Fn(&[u8; BOUND]) -> K) -> bool {
        self.segments() > 0 && self.bounds.is_sorted_by(|a, b| key(a) < key(b))
    }
}

impl CountCurve<'_> {
    /// The i8 of a count.
    #[must_use]
    pub fn apply(&self, count: i16) -> i8 {
        let map = self.map(|&bound| i16::from_le_bytes(bound) < count);
        map.map_or(i8::MIN, |map| CountMap::from_bytes(map).apply(count))
    }

    pub(super) fn has_segments(&self) -> bool {
        self.rises(|&bound| i16::from_le_bytes(bound))
    }

    pub(super) fn is_sound(&self) -> bool {
        self.maps.iter().all(|map| CountMap::from_bytes(map).is_sound())
    }
}

impl ValueCurve<'_> {
    /// The i8 of a value; −128 of what is not a number.
    #[must_use]
    pub fn apply(&self, value: f32) -> i8 {
        let map = self.map(|&bound| f32::from_le_bytes(bound) < value);
        map.map_or(i8::MIN, |map| ValueMap::from_bytes(map).apply(value))
    }

    pub(super) fn has_segments(&self) -> bool {
        // By bits, as in [`ValueMap`]: in the order of the numbers they stand for, both zeros alike.
        let infinity = f32::INFINITY.to_bits();
        let is_finite = |&bound: &[u8; 4]| u32::from_le_bytes(bound) & infinity != infinity;
        let key = |&bound: &[u8; 4]| {
            let bits = i32::from_le_bytes(bound);
            let magnitude = bits & i32::MAX;
            if bits < 0 { magnitude.saturating_neg() } else { magnitude }
        };
        self.rises(key) && self.bounds.iter().all(is_finite)
    }

    pub(super) fn is_sound(&self) -> bool {
        self.maps.iter().all(|map| ValueMap::from_bytes(map).is_sound())
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
