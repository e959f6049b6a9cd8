//! `--data` of signals, and what is said of them.

mod columns;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use ae_data::signal::{Groups, Missing, Source, SplitSettings};
use ae_features::FeatureSpec;

pub(super) use columns::{ColumnArgs, MemoryArgs};

/// Signals in files or by name, and what their columns mean.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Signals")]
pub(super) struct SourceArgs {
    /// CSV, NPY, NPZ, WAV, Parquet or Arrow files of the same channels, also packed by gzip or zstd;
    /// or folders of them; or `watch-imu`, `watch-imu-sample`; or labelled images: `fashion-mnist`,
    /// `fashion-mnist-sample`, or a folder of IDX files.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    data: Vec<PathBuf>,
    #[command(flatten)]
    columns: ColumnArgs,
    /// The board's sensor counts so many for one unit of the files: the detector then takes i16
    /// counts. One number for all channels, or one for each. Without it, files of whole numbers
    /// that fit i16 are counts, and all others are f32 values.
    #[arg(long, value_name = "COUNTS", value_delimiter = ',', value_parser = positive)]
    counts_per_unit: Vec<f64>,
}

impl SourceArgs {
    /// What to read.
    pub(super) fn source(&self) -> Source {
        self.columns.source(self.data.clone())
    }

    /// Whether it was said how the files are read.
    pub(super) fn says_reading(&self) -> bool {
        self.columns.says_reading()
    }

    /// Counts of one unit; empty where values stay what they are.
    pub(super) fn counts_per_unit(&self) -> &[f64] {
        &self.counts_per_unit
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number > 0.0 && f64::is_finite(number) => Ok(number),
        _ => Err("expected a number above 0".to_owned()),
    }
}

/// Signals, and how they become windows.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Signals")]
pub(super) struct SignalArgs {
    #[command(flatten)]
    pub(super) source: SourceArgs,
    /// Labels of what is normal. Without labels everything is.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    normal: Vec<String>,
    /// Groups to train on. Without groups by name they are drawn: 60 % train, 20 % calibrate, 20 %
    /// test.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    train_groups: Vec<String>,
    /// Groups to calibrate the threshold on.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    calibrate_groups: Vec<String>,
    /// Groups to test on.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    test_groups: Vec<String>,
    /// Samples a second, for the page's times, and for the bands of --features. Without it, what WAV files
    /// or times at regular steps say.
    #[arg(long, value_name = "HZ", value_parser = positive)]
    rate: Option<f64>,
    /// Let the model see features of the signal instead of its values: mel:BANDS or spectrum:BANDS, the
    /// levels of bands of a spectrum; statistics, or some of them such as statistics:rms+kurtosis; raw,
    /// the values themselves. Several are joined with commas, and so are options: fft=, samples of a
    /// frame; hop=, samples to the next; frames=, frames of a window; from= and to=, the range of the
    /// bands; taper=hann or rectangular; magnitude. Such as mel:64,fft=512,frames=4. What is not said is
    /// decided and told. The board computes the same.
    #[arg(long, value_name = "FEATURES", value_parser = features, conflicts_with_all = ["window", "stride", "train_stride"])]
    features: Option<FeatureSpec>,
    /// Samples of a window. Without it, one that holds a period of the signal or two, if there are
    /// enough of them; a note says which and why. An image is a window.
    #[arg(long, value_name = "SAMPLES")]
    window: Option<NonZeroUsize>,
    /// Samples from one window to the next. Without it a quarter of the window.
    #[arg(long, value_name = "SAMPLES")]
    stride: Option<NonZeroUsize>,
    /// The same in training, where windows that overlap more are more to learn from. Without it a
    /// quarter of --stride.
    #[arg(long, value_name = "SAMPLES")]
    train_stride: Option<NonZeroUsize>,
}

fn features(text: &str) -> Result<FeatureSpec, String> {
    FeatureSpec::parse(text).map_err(|error| error.to_string())
}

