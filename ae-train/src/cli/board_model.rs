//! A model in the place for it in a board's firmware.

use std::io::Write;
use std::path::{Path, PathBuf};

use ae_boards::{Board, Firmware, Needs};
use ae_core::{Int8Model, Part};
use anyhow::Context;
use clap::builder::{PossibleValue, PossibleValuesParser};
use tempfile::NamedTempFile;

/// The boards, for `--board`.
pub(super) fn names() -> PossibleValuesParser {
    let named = |board: &'static Board| PossibleValue::new(&*board.name).help(&*board.about);
    PossibleValuesParser::new(Board::all().iter().map(named))
}

/// A program with a model in it, and what the model takes.
pub(super) struct Fitted {
    /// The ELF file.
    pub(super) elf: Vec<u8>,
    /// The sizes.
    pub(super) needs: Needs,
}

/// Puts `blob` into the program `program` of `board`, which `cargo xtask firmware` has built, once
/// it is known to fit.
pub(super) fn put(
    blob: &[u8],
    board: &'static Board,
    program: &str,
    folder: Option<&Path>,
) -> anyhow::Result<Fitted> {
    let folder = folder.map_or_else(Firmware::default_folder, PathBuf::from);
    let (elf, needs) = Firmware::read(&folder, board, program)?.with_model(blob)?;
    Ok(Fitted { elf, needs })
}

/// Says so where the board runs the model, but not by its fastest kernel.
pub(super) fn tell_layout(blob: &[u8], board: &Board) {
    // What is no int8 model is refused elsewhere, or has one layout.
    let Ok(model) = Int8Model::parse(blob) else { return };
    let parts = [model.encoder(), model.decoder()].into_iter().flatten();
    let mut layouts = parts.flat_map(Part::layers).map(|layer| layer.arithmetic().layout());
    if let Some(other) = layouts.find(|&layout| layout != board.layout()) {
        let (found, best) = (other.name(), board.layout().name());
        tell!(
            "note: the model's weights are in {found}; {}, a {}, is faster with {best}: `ae-train quantize RUN --for {0}`",
            board.name,
            board.core
        );
    }
}

impl Fitted {
    /// The ELF file on disk, until the value is dropped.
    pub(super) fn file(&self) -> anyhow::Result<NamedTempFile> {
        let mut file = tempfile::Builder::new()
            .prefix("ae-train-")
            .suffix(".elf")
            .tempfile()
            .context("cannot make a temporary file")?;
        file.write_all(&self.elf).context("cannot write a temporary file")?;
        Ok(file)
    }
}
