//! A model in the place for it in a board's firmware.

use std::io::Write;
use std::path::Path;

use ae_boards::{Board, Firmware, Gate, Needs};
use ae_core::{Int8, Int8Model, Part};
use ae_signature::{Purpose, Trust, Unverified, open};
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

/// Puts `file`, a blob or a signed one, into the program `program` of `board`, which `cargo xtask
/// firmware` has built, once it is known to fit, and to be one that the program runs.
pub(super) fn put(
    file: &[u8],
    board: &'static Board,
    program: &str,
    named: Option<&Path>,
) -> anyhow::Result<Fitted> {
    let firmware = Firmware::find(named, board, program)?;
    if let Some(gate) = firmware.image.gate() {
        admitted(file, gate).with_context(|| {
            format!(
                "the firmware of {} runs signed models only and would refuse this one (`ae-train sign` \
                 signs one; firmware that is built without AE_PUBLIC_KEY runs every model)",
                board.name
            )
        })?;
    } else if Unverified::read(file).is_ok() {
        tell!(
            "note: the firmware of {} was built without a key and does not look at the signature",
            board.name
        );
    }
    let (elf, needs) = firmware.with_model(file)?;
    Ok(Fitted { elf, needs })
}

/// Whether firmware that was built with a key takes the file, as far as the firmware shows: the
/// board's counter may hold a later version.
pub(super) fn admitted(file: &[u8], gate: &Gate) -> anyhow::Result<()> {
    let purpose = Purpose::from_bytes(gate.purpose)
        .context("the purpose in the firmware is not a name and zeros")?;
    let trust = Trust { keys: &gate.public_keys, purpose };
    open(file, &trust)?.not_older_than(gate.least_version)?;
    Ok(())
}

/// Prints a note if the board runs the model, but not with its fastest kernel.
pub(super) fn tell_layout(blob: &[u8], board: &Board) {
    // Anything but an int8 model is refused elsewhere, or has one layout.
    let Ok(model) = Int8Model::parse(blob) else { return };
    let parts = [model.encoder(), model.decoder()].into_iter().flatten();
    let mut layouts = parts.flat_map(Part::layers).map(|layer| *layer.arithmetic());
    let is_other = |it: &Int8<'_>| !it.is_one_hot() && it.layout() != board.layout();
    if let Some(other) = layouts.find(is_other) {
        let (found, best) = (other.layout().name(), board.layout().name());
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
