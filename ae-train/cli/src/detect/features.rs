//! `--features`, with what else says how they are computed.

use ae_data::signal::{Signals, are_same_rate};
use ae_features::{FeatureError, FeaturesConfig};
use anyhow::{anyhow, bail};

use super::super::signal_args::SignalArgs;

/// Samples a second, as `args` say, or else the files.
pub(super) fn rate(args: &SignalArgs, signals: &Signals) -> anyhow::Result<Option<f64>> {
    let of_files = signals.rate_of_files();
    if let (Some(given), Some(found)) = (args.rate(), of_files)
        && !are_same_rate(given, found)
    {
        bail!(
            "--rate says {given} samples a second, and the files say {found}; leave --rate out, or mend \
             the files' times; without --time their times say nothing"
        );
    }
    Ok(args.rate().or(of_files))
}

/// What `args` say of features, with all that they leave open decided; `None` where they say nothing.
/// `rate` is what is [known](rate) of samples a second.
pub(super) fn of(args: &SignalArgs, rate: Option<f64>) -> anyhow::Result<Option<FeaturesConfig>> {
    let Some(spec) = args.features() else { return Ok(None) };
    if spec.norm().is_some() {
        bail!(
            "norm= of --features is for --model: each band of a model that is trained here has a scale \
             of its own; leave it out"
        );
    }
    resolved(args, rate).map(Some)
}

/// The same of features that are there, for a model that is given or one that is trained.
pub(super) fn resolved(args: &SignalArgs, rate: Option<f64>) -> anyhow::Result<FeaturesConfig> {
    let spec = args.features().cloned().unwrap_or_default();
    spec.resolve(rate).map_err(|error| match &error {
        FeatureError::NoRate => anyhow!(
            "{error}; give --rate HZ, or with --time a column of times at regular steps, or spectrum \
             instead of mel"
        ),
        FeatureError::Range { unit: "", .. } => {
            anyhow!("{error}; with --rate HZ, from= and to= are in Hz")
        }
        _ => error.into(),
    })
}
