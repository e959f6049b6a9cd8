//! `ae-train monitor`.

mod companions;
mod lines;
mod source;
mod written;

use std::path::PathBuf;

use ae_boards::Board;
use ae_boards::equivalence::{Emulators, SerialBoard};
use ae_boards::monitor::{Decided, watch_beside};
use ae_core::SampleKind;
use ae_detect::monitor::{Input, Monitor, RecordingAlarms, alarms_csv, scores_csv};
use ae_detect::play::detection;
use ae_infer::{CompanionPlan, Observation};
use anyhow::{Context, bail};
use serde::Serialize;

use super::model_file::ModelFile;
use super::signal_args::SourceArgs;
use super::{Outcome, board_model, files, print_each, print_json, verify_board};
use companions::{CompanionArgs, InPlace};
use source::Chosen;

/// Play signals through a detector, on this machine or on a board, and tell its alarms.
///
/// Without --data it plays the recordings that the detector's own run held out. Each recording
/// begins without a past, and samples are counted from 0 in it. Files have the columns that the
/// detector was trained on, by the same names. Alarms of windows that follow each other are one
/// stretch; the longest and highest stretches are told first. With --board both sides decide, and
/// every decision is compared: the exit code is 1 if one differs.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob with a detector, from `ae-train detect`.
    model: PathBuf,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    companions: CompanionArgs,
    /// Play on this board too, emulated or real.
    #[arg(long, value_name = "NAME", value_parser = board_model::names())]
    board: Option<String>,
    /// A real board's serial port; without it, the only USB serial port there is.
    #[arg(long, value_name = "PORT", requires = "board")]
    port: Option<PathBuf>,
    /// The firmware's ELF file, or the folder with that of all boards; without it, the folder in
    /// AE_FIRMWARE, or the one that `cargo xtask firmware` fills.
    #[arg(long, value_name = "FILE", requires = "board")]
    firmware: Option<PathBuf>,
    /// Tell all stretches of alarm, not only the first ten.
    #[arg(long, conflicts_with = "json")]
    all: bool,
    /// Write all stretches of alarm into this CSV file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write every window's score into this CSV file.
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// End with exit code 1 if there is an alarm, and with 0 if there is none.
    #[arg(long)]
    exit_code: bool,
    /// Print one JSON object. It has all stretches, as they came.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    recordings: Vec<RecordingAlarms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_place: Option<InPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    board: Option<OnBoard>,
}

#[derive(Debug, Serialize)]
struct OnBoard {
    board: String,
    core: String,
    kernel: String,
    equal: bool,
    #[serde(flatten)]
    decided: Decided,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let model = ModelFile::read(&args.model)?;
    let input = Input::of(model.blob()).with_context(|| args.model.display().to_string())?;
    let chosen = Chosen::of(args, input.kind)?;
    written::check(args, chosen.files())?;
    let rate = chosen.rate();
    let monitor = Monitor::of_blob(chosen.read()?, model.blob(), rate)?;
    let board = args.board.as_ref().map(|name| usable(args, name, input.kind)).transpose()?;
    let section = detection(model.blob())?;
    let plan = args.companions.plan(&section);
    let (observed, in_place) = match &plan {
        Some(plan) => {
            let (observed, in_place) =
                companions::play(args, plan, &monitor, &section, model.blob())?;
            (observed, Some(in_place))
        }
        None => (monitor.watch(model.blob())?, None),
    };
    let beside = |board| on_board(args, board, &model, plan.as_ref(), &monitor, &observed);
    let board = board.map(beside).transpose()?;
    let recordings = monitor.alarms(&observed);
    if let Some(out) = &args.out {
        files::write(out, alarms_csv(&recordings).as_bytes())?;
    }
    if let Some(scores) = &args.scores {
        files::write(scores, scores_csv(&monitor, &recordings, &observed).as_bytes())?;
    }
    let report = Report { model: args.model.display().to_string(), recordings, in_place, board };
    if args.json {
        print_json(&report)?;
    } else {
        print_each(text(&report, args.all))?;
    }
    let equal = report.board.as_ref().is_none_or(|board| board.equal);
    let alarmed = args.exit_code && report.recordings.iter().any(|of| of.alarms > 0);
    Ok(if equal && !alarmed { Outcome::Success } else { Outcome::Mismatch })
}

/// The board of that name, if it takes such samples.
fn usable(args: &Args, name: &str, kind: SampleKind) -> anyhow::Result<&'static Board> {
    let board = Board::find(name)?;
    if args.port.is_some() && board.emulator.is_some() {
        bail!("{} is emulated: it has no --port", board.name);
    }
    if kind == SampleKind::Values && !board.f32 {
        bail!(
            "the firmware of {} takes no f32 values, and the detector's samples are such: make one of \
             the sensor's counts, with `ae-train detect --counts-per-unit`",
            board.name
        );
    }
    Ok(board)
}

/// Plays on a board beside what this machine has decided.
fn on_board(
    args: &Args,
    board: &'static Board,
    model: &ModelFile,
    plan: Option<&CompanionPlan>,
    monitor: &Monitor,
    observed: &[Vec<Observation>],
) -> anyhow::Result<OnBoard> {
    let fitted = board_model::put(model.bytes(), board, "monitor", args.firmware.as_deref())?;
    board_model::tell_layout(model.blob(), board);
    let (blob, samples, done) = (model.blob(), monitor.samples(), |_| ());
    let (identity, watched) = if board.emulator.is_some() {
        let emulators = Emulators { board, elf: &fitted.elf };
        watch_beside(&emulators, blob, plan, &samples, observed, &done)?
    } else {
        let port = verify_board::flash(board, &fitted, args.port.as_deref())?;
        watch_beside(&SerialBoard { board, port: &port }, blob, plan, &samples, observed, &done)?
    };
    let decided = Decided::of(&watched);
    Ok(OnBoard {
        board: board.name.clone(),
        core: identity.core,
        kernel: identity.kernel,
        equal: decided.is_complete(),
        decided,
    })
}

/// The alarms, then what the board says.
fn text(report: &Report, all: bool) -> Vec<String> {
    let mut lines = lines::of(&report.recordings, all);
    lines.extend(report.in_place.iter().flat_map(InPlace::lines));
    if let Some(board) = &report.board {
        let OnBoard { board, core, kernel, decided, .. } = board;
        lines.push(format!("{board} ({core}, kernel {kernel}) beside this machine: {decided}"));
    }
    lines
}
