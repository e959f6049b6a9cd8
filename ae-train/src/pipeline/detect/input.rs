//! What a detector is made from: signals that are divided, or labelled images.

use std::path::PathBuf;

use ae_data::signal::{Folds, LeftOut, Memory, ReadNote, Signals, is_images, load, split};
use ae_data::{Dataset, Half, labels};
use ae_detect::view::View;
use ae_detect::windows::{Cutting, WindowSets};
use ae_features::{FeatureError, FeatureSignals, Features, FeaturesConfig, units};
use ae_files::hex;
use ae_model::Map;
use ae_run::{DetectConfig, RunError};

use super::DetectSettings;
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
    pub split: Folds,
    /// Samples are i16 counts.
    pub counts: bool,
    /// Features of them, which the model sees instead.
    pub features: Option<FeatureSignals>,
}

impl DividedSignals {
    /// Signals that `split` divides, with the features of them that a model is to see, if any. Then
    /// pieces begin where frames do, and real values become counts by those that are trained on.
    ///
    /// # Errors
    /// Features that no detector could follow.
    pub fn new(
        signals: Signals,
        split: Folds,
        counts: bool,
        features: Option<&FeaturesConfig>,
    ) -> Result<Self, FeatureError> {
        let Some(config) = features else {
            return Ok(Self { signals, split, counts, features: None });
        };
        let split = config.places().folds(split);
        let units = if counts { Vec::new() } else { units(&signals, &split.train) };
        let features = Features::new(config, signals.channels.len(), &units)?;
        let features = FeatureSignals::new(features, &signals)?;
        Ok(Self { signals, split, counts, features: Some(features) })
    }

    /// As a model sees them.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { signals: &self.signals, features: self.features.as_ref() }
    }
}

impl DetectInput {
    /// Labelled images by name, or in a folder.
    ///
    /// # Errors
    /// Images or labels cannot be read.
    pub fn of_images(name: &str) -> Result<Self, PipelineError> {
        let dataset = ae_data::load(Some(name))?;
        let labels_of = |half, count| labels(&dataset.origin, half, count);
        let train = labels_of(Half::Train, dataset.train.len())?;
        let test = labels_of(Half::Test, dataset.test.len())?;
        Ok(Self::Images { labels: [train, test], dataset })
    }

    /// What a run's detector was made from, divided as then: `files` are where a user says, or the name
    /// of a dataset, reading them takes at most so much `memory`, and `seed` is that of the run's recipe.
    ///
    /// # Errors
    /// It cannot be read, or is no longer the same.
    pub fn of_run(
        config: &DetectConfig,
        files: &[PathBuf],
        memory: Memory,
        seed: u64,
    ) -> Result<Self, PipelineError> {
        let input = match files {
            [name] if name.to_str().is_some_and(is_images) => {
                Self::of_images(&name.to_string_lossy())?
            }
            _ => {
                let source = config.source(files.to_vec(), memory);
                Self::of_signals_of_run(config, load(source, &config.counts_per_unit)?, seed)?
            }
        };
        let (expected, found) = (config.source_digest.clone(), input.digest());
        if expected != found {
            let place = config.source.join(", ");
            return Err(RunError::DataChanged { place, expected, found }.into());
        }
        Ok(input)
    }

    /// The same of signals that were read already, as the run's own were.
    pub(in crate::pipeline) fn of_signals_of_run(
        config: &DetectConfig,
        mut signals: Signals,
        seed: u64,
    ) -> Result<Self, PipelineError> {
        if !config.left_out.is_empty() {
            signals.notes.push(ReadNote::LeftOut(config.left_out.clone()));
        }
        let split = split(&signals, &config.split(seed))?;
        let features = config.features.as_ref();
        let divided = DividedSignals::new(signals, split, config.counts, features)?;
        Ok(Self::Signals(Box::new(divided)))
    }

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

    /// Channels of the files that were left out, because they stay the same.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        match self {
            Self::Signals(signal) => signal.signals.left_out().cloned().unwrap_or_default(),
            Self::Images { .. } => LeftOut::default(),
        }
    }

    /// Names of what a sample of a window has: channels, or features of them.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        match self {
            Self::Signals(signal) => signal.view().values().channels.clone(),
            Self::Images { .. } => self.channels(),
        }
    }

    /// The features that the model sees of other recordings of the same channels, if it sees any.
    pub(in crate::pipeline) fn features_of(
        &self,
        signals: &Signals,
    ) -> Result<Option<FeatureSignals>, FeatureError> {
        let Self::Signals(own) = self else { return Ok(None) };
        let features = own.view().computed().cloned();
        features.map(|features| FeatureSignals::new(features, signals)).transpose()
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
            Self::Signals(signal) => {
                let of_reading = signal.signals.told();
                let of_split = signal.split.notes.iter().map(ToString::to_string);
                of_reading.chain(of_split).collect()
            }
            Self::Images { .. } => Vec::new(),
        }
    }

    /// Whether samples are i16 counts.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self, Self::Signals(signal) if signal.counts)
    }

    /// What a window is to a layer that works over a map: a signal of so many samples or frames, or an
    /// image.
    #[must_use]
    pub fn map(&self, window: usize) -> Map {
        match self {
            Self::Signals(signal) => {
                let view = signal.view();
                Map::window(view.len(window), view.values().channels.len())
            }
            Self::Images { dataset, .. } => {
                Map::image(dataset.train.height(), dataset.train.width())
            }
        }
    }

    /// The windows of each part.
    ///
    /// # Errors
    /// Recordings too short for a window, a channel that is the same everywhere, or labels that
    /// are not there.
    pub fn windows(&self, settings: &DetectSettings) -> Result<WindowSets, PipelineError> {
        Ok(match self {
            Self::Signals(signal) => {
                let DividedSignals { split, counts, features, .. } = &**signal;
                let DetectSettings { spacing, trim, curves, .. } = *settings;
                let counts = *counts || features.is_some();
                let cutting = Cutting { spacing, counts, curves, trim };
                WindowSets::of_signals(signal.view(), split, cutting)?
            }
            Self::Images { dataset, labels: [train, test] } => {
                WindowSets::of_images(dataset, [train, test], &settings.normal)?
            }
        })
    }
}
