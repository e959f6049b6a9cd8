//! Room for one sample, whatever the type of its values.

use ae_core::SampleKind;
use ae_infer::{Companion, Compute, Decision, Detector, DetectorError, Observation};

use crate::arena::{Memory, TooLittle};
use crate::inference;
use crate::model::Unusable;
use crate::text::{Line, Reason};

/// A sample of a detector's channels.
pub(crate) enum Sample {
    Pixels(&'static mut [u8]),
    Counts(&'static mut [i16]),
    #[cfg(feature = "f32")]
    Values(&'static mut [f32]),
}

/// Why there is no room for a sample.
pub(crate) enum NoSample {
    Memory(TooLittle),
    #[cfg(not(feature = "f32"))]
    NoF32,
}

impl Reason for NoSample {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Memory(too_little) => Unusable::from(*too_little).say(line),
            #[cfg(not(feature = "f32"))]
            Self::NoF32 => {
                line.text("this firmware is built without f32 samples");
            }
        }
    }
}

impl Sample {
    /// Of zeros.
    pub(crate) fn new(
        memory: &mut Memory,
        kind: SampleKind,
        channels: usize,
    ) -> Result<Self, NoSample> {
        let sample = match kind {
            SampleKind::Pixels => memory.buffer(channels).map(Self::Pixels),
            SampleKind::Counts => memory.buffer(channels).map(Self::Counts),
            #[cfg(feature = "f32")]
            SampleKind::Values => memory.buffer(channels).map(Self::Values),
            #[cfg(not(feature = "f32"))]
            SampleKind::Values => return Err(NoSample::NoF32),
        };
        sample.map_err(NoSample::Memory)
    }

    /// Its values as they lie in memory, which is little-endian on every board.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Pixels(values) => values,
            Self::Counts(values) => bytemuck::cast_slice_mut(values),
            #[cfg(feature = "f32")]
            Self::Values(values) => bytemuck::cast_slice_mut(values),
        }
    }

    /// Gives it to a detector.
    pub(crate) fn push<A: Compute<'static>>(
        &self,
        detector: &mut Detector<'static, 'static, A>,
    ) -> Result<Option<Decision>, DetectorError> {
        match self {
            Self::Pixels(values) => inference::push(detector, values),
            Self::Counts(values) => inference::push(detector, values),
            #[cfg(feature = "f32")]
            Self::Values(values) => inference::push(detector, values),
        }
    }

    /// The same with a companion.
    pub(crate) fn push_with<A: Compute<'static>>(
        &self,
        detector: &mut Detector<'static, 'static, A>,
        companion: &mut impl Companion,
    ) -> Result<Option<Observation>, DetectorError> {
        match self {
            Self::Pixels(values) => inference::push_with(detector, values, companion),
            Self::Counts(values) => inference::push_with(detector, values, companion),
            #[cfg(feature = "f32")]
            Self::Values(values) => inference::push_with(detector, values, companion),
        }
    }
}
