//! From a sample's values to pixels.

use serde::{Deserialize, Serialize};

use super::curves::{CountCurve, Curves, ValueCurve};
use crate::error::DetectionError;
use crate::requant::Requant;

/// How the values of a sample become pixels. A pixel is an i8 plus 128; the i8 is the value in
/// steps of its channel, 0 where the channel has its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleMap<'a> {
    /// They are pixels.
    Pixels,
    /// They are i16 counts of a sensor. For each channel [`CountMap::LEN`] bytes.
    Counts(&'a [u8]),
    /// They are f32. For each channel [`ValueMap::LEN`] bytes.
    Values(&'a [u8]),
    /// They are i16 counts of a sensor. For each channel a [`CountCurve`].
    CountCurves(&'a [u8]),
    /// They are f32. For each channel a [`ValueCurve`].
    ValueCurves(&'a [u8]),
}

/// Which type a sample's values have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleKind {
    /// u8 pixels.
    Pixels,
    /// i16 counts.
    Counts,
    /// f32 values.
    Values,
}

impl SampleKind {
    /// The type as it is printed: `u8`, `i16` or `f32`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pixels => "u8",
            Self::Counts => "i16",
            Self::Values => "f32",
        }
    }

    /// Bytes of a value.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Pixels => 1,
            Self::Counts => 2,
            Self::Values => 4,
        }
    }
}

/// From a count to an i8, with integers: the sum `256 · count + bias`, requantised by the int8
/// contract's one rounding with the zero point 0.
///
/// ```
/// use ae_core::CountMap;
///
/// // A mean of 1000 counts, and 16 counts a step: 1 / 16 = 256 · 2^20 / 2^32.
/// let map = CountMap { bias: -256 * 1000, multiplier: 1 << 30, shift: 10 };
/// assert_eq!([1000, 1016, 1024, 992, 984].map(|count| map.apply(count)), [0, 1, 2, 0, -1]);
/// assert_eq!([i16::MIN, i16::MAX].map(|count| map.apply(count)), [-128, 127]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CountMap {
    /// −256 times the mean.
    pub bias: i32,
    /// See [`Requant`].
    pub multiplier: i32,
    /// See [`Requant`].
    pub shift: u8,
}

/// From an f32 to an i8: `(value − offset) · scale`, rounded to the nearest integer, halves up.
///
/// ```
/// use ae_core::ValueMap;
///
/// let map = ValueMap { offset: 9.81, scale: 32.0 };
/// assert_eq!([9.81, 10.31, 9.31, 1e9, f32::NAN].map(|v| map.apply(v)), [0, 16, -16, 127, -128]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ValueMap {
    /// The mean.
    pub offset: f32,
    /// Steps of one unit; positive.
    pub scale: f32,
}

impl CountMap {
    /// Bytes of one in a blob: bias, multiplier, shift, little-endian.
    pub const LEN: usize = 9;
    /// Sums have 8 binary places behind the counts'.
    const UNIT: i32 = 256;

    /// The i8 of a count.
    #[must_use]
    pub fn apply(&self, count: i16) -> i8 {
        let sum = i32::from(count).wrapping_mul(Self::UNIT).wrapping_add(self.bias);
        Requant::new(self.multiplier, self.shift.into(), 0).apply(sum)
    }

    /// As it stands in a blob.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let ([a, b, c, d], [e, f, g, h]) = (self.bias.to_le_bytes(), self.multiplier.to_le_bytes());
        [a, b, c, d, e, f, g, h, self.shift]
    }

    pub(super) fn from_bytes(&[a, b, c, d, e, f, g, h, shift]: &[u8; Self::LEN]) -> Self {
        let (bias, multiplier) =
            (i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h]));
        Self { bias, multiplier, shift }
    }

    pub(super) fn is_sound(self) -> bool {
        // No count can make the sum leave 32 bits.
        let bound = self.bias.unsigned_abs().saturating_add(1 << 23);
        self.multiplier >= 0
            && (Requant::MIN_SHIFT..=Requant::MAX_SHIFT).contains(&u32::from(self.shift))
            && bound <= i32::MAX.unsigned_abs()
    }
}

impl ValueMap {
    /// Bytes of one in a blob: offset and scale, f32, little-endian.
    pub const LEN: usize = 8;

    /// The i8 of a value; −128 of what is not a number.
    #[must_use]
    pub fn apply(&self, value: f32) -> i8 {
        self.step(value, i8::MIN.into(), i8::MAX.into()) as i8
    }

    /// The i16 of a value, for what computes [features](super::SignalFeatures) of counts; −32,768 of
    /// what is not a number.
    #[must_use]
    pub fn count(&self, value: f32) -> i16 {
        self.step(value, i16::MIN.into(), i16::MAX.into()) as i16
    }

    fn step(&self, value: f32, least: i32, most: i32) -> i32 {
        let steps = (value - self.offset) * self.scale + 0.5;
        if steps.is_nan() {
            return least;
        }
        // Towards zero and saturating; below zero, a whole number more is one too many.
        let whole = steps as i32;
        let floor = if (whole as f32) > steps { whole.saturating_sub(1) } else { whole };
        floor.clamp(least, most)
    }

