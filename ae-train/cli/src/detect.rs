//! `ae-train detect`.

pub(super) mod input;
mod options;
mod start;

use ae_core::{Contract, Detection, arrange, with_detection};
use ae_data::idx;
use ae_detect::describe::{Known, describe};
use ae_detect::make::{Choice, Made, make};
use ae_detect::maps::Maps;
use ae_detect::play::{agrees, detection};
use ae_detect::report::{Data, DetectReport, Role, verdict};
use ae_detect::strip::strip;
use ae_detect::windows::{Parts, Windows};
use ae_model::{Network, write_weights};
use ae_pca::Pca;
use ae_report::html;
use ae_run::blobs::{BlobRecipe, TOOL, make_blob};
use ae_run::{Checkpoint, Run, RunConfig, file, metrics_csv};
use ae_train::model::Autoencoder;
use ae_train::train::{EpochOutcome, Trainer};
use anyhow::{Context, bail};

use super::progress::TrainProgress;
use super::signal_args::SignalArgs;
use super::train::options::RecipeChanges;
use super::train::{BASELINE_PIXELS, stop_on_ctrl_c};
use super::{Outcome, print, print_json};
use input::Input;
use options::{DetectorArgs, ModelArgs};
use start::Started;

/// Train a detector of anomalies on what is normal, calibrate its threshold, and report.
///
/// Recordings are divided by group, so that nobody is tested on that was trained on: an
/// autoencoder learns the normal windows of some groups, the threshold comes from those of others,
/// and false alarms and detections are counted on the rest. The blob then holds all that a board
/// needs, and the report says what the detector is worth.
///
/// The same command goes on where it was stopped.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    signal: SignalArgs,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    recipe: RecipeChanges,

    /// The core or board that is to run it, such as cortex-m4: a second blob has its weights in the
    /// order that its kernel is fast with.
    #[arg(long = "for", value_name = "CORE", value_parser = super::quantize::core)]
    core: Option<super::quantize::Core>,
    /// Name of the run folder under `runs/`; without it, made of data, labels and shape.
    #[arg(long, value_name = "NAME", conflicts_with = "out")]
    name: Option<String>,
    /// The run folder itself, anywhere.
    #[arg(long, value_name = "FOLDER")]
    out: Option<std::path::PathBuf>,
    /// Threads to train on; the result does not depend on it. Without it, all that there are.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let debounce = args.detector.debounce().map_err(anyhow::Error::msg)?;
    let seed = args.recipe.applied_to(ae_run::Recipe::default()).seed;
    let input = input::read(&args.signal, args.detector.values, seed)?;
    let spacing = input.spacing(&args.signal)?;
    let parts = input.parts(spacing, args.signal.normal())?;
    notes(&input, &parts).iter().for_each(|note| tell!("note: {note}"));
    // Before the training, which may take long.
    ae_detect::conformal::rank(parts.calibration.len(), args.detector.alpha)?;
    let narrow = |samples: usize| u32::try_from(samples).context("more samples than 32 bits count");
    let choice = Choice {
        alarm_ppm: args.detector.alpha,
        debounce,
        weighted: !args.detector.unweighted,
        window: narrow(spacing.window)?,
        stride: narrow(spacing.stride)?,
    };
    start::check_pca(args, &parts)?;
    let Started { run, config, dataset } = start::start(args, &input, &parts, spacing, debounce)?;
    tell!("run folder: {}", run.path().display());
    let kind = match (&parts.maps, input.counts()) {
        (Maps::Pixels, _) => "pixels",
        (_, true) => "i16 counts",
        (_, false) => "f32 values",
    };
    tell!("channels: {} ({kind})", input.channels().join(", "));
    tell!("{}", counts(&parts));
    if input.counts() && args.signal.source.counts_per_unit().is_empty() {
        tell!(
            "note: all numbers are whole, so they are taken as i16 counts; --values takes them as f32"
        );
    }

    let mut trainer = match run.read(file::CHECKPOINT)? {
        Some(bytes) => Trainer::resume(Checkpoint::from_bytes(&bytes)?, &dataset)?,
        None => Trainer::new(config.model.clone(), config.recipe.clone(), &dataset)?,
    };
    if let Some(threads) = args.threads {
        trainer = trainer.with_threads(threads.into());
    }
    let mut progress = TrainProgress::new(config.recipe.epochs);
    let stop = stop_on_ctrl_c()?;
    while !trainer.is_finished() {
        if let EpochOutcome::Stopped = trainer.run_epoch(&mut progress, &stop)? {
            progress.finish();
            bail!(
                "stopped after {} epochs, all kept; the same command goes on",
                trainer.epochs_done()
            );
        }
        run.write_checkpoint(&trainer.checkpoint().to_bytes()?)?;
    }
    progress.finish();
    run.write(file::METRICS_CSV, &metrics_csv(trainer.metrics()))?;
    let report = finish(args, &run, &config, &trainer, &input, &parts, &choice)?;
    if args.json {
        print_json(&report)?;
    } else {
        let page = run.path().join(file::REPORT_HTML);
        print(format_args!("{}\n{}", summary(&report), page.display()))?;
    }
    Ok(Outcome::Success)
}

