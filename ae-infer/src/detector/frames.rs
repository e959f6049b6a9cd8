//! From frames of a signal to windows of their features.

use ae_core::{Detection, LoadError, SignalFeatures};

use super::error::DetectorError;
use super::sample::code_of;
use super::window::Window;
use crate::features::{Gatherer, Rings, values};

/// Computes the features of frames, and gathers their codes into windows.
#[derive(Debug)]
pub(super) struct Frames<'m> {
    /// Where a spectrum is computed; empty where none is.
    spectrum: &'m mut [i32],
    window: Window<'m>,
}

impl<'m> Frames<'m> {
    /// Before the first frame of `features`, and who gathers the samples of frames. `buffer` has [`ae_core::window_len`] bytes, the first `codes` of them for codes.
    pub(super) fn new<'a>(
        features: SignalFeatures<'a>,
        detection: &Detection<'a>,
        codes: usize,
        buffer: &'m mut [u8],
    ) -> Result<(Gatherer<'a, 'm>, Self), DetectorError> {
        let (needed, found) = (detection.window_len(codes), buffer.len());
        let too_small = DetectorError::Window { needed, found };
        let values = detection.channels(codes).map_err(LoadError::Detection)?;
        let (codes, rest) = buffer.split_at_mut_checked(codes).ok_or(too_small)?;
        let (gatherer, spectrum) = Gatherer::new(features, rest).map_err(|error| match error {
            // Of the whole buffer, not of what is left of it.
            DetectorError::Window { .. } => too_small,
            other => other,
        })?;
        let window = Window::new(codes, values, detection.window, detection.stride);
        Ok((gatherer, Self { spectrum, window }))
    }

    /// Takes the next frame, and gives the window that it ends.
    pub(super) fn take(&mut self, frame: Rings<'_>, detection: &Detection<'_>) -> Option<&[u8]> {
        let features = detection.features.as_ref()?;
        let codes = self.window.next_sample()?;
        let (mut places, mut maps) = (codes.iter_mut(), detection.samples.counts());
        let mut curves = detection.samples.count_curves();
        values(features, frame, self.spectrum, |value| {
            let q = match maps.next() {
                Some(map) => map.apply(value),
                None => curves.next().map_or(0, |curve| curve.apply(value)),
            };
            if let Some(place) = places.next() {
                *place = code_of(q);
            }
        });
        self.window.is_full().then(|| self.window.codes())
    }

    pub(super) fn window(&self) -> &[u8] {
        self.window.codes()
    }

    pub(super) fn reset(&mut self) {
        self.window.reset();
    }
}
