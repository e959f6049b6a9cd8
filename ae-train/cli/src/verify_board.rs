//! `ae-train verify --board`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use ae_boards::equivalence::{
    BoardReport, Emulators, SerialBoard, compare_on_board, expected_answers,
};
use ae_boards::{Board, FirmwareError, Then, only_serial_port, probe_commands};
use ae_core::{Header, PartSelection, select_parts};
use ae_data::Images;
use ae_engine as engine;
use ae_files::hex;
use anyhow::{Context, anyhow, bail};

use super::board_model::{self, Fitted};
use super::model_file::ModelFile;
use super::progress::SampleProgress;
use super::{Outcome, files, print_json, print_lines, tool};
use crate::values::PartName;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "On a board")]
pub(super) struct Args {
    /// Compare this board, emulated or real, with the blob on this machine.
    #[arg(long, value_name = "NAME", value_parser = board_model::names())]
    pub(super) board: Option<String>,
    /// Put only this part on the board. A decoder gets the latents that this machine's encoder
    /// gives.
    #[arg(long, value_enum, requires = "board")]
    part: Option<PartName>,
    /// Compare every N-th test image.
    #[arg(long, value_name = "IMAGES", default_value = "1", requires = "board")]
    stride: NonZeroUsize,
    /// The serial port of a real board. Without this option, the only USB serial port there is.
    #[arg(long, value_name = "PORT", requires = "board")]
    port: Option<PathBuf>,
    /// The firmware's ELF file, or the folder with that of all boards. Without this option, the folder
    /// in the environment variable AE_FIRMWARE, or the one that `cargo xtask firmware` fills.
    #[arg(long, value_name = "FILE", requires = "board")]
    firmware: Option<PathBuf>,
    /// The report to write. Without this option it lies beside the blob, and is called
    /// model.int8.rv32.md, for example.
    #[arg(long, value_name = "FILE", requires = "board")]
    report: Option<PathBuf>,
}

pub(super) fn run(
    board: &str,
    args: &Args,
    model: &Path,
    file: &ModelFile,
    data: Option<&str>,
    json: bool,
) -> anyhow::Result<Outcome> {
    let blob = file.blob();
    let board = Board::find(board)?;
    let header = Header::read(blob)?;
    if args.port.is_some() && board.emulator.is_some() {
        bail!("{} is emulated: it has no --port", board.name);
    }
    // Before the work, which may take long.
    let report_path = args
        .report
        .clone()
        .unwrap_or_else(|| default_report(model, board, args.part.map(Into::into)));
    check_report(&report_path, model)?;
    let parts = args.part.map_or_else(|| header.parts(), Into::into);
    if !header.has_encoder {
        bail!(
            "{} holds only a decoder, so there are no latents to decode: give the blob of both parts and --part decoder",
            model.display()
        );
    }
    let on_board = if parts == header.parts() {
        blob.to_vec()
    } else {
        select_parts(blob, parts)
            .with_context(|| format!("cannot put that part of {} on a board", model.display()))?
    };
    let folder = args.firmware.as_deref();
    // A signed file goes on the board as it is; of a part there is no signature.
    let bytes = if on_board == blob { file.bytes() } else { &on_board };
    let fitted = board_model::put(bytes, board, "equivalence", folder)
        .map_err(|error| with_parts_that_fit(error, blob, parts, board, folder))?;
    board_model::tell_layout(&on_board, board);

    let images = every(files::test_images(data, model)?, args.stride.get())?;
    let expected = expected_answers(blob, parts, &images).with_context(|| {
        format!("cannot run {} on these images (--data names others)", model.display())
    })?;
    let progress = SampleProgress::new(images.len());
    let done = |count| progress.add(count);
    let compared = if board.emulator.is_some() {
        let emulators = Emulators { board, elf: &fitted.elf };
        compare_on_board(&emulators, &on_board, &expected, &done)
    } else {
        let port = flash(board, &fitted, args.port.as_deref())?;
        compare_on_board(&SerialBoard { board, port: &port }, &on_board, &expected, &done)
    };
    progress.finish();
    let (identity, agreement) = compared?;

    let report = BoardReport {
        equal: agreement.is_complete(),
        board: board.name.clone(),
        core: identity.core,
        kernel: identity.kernel,
        contract: header.contract.name(),
        part: parts.name(),
        model: model.display().to_string(),
        model_id: hex(&header.model_id),
        bytes: on_board.len(),
        samples: images.len(),
        stride: args.stride.get(),
        first_layer: agreement.first_layer().map(str::to_owned),
        first_image: agreement.first_sample.map(|sample| sample * args.stride.get()),
        agreement,
    };
    // The result goes first: writing the report may fail.
    if json {
        print_json(&report)?;
    } else {
        print_lines(report.table())?;
    }
    match files::write(&report_path, report.markdown().as_bytes()) {
        Ok(()) => tell!("wrote {}", report_path.display()),
        // A mismatch stays one.
        Err(error) if !report.equal => tell!("error: {error:#}"),
        Err(error) => return Err(error),
    }
    Ok(if report.equal { Outcome::Success } else { Outcome::Mismatch })
}

