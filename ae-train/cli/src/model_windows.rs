//! Signals as the windows that a given model takes.

use std::fmt::Display;

use ae_data::signal::{Missing, Piece, Signals, Source, load, normal_runs};
use anyhow::bail;

use super::signal_args::NormalArgs;

/// Signals whose windows a model takes.
pub(super) struct ModelWindows {
    pub(super) signals: Signals,
    /// What of them is normal, and where no value is missing.
    pub(super) pieces: Vec<Piece>,
    /// Samples of a window.
    pub(super) window: usize,
}

/// Reads signals of a model that takes so many values.
pub(super) fn read(
    source: Source,
    normal: &NormalArgs,
    values: usize,
    model: impl Display,
) -> anyhow::Result<ModelWindows> {
    let signals = load(source, &[])?;
    let channels = signals.channels.len();
    if channels == 0 || !values.is_multiple_of(channels) {
        bail!(
            "{model} takes windows of {values} values, which {channels} channels do not divide; \
             --columns chooses channels"
        );
    }
    let runs = normal_runs(&signals, normal.labels());
    let mut pieces: Vec<Piece> =
        runs.into_iter().filter(|(_, is_normal)| *is_normal).map(|(piece, _)| piece).collect();
    let missing = Missing { values: normal.missing(), counts_per_unit: Vec::new() };
    for found in missing.cut(&signals, &mut [&mut pieces]) {
        tell!("note: {found}");
    }
    signals.notes.iter().for_each(|note| tell!("note: {note}"));
    Ok(ModelWindows { pieces, window: values / channels, signals })
}
