//! Signals in the type that a detector takes.

use ae_core::{SampleKind, Samples};

use super::{Piece, Signals};

/// Values of a signal in the type that a detector takes. [`samples`](Self::samples) is what
/// everything behind the reader passes on.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleBuffer(Values);

/// The values, each type for itself.
#[derive(Debug, Clone, PartialEq)]
enum Values {
    U8(Vec<u8>),
    I16(Vec<i16>),
    F32(Vec<f32>),
}

impl SampleBuffer {
    /// Values as a type of samples. What that type does not hold is cut to what it does, towards
    /// zero; see [`Signals::misfit_of`].
    #[must_use]
    pub fn of(values: &[f32], kind: SampleKind) -> Self {
        Self(match kind {
            SampleKind::Pixels => Values::U8(values.iter().map(|&value| value as u8).collect()),
            SampleKind::Counts => Values::I16(values.iter().map(|&value| value as i16).collect()),
            SampleKind::Values => Values::F32(values.to_vec()),
        })
    }

    /// The values, borrowed.
    #[must_use]
    pub fn samples(&self) -> Samples<'_> {
        match &self.0 {
            Values::U8(values) => Samples::Pixels(values),
            Values::I16(values) => Samples::Counts(values),
            Values::F32(values) => Samples::Values(values),
        }
    }
}

impl Signals {
    /// The samples of a piece, time-major.
    ///
    /// # Panics
    /// If the piece is of no recording, or not inside it.
    #[must_use]
    pub fn piece(&self, Piece { recording, range }: &Piece) -> &[f32] {
        let channels = self.channels.len();
        &self.recordings[*recording].samples[range.start * channels..range.end * channels]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_what_a_detector_takes() {
        let values = [0.0, 2.9, -1.5, 300.0, 40_000.0, f32::NAN];
        let of = |kind| SampleBuffer::of(&values, kind);
        assert_eq!(of(SampleKind::Pixels).samples(), Samples::Pixels(&[0, 2, 0, 255, 255, 0]));
        assert_eq!(of(SampleKind::Counts).samples(), Samples::Counts(&[0, 2, -1, 300, 32_767, 0]));
        let values = SampleBuffer::of(&values[..5], SampleKind::Values);
        assert_eq!(values.samples(), Samples::Values(&[0.0, 2.9, -1.5, 300.0, 40_000.0]));
    }
}