/// If the whole model is too large, names the parts that fit by themselves.
fn with_parts_that_fit(
    error: anyhow::Error,
    blob: &[u8],
    parts: PartSelection,
    board: &'static Board,
    folder: Option<&Path>,
) -> anyhow::Error {
    let too_large = matches!(error.downcast_ref(), Some(FirmwareError::DoesNotFit(_)));
    if parts != PartSelection::Both || !too_large {
        return error;
    }
    let fits = |&part: &PartSelection| {
        let blob = select_parts(blob, part).ok()?;
        board_model::put(&blob, board, "equivalence", folder).ok()?;
        Some(format!("--part {}: its {} bytes fit", part.name(), blob.len()))
    };
    let fitting: Vec<String> =
        [PartSelection::Encoder, PartSelection::Decoder].iter().filter_map(fits).collect();
    if fitting.is_empty() { error } else { anyhow!("{error}. Try {}", fitting.join(", or ")) }
}

/// Every `stride`-th image.
fn every(images: Images, stride: usize) -> anyhow::Result<Images> {
    if images.is_empty() {
        return Err(engine::EngineError::NoImages.into());
    }
    if stride == 1 {
        return Ok(images);
    }
    let pixels: Vec<u8> = images.iter().step_by(stride).flatten().copied().collect();
    Ok(Images::new(pixels, images.height(), images.width())?)
}

/// The report can be written, and is not the model.
fn check_report(path: &Path, model: &Path) -> anyhow::Result<()> {
    let same = path.canonicalize().ok().is_some_and(|path| Some(path) == model.canonicalize().ok());
    if same {
        bail!("--report names the model, {}, which it would replace", model.display());
    }
    let folder = files::run_folder(path);
    tempfile::NamedTempFile::new_in(folder).with_context(|| {
        format!("cannot write a report to {}; --report names another file", folder.display())
    })?;
    Ok(())
}

/// Beside the blob, with the board in its name.
fn default_report(model: &Path, board: &Board, part: Option<PartSelection>) -> PathBuf {
    let part = part.map(|part| format!("{}.", part.name())).unwrap_or_default();
    model.with_extension(format!("{part}{}.md", board.name))
}

/// Flashes a real board and gives its serial port.
pub(super) fn flash(
    board: &'static Board,
    fitted: &Fitted,
    port: Option<&Path>,
) -> anyhow::Result<PathBuf> {
    let elf = fitted.file()?;
    let commands = probe_commands(board, elf.path(), Then::Leave, port)?;
    let port = port.map_or_else(only_serial_port, |port| Ok(port.to_path_buf()))?;
    for mut command in commands {
        // Standard output is for the report.
        tool::run(board.flasher()?.tool, &mut command, None, false)?;
    }
    Ok(port)
}
