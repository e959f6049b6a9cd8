//! Recordings that a threshold is chosen from, and that the run has not seen.

use std::path::PathBuf;

use ae_data::called;
use ae_data::signal::{Memory, Piece, Signals, Understood, load, normal_runs};
use ae_run::{CalibratedOn, DetectConfig};

use crate::pipeline::PipelineError;
use crate::pipeline::observer::{Note, PipelineObserver};

/// Reads `files` as the run's own were read.
pub(super) fn read(
    files: &[PathBuf],
    memory: Memory,
    config: &DetectConfig,
) -> Result<Signals, PipelineError> {
    let signals = load(config.source(files.to_vec(), memory), &config.counts_per_unit)?;
    if config.counts && !signals.are_counts() {
        return Err(PipelineError::NotCounts);
    }
    Ok(signals)
}

/// Recordings that a threshold is chosen from.
pub(super) struct Fresh {
    pub(super) signals: Signals,
    /// What is normal of them.
    pub(super) pieces: Vec<Piece>,
    /// As the configuration states them.
    pub(super) named: CalibratedOn,
}

impl Fresh {
    /// Those in `signals`, which were read from `files` and have this digest. Where recordings have labels, those of a label
    /// that the run does not call normal are left out.
    pub(super) fn of(
        signals: Signals,
        source_digest: String,
        files: &[PathBuf],
        config: &DetectConfig,
        observer: &mut dyn PipelineObserver,
    ) -> Self {
        let runs = normal_runs(&signals, &config.normal);
        let all = runs.len();
        let normal = runs.into_iter().filter(|(_, is_normal)| *is_normal);
        let mut pieces: Vec<Piece> = normal.map(|(piece, _)| piece).collect();
        if pieces.len() < all {
            observer.on_note(&Note::Data(format!(
                "{} of {all} pieces of recordings are not normal by their label, and are left out",
                all - pieces.len()
            )));
        }
        let lines = Understood::of(&signals).lines();
        lines.into_iter().for_each(|line| observer.on_note(&Note::Data(line)));
        signals.told().for_each(|note| observer.on_note(&Note::Data(note)));
        let missing = config.missing().cut(&signals, &mut [&mut pieces]);
        missing.iter().for_each(|found| observer.on_note(&Note::Data(found.to_string())));
        if let Some(frames) = config.frames() {
            pieces = frames.pieces(pieces);
        }
        let source = files.iter().map(|path| called(path)).collect();
        let named = CalibratedOn { source, source_digest };
        Self { signals, pieces, named }
    }
}
