//! What a detector is made from: signals that are divided, or labelled images.

use ae_data::Dataset;
use ae_data::signal::{Signals, Split};
use ae_detect::windows::{Parts, Spacing};
use ae_files::hex;

use crate::pipeline::PipelineError;

/// What a detector is made from.
#[derive(Debug)]
pub enum DetectInput {
    /// Signals, divided.
    Signals(Box<DividedSignals>),
    /// Images with their labels, those of the training images first.
    Images {
        /// The images.
        dataset: Dataset,
        /// A label an image.
        labels: [Vec<u8>; 2],
    },
}

/// Signals, divided.
#[derive(Debug)]
pub struct DividedSignals {
    /// The recordings.
    pub signals: Signals,
    /// Which of them are trained, calibrated and tested on.
    pub split: Split,
    /// Samples are i16 counts.
    pub counts: bool,
}

impl DetectInput {
    /// SHA-256 of all that was read, in hex.
    #[must_use]
    pub fn digest(&self) -> String {
        match self {
            Self::Signals(signal) => hex(&signal.signals.digest()),
            Self::Images { dataset, .. } => dataset.digest(),
        }
    }

    /// Names of the channels.
    #[must_use]
    pub fn channels(&self) -> Vec<String> {
        match self {
            Self::Signals(signal) => signal.signals.channels.clone(),
            Self::Images { dataset, .. } => {
                (0..dataset.train.width()).map(|column| format!("column {column}")).collect()
            }
        }
    }

    /// Groups that are trained, calibrated and tested on.
    #[must_use]
    pub fn groups(&self) -> [Vec<String>; 3] {
        match self {
            Self::Signals(signal) => signal.split.groups.clone(),
            Self::Images { .. } => Default::default(),
        }
    }

    /// What a user should know of how it was divided.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        match self {
            Self::Signals(signal) => signal.split.notes.clone(),
            Self::Images { .. } => Vec::new(),
        }
    }

    /// Whether samples are i16 counts.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self, Self::Signals(signal) if signal.counts)
    }

    /// The windows of each part.
    ///
    /// # Errors
    /// Recordings too short for a window, a channel that is the same everywhere, or labels that
    /// are not there.
    pub fn windows(&self, spacing: Spacing, normal: &[String]) -> Result<Parts, PipelineError> {
        Ok(match self {
            Self::Signals(signal) => {
                let DividedSignals { signals, split, counts } = &**signal;
                Parts::of_signals(signals, split, spacing, *counts)?
            }
            Self::Images { dataset, labels: [train, test] } => {
                Parts::of_images(dataset, [train, test], normal)?
            }
        })
    }
}
