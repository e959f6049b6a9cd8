//! The types that a sample's values may have.

use ae_core::{SampleKind, SampleMap};

/// A value of a sample: `u8`, `i16` or `f32`.
pub trait Sample: Copy + sealed::Sealed {
    /// Its type, as the format names it.
    const KIND: SampleKind;

    /// Writes the pixels of a sample, one for each channel. `map` is for this type.
    fn pixels(sample: &[Self], map: &SampleMap<'_>, pixels: &mut [u8]);
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for i16 {}
    impl Sealed for f32 {}
}

impl Sample for u8 {
    const KIND: SampleKind = SampleKind::Pixels;

    fn pixels(sample: &[Self], _map: &SampleMap<'_>, pixels: &mut [u8]) {
        pixels.iter_mut().zip(sample).for_each(|(pixel, &value)| *pixel = value);
    }
}

impl Sample for i16 {
    const KIND: SampleKind = SampleKind::Counts;

    fn pixels(sample: &[Self], map: &SampleMap<'_>, pixels: &mut [u8]) {
        for ((pixel, &count), map) in pixels.iter_mut().zip(sample).zip(map.counts()) {
            *pixel = pixel_of(map.apply(count));
        }
    }
}

impl Sample for f32 {
    const KIND: SampleKind = SampleKind::Values;

    fn pixels(sample: &[Self], map: &SampleMap<'_>, pixels: &mut [u8]) {
        for ((pixel, &value), map) in pixels.iter_mut().zip(sample).zip(map.values()) {
            *pixel = pixel_of(map.apply(value));
        }
    }
}

/// `code + 128`.
fn pixel_of(code: i8) -> u8 {
    code as u8 ^ 0x80
}
