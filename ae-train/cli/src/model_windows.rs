//! Signals as the windows that a given model takes.

use std::fmt::Display;

use ae_data::signal::{Missing, Piece, Signals, Source, load, normal_runs};
use anyhow::bail;

use super::reading_args::tell_understood;

/// Signals, and the pieces of them that are normal and in which no value is missing. `labels` are those
/// of what is normal, and `missing` are numbers that stand for a missing value, if it was said.
pub(super) fn normal(
    source: Source,
    labels: &[String],
    missing: Option<Vec<f32>>,
) -> anyhow::Result<(Signals, Vec<Piece>)> {
    let signals = load(source, &[])?;
    tell_understood(&signals);
    let runs = normal_runs(&signals, labels);
    let mut pieces: Vec<Piece> =
        runs.into_iter().filter(|(_, is_normal)| *is_normal).map(|(piece, _)| piece).collect();
    let missing = Missing { values: missing, counts_per_unit: Vec::new() };
    for found in missing.cut(&signals, &mut [&mut pieces]) {
        tell!("note: {found}");
    }
    signals.told().for_each(|note| tell!("note: {note}"));
    Ok((signals, pieces))
}

/// Samples of a window of so many values.
pub(super) fn window(values: usize, channels: usize, model: impl Display) -> anyhow::Result<usize> {
    if channels == 0 || !values.is_multiple_of(channels) {
        bail!(
            "{model} takes windows of {values} values, which {channels} channels do not divide; \
             --columns chooses channels"
        );
    }
    Ok(values / channels)
}
