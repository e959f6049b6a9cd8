//! Every emulated board gives the host's bytes, for all test images.
//!
//! A model is trained for two epochs on all of Fashion-MNIST where it is found, else on the sample,
//! and its blobs are compared by `ae-train verify --board`, as a user would.

use std::fs;
use std::path::{Path, PathBuf};

use ae_boards::Board;
use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{command, workspace};

/// One comparison on one board.
struct Case {
    /// File in the run folder.
    blob: &'static str,
    part: &'static str,
    /// One test image in so many.
    stride: usize,
}

const fn case(blob: &'static str, part: &'static str, stride: usize) -> Case {
    Case { blob, part, stride }
}

const INT8: &str = "model.int8.aeb";
const F32: &str = "model.f32.aeb";
const PCA_INT8: &str = "pca.int8.aeb";
const PCA_F32: &str = "pca.f32.aeb";

/// What is compared on a board. All 10,000 images, but in these places, where the emulator would
/// take minutes for little: one image in 10 for parts alone, which are the same code on the same
/// weights as in the whole, and one in 100 where a core without FPU computes f32.
fn cases(board: &Board) -> Vec<Case> {
    let whole = match &*board.name {
        // The whole model does not fit: its encoder takes all images.
        "microbit" => vec![case(INT8, "encoder", 1)],
        _ => vec![case(INT8, "both", 1), case(INT8, "encoder", 10), case(INT8, "decoder", 10)],
    };
    let has_fpu = board.target.ends_with("hf");
    let float = match &*board.name {
        "microbit" => vec![],
        // 1 MiB of flash: the f32 model has almost two.
        "netduinoplus2" => vec![case(PCA_F32, "both", 1)],
        _ if has_fpu => vec![case(F32, "both", 1)],
        _ => vec![case(F32, "both", 100)],
    };
    [whole, vec![case(PCA_INT8, "both", 1)], float].into_iter().flatten().collect()
}

pub(super) fn run(all: bool) -> Result<String> {
    let ae_train = workspace::build_ae_train()?;
    let folder = workspace::target_folder()?.join("boards-test");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let run = folder.join("run");
    let mut train = command::program(&ae_train);
    train.args(["train", "--epochs", "2", "--out"]).arg(&run);
    command::read(&mut train)?;

    let mut faults = Vec::new();
    let mut compared = 0;
    let boards = || Board::all().iter().filter(|board| board.emulator.is_some());
    for board in boards() {
        for case in cases(board) {
            let stride = if all { 1 } else { case.stride };
            let report = folder.join(format!("{}-{}-{}.md", board.name, case.blob, case.part));
            match compare(&ae_train, &run, board, &case, stride, &report) {
                Ok(images) => {
                    compared += images;
                    let every = if stride == 1 { "" } else { &format!(", one in {stride}") };
                    println!(
                        "{} {} {}: {images} images equal{every}",
                        board.name, case.blob, case.part
                    );
                }
                Err(error) => {
                    faults.push(format!("{} {} {}: {error:#}", board.name, case.blob, case.part))
                }
            }
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    Ok(format!("{compared} answers of {} boards equal the host's", boards().count()))
}

/// How many images were compared; all were equal.
fn compare(
    ae_train: &PathBuf,
    run: &Path,
    board: &Board,
    case: &Case,
    stride: usize,
    report: &Path,
) -> Result<u64> {
    let mut verify = command::program(ae_train);
    verify.arg("verify").arg(run.join(case.blob)).args(["--json", "--board", &board.name]);
    verify.args(["--part", case.part, "--stride", &stride.to_string(), "--report"]).arg(report);
    let report: Value = serde_json::from_str(&command::read(&mut verify)?)?;
    let images = report["samples"]["of"].as_u64().context("the report has a number of images")?;
    if report["equal"] != true || images == 0 {
        bail!("{report}");
    }
    Ok(images)
}