impl SignalArgs {
    /// How to divide it. The seed counts only where groups are not given by name; `gap` is
    /// [`SplitSettings::gap`].
    pub(super) fn split_settings(&self, seed: u64, gap: usize) -> SplitSettings {
        let (train, calibrate, test) =
            (self.train_groups.clone(), self.calibrate_groups.clone(), self.test_groups.clone());
        let groups = if train.is_empty() && calibrate.is_empty() && test.is_empty() {
            Groups::Automatic { seed }
        } else {
            Groups::Named { train, calibrate, test }
        };
        let counts_per_unit = self.source.counts_per_unit.clone();
        let missing = Missing { values: self.missing(), counts_per_unit };
        SplitSettings { normal: self.normal.clone(), groups, gap, missing }
    }

    /// Numbers that stand for a missing value, if it was said.
    pub(super) fn missing(&self) -> Option<Vec<f32>> {
        self.source.columns.missing()
    }

    /// Samples a second, if it was said.
    pub(super) fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// What is computed of the signal, if it was said.
    pub(super) fn features(&self) -> Option<&FeatureSpec> {
        self.features.as_ref()
    }

    /// An option that was given and says nothing of images.
    pub(super) fn beyond_images(&self) -> Option<&'static str> {
        let source = &self.source;
        let given = [
            ("--counts-per-unit", !source.counts_per_unit.is_empty()),
            ("--train-groups", !self.train_groups.is_empty()),
            ("--calibrate-groups", !self.calibrate_groups.is_empty()),
            ("--test-groups", !self.test_groups.is_empty()),
            ("--rate", self.rate.is_some()),
            ("--features", self.features.is_some()),
            ("--window", self.window.is_some()),
            ("--stride", self.stride.is_some()),
            ("--train-stride", self.train_stride.is_some()),
        ];
        let given = given.into_iter().find(|(_, given)| *given).map(|(option, _)| option);
        self.source.columns.given().or(given)
    }

    /// Labels of what is normal.
    pub(super) fn normal(&self) -> &[String] {
        &self.normal
    }

    /// Samples of a window.
    pub(super) fn window(&self) -> Option<usize> {
        self.window.map(NonZeroUsize::get)
    }

    /// Samples from one window to the next.
    pub(super) fn stride(&self, window: usize) -> usize {
        self.stride.map_or((window / 4).max(1), NonZeroUsize::get)
    }

    /// The same in training.
    pub(super) fn train_stride(&self, window: usize) -> usize {
        self.train_stride.map_or((self.stride(window) / 4).max(1), NonZeroUsize::get)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        signal: SignalArgs,
    }

    fn parse(line: &str) -> Result<SignalArgs, String> {
        let words = std::iter::once("ae-train").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.signal).map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_says_it_all() {
        let args = parse(
            "--data a.csv b.csv --columns x,y --time t --label l --group g --recording r --files f \
             --normal ok,idle --train-groups 1,2 --calibrate-groups 3 --test-groups 4 --window 64 \
             --stride 8",
        )
        .unwrap();
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            args.source.source(),
            Source {
                files: vec!["a.csv".into(), "b.csv".into()],
                columns: Some(texts(&["x", "y"])),
                time: text("t"),
                label: text("l"),
                group: text("g"),
                recording: text("r"),
                file: text("f"),
                ..Source::default()
            }
        );
        assert_eq!(
            args.split_settings(1, 64),
            SplitSettings {
                normal: texts(&["ok", "idle"]),
                groups: Groups::Named {
                    train: texts(&["1", "2"]),
                    calibrate: texts(&["3"]),
                    test: texts(&["4"]),
                },
                gap: 64,
                missing: Missing::default(),
            }
        );
        assert_eq!((args.window(), args.stride(64), args.train_stride(64)), (Some(64), 8, 2));
    }

    #[test]
    fn most_of_it_has_defaults() {
        let args = parse("--data a.csv --window 64").unwrap();
        assert_eq!(
            args.source.source(),
            Source { files: vec!["a.csv".into()], ..Source::default() }
        );
        let groups = Groups::Automatic { seed: 5 };
        assert_eq!(args.split_settings(5, 0), SplitSettings { groups, ..SplitSettings::default() });
        assert_eq!((args.stride(64), args.train_stride(64)), (16, 4));
        assert_eq!((args.stride(3), args.train_stride(3)), (1, 1));
    }

    #[test]
    fn what_is_missing_or_zero_is_named() {
        for (line, words) in [
            ("--data a.csv --counts-per-unit 0", "above 0"),
            ("--data a.csv --window 0", "--window"),
            ("--data a.csv --window 4 --stride 0", "--stride"),
        ] {
            let message = parse(line).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
