//! Draws progress on standard error: a bar on a terminal, plain lines or nothing elsewhere.

use std::cell::Cell;
use std::io::{IsTerminal, stderr};

use ae_boards::update::Event;
use ae_run::{EpochMetrics, Run};
use ae_train::pipeline::Phase;
use ae_train::train::Observer;
use indicatif::{ProgressBar, ProgressStyle};

use super::quantising::{QuantiseProgress, memory};
use super::terminal::tell_above;

/// Tells what a pipeline does, and shows its training and its quantising as they go on.
#[derive(Default)]
pub(super) struct PipelineProgress {
    training: Option<TrainProgress>,
    quantising: Option<QuantiseProgress>,
}

impl PipelineProgress {
    /// Names the run folder.
    pub(super) fn run(&self, run: &Run) {
        tell!("run folder: {}", run.path().display());
        if !run.is_locked() {
            tell!("note: no lock can be had there: start no second training in this folder");
        }
    }

    /// Says from where a run goes on.
    pub(super) fn resume(&self, done: u32, epochs: u32) {
        match done {
            0 => tell!("the run goes on; no epoch of it is done yet"),
            _ if done == epochs => tell!("the run goes on; all {epochs} epochs of it are done"),
            _ => tell!("the run goes on after epoch {done} of {epochs}"),
        }
    }

    /// Names what begins.
    pub(super) fn phase(&mut self, phase: Phase) {
        self.finish();
        match phase {
            Phase::Training { epochs } => self.training = Some(TrainProgress::new(epochs)),
            Phase::Trying { candidate, of } => {
                self.training = Some(TrainProgress::trying(candidate, of));
            }
            Phase::Quantising { memory_bytes } => tell!("quantising, {}", memory(memory_bytes)),
            Phase::Calibrating { memory_bytes } => {
                tell!("quantising and calibrating, {}", memory(memory_bytes));
            }
            Phase::Testing => tell!("running the blobs on the test images"),
            Phase::Fitting { baseline } => tell!("fitting {baseline}"),
        }
    }

    /// So much of a network is quantised.
    pub(super) fn quantising(&mut self, share: f64) {
        self.quantising.get_or_insert_with(QuantiseProgress::new).at(share);
        if share >= 1.0 {
            self.finish();
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&mut self) {
        if let Some(progress) = self.training.take() {
            progress.finish();
        }
        if let Some(progress) = self.quantising.take() {
            progress.finish();
        }
    }
}

impl Observer for PipelineProgress {
    fn on_step(&mut self, epoch: u32, done: u64, of: u64) {
        if let Some(progress) = &mut self.training {
            progress.on_step(epoch, done, of);
        }
    }

    fn on_step_logged(&mut self, epoch: u32, step: u64, loss: f64) {
        if let Some(progress) = &mut self.training {
            progress.on_step_logged(epoch, step, loss);
        }
    }

    fn on_epoch(&mut self, metrics: &EpochMetrics) {
        if let Some(progress) = &mut self.training {
            progress.on_epoch(metrics);
        }
    }
}

/// Shows a training as it goes on.
struct TrainProgress {
    bar: ProgressBar,
    epochs: u32,
    /// Whether each epoch has a line.
    tells: bool,
}

impl TrainProgress {
    fn new(epochs: u32) -> Self {
        let bar = if stderr().is_terminal() {
            let style = "epoch {msg} [{bar:30}] step {pos}/{len} {per_sec}";
            let style = ProgressStyle::with_template(style).expect("the template is valid");
            ProgressBar::new(0).with_style(style.progress_chars("=> "))
        } else {
            ProgressBar::hidden()
        };
        Self { bar, epochs, tells: true }
    }

    /// Of a candidate: its trainings differ in length, and their figures are told at the end.
    fn trying(candidate: usize, of: usize) -> Self {
        let style = "choosing a model: {msg} [{bar:30}] step {pos}/{len}";
        let this = Self { tells: false, ..Self::new(0) };
        let style = ProgressStyle::with_template(style).expect("the template is valid");
        this.bar.set_style(style.progress_chars("=> "));
        this.bar.set_message(format!("{candidate} of {of}"));
        this
    }

    /// A line of its own, above the bar where there is one.
    fn line(&self, text: &str) {
        tell_above(&self.bar, text);
    }

    /// Takes the bar away.
    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Shows how many samples are done, on a terminal.
pub(super) struct SampleProgress(ProgressBar);

impl SampleProgress {
    pub(super) fn new(samples: usize) -> Self {
        if !stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("[{bar:30}] {pos}/{len} images {per_sec}");
        let style = style.expect("the template is valid").progress_chars("=> ");
        Self(ProgressBar::new(samples as u64).with_style(style))
    }

    pub(super) fn add(&self, samples: usize) {
        self.0.inc(samples as u64);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Shows how a board gets a model: a bar on a terminal, lines elsewhere.
pub(super) struct UpdateProgress {
    bar: ProgressBar,
    /// Whether the transfer has begun.
    begun: Cell<bool>,
}

impl UpdateProgress {
    pub(super) fn new() -> Self {
        let bar = if stderr().is_terminal() {
            let style =
                "[{bar:30}] {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
            let style = ProgressStyle::with_template(style).expect("the template is valid");
            ProgressBar::new(0).with_style(style.progress_chars("=> "))
        } else {
            ProgressBar::hidden()
        };
        Self { bar, begun: Cell::new(false) }
    }

    /// Shows one event.
    pub(super) fn show(&self, event: Event) {
        match event {
            Event::There { received, len } => {
                self.bar.set_length(len.into());
                self.bar.set_position(received.into());
                if !self.begun.replace(true) && received > 0 {
                    tell_above(
                        &self.bar,
                        format_args!("the board has {received} of {len} bytes already"),
                    );
                }
            }
            Event::Checking => self.tell("the board checks the model"),
            Event::Trying => self.tell("it runs the model on trial"),
            Event::Confirming => self.tell("confirming it"),
        }
    }

    fn tell(&self, line: &str) {
        tell_above(&self.bar, line);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for TrainProgress {
    fn on_step(&mut self, epoch: u32, done: u64, of: u64) {
        if done == 1 {
            self.bar.set_length(of);
            if self.tells {
                self.bar.set_message(format!("{epoch}/{}", self.epochs));
            }
        }
        self.bar.set_position(done);
    }

    fn on_step_logged(&mut self, epoch: u32, step: u64, loss: f64) {
        if !self.tells {
            return;
        }
        self.line(&format!("epoch {epoch:>3}  step {step:>6}  loss {loss:.5}"));
    }

    fn on_epoch(&mut self, metrics: &EpochMetrics) {
        if !self.tells {
            return;
        }
        let kl = metrics.kl.map(|kl| format!("  KL {kl:.3}")).unwrap_or_default();
        self.line(&format!(
            "epoch {:>3}/{}  train loss {:.5}{kl}  test BCE {:.5}  test MSE {:.6}  {:.2} s",
            metrics.epoch,
            self.epochs,
            metrics.train_loss,
            metrics.test_bce,
            metrics.test_mse,
            metrics.seconds
        ));
    }
}
