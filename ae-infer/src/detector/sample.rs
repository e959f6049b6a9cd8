//! The types that a sample's values may have.

use ae_core::{SampleKind, SampleMap};

#[cfg(feature = "signal-features")]
use crate::features::Gatherer;

/// A value of a sample: `u8`, `i16` or `f32`.
pub trait Sample: Copy + sealed::Sealed {
    /// Its type, as the format names it.
    const KIND: SampleKind;

    /// Writes the codes of a sample, one byte for each channel. `map` is for this type.
    fn codes(sample: &[Self], map: &SampleMap<'_>, codes: &mut [u8]);

    /// Takes the sample into a frame of features, and says whether the frame is whole.
    #[cfg(feature = "signal-features")]
    fn gather(sample: &[Self], frame: &mut Gatherer<'_, '_>) -> bool;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for i16 {}
    impl Sealed for f32 {}
}

impl Sample for u8 {
    const KIND: SampleKind = SampleKind::Pixels;

    fn codes(sample: &[Self], _map: &SampleMap<'_>, codes: &mut [u8]) {
        codes.iter_mut().zip(sample).for_each(|(code, &value)| *code = value);
    }

    // No features are computed of pixels, and a section that says so is refused.
    #[cfg(feature = "signal-features")]
    fn gather(_sample: &[Self], _frame: &mut Gatherer<'_, '_>) -> bool {
        false
    }
}

impl Sample for i16 {
    const KIND: SampleKind = SampleKind::Counts;

    fn codes(sample: &[Self], map: &SampleMap<'_>, codes: &mut [u8]) {
        for ((code, &count), map) in codes.iter_mut().zip(sample).zip(map.counts()) {
            *code = code_of(map.apply(count));
        }
        for ((code, &count), curve) in codes.iter_mut().zip(sample).zip(map.count_curves()) {
            *code = code_of(curve.apply(count));
        }
    }

    #[cfg(feature = "signal-features")]
    fn gather(sample: &[Self], frame: &mut Gatherer<'_, '_>) -> bool {
        frame.push(sample)
    }
}

impl Sample for f32 {
    const KIND: SampleKind = SampleKind::Values;

    fn codes(sample: &[Self], map: &SampleMap<'_>, codes: &mut [u8]) {
        for ((code, &value), map) in codes.iter_mut().zip(sample).zip(map.values()) {
            *code = code_of(map.apply(value));
        }
        for ((code, &value), curve) in codes.iter_mut().zip(sample).zip(map.value_curves()) {
            *code = code_of(curve.apply(value));
        }
    }

    #[cfg(feature = "signal-features")]
    fn gather(sample: &[Self], frame: &mut Gatherer<'_, '_>) -> bool {
        frame.push_values(sample)
    }
}

/// `q + 128`.
pub(super) fn code_of(q: i8) -> u8 {
    q as u8 ^ 0x80
}
