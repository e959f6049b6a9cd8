//! `cargo xtask bench`.

mod anomaly;
mod boards;
mod fleet;
mod host;
mod in_place;
mod onnx;
mod python;
mod roofline;
mod signature;
mod torch;
mod train;

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use clap::ArgGroup;

use crate::Outcome;

pub(crate) use boards::{Committed, Comparison, PATH, has_maps, measure_frames, measure_seeded};

/// Measure inference, training, or the check of a signature.
///
/// - Without an option: many samples on this machine.
/// - With --train: an epoch of training.
/// - With --boards: one inference, and the features of a frame, on every emulated board.
/// - With --signature: the check of a model's signature on an emulated board.
/// - With --anomaly: how well anomaly detectors detect.
/// - With --fleet: how fast an archive is scored.
///
/// The speed of shared machines drifts: compare only times of one run with each other, and let
/// nothing else run. On boards instructions are counted, which are the same in every run.
#[derive(Debug, clap::Args)]
// The list keeps its lines.
#[command(verbatim_doc_comment, group = ArgGroup::new("on_boards").args(["boards", "signature"]))]
pub(crate) struct Args {
    /// Measure how many samples this machine encodes and decodes in a second, in turn with the same
    /// model in ONNX Runtime if it is installed. This is the default.
    #[arg(long, conflicts_with_all = ["boards", "signature", "train"])]
    host: bool,
    /// Time epochs of the article's recipe, in turn with the same epochs in PyTorch if it is
    /// installed.
    #[arg(long)]
    train: bool,
    /// Count the instructions of one inference on every emulated board, by layer and by kind, with
    /// memory and an estimate of cycles.
    #[arg(long, conflicts_with = "train")]
    boards: bool,
    /// Count the instructions of checking a model's signature on the emulated Cortex-M4, or on the
    /// boards that --board names, with flash and stack.
    #[arg(long, conflicts_with = "train")]
    signature: bool,
    /// Train anomaly detectors on smartwatch recordings and on Fashion-MNIST. Print how well they
    /// detect what is abnormal in int8, in float and with PCA, and whether every emulated board
    /// decides as this machine does.
    #[arg(long, conflicts_with_all = ["host", "train", "boards", "signature"])]
    anomaly: bool,
    /// Score an archive with `ae-fleet`, in turn with the engine alone, and with pandas and ONNX Runtime
    /// if they are installed. It takes a run folder, --run.
    #[arg(long, conflicts_with_all = ["host", "train", "boards", "signature", "anomaly"])]
    fleet: bool,
    /// How often each side is measured.
    #[arg(long, default_value_t = 2, conflicts_with = "on_boards",
          value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The Python that has ONNX Runtime or PyTorch, if they are installed.
    #[arg(long, value_name = "PROGRAM", default_value = "python3", conflicts_with = "on_boards")]
    python: PathBuf,
    #[command(flatten)]
    of_host: HostArgs,
    #[command(flatten)]
    of_boards: BoardArgs,
    #[command(flatten)]
    training: TrainArgs,
    #[command(flatten)]
    detectors: anomaly::Args,
    #[command(flatten)]
    of_fleet: fleet::Args,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "With --host")]
struct HostArgs {
    /// A run folder. Without this option, that of the README's first command if it exists.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["boards", "signature", "train"])]
    run: Option<PathBuf>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 1.0, conflicts_with_all = ["boards", "signature", "train"])]
    seconds: f64,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "With --boards or --signature")]
struct BoardArgs {
    /// Measure on this board only. May be given several times.
    #[arg(long, value_name = "NAME", requires = "on_boards")]
    board: Vec<String>,
    /// The blobs. Without this option, models that the benchmark makes, with seeded weights that are
    /// the same on every machine.
    #[arg(long, value_name = "BLOB", requires = "on_boards")]
    model: Vec<PathBuf>,
    /// Leave the blobs of --model in their layout. Without this option, each is put in the layout of
    /// the board's kernel.
    #[arg(long, requires_all = ["boards", "model"])]
    as_is: bool,
    /// Print one JSON array.
    #[arg(long, requires = "on_boards")]
    json: bool,
    /// Write the figures to firmware/instructions.json, which `cargo xtask test instructions`
    /// compares with.
    #[arg(long, requires = "boards", conflicts_with_all = ["board", "model"])]
    write: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "With --train")]
struct TrainArgs {
    /// The folder with the files of Fashion-MNIST. Without this option, the system's package or the
    /// cache.
    #[arg(long, value_name = "FOLDER", requires = "train")]
    data: Option<PathBuf>,
    /// Epochs of one training.
    #[arg(long, default_value_t = 3, requires = "train",
          value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
    /// Threads that each side trains on.
    #[arg(long, default_value_t = 2, requires = "train",
          value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    if args.anomaly {
        anomaly::run(&args.detectors)?
    } else if args.boards {
        boards::run(&args.of_boards)?
    } else if args.signature {
        signature::run(&args.of_boards)?
    } else if args.fleet {
        fleet::run(&args.of_fleet, args.of_host.run.as_deref(), args.rounds, &args.python)?
    } else if args.train {
        train::run(&args.training, args.rounds, &args.python)?
    } else {
        host::run(&args.of_host, args.rounds, &args.python)?
    }
    Ok(Outcome::Success)
}

/// A word of warning where other programs are at work. PyTorch's threads spin while they wait for
/// each other, so that it loses far more than we do.
fn busy_note() -> Option<String> {
    const QUIET: f64 = 0.5;
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    let load: f64 = load.split(' ').next()?.parse().ok()?;
    let note =
        format!("the machine was busy at the start (load {load:.1}): the ratio means little");
    (load > QUIET).then_some(note)
}

/// The middle of `values`, or the mean of the two in the middle; `None` of none.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.len() / 2;
    let lower = sorted.len().checked_sub(1)? / 2;
    Some(f64::midpoint(sorted[lower], sorted[upper]))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn median_of_none_one_odd_and_even() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[3.0, 1.0, 20.0]), Some(3.0));
        assert_eq!(median(&[3.0, 1.0, 20.0, 4.0]), Some(3.5));
    }
}
