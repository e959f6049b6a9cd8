//! `--features`, with what else says how they are computed.

use ae_features::{FeatureError, FeaturesConfig};
use anyhow::{anyhow, bail};

use super::super::signal_args::SignalArgs;

/// What `args` say of features, with all that they leave open decided; `None` where they say nothing.
/// `rate` is what the files say of samples a second.
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
    spec.resolve(args.rate().or(rate)).map_err(|error| match &error {
        FeatureError::NoRate => anyhow!("{error}; give --rate HZ, or spectrum instead of mel"),
        FeatureError::Range { unit: "", .. } => {
            anyhow!("{error}; with --rate HZ, from= and to= are in Hz")
        }
        _ => error.into(),
    })
}
