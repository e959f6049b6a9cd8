//! Every emulated board gives the host's bytes.
//!
//! A model is trained for two epochs on all of Fashion-MNIST where it is found, else on the sample,
//! and its blobs are compared by `ae-train verify --board`, as a user would. Detectors of the built-in
//! smartwatch recordings play what they held out by `ae-train monitor --board`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ae_boards::Board;
use ae_core::Layout;
use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::abreast::abreast;
use crate::measure::measure;
use crate::models::{Model, monitor};
use crate::{command, firmware, workspace};

/// One comparison on one board.
struct Case {
    /// File in the run folder, which is first arranged for the board's core.
    blob: &'static str,
    part: &'static str,
    /// One test image in so many.
    stride: usize,
}

const fn case(blob: &'static str, part: &'static str, stride: usize) -> Case {
    Case { blob, part, stride }
}

pub(super) const INT8: &str = "model.int8.aeb";
const F32: &str = "model.f32.aeb";
const PCA_INT8: &str = "pca.int8.aeb";
const PCA_F32: &str = "pca.f32.aeb";

/// One test image in so many is compared, without `--all`.
const STRIDE: usize = 40;
/// The same in two places where the emulator takes many times as long: f32 on cores without FPU, and
/// the board whose bytes go through an emulated UART. Its core and its code are those of mps2-an386.
const WIDE_STRIDE: usize = 200;

/// What is compared on a board: each part of each model that fits.
fn cases(board: &Board) -> Vec<Case> {
    match &*board.name {
        // The whole model does not fit, and neither does its decoder.
        "microbit" => vec![case(INT8, "encoder", STRIDE), case(PCA_INT8, "both", STRIDE)],
        // The f32 model does not fit.
        "netduinoplus2" => vec![
            case(INT8, "both", WIDE_STRIDE),
            case(INT8, "encoder", WIDE_STRIDE),
            case(INT8, "decoder", WIDE_STRIDE),
            case(PCA_INT8, "both", WIDE_STRIDE),
            case(PCA_F32, "both", WIDE_STRIDE),
        ],
        _ => vec![
            case(INT8, "both", STRIDE),
            case(INT8, "encoder", STRIDE),
            case(INT8, "decoder", STRIDE),
            case(PCA_INT8, "both", STRIDE),
            case(F32, "both", if board.target.ends_with("hf") { STRIDE } else { WIDE_STRIDE }),
        ],
    }
}

/// Most RAM in bytes for the int8 model on a Cortex-M4: pixels in and out, scratch, the loaded model's
/// own value, and the stack of loading or of an inference. Row pairs have their inputs widened in the scratch.
const RAM_LIMITS: [(Layout, u64); 2] = [(Layout::Rows, 3000), (Layout::RowPairs, 4500)];
/// Most RAM in bytes for watching a signal there with a monitor of 384-128-16-128-384, in row pairs.
const MONITOR_RAM_LIMIT: u64 = 4096;
/// The board that the limits are for.
const LIMITED: &str = "mps2-an386";

/// How a detector takes its samples.
struct Samples {
    name: &'static str,
    options: &'static [&'static str],
}

const COUNTS: &str = "counts";
const SAMPLES: [Samples; 2] = [
    Samples { name: COUNTS, options: &["--counts-per-unit", "2048,2048,2048,1000,1000,1000"] },
    Samples { name: "values", options: &[] },
];
/// Windows that the detectors held out: of 4 subjects' normal recordings and of the abnormal ones.
const DECISIONS: u64 = 320;

