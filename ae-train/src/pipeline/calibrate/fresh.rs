//! Recordings that a threshold is chosen from, and that the run has not seen.

use std::path::PathBuf;

use ae_data::called;
use ae_data::signal::{Piece, Signals, Source, load};
use ae_detect::maps::Maps;
use ae_detect::windows::{WindowSets, Windows};
use ae_files::hex;
use ae_run::{CalibratedOn, DetectConfig};

use crate::pipeline::PipelineError;
use crate::pipeline::observer::{Note, PipelineObserver};

/// Recordings that a threshold is chosen from.
pub(super) struct Fresh {
    pub(super) signals: Signals,
    /// The normal ones, whole.
    pub(super) pieces: Vec<Piece>,
    /// As the configuration states them.
    pub(super) named: CalibratedOn,
}

impl Fresh {
    /// Reads `files` as the run's own were read; `None` without files. Where recordings have
    /// labels, those of a label that the run does not call normal are left out.
    pub(super) fn read(
        files: &[PathBuf],
        config: &DetectConfig,
        observer: &mut dyn PipelineObserver,
    ) -> Result<Option<Self>, PipelineError> {
        if files.is_empty() {
            return Ok(None);
        }
        let source = Source { files: files.to_vec(), ..config.columns() };
        let signals = load(source, &config.counts_per_unit)?;
        if config.counts && !signals.are_counts() {
            return Err(PipelineError::NotCounts);
        }
        let is_normal = |label: Option<&str>| match label {
            Some(label) if !config.normal.is_empty() => config.normal.iter().any(|it| it == label),
            _ => true,
        };
        let all = signals.recordings.len();
        let normal = (0..all).filter(|&at| is_normal(signals.recordings[at].label.as_deref()));
        let pieces: Vec<Piece> = normal
            .map(|recording| Piece { recording, range: 0..signals.len_of(recording) })
            .collect();
        if pieces.len() < all {
            observer.on_note(&Note::Data(format!(
                "{} of {all} recordings are not normal by their label, and are left out",
                all - pieces.len()
            )));
        }
        let source = files.iter().map(|path| called(path)).collect();
        let named = CalibratedOn { source, source_digest: hex(&signals.digest()) };
        Ok(Some(Self { signals, pieces, named }))
    }

    /// Their windows.
    pub(super) fn windows(&self, window: usize, maps: &Maps) -> Result<Windows, PipelineError> {
        Ok(WindowSets::calibration_of(&self.signals, &self.pieces, window, maps)?)
    }
}
