//! Features for a model that was made for the levels of bands in decibels.

use ae_core::ValueMap;
use ae_data::signal::{Piece, Signals};
use ae_detect::given::GivenMaps;
use ae_features::{Features, FeaturesConfig, Norm, Scale, full_scale_units};
use anyhow::bail;

use super::super::signal_args::SignalArgs;
use super::features::{rate, resolved};

/// Counts that stand for 1 in recordings of i16, as libraries for audio read them.
const FULL_SCALE: f64 = 32_768.0;

/// The features that a model takes windows of, which has so many values in all.
pub(super) fn features(
    args: &SignalArgs,
    values: usize,
    signals: &Signals,
    pieces: &[Piece],
) -> anyhow::Result<(Features, f64)> {
    let mut config = resolved(args, rate(args, signals)?)?;
    if config.raw || !config.statistics.is_empty() {
        bail!(
            "--model with --features takes a model of levels of bands in decibels: give mel or spectrum \
             alone"
        );
    }
    let (units, full_scale) = match signals.are_counts() {
        true => (Vec::new(), FULL_SCALE),
        false => full_scale_units(signals, pieces),
    };
    let of_frame = Features::new(&config, signals.channels.len(), &units)?.lend().values();
    let said = args.features().and_then(|spec| spec.frames());
    let frames = match values.checked_div(of_frame) {
        Some(frames) if frames * of_frame == values => frames,
        _ => bail!(
            "the model takes windows of {values} values, which the {of_frame} of a frame do not divide; \
             --features says how many bands a frame has, and --columns chooses channels"
        ),
    };
    if let Some(said) = said.filter(|&said| usize::from(said) != frames) {
        bail!(
            "the model takes windows of {values} values, which are {frames} frames of {of_frame}, not \
             {said}; give frames={frames}, or leave it out"
        );
    }
    config.frames = u16::try_from(frames).unwrap_or(u16::MAX);
    Ok((Features::new(&config, signals.channels.len(), &units)?, full_scale))
}

/// How levels become pixels. `decibels` says how decibels do, for each value of a frame.
pub(super) fn maps(
    args: &SignalArgs,
    features: &Features,
    full_scale: f64,
    decibels: &[ValueMap],
) -> GivenMaps {
    let FeaturesConfig { frame, bands, .. } = features.config();
    let norm = args.features().and_then(|spec| spec.norm()).unwrap_or_else(|| {
        let is_mel = bands.as_ref().is_some_and(|bands| bands.scale == Scale::Mel);
        if is_mel { Norm::Slaney } else { Norm::None }
    });
    let count = bands.as_ref().map_or(1, |bands| bands.count).max(1);
    let triangles = features.triangles();
    let of_value = |(at, map): (usize, &ValueMap)| {
        let level = triangles?.decibels(at % count, *frame, full_scale, norm);
        let (mean, scale) = (f64::from(map.offset), f64::from(map.scale));
        Some(((mean - level.offset) / level.per_level, 1.0 / (scale * level.per_level)))
    };
    GivenMaps::of_features(decibels.iter().enumerate().filter_map(of_value))
}
