//! Shows a training, and draws its pictures.

use std::path::Path;

use ae_data::{Dataset, Images};
use ae_report::picture::{
    ComparisonRow, CurvePoint, TrainLoss, comparison, loss_curve, reconstruction_grid,
};
use ae_run::{EpochMetrics, Loss, MOST_EPOCHS, Run, RunConfig, file};
use ae_train::pipeline::{
    Drawing, Drawings, EpochView, Note, Phase, PipelineObserver, Reason, Reconstruction, Shortfall,
};
use ae_train::train::Observer;

use crate::progress::PipelineProgress;
use crate::terminal::tell_lines;
use crate::trouble::shell::quoted;
use crate::{board_bytes, files};

/// Test images in the picture of an epoch.
const PICTURED: usize = 50;

/// The options that help against a shortfall.
pub(super) fn way_out(shortfall: &Shortfall, run: &Path) -> String {
    match shortfall.reason {
        Reason::Diverged { .. } => "--learning-rate sets it.".to_owned(),
        Reason::Overfitted { .. } => "--keep-best 0.1 keeps it.".to_owned(),
        Reason::Short { epochs, .. } => format!(
            "This trains on: ae-train train --resume {} --epochs {}",
            quoted(run),
            epochs.saturating_mul(2).min(MOST_EPOCHS)
        ),
    }
}

/// Shows a training, and draws its pictures.
pub(super) struct ShowTraining {
    progress: PipelineProgress,
    /// Nobody named the data.
    data_by_default: bool,
}

impl ShowTraining {
    pub(super) fn new(data_by_default: bool) -> Self {
        Self { progress: PipelineProgress::default(), data_by_default }
    }

    /// Takes the bar away.
    pub(super) fn finish(&mut self) {
        self.progress.finish();
    }
}

impl Observer for ShowTraining {
    fn on_step(&mut self, epoch: u32, done: u64, of: u64) {
        self.progress.on_step(epoch, done, of);
    }

    fn on_step_logged(&mut self, epoch: u32, step: u64, loss: f64) {
        self.progress.on_step_logged(epoch, step, loss);
    }

    fn on_epoch(&mut self, metrics: &EpochMetrics) {
        self.progress.on_epoch(metrics);
    }
}

impl PipelineObserver for ShowTraining {
    fn on_data(&mut self, data: &Dataset) {
        files::remember_dataset(data);
        let (train, test) = (data.train.len(), data.test.len());
        tell!("{train} training and {test} test images from {}", data.origin);
        if data.origin.is_sample() && self.data_by_default {
            tell!(
                "the whole of Fashion-MNIST was not found: get it with ae-train fetch fashion-mnist"
            );
        }
    }

    fn on_run(&mut self, run: &Run, config: &RunConfig) {
        self.progress.run(run);
        tell_lines(format_args!("\n{}", board_bytes::summary(&config.model)));
    }

    fn on_resume(&mut self, done: u32, epochs: u32) {
        self.progress.resume(done, epochs);
    }

    fn on_phase(&mut self, phase: Phase) {
        self.progress.phase(phase);
    }

    fn on_quantising(&mut self, share: f64) {
        self.progress.quantising(share);
    }

    fn on_note(&mut self, note: &Note) {
        match note {
            Note::TooLargeForBaselines { most } => {
                tell!("no PCA above {most} pixels an image: --baseline fits it");
            }
            Note::NoBaseline { baseline, reason } => tell!("no {baseline}: {reason}"),
            Note::Data(text) => tell!("note: {text}"),
        }
    }

    fn draw_epoch(&mut self, epoch: &EpochView<'_, '_>) -> Drawings {
        let (shown, pixels) = epoch.reconstructed(PICTURED)?;
        let metrics = epoch.metrics();
        let points: Vec<_> = metrics
            .iter()
            .map(|m| CurvePoint {
                epoch: m.epoch,
                train_loss: m.train_loss,
                test_bce: m.test_bce,
                test_mse: m.test_mse,
            })
            .collect();
        let loss = match epoch.config().recipe.loss {
            Loss::Bce => TrainLoss::CrossEntropy,
            Loss::Mse => TrainLoss::SquaredError,
        };
        let done = metrics.last().map_or(0, |last| last.epoch);
        Ok(vec![
            Drawing {
                name: file::epoch_picture(done),
                bytes: reconstruction_grid(&shown, &pixels)?,
            },
            Drawing {
                name: file::LOSS.to_owned(),
                bytes: loss_curve(&epoch.config().data.source, loss, &points).into(),
            },
        ])
    }

    fn draw_comparison(&mut self, images: &Images, by: &[Reconstruction<'_>]) -> Drawings {
        let mut rows = vec![ComparisonRow { label: "original", pixels: images.pixels() }];
        rows.extend(by.iter().map(|it| ComparisonRow { label: it.by, pixels: it.pixels }));
        let bytes = comparison(&rows, images.height(), images.width())?;
        Ok(vec![Drawing { name: file::COMPARISON.to_owned(), bytes }])
    }
}
