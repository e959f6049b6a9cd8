//! A piece of a signal, in one of the types that a detector takes.

use core::ops::Range;

use super::SampleKind;

/// Values of a signal without a gap, sample after sample, each with a value for each channel.
///
/// ```
/// use ae_core::{SampleKind, Samples};
///
/// // Two samples of two channels.
/// let samples = Samples::Counts(&[1, -2, 3, -4]);
/// assert_eq!((samples.kind(), samples.len()), (SampleKind::Counts, 4));
/// assert!(samples.frames(2).eq([Samples::Counts(&[1, -2]), Samples::Counts(&[3, -4])]));
/// assert!(samples.slice(1..3).le_bytes().eq([0xfe, 0xff, 3, 0]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Samples<'a> {
    /// Pixels: a code for each value already.
    Pixels(&'a [u8]),
    /// A sensor's counts.
    Counts(&'a [i16]),
    /// Real values.
    Values(&'a [f32]),
}

impl<'a> Samples<'a> {
    /// The type of the values.
    #[must_use]
    pub const fn kind(self) -> SampleKind {
        match self {
            Self::Pixels(_) => SampleKind::Pixels,
            Self::Counts(_) => SampleKind::Counts,
            Self::Values(_) => SampleKind::Values,
        }
    }

    /// Number of values of all channels.
    #[must_use]
    pub const fn len(self) -> usize {
        match self {
            Self::Pixels(values) => values.len(),
            Self::Counts(values) => values.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The values at these places; none where the range is not inside.
    #[must_use]
    pub fn slice(self, range: Range<usize>) -> Self {
        match self {
            Self::Pixels(values) => Self::Pixels(values.get(range).unwrap_or_default()),
            Self::Counts(values) => Self::Counts(values.get(range).unwrap_or_default()),
            Self::Values(values) => Self::Values(values.get(range).unwrap_or_default()),
        }
    }

    /// One sample after the other, each with a value for each of so many channels. Windows of n
    /// samples are the frames of n times as many. The last may be shorter.
    pub fn frames(self, channels: usize) -> impl Iterator<Item = Self> + use<'a> {
        let (step, len) = (channels.max(1), self.len());
        (0..len).step_by(step).map(move |start| {
            let end = start.saturating_add(step).min(len);
            self.slice(start..end)
        })
    }

    /// The values' bytes, as a board is sent them: little-endian, one value after the other.
    pub fn le_bytes(self) -> impl Iterator<Item = u8> + use<'a> {
        let bytes = self.kind().bytes();
        (0..self.len()).flat_map(move |index| self.value_bytes(index).into_iter().take(bytes))
    }

    /// The bytes of a value, with zeros behind them.
    fn value_bytes(self, index: usize) -> [u8; 4] {
        match self {
            Self::Pixels(values) => [values.get(index).copied().unwrap_or_default(), 0, 0, 0],
            Self::Counts(values) => {
                let [low, high] = values.get(index).copied().unwrap_or_default().to_le_bytes();
                [low, high, 0, 0]
            }
            Self::Values(values) => values.get(index).copied().unwrap_or_default().to_le_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Samples;

    #[test]
    fn the_last_frame_may_be_short_and_no_channel_counts_as_one() {
        let samples = Samples::Pixels(&[1, 2, 3]);
        assert!(samples.frames(2).eq([Samples::Pixels(&[1, 2]), Samples::Pixels(&[3])]));
        assert_eq!(samples.frames(0).count(), 3);
        assert_eq!(Samples::Values(&[]).frames(3).count(), 0);
    }

    #[test]
    fn bytes_are_little_endian_in_each_type() {
        assert!(Samples::Pixels(&[7, 255]).le_bytes().eq([7, 255]));
        assert!(Samples::Counts(&[-2, 258]).le_bytes().eq([0xfe, 0xff, 2, 1]));
        assert!(Samples::Values(&[1.0]).le_bytes().eq([0, 0, 0x80, 0x3f]));
    }
}
