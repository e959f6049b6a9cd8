//! Instructions and memory of one inference on the emulated boards.

use std::path::{Path, PathBuf};

use ae_boards::Board;
use ae_core::Header;
use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::measure::{Measured, measure};
use crate::{firmware, workspace};

/// Blobs of the README's first command.
const RUN: &str = "runs/fashion-mnist-256-128-20-gelu";
const BLOBS: [&str; 3] = ["model.int8.aeb", "model.f32.aeb", "pca.int8.aeb"];
/// Measured too where `ae-train quantize RUN --part encoder` has made it.
const ENCODER: &str = "model.encoder.int8.aeb";

/// The models to measure: those given, or the README's.
///
/// # Errors
/// There are none.
pub(crate) fn models(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if !given.is_empty() {
        return given.iter().map(|path| usable(path)).collect();
    }
    let folder = workspace::root().join(RUN);
    let blobs = BLOBS.map(|name| folder.join(name));
    if blobs.iter().any(|blob| !blob.exists()) {
        bail!(
            "{RUN} has no blobs: `cargo run --release -- train` makes them, or name some with --model"
        );
    }
    let encoder = Some(folder.join(ENCODER)).filter(|blob| blob.exists());
    Ok(blobs.into_iter().chain(encoder).collect())
}

/// The path of a blob with a header.
fn usable(path: &Path) -> Result<PathBuf> {
    let blob = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Header::read(&blob).with_context(|| format!("{} is no model", path.display()))?;
    Ok(std::path::absolute(path)?)
}

/// A model on a board, or why it is not.
struct Row<'a> {
    board: &'static Board,
    model: &'a Path,
    measured: Result<Measured>,
}

pub(super) fn run(given: &[PathBuf], as_json: bool) -> Result<()> {
    let models = models(given)?;
    let mut rows = Vec::new();
    for board in Board::all().iter().filter(|board| board.emulator.is_some()) {
        firmware::build(board)?;
        for model in &models {
            rows.push(Row { board, model, measured: measure(board, model) });
        }
    }
    if as_json {
        println!(
            "{}",
            serde_json::to_string_pretty(&rows.iter().map(to_json).collect::<Vec<_>>())?
        );
    } else {
        print_table(&rows);
    }
    Ok(())
}

fn name(model: &Path) -> String {
    model.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn print_table(rows: &[Row<'_>]) {
    println!("| board | core | model | instructions | loading | stack | stack of loading | RAM |");
    println!("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |");
    for Row { board, model, measured } in rows {
        let (board, model) = (&board.name, name(model));
        match measured {
            Ok(m) => println!(
                "| {board} | {} | {model} | {} | {} | {} | {} | {} |",
                m.core,
                m.instructions,
                m.load_instructions,
                m.stack_bytes,
                m.load_stack_bytes,
                m.buffer_bytes + m.model_bytes + m.stack_bytes
            ),
            Err(error) => println!("| {board} | | {model} | | | | | {error:#} |"),
        }
    }
}

fn to_json(row: &Row<'_>) -> serde_json::Value {
    let (board, model) = (&row.board.name, name(row.model));
    match &row.measured {
        Ok(m) => json!({
            "board": board,
            "core": m.core,
            "model": model,
            "contract": m.contract,
            "parts": m.parts,
            "instructions": m.instructions,
            "load_instructions": m.load_instructions,
            "stack_bytes": m.stack_bytes,
            "load_stack_bytes": m.load_stack_bytes,
            "model_bytes": m.model_bytes,
            "buffer_bytes": m.buffer_bytes,
            "ram_bytes": m.buffer_bytes + m.model_bytes + m.stack_bytes,
            "flash_bytes": std::fs::metadata(row.model).map_or(0, |file| file.len()),
        }),
        Err(error) => json!({ "board": board, "model": model, "error": format!("{error:#}") }),
    }
}
