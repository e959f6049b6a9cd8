//! `ae-train detect`.

mod features;
pub(super) mod input;
mod levels;
mod model;
pub(super) mod options;
mod resume;
pub(super) mod show;

use std::path::PathBuf;

use ae_core::Debounce;
use ae_detect::report::{
    DetectReport, ThresholdReport, detection_lines, event_lines, found_lines, reconstruction_line,
    verdict,
};
use ae_run::{Recipe, file};
use ae_train::pipeline::detect::{
    ArrangedBlob, DetectInput, DetectSource, DetectorDefaults, MadeDetector, Shape,
};
use ae_train::pipeline::{self, DetectSettings};
use anyhow::bail;

use super::signal_args::SignalArgs;
use super::train::options::RecipeChanges;
use super::train::{in_runs, stop_on_ctrl_c};
use super::trouble::runs::{self, GoOn};
use super::{Outcome, print, print_each, print_json, quantize, run_name};
use input::Read;
use options::{DetectorArgs, ModelArgs};
use show::ShowDetector;

/// Train a detector of anomalies on what is normal, calibrate its threshold, and report.
///
/// Recordings are divided by group, so that nobody is tested on that was trained on: an
/// autoencoder learns the normal windows of some groups, the threshold comes from those of others,
/// and false alarms and detections are counted on the rest. The blob then holds all that a board
/// needs, and the report says what the detector is worth.
///
/// The same command goes on where it was stopped, and so does --resume with the run folder alone.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Continue the run in this folder with all that it was begun with. If its files have moved, say
    /// with --data where they are now. With --epochs the run ends after so many epochs, also if it was
    /// finished: the learning rate of the further epochs is that of a run of so many. Threshold, blobs
    /// and report are made again.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = resume::WITHOUT)]
    resume: Option<PathBuf>,

    /// Train nothing: choose the threshold of this blob, such as one that `import` made. All that
    /// --data names and --normal calls normal calibrates it. A window has as many samples as the
    /// model's values hold of the channels, or with --features as many frames: the model is then one of
    /// levels in decibels. The detector is written beside the blob, or into --out.
    #[arg(long = "model", value_name = "BLOB", conflicts_with_all = model::WITHOUT)]
    given: Option<PathBuf>,

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
    #[arg(long = "for", value_name = "CORE", value_parser = quantize::core)]
    core: Option<quantize::Core>,
    /// Name of the run folder under `runs/`; without it, made of data, labels and the shape that is
    /// given.
    #[arg(long, value_name = "NAME", conflicts_with = "out", value_parser = run_name::parse)]
    name: Option<String>,
    /// The run folder itself, anywhere.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Threads to train on; the result does not depend on it. Without it, all that there are.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if let Some(model) = &args.given {
        return model::run(args, model);
    }
    let made = match &args.resume {
        Some(folder) => resume::run(args, folder)?,
        None => begin(args)?,
    };
    if args.json {
        print_json(&made.report)?;
    } else {
        let page = made.folder.join(file::REPORT_HTML);
        print_each(summary(&made.report))?;
        print(page.display())?;
    }
    Ok(Outcome::Success)
}

/// Begins a run, or goes on with one of the same settings.
fn begin(args: &Args) -> anyhow::Result<MadeDetector> {
    let debounce = args.detector.debounce().map_err(anyhow::Error::msg)?;
    let seed = args.recipe.applied_to(Recipe::default()).seed;
    let read = input::read(&args.signal, &args.detector, seed)?;
    let settings = args.settings(&read, debounce)?;
    let input = read.input;
    input::remember(&args.signal.source.source(), &input);
    let mut show = ShowDetector::new(args.signal.source.counts_per_unit().is_empty());
    let stop = stop_on_ctrl_c()?;
    let made = pipeline::detect(&input, &settings, &mut show, &stop);
    show.finish();
    made.map_err(|error| runs::of_pipeline(error, GoOn::SameCommand))
}