/// Writes everything that a finished training leaves.
fn finish(
    args: &Args,
    run: &Run,
    config: &RunConfig,
    trainer: &Trainer<'_>,
    input: &Input,
    parts: &Parts,
    choice: &Choice,
) -> anyhow::Result<DetectReport> {
    let network = trainer.result_network()?;
    let model = Autoencoder::from_network(&network);
    run.write(file::WEIGHTS, &write_weights(&config.model, &network)?)?;

    tell!("quantising and calibrating");
    let recipe = BlobRecipe::of_run(config, &parts.train.pixels);
    let detector = |network: &Network, contract| -> anyhow::Result<Made> {
        Ok(make(&make_blob(network, contract, &recipe)?, parts, choice)?)
    };
    let made = detector(&network, Contract::Int8)?;
    check_agreement(input, &made)?;
    run.write(file::INT8_BLOB, &made.blob)?;
    run.write(file::CALIBRATION, &lines(&made.scores.calibration))?;
    let f32_blob = detector(&network, Contract::F32)?;
    run.write(file::F32_BLOB, &f32_blob.blob)?;
    if let Some(core) = &args.core {
        let name = format!("model.{}.int8.aeb", core.name);
        run.write(&name, &arrange(&made.blob, core.layout)?)?;
    }
    let pca = if !fits_pca(args, parts) {
        None
    } else {
        tell!("fitting PCA");
        let pca = Pca::fit(&parts.train.pixels, config.model.latent)?.network();
        let made = detector(&pca, Contract::Int8)?;
        run.write(file::PCA_INT8_BLOB, &made.blob)?;
        if let Some(core) = &args.core {
            let name = format!("pca.{}.int8.aeb", core.name);
            run.write(&name, &arrange(&made.blob, core.layout)?)?;
        }
        Some((pca, made))
    };
    let strip = match input {
        Input::Images { .. } => None,
        Input::Signals(signal) => {
            let window = choice.window as usize;
            strip(&signal.signals, &signal.split, &parts.maps, &made.blob, window)?
        }
    };
    let report = describe(Known {
        tool: TOOL,
        data: data(args, input, parts, choice),
        parts,
        model: &model,
        network: &network,
        made: &made,
        f32_blob: &f32_blob,
        pca: pca.as_ref().map(|(network, made)| (network, made)),
        strip,
        notes: notes(input, parts),
    })?;
    run.write(file::REPORT_JSON, &serde_json::to_vec_pretty(&report)?)?;
    run.write(file::REPORT_HTML, html(&report).as_bytes())?;
    Ok(report)
}

