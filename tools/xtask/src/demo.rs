//! `cargo xtask demo`.

use std::fs;

use ae_boards::Board;
use anyhow::{Context, Result, bail};

use crate::{Outcome, command, firmware, setup, workspace};

/// What is in the program and needs no network.
const DETECTOR: [&str; 7] = [
    "--data=watch-imu-sample",
    "--normal=TRAP",
    "--window=64",
    "--train-groups=1,2,3,4",
    "--calibrate-groups=5,6",
    "--test-groups=7,8,9,10",
    // Of ±16 g and ±32 rad/s.
    "--counts-per-unit=2048,2048,2048,1000,1000,1000",
];

/// Train a monitor for one exercise of a smartwatch, calibrate it, and play recordings of people that
/// it was not trained on through an emulated board.
///
/// It installs the emulator if that is missing. It shows the command of every step.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The emulated board.
    #[arg(long, value_name = "NAME", default_value = "mps2-an386")]
    board: String,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let board = Board::find(&args.board)?;
    if board.emulator.is_none() {
        bail!("{} is not emulated; docs/boards.md says how a real one plays", board.name);
    }
    setup::install_missing_for_boards()?;
    let ae_train = workspace::build_ae_train()?;
    firmware::build(board)?;
    let run = workspace::target_folder()?.join("demo");
    if run.exists() {
        fs::remove_dir_all(&run).with_context(|| run.display().to_string())?;
    }
    let mut detect = command::program(&ae_train);
    detect.arg("detect").args(DETECTOR).arg("--out").arg(&run).args(["--for", &board.name]);
    println!("$ {}", command::line(&detect));
    command::run(&mut detect)?;
    let blob = run.join(format!("model.{}.int8.aeb", board.name));
    let mut monitor = command::program(&ae_train);
    monitor.arg("monitor").arg(blob).args(["--board", &board.name]);
    monitor.arg("--firmware").arg(firmware::folder()?);
    println!("$ {}", command::line(&monitor));
    command::run(&mut monitor)?;
    println!("\nIts report, a page to look at: {}", run.join("report.html").display());
    Ok(Outcome::Success)
}