impl Args {
    fn settings(&self, read: &Read, debounce: Debounce) -> anyhow::Result<DetectSettings> {
        let Read { input, counts_per_unit, spacing, features, rate } = read;
        let spacing = *spacing;
        let DetectorDefaults { mut shapes, mut shape, smoothing, recipe } =
            DetectorDefaults::of(input);
        let lengths_open = !shapes.is_empty() && self.recipe.epochs().is_none();
        let is_signal = matches!(input, DetectInput::Signals(_));
        match self.model.layers(input.map(spacing.window), is_signal)? {
            Some(layers) => {
                if self.recipe.starts_with_components() {
                    bail!("--start pca is for dense layers; give --start glorot");
                }
                shape = layers[layers.len() / 2].clone();
                shapes = if shapes.is_empty() { shapes } else { layers };
            }
            None => {
                shapes = self.model.narrowed(shapes, &shape);
                shape = self.model.applied_to(shape);
            }
        }
        self.check_batch_norm(shapes.iter().chain([&shape]))?;
        // Nothing to choose: the user says all of it.
        let open = lengths_open || shapes.len() > 1;
        Ok(DetectSettings {
            folder: match (&self.out, &self.name) {
                (Some(out), _) => out.clone(),
                (None, Some(name)) => in_runs(name),
                (None, None) => in_runs(self.default_name()),
            },
            source: self.source(counts_per_unit.clone()),
            normal: self.signal.normal().to_vec(),
            samples_per_second: *rate,
            spacing,
            features: features.clone(),
            trim: !self.detector.no_trim && is_signal,
            curves: !self.detector.linear && is_signal,
            alarm_ppm: self.detector.alpha,
            debounce,
            weighted: !self.detector.unweighted,
            smoothing: self.detector.smoothing.unwrap_or(smoothing),
            shapes: if open { shapes } else { Vec::new() },
            lengths_open,
            shape,
            activation: self.model.activation,
            recipe: self.recipe.applied_to(recipe),
            pca: !self.detector.no_pca,
            arranged: self.core.as_ref().map(arranged),
            threads: self.threads.map(usize::from),
        })
    }

    /// Whether one of the shapes has what `--batch-norm` normalises. Those without it are tried as
    /// they are.
    fn check_batch_norm<'s>(
        &self,
        mut shapes: impl Iterator<Item = &'s Shape>,
    ) -> anyhow::Result<()> {
        if !self.recipe.normalises() {
            return Ok(());
        }
        if self.recipe.starts_with_components() {
            bail!("--batch-norm undoes principal components; give --start glorot");
        }
        if !shapes.any(Shape::has_hidden_layers) {
            bail!("--batch-norm is for hidden layers; leave it out, or give --hidden");
        }
        Ok(())
    }

    fn source(&self, counts_per_unit: Vec<f64>) -> DetectSource {
        let source = self.signal.source.source();
        DetectSource {
            called: input::called(&source.files),
            time: source.time,
            label: source.label,
            group: source.group,
            recording: source.recording,
            file: source.file,
            counts_per_unit,
            missing: self.signal.missing(),
            reading: source.reading,
        }
    }

    /// Such as `watch-imu-sample-ABD`.
    fn default_name(&self) -> String {
        let files = self.signal.source.source().files;
        let first = files.first();
        let stem = first
            .and_then(|path| path.file_name())
            .map_or("detector".into(), |name| run_name::stem(&name.to_string_lossy()).to_owned());
        let widths = self.model.given();
        let parts = [stem].into_iter().chain(self.signal.normal().iter().cloned()).chain(widths);
        run_name::of_parts(parts)
    }
}

fn arranged(core: &quantize::Core) -> ArrangedBlob {
    ArrangedBlob { core: core.name.clone(), layout: core.layout }
}

/// The threshold, and where it comes from.
pub(super) fn threshold_line(threshold: &ThresholdReport) -> String {
    format!(
        "threshold {}: score {} of {} calibration windows, for a false-alarm rate of {}",
        threshold.threshold, threshold.rank, threshold.scores, threshold.alpha
    )
}

/// The report in a few lines.
pub(super) fn summary(report: &DetectReport) -> Vec<String> {
    let mut lines = vec![verdict(report), threshold_line(&report.threshold)];
    lines.extend(detection_lines(report));
    lines.extend(report.events.iter().flat_map(event_lines));
    lines.extend(report.reconstruction.iter().map(reconstruction_line));
    lines.extend(report.sensitivity.iter().flat_map(|it| found_lines(it, &report.data.channels)));
    lines.extend(report.warnings.iter().map(|warning| format!("warning: {warning}")));
    if report.drift.is_some() {
        lines.push(
            "against scores that change with time: `ae-train calibrate RUN --data later.csv` takes \
             the threshold from later recordings; --data with more files, and --calibrate-groups, \
             calibrate on more; --columns leaves a channel out that only drifts"
                .to_owned(),
        );
    }
    lines
}