/// The detector, fed sample by sample, must give the scores that the threshold was chosen from and
/// those that the report is made of. Images are windows as they are, so there is nothing to feed.
fn check_agreement(input: &Input, made: &Made) -> anyhow::Result<()> {
    let Input::Signals(signal) = input else { return Ok(()) };
    let split = &signal.split;
    // The same detector on windows that do not overlap.
    let section = detection(&made.blob)?;
    let apart = with_detection(&made.blob, &Detection { stride: section.window, ..section })?;
    for (blob, pieces, scores) in [
        (&apart, &split.calibrate, &made.scores.calibration),
        (&made.blob, &split.test_normal, &made.scores.normal),
        (&made.blob, &split.test_abnormal, &made.scores.abnormal),
    ] {
        if let Err(found) = agrees(blob, &signal.signals, pieces, scores)? {
            bail!("the detector and the calibration disagree: {found}; please report this");
        }
    }
    Ok(())
}

/// Whether PCA is wanted and can be had in reasonable time.
fn fits_pca(args: &Args, parts: &Parts) -> bool {
    let features = parts.train.pixels.features();
    if !args.detector.no_pca && features > BASELINE_PIXELS {
        tell!("no PCA beside the autoencoder above {BASELINE_PIXELS} values a window");
    }
    !args.detector.no_pca && features <= BASELINE_PIXELS
}

/// A number a line.
fn lines(scores: &[u64]) -> Vec<u8> {
    scores.iter().flat_map(|score| format!("{score}\n").into_bytes()).collect()
}

fn data(args: &Args, input: &Input, parts: &Parts, choice: &Choice) -> Data {
    let source = args.signal.source.source().files;
    let source: Vec<String> = source.iter().map(|path| path.display().to_string()).collect();
    let [train, calibrate, test] = input.groups();
    let role = |name: &str, groups: &[String], windows: &Windows| Role {
        name: name.to_owned(),
        groups: groups.to_vec(),
        windows: windows.len(),
        stride: windows.stride,
    };
    Data {
        source: source.join(", "),
        channels: input.channels(),
        window: choice.window as usize,
        stride: choice.stride as usize,
        samples_per_second: args.signal.rate(),
        normal_labels: args.signal.normal().to_vec(),
        roles: vec![
            role("training", &train, &parts.train),
            role("calibration", &calibrate, &parts.calibration),
            role("held out, normal", &test, &parts.held_out),
            role("abnormal", &test, &parts.abnormal),
        ],
    }
}

/// What a user should be told of the data.
fn notes(input: &Input, parts: &Parts) -> Vec<String> {
    [input.notes(), parts.notes.clone()].concat()
}

fn counts(parts: &Parts) -> String {
    format!(
        "{} windows to train on, {} to calibrate on, {} normal and {} abnormal ones held out",
        parts.train.len(),
        parts.calibration.len(),
        parts.normal.len(),
        parts.abnormal.len()
    )
}

/// The report in a few lines.
fn summary(report: &DetectReport) -> String {
    let threshold = &report.threshold;
    let mut lines = vec![
        verdict(report),
        format!(
            "threshold {}: score {} of {} calibration windows, for a false-alarm rate of {}",
            threshold.threshold, threshold.rank, threshold.scores, threshold.alpha
        ),
    ];
    if let Some(detection) = &report.detection {
        let pca =
            detection.pca.as_ref().map_or(String::new(), |pca| format!(", PCA {:.4}", pca.auroc));
        lines.push(format!(
            "AUROC: int8 {:.4}, float {:.4}{pca}",
            detection.int8.auroc, detection.float.auroc
        ));
    }
    lines.extend(report.warnings.iter().map(|warning| format!("warning: {warning}")));
    lines.join("\n")
}

/// The IDX file of windows.
fn idx_of(windows: &ae_data::Images) -> anyhow::Result<Vec<u8>> {
    let dims = [windows.len(), windows.height(), windows.width()];
    Ok(idx::gzip(&idx::write(&dims, windows.pixels())?))
}
