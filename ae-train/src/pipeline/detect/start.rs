//! The run of a detector, before its training.

use std::path::Path;

use ae_data::{Dataset, Half, Images, Origin, idx};
use ae_detect::windows::WindowSets;
use ae_model::AutoencoderConfig;
use ae_run::blobs::TOOL;
use ae_run::{
    Baselines, DataConfig, DetectConfig, Run, RunConfig, file, is_run, read_config, windows_name,
};

use super::{DetectInput, DetectSettings};
use crate::pipeline::{PipelineError, training};

/// A run that is ready to train.
pub(super) struct Started {
    pub(super) run: Run,
    pub(super) config: RunConfig,
    pub(super) data: Dataset,
    /// It was begun before.
    pub(super) resumed: bool,
}

/// Makes the run's folder, or opens the one that the same settings have begun.
pub(super) fn start(
    input: &DetectInput,
    settings: &DetectSettings,
    windows: &WindowSets,
) -> Result<Started, PipelineError> {
    let data = Dataset {
        name: file::WINDOWS.to_owned(),
        origin: Origin::Folder(settings.folder.join(file::WINDOWS)),
        train: windows.train.codes.clone(),
        test: windows.normal.codes.clone(),
    };
    let config = RunConfig {
        tool: TOOL.to_owned(),
        baselines: Baselines::default(),
        data: DataConfig::of(&data, file::WINDOWS.to_owned()),
        model: AutoencoderConfig {
            input: windows.train.codes.features(),
            hidden: settings.hidden.clone(),
            latent: settings.latent,
            activation: settings.activation,
        },
        recipe: settings.recipe.clone(),
        detect: Some(config(input, settings)),
    };
    training::check(&config, &data)?;
    let (run, resumed) = open_or_create(&settings.folder, &config)?;
    let [train, test] = [idx_file(&data.train)?, idx_file(&data.test)?];
    let files = [(windows_name(Half::Train), train), (windows_name(Half::Test), test)];
    run.write_into(file::WINDOWS, &files)?;
    Ok(Started { run, config, data, resumed })
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
    let fields = read_config(folder)?.differing_fields(config);
    if !fields.is_empty() {
        return Err(PipelineError::OtherRun { run: folder.to_owned(), fields });
    }
    let (run, _) = Run::open(folder)?;
    if run.has(file::REPORT_HTML)? {
        return Err(PipelineError::IsFinished { run: folder.to_owned() });
    }
    Ok((run, true))
}

/// The IDX file of windows.
fn idx_file(windows: &Images) -> Result<Vec<u8>, PipelineError> {
    let dims = [windows.len(), windows.height(), windows.width()];
    Ok(idx::gzip(&idx::write(&dims, windows.pixels())?))
}
