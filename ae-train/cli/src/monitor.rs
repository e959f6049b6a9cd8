//! `ae-train monitor`.

mod played;
mod told;

use std::collections::BTreeMap;
use std::path::PathBuf;

use ae_boards::Board;
use ae_boards::equivalence::{Emulators, SerialBoard};
use ae_boards::monitor::{Decided, Recording, Watched, watch_on_board, watch_on_host};
use ae_core::{Header, SampleKind};
use ae_detect::play::detection;
use ae_run::{DetectConfig, file, read_config};
use anyhow::{Context, bail};
use serde::Serialize;

use super::model_file::ModelFile;
use super::signal_args::SourceArgs;
use super::{Outcome, board_model, files, print, print_json, verify_board};
use played::{Recordings, of_run};
use told::Told;

/// Play signals through a detector, on this machine or on a board, and tell its alarms.
///
/// Without --data it plays the recordings that the detector's own run held out. Each recording
/// begins without a past, and samples are counted from 0 in it. Files have the columns that the
/// detector was trained on, by the same names. With --board both sides decide, and every decision is compared: the exit
/// code is 1 if one differs.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob with a detector, from `ae-train detect`.
    model: PathBuf,
    #[command(flatten)]
    source: SourceArgs,
    /// Play on this board too, emulated or real.
    #[arg(long, value_name = "NAME", value_parser = board_model::names())]
    board: Option<String>,
    /// A real board's serial port; without it, the only USB serial port there is.
    #[arg(long, value_name = "PORT", requires = "board")]
    port: Option<PathBuf>,
    /// Folder with the firmware; without it, the one that `cargo xtask firmware` fills.
    #[arg(long, value_name = "FOLDER", requires = "board")]
    firmware: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    recordings: Vec<Told>,
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
    let detection = detection(model.blob()).with_context(|| args.model.display().to_string())?;
    let (window, stride) = (detection.window as usize, detection.stride as usize);
    let kind = detection.samples.kind();
    let recordings = recordings(args, kind)?;
    let features = Header::read(model.blob())?.features as usize;
    played::check(&recordings, detection.channels(features)?, window)?;
    let samples = played::samples(&recordings.signals, &recordings.pieces, kind)?;
    let played: Vec<Recording<'_>> = samples.iter().map(played::Samples::recording).collect();
    let (decisions, board) = match &args.board {
        None => (watch_on_host(model.blob(), &played)?, None),
        Some(name) => {
            let (watched, board) = on_board(args, name, &model, kind, &played)?;
            (watched.into_iter().map(|watched| watched.host).collect(), Some(board))
        }
    };
    let told = decisions.iter().zip(&recordings.pieces).map(|(decisions, piece)| {
        Told::of(&recordings.signals, piece, decisions, [window, stride])
    });
    let report =
        Report { model: args.model.display().to_string(), recordings: told.collect(), board };
    if args.json {
        print_json(&report)?;
    } else {
        print(text(&report))?;
    }
    let equal = report.board.as_ref().is_none_or(|board| board.equal);
    Ok(if equal { Outcome::Success } else { Outcome::Mismatch })
}

/// What is played: files, or what the detector's run held out.
fn recordings(args: &Args, kind: SampleKind) -> anyhow::Result<Recordings> {
    let run = files::run_folder(&args.model);
    let config: Option<DetectConfig> = match run.join(file::CONFIG).exists() {
        true => read_config(run)?.detect,
        false => None,
    };
    // That of a detector of images has no columns.
    let config = config.filter(|_| kind != SampleKind::Pixels);
    let source = args.source.source();
    if !source.files.is_empty() {
        return played::of_files(source, args.source.counts_per_unit(), config.as_ref());
    }
    match config {
        Some(config) => of_run(&config, read_config(run)?.recipe.seed),
        None if kind == SampleKind::Pixels => bail!(
            "--data is missing: the detector takes images, and those of its run are not played; its \
             {} says what it makes of those held out",
            file::REPORT_HTML
        ),
        None => bail!(
            "--data is missing: {} lies in no run of `ae-train detect` whose recordings could be \
             played",
            args.model.display()
        ),
    }
}

fn on_board(
    args: &Args,
    name: &str,
    model: &ModelFile,
    kind: SampleKind,
    recordings: &[Recording<'_>],
) -> anyhow::Result<(Vec<Watched>, OnBoard)> {
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
    let fitted = board_model::put(model.bytes(), board, "monitor", args.firmware.as_deref())?;
    board_model::tell_layout(model.blob(), board);
    let done = |_| ();
    let (identity, watched) = if board.emulator.is_some() {
        let emulators = Emulators { board, elf: &fitted.elf };
        watch_on_board(&emulators, model.blob(), recordings, &done)?
    } else {
        let port = verify_board::flash(board, &fitted, args.port.as_deref())?;
        watch_on_board(&SerialBoard { board, port: &port }, model.blob(), recordings, &done)?
    };
    let decided = Decided::of(&watched);
    let on_board = OnBoard {
        board: board.name.clone(),
        core: identity.core,
        kernel: identity.kernel,
        equal: decided.is_complete(),
        decided,
    };
    Ok((watched, on_board))
}

/// A line for each stretch of alarms, then sums by label, then what the board says.
fn text(report: &Report) -> String {
    let mut lines = Vec::new();
    let mut sums: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for told in &report.recordings {
        let label = told.label.as_deref().unwrap_or("all");
        let [recordings, alarmed, windows, alarms] = sums.entry(label).or_default();
        *recordings += 1;
        *alarmed += usize::from(told.alarms > 0);
        *windows += told.windows;
        *alarms += told.alarms;
        lines.extend(told.lines());
    }
    for (label, [recordings, alarmed, windows, alarms]) in sums {
        lines.push(format!(
            "{label}: {alarmed} of {recordings} recordings with an alarm, in {alarms} of {windows} \
             windows"
        ));
    }
    if let Some(board) = &report.board {
        let OnBoard { board, core, kernel, decided, .. } = board;
        lines.push(format!("{board} ({core}, kernel {kernel}) beside this machine: {decided}"));
    }
    lines.join("\n")
}
