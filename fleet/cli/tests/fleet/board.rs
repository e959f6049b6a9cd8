//! What a board decides, by the engine that runs there.

use std::fs;

use ae_infer::{Decision, Detector, Int8Autoencoder};

use crate::support::golden;

/// The decisions over a signal of i16 samples, each with whether it is one of windows apart. `None`
/// interrupts the signal.
pub(crate) fn decisions(model: &str, signal: &[Option<Vec<i16>>]) -> Vec<Option<Decision>> {
    let blob = fs::read(golden(model)).unwrap();
    let model = Int8Autoencoder::load(&blob).unwrap();
    let header = *model.model().header();
    let features = header.features as usize;
    let len = ae_infer::window_len(&blob).unwrap();
    let (mut window, mut reconstruction) = (vec![0; len], vec![0; features]);
    let mut scratch = vec![0; header.scratch_len()];
    let mut detector =
        Detector::new(model, &mut window, &mut reconstruction, &mut scratch).unwrap();
    let mut decisions = Vec::new();
    for sample in signal {
        match sample {
            Some(sample) => decisions.push(detector.push(sample).unwrap()),
            None => detector.reset(),
        }
    }
    decisions
}

/// The score of one window.
pub(crate) fn score(model: &str, channels: usize, window: &[i64]) -> u64 {
    let window: Vec<i16> = window.iter().map(|&value| i16::try_from(value).unwrap()).collect();
    let signal: Vec<_> = window.chunks(channels).map(|sample| Some(sample.to_vec())).collect();
    decisions(model, &signal).pop().unwrap().unwrap().evidence().score
}

/// Every so manyth window shares no sample with the one before.
pub(crate) fn apart(model: &str) -> usize {
    let blob = fs::read(golden(model)).unwrap();
    let model = Int8Autoencoder::load(&blob).unwrap();
    let detection = model.model().detection().unwrap().unwrap();
    detection.signal_window().div_ceil(detection.signal_stride()) as usize
}
