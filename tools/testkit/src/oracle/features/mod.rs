//! What is computed of a signal (`FORMAT.md`, "Features of a signal"), from the whole signal: frames
//! are slices of it, transforms are recursive, numbers have 128 bits, and those of the page's words of
//! 32 bits are looked at.

mod logarithm;
mod spectrum;
mod statistics;

use crate::section::{Features, ValueMap};
use crate::signal::Signal;

pub use logarithm::logarithm;
pub use spectrum::{Transformed, transform};

/// The values of every frame of `signal`.
///
/// # Panics
/// If the signal is of another type than the features', or a number leaves the bits that the page
/// gives it.
#[must_use]
pub fn frames(features: &Features, signal: &Signal) -> Vec<Vec<i16>> {
    let channels = features.channels;
    let counts: Vec<i16> = match signal {
        Signal::Counts(counts) if features.units.is_empty() => counts.clone(),
        Signal::Values(values) if !features.units.is_empty() => {
            let values = values.iter().enumerate();
            values.map(|(at, &value)| features.units[at % channels].count(value)).collect()
        }
        _ => panic!("a signal of another type than the features'"),
    };
    let samples: Vec<&[i16]> = counts.chunks_exact(channels).collect();
    let frames = samples.windows(features.frame).step_by(features.hop);
    frames.map(|frame| values(features, frame)).collect()
}

/// The values of one frame of samples.
fn values(features: &Features, frame: &[&[i16]]) -> Vec<i16> {
    let of_channel = |channel| frame.iter().map(|sample| sample[channel]).collect::<Vec<i16>>();
    let channels: Vec<Vec<i16>> = (0..features.channels).map(of_channel).collect();
    let mut values = Vec::new();
    if features.raw == 1 {
        let last = &frame[features.frame - features.hop..];
        values.extend(last.iter().copied().flatten());
    }
    for samples in &channels {
        values.extend(statistics::of(samples, features.statistics));
    }
    if let Some(bands) = &features.bands {
        for samples in &channels {
            values.extend(transform(samples, bands.taper).levels(bands));
        }
    }
    values
}

impl ValueMap {
    /// `⌊(value − offset) · scale + 1/2⌋` in f32 until the floor, clipped to an i16; the least for what
    /// is not a number.
    #[must_use]
    pub fn count(self, value: f32) -> i16 {
        let count = ((value - self.offset) * self.scale + 0.5).floor();
        if count.is_nan() { i16::MIN } else { count.clamp(-32768.0, 32767.0) as i16 }
    }
}

/// A number that the page says fits 32 bits.
fn word(number: i128) -> i128 {
    assert!(i32::try_from(number).is_ok(), "{number} leaves 32 bits");
    number
}

/// A number of the features' 16 bits.
fn short(number: i128) -> i16 {
    i16::try_from(number).unwrap_or_else(|_| panic!("{number} leaves 16 bits"))
}

/// `⌊number / 2^by⌋`.
fn halved(number: i128, by: u32) -> i128 {
    number.div_euclid(1 << by)
}
