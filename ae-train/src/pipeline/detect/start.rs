//! The run of a detector, before its training.

use std::path::Path;

use ae_detect::report::ChoiceFigures;
use ae_detect::windows::WindowSets;
use ae_model::Code;
use ae_run::blobs::TOOL;
use ae_run::{
    Baselines, DataConfig, DetectConfig, Recipe, Run, RunConfig, file, is_run, read_config,
    read_in_run,
};

use super::{DetectInput, DetectSettings, Prepared, Shape};
use crate::pipeline::longer::{self, GoesOn};
use crate::pipeline::training::{self, Started};
use crate::pipeline::{PipelineError, json, windows};

/// Makes the run's folder, or opens the one that the same settings have begun. `choice` says how its
/// model was chosen.
pub(super) fn start(
    prepared: &Prepared<'_>,
    choice: Option<&ChoiceFigures>,
) -> Result<Started, PipelineError> {
    let Prepared { input, settings, windows: sets, .. } = prepared;
    check_latent(settings, sets)?;
    let data = prepared.dataset(&settings.folder);
    let mut config = RunConfig {
        tool: TOOL.to_owned(),
        baselines: if settings.pca { Baselines::FitUnlessLarge } else { Baselines::Skip },
        data: DataConfig::of(&data, file::WINDOWS.to_owned()),
        model: settings.shape.model(sets.train.codes.features(), settings.activation),
        recipe: settings.recipe.clone(),
        detect: Some(config(input, settings)),
    };
    training::check(&config, &data)?;
    let (run, resumed) = open_or_create(&settings.folder, &config)?;
    let GoesOn { checkpoint, is_longer } = longer::go_on(&run, &mut config, None)?;
    windows::write(&run, &data)?;
    if let Some(choice) = choice {
        run.write(file::CHOICE, &json(choice)?)?;
    }
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
        file: source.file,
        source_digest: input.digest(),
        channels: input.channels(),
        left_out: input.left_out(),
        normal: settings.normal.clone(),
        groups: input.groups(),
        window: settings.spacing.window,
        stride: settings.spacing.stride,
        train_stride: settings.spacing.train_stride,
        trim: settings.trim,
        curves: settings.curves,
        counts: input.counts(),
        counts_per_unit: source.counts_per_unit,
        missing: source.missing,
        reading: source.reading,
        alarm_ppm: settings.alarm_ppm,
        hits: settings.debounce.hits,
        of: settings.debounce.of,
        weighted: settings.weighted,
        smoothing: settings.smoothing,
        samples_per_second: settings.samples_per_second,
        core: settings.arranged.as_ref().map(|it| it.core.clone()),
        calibrated_on: None,
        features: settings.features.clone(),
    }
}

/// Whether there are as many prototypes, or as many principal components: they are fitted after the
/// training, so what stands against them is said before.
fn check_latent(settings: &DetectSettings, windows: &WindowSets) -> Result<(), PipelineError> {
    let (windows, features) = (windows.train.len(), windows.train.codes.features());
    let Shape { latent, code, .. } = settings.shape;
    let most = settings.shape.most_latent(windows, features);
    match code {
        Code::OneHot if latent > most => {
            Err(PipelineError::TooManyPrototypes { found: latent, windows })
        }
        Code::Linear if settings.pca && latent > most => {
            Err(PipelineError::LatentAbovePca { latent, most, windows, features })
        }
        _ => Ok(()),
    }
}

/// The settings with what was chosen for a run that has begun, where they leave that open.
pub(super) fn begun(settings: &DetectSettings) -> Result<Option<DetectSettings>, PipelineError> {
    if settings.shapes.is_empty() || !is_run(&settings.folder) {
        return Ok(None);
    }
    // One that was killed before it kept its choice chooses again, and the same.
    if read_in_run(&settings.folder.join(file::CHOICE)).ok().flatten().is_none() {
        return Ok(None);
    }
    let RunConfig { model, recipe, .. } = read_config(&settings.folder)?;
    let shape = Shape::of_model(&model);
    let shape = if settings.shapes.contains(&shape) { shape } else { settings.shape.clone() };
    let start = recipe.start;
    let recipe = match settings.lengths_open {
        true => {
            let (epochs, passes) = (recipe.epochs, recipe.passes);
            Recipe { start, epochs, passes, ..settings.recipe.clone() }
        }
        false => Recipe { start, ..settings.recipe.clone() },
    };
    let recipe = shape.recipe(recipe);
    Ok(Some(DetectSettings { shape, recipe, ..settings.clone() }))
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
