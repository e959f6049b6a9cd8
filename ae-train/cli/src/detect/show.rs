//! Shows how a detector is made, and draws its report.

use ae_detect::maps::Maps;
use ae_detect::report::{ChoiceFigures, DetectReport, choice_lines};
use ae_detect::windows::WindowSets;
use ae_report::{html, with_warning};
use ae_run::{EpochMetrics, Run, RunConfig, file};
use ae_train::pipeline::detect::DetectInput;
use ae_train::pipeline::{Drawing, Drawings, Note, Phase, PipelineObserver};
use ae_train::train::Observer;

use crate::progress::PipelineProgress;

/// Shows how a detector is made, and draws its report.
pub(crate) struct ShowDetector {
    progress: PipelineProgress,
    /// It was not said how many counts make a unit.
    units_unsaid: bool,
}

impl ShowDetector {
    pub(crate) fn new(units_unsaid: bool) -> Self {
        Self { progress: PipelineProgress::default(), units_unsaid }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&mut self) {
        self.progress.finish();
    }
}

impl Observer for ShowDetector {
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

impl PipelineObserver for ShowDetector {
    fn on_run(&mut self, run: &Run, _config: &RunConfig) {
        self.progress.run(run);
    }

    fn on_windows(&mut self, input: &DetectInput, windows: &WindowSets) {
        let kind = match (&windows.maps, input.counts()) {
            (Maps::Pixels, _) => "pixels",
            (_, true) => "i16 counts",
            (_, false) => "f32 values",
        };
        tell!("channels: {} ({kind})", input.channels().join(", "));
        if let Some(features) = &windows.features {
            tell!("features: {}", features.config());
        }
        tell!(
            "{} windows to train on, {} to calibrate on, {} normal and {} abnormal ones held out",
            windows.train.len(),
            windows.calibration.len(),
            windows.normal.len(),
            windows.abnormal.len()
        );
        if windows.left_out > 0 {
            tell!("note: --no-trim trains on the windows that are left out too");
        }
        if !windows.maps.are_straight() {
            tell!("note: --linear maps every channel by a straight line");
        }
        if input.counts() && self.units_unsaid {
            tell!(
                "note: all numbers are whole, so they are taken as i16 counts; --values takes them as f32"
            );
        }
    }

    fn on_choice(&mut self, choice: &ChoiceFigures) {
        self.progress.finish();
        choice_lines(choice).iter().for_each(|line| tell!("{line}"));
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
            Note::Data(text) => tell!("note: {text}"),
            Note::TooLargeForBaselines { most } => {
                tell!("no PCA beside the autoencoder above {most} values a window");
            }
            Note::NoBaseline { baseline, reason } => tell!("no {baseline}: {reason}"),
        }
    }

    fn draw_warning(&mut self, page: &str, warning: &str, replaced: &str) -> Drawings {
        let page = with_warning(page, warning, replaced);
        let drawing =
            |page: String| Drawing { name: file::REPORT_HTML.to_owned(), bytes: page.into() };
        Ok(page.map(drawing).into_iter().collect())
    }

    fn draw_report(&mut self, report: &DetectReport) -> Drawings {
        let bytes = html(report).into();
        Ok(vec![Drawing { name: file::REPORT_HTML.to_owned(), bytes }])
    }
}
