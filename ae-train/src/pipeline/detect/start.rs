//! The run of a detector, before its training.

use std::path::Path;

use ae_detect::windows::WindowSets;
use ae_model::AutoencoderConfig;
use ae_run::blobs::TOOL;
use ae_run::{Baselines, DataConfig, DetectConfig, Run, RunConfig, file, is_run, read_config};

use super::{DetectInput, DetectSettings, Prepared};
use crate::pipeline::longer::{self, GoesOn};
use crate::pipeline::training::{self, Started};
use crate::pipeline::{PipelineError, windows};

/// Makes the run's folder, or opens the one that the same settings have begun.
pub(super) fn start(prepared: &Prepared<'_>) -> Result<Started, PipelineError> {
    let Prepared { input, settings, windows: sets, .. } = prepared;
    let data = prepared.dataset(&settings.folder);
    let mut config = RunConfig {
        tool: TOOL.to_owned(),
        baselines: if settings.pca { Baselines::FitUnlessLarge } else { Baselines::Skip },
        data: DataConfig::of(&data, file::WINDOWS.to_owned()),
        model: AutoencoderConfig {
            input: sets.train.codes.features(),
            hidden: settings.hidden.clone(),
            latent: settings.latent,
            activation: settings.activation,
        },
        recipe: settings.recipe.clone(),
        detect: Some(config(input, settings)),
    };
    training::check(&config, &data)?;
    let (run, resumed) = open_or_create(&settings.folder, &config)?;
    let GoesOn { checkpoint, is_longer } = longer::go_on(&run, &mut config, None)?;
    windows::write(&run, &data)?;
    Ok(Started { run, config, data, checkpoint, resumed, is_ahead: is_longer })
}

fn config(input: &DetectInput, settings: &DetectSettings) -> DetectConfig {
    let source = settings.source.clone();
    DetectConfig {
        source: source.called,
        time: source.time,
        label: source.label,
        group: source.group,
        recording: source.recording,
        source_digest: input.digest(),
        channels: input.channels(),
        normal: settings.normal.clone(),
        groups: input.groups(),
        window: settings.spacing.window,
        stride: settings.spacing.stride,
        train_stride: settings.spacing.train_stride,
        counts: input.counts(),
        counts_per_unit: source.counts_per_unit,
        alarm_ppm: settings.alarm_ppm,
        hits: settings.debounce.hits,
        of: settings.debounce.of,
        weighted: settings.weighted,
        samples_per_second: settings.samples_per_second,
        core: settings.arranged.as_ref().map(|it| it.core.clone()),
        calibrated_on: None,
    }
}

/// PCA comes after the training, so what stands against it is said before.
pub(super) fn check_pca(
    settings: &DetectSettings,
    windows: &WindowSets,
) -> Result<(), PipelineError> {
    let (windows, features) = (windows.train.len(), windows.train.codes.features());
    let (latent, most) = (settings.latent, windows.min(features));
    if settings.pca && latent > most {
        return Err(PipelineError::LatentAbovePca { latent, most, windows, features });
    }
    Ok(())
}

/// The run, and whether it was begun before.
fn open_or_create(folder: &Path, config: &RunConfig) -> Result<(Run, bool), PipelineError> {
    if !is_run(folder) {
        return Ok((Run::create(folder, config)?, false));
    }
    let stated = read_config(folder)?;
    let fields = with_the_rest_of(&stated, config).differing_fields(config);
    if !fields.is_empty() {
        return Err(PipelineError::OtherRun { run: folder.to_owned(), fields });
    }
    let (run, _) = Run::open(folder)?;
    if run.has(file::REPORT_HTML)? {
        return Err(PipelineError::IsFinished { run: folder.to_owned() });
    }
    if stated != *config {
        run.write_config(config)?;
    }
    Ok((run, true))
}

/// `stated` with what decides neither training nor threshold of `given`: those of the last command
/// hold.
fn with_the_rest_of(stated: &RunConfig, given: &RunConfig) -> RunConfig {
    let mut config = RunConfig { baselines: given.baselines, ..stated.clone() };
    if let (Some(detect), Some(given)) = (&mut config.detect, &given.detect) {
        detect.samples_per_second = given.samples_per_second;
        detect.core.clone_from(&given.core);
    }
    config
}