    /// As it stands in a blob.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let ([a, b, c, d], [e, f, g, h]) = (self.offset.to_le_bytes(), self.scale.to_le_bytes());
        [a, b, c, d, e, f, g, h]
    }

    pub(super) fn from_bytes(&[a, b, c, d, e, f, g, h]: &[u8; Self::LEN]) -> Self {
        let (offset, scale) = (f32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h]));
        Self { offset, scale }
    }

    pub(super) fn is_sound(self) -> bool {
        // By bits: a program that takes counts alone links no float arithmetic for this.
        let infinity = f32::INFINITY.to_bits();
        let (offset, scale) = (self.offset.to_bits(), self.scale.to_bits());
        offset & infinity != infinity && (1..infinity).contains(&scale)
    }
}

impl<'a> SampleMap<'a> {
    /// The type of the values.
    #[must_use]
    pub const fn kind(&self) -> SampleKind {
        match self {
            Self::Pixels => SampleKind::Pixels,
            Self::Counts(_) | Self::CountCurves(_) => SampleKind::Counts,
            Self::Values(_) | Self::ValueCurves(_) => SampleKind::Values,
        }
    }

    /// The maps of the channels in order, where samples are counts.
    pub fn counts(&self) -> impl ExactSizeIterator<Item = CountMap> + use<'a> {
        let bytes = if let Self::Counts(bytes) = *self { bytes } else { &[] };
        bytes.as_chunks().0.iter().map(CountMap::from_bytes)
    }

    /// The maps of the channels in order, where samples are f32 values.
    pub fn values(&self) -> impl ExactSizeIterator<Item = ValueMap> + use<'a> {
        let bytes = if let Self::Values(bytes) = *self { bytes } else { &[] };
        bytes.as_chunks().0.iter().map(ValueMap::from_bytes)
    }

    /// The curves of the channels in order, where counts have several segments.
    pub fn count_curves(&self) -> impl Iterator<Item = CountCurve<'a>> + use<'a> {
        let bytes = if let Self::CountCurves(bytes) = *self { bytes } else { &[] };
        Curves::of_counts(bytes).count_curves()
    }

    /// The curves of the channels in order, where f32 values have several segments.
    pub fn value_curves(&self) -> impl Iterator<Item = ValueCurve<'a>> + use<'a> {
        let bytes = if let Self::ValueCurves(bytes) = *self { bytes } else { &[] };
        Curves::of_values(bytes).value_curves()
    }

    pub(super) fn check(&self, channels: usize) -> Result<(), DetectionError> {
        let (found, len) = match self {
            Self::Pixels => return Ok(()),
            Self::Counts(bytes) => (bytes.len(), CountMap::LEN),
            Self::Values(bytes) => (bytes.len(), ValueMap::LEN),
            Self::CountCurves(bytes) => return Curves::of_counts(bytes).check(channels),
            Self::ValueCurves(bytes) => return Curves::of_values(bytes).check(channels),
        };
        let expected = channels.saturating_mul(len);
        if found != expected {
            return Err(DetectionError::MapLength { expected, found });
        }
        let unsound = match self {
            Self::Counts(_) => self.counts().position(|map| !map.is_sound()),
            Self::Values(_) => self.values().position(|map| !map.is_sound()),
            _ => None,
        };
        unsound.map_or(Ok(()), |channel| Err(DetectionError::MapValue { channel }))
    }
}

#[cfg(test)]
mod tests {
    use super::{CountMap, SampleMap, ValueMap};

    #[test]
    fn counts_are_rounded_like_an_exact_division() {
        for (mean, multiplier, shift) in
            [(0.0, 1 << 30, 1_u8), (-12.25, 1_300_000_000, 9), (31_000.5, i32::MAX, 22)]
        {
            let map = CountMap { bias: (-256.0 * mean) as i32, multiplier, shift };
            let step = 2_f64.powi(32 + i32::from(shift)) / f64::from(multiplier) / 256.0;
            for count in (i16::MIN..=i16::MAX).step_by(7) {
                let exact = ((f64::from(count) - mean) / step + 0.5).floor();
                assert_eq!(f64::from(map.apply(count)), exact.clamp(-128.0, 127.0), "{count}");
            }
        }
    }

    #[test]
    fn values_are_floored_and_clipped() {
        let map = ValueMap { offset: 0.0, scale: 1.0 };
        for (value, code) in [
            (-0.5, 0),
            (-0.500_001, -1),
            (-1.5, -1),
            (0.499, 0),
            (0.5, 1),
            (126.4, 126),
            (126.5, 127),
            (127.5, 127),
            (-128.5, -128),
            (-129.0, -128),
            (f32::INFINITY, 127),
            (f32::NEG_INFINITY, -128),
            (f32::NAN, -128),
            (-1e30, -128),
        ] {
            assert_eq!(map.apply(value), code, "{value}");
        }
    }

    #[test]
    fn maps_survive_their_bytes() {
        let count = CountMap { bias: -77, multiplier: 123_456_789, shift: 22 };
        assert!(SampleMap::Counts(&count.to_bytes()).counts().eq([count]));
        let value = ValueMap { offset: -1.5, scale: 0.25 };
        assert!(SampleMap::Values(&value.to_bytes()).values().eq([value]));
        assert_eq!(SampleMap::Values(&value.to_bytes()).counts().len(), 0);
    }
}