pub(super) fn run(all: bool) -> Result<String> {
    build_firmware(|board| board.emulator.is_some())?;
    let run = trained()?;
    let mut faults = Vec::new();
    let mut rams = Vec::new();
    for (layout, limit) in RAM_LIMITS {
        let measured =
            measure(Board::find(LIMITED)?, &Model::read(&arranged(&run, INT8, layout)?)?)?;
        let ram = measured.ram_bytes();
        let line =
            format!("{LIMITED} {INT8} in {}: {ram} bytes of RAM, at most {limit}", layout.name());
        println!("{line}");
        if ram > limit {
            faults.push(line);
        }
        rams.push(ram.to_string());
    }

    let limited = Board::find(LIMITED)?;
    let model = monitor().arranged(limited)?;
    let ram = measure(limited, &model)?.detector_ram_bytes();
    let ram = ram.context("bench says nothing of a detector")?;
    let line = format!("{LIMITED} {}: {ram} bytes of RAM, at most {MONITOR_RAM_LIMIT}", model.name);
    println!("{line}");
    if ram > MONITOR_RAM_LIMIT {
        faults.push(line);
    }
    rams.push(ram.to_string());

    let ae_train = workspace::build_ae_train()?;
    let boards: Vec<&Board> =
        Board::all().iter().filter(|board| board.emulator.is_some()).collect();
    for blob in [INT8, F32, PCA_INT8, PCA_F32] {
        arrange(&run, blob)?;
    }
    let comparisons: Vec<_> = boards
        .iter()
        .flat_map(|&board| cases(board).into_iter().map(move |it| (board, it)))
        .collect();
    let results = abreast(&comparisons, |(board, case)| {
        compare(&ae_train, &run, board, case, if all { 1 } else { case.stride })
    });
    let mut compared = 0;
    for ((board, case), result) in comparisons.iter().zip(results) {
        let name = format!("{} {} {}", board.name, case.blob, case.part);
        match result {
            Ok(images) => {
                compared += images;
                println!("{name}: {images} images equal");
            }
            Err(error) => faults.push(format!("{name}: {error:#}")),
        }
    }

    let mut decided = 0;
    for samples in SAMPLES {
        let run = detector(&ae_train, &samples)?;
        arrange(&run, INT8)?;
        let takes = |board: &&Board| samples.name == COUNTS || board.f32;
        let boards: Vec<&Board> = boards.iter().copied().filter(takes).collect();
        let results = abreast(&boards, |board| watch(&ae_train, &run, board));
        for (board, result) in boards.iter().zip(results) {
            let name = format!("{} {}", board.name, samples.name);
            match result {
                Ok(decisions) => {
                    decided += decisions;
                    println!("{name}: {decisions} decisions equal");
                }
                Err(error) => faults.push(format!("{name}: {error:#}")),
            }
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    let part = if all { "" } else { "; of each comparison a fixed part: --all takes all" };
    Ok(format!(
        "{compared} answers and {decided} decisions of {} boards equal the host's{part}; {} bytes of \
         RAM",
        boards.len(),
        rams.join(", ")
    ))
}

/// Builds the firmware of some boards, so that no older one is tested.
///
/// # Errors
/// It does not build.
pub(super) fn build_firmware(of: impl Fn(&Board) -> bool) -> Result<()> {
    Board::all().iter().filter(|board| of(board)).try_for_each(firmware::build)
}

fn folder() -> Result<PathBuf> {
    Ok(workspace::target_folder()?.join("boards-test"))
}

/// The run folder of a model that was trained by this version of the program for a moment.
///
/// # Errors
/// It cannot be trained.
pub(super) fn trained() -> Result<PathBuf> {
    static TRAINED: OnceLock<PathBuf> = OnceLock::new();
    if let Some(run) = TRAINED.get() {
        return Ok(run.clone());
    }
    let ae_train = workspace::build_ae_train()?;
    let folder = folder()?;
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let run = folder.join("run");
    let mut train = command::program(&ae_train);
    train.args(["train", "--epochs", "2", "--out"]).arg(&run);
    command::read(&mut train)?;
    Ok(TRAINED.get_or_init(|| run).clone())
}

/// Where a blob of the run folder stands with its weights in `layout`.
fn arranged_path(run: &Path, blob: &str, layout: Layout) -> PathBuf {
    run.join(format!("{}.{blob}", layout.name()))
}

/// Writes a blob of the run folder with its weights in `layout`, beside it.
fn arranged(run: &Path, blob: &str, layout: Layout) -> Result<PathBuf> {
    let plain = fs::read(run.join(blob)).with_context(|| format!("cannot read {blob}"))?;
    let path = arranged_path(run, blob, layout);
    fs::write(&path, ae_core::arrange(&plain, layout)?)?;
    Ok(path)
}

/// Writes a blob in each layout, before boards read it side by side.
fn arrange(run: &Path, blob: &str) -> Result<()> {
    Layout::ALL.into_iter().try_for_each(|layout| arranged(run, blob, layout).map(drop))
}

/// How many images were compared; all were equal.
fn compare(
    ae_train: &PathBuf,
    run: &Path,
    board: &Board,
    case: &Case,
    stride: usize,
) -> Result<u64> {
    let report = folder()?.join(format!("{}-{}-{}.md", board.name, case.blob, case.part));
    let mut verify = command::program(ae_train);
    verify.arg("verify").arg(arranged_path(run, case.blob, board.layout())).args([
        "--json",
        "--board",
        &board.name,
    ]);
    verify.args(["--part", case.part, "--stride", &stride.to_string(), "--report"]).arg(report);
    let report: Value = serde_json::from_str(&command::read(&mut verify)?)?;
    let images = report["samples"].as_u64().context("the report has a number of images")?;
    if report["equal"] != true || images == 0 {
        bail!("{report}");
    }
    Ok(images)
}

/// The run folder of a detector of the built-in smartwatch recordings, as counts.
///
/// # Errors
/// It cannot be trained.
pub(super) fn detector_of_counts(ae_train: &Path) -> Result<PathBuf> {
    let samples = SAMPLES.iter().find(|samples| samples.name == COUNTS);
    detector(ae_train, samples.context("a detector of counts")?)
}

/// The run folder of a detector of the built-in smartwatch recordings.
fn detector(ae_train: &Path, samples: &Samples) -> Result<PathBuf> {
    let run = folder()?.join(format!("detector-of-{}", samples.name));
    let mut detect = command::program(ae_train);
    detect.args(["detect", "--data", "watch-imu-sample", "--normal", "TRAP", "--window", "64"]);
    detect.args(["--train-groups", "1,2,3,4", "--calibrate-groups", "5,6"]);
    detect.args(["--test-groups", "7,8,9,10", "--alpha", "0.05", "--json"]);
    detect.args(samples.options).arg("--out").arg(&run);
    command::read(&mut detect)?;
    Ok(run)
}

/// How many decisions were compared; all were equal, and some were alarms.
fn watch(ae_train: &Path, run: &Path, board: &Board) -> Result<u64> {
    // In the run's folder it finds what to play.
    let blob = arranged_path(run, INT8, board.layout());
    let mut monitor = command::program(ae_train);
    monitor.arg("monitor").arg(blob).args(["--board", &board.name, "--json"]);
    let report: Value = serde_json::from_str(&command::read(&mut monitor)?)?;
    let told = &report["board"];
    let windows = &told["windows"];
    let expected = DECISIONS;
    if told["equal"] != true || windows["equal"] != expected || windows["of"] != expected {
        bail!("expected {expected} equal decisions: {told}");
    }
    if told["alarms"].as_u64().is_none_or(|alarms| alarms == 0) {
        bail!("no alarm among the decisions: {told}");
    }
    Ok(expected)
}
