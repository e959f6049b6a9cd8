//! One inference on the emulated boards: instructions, memory, and an estimate of cycles.

mod committed;
mod frame;
mod report;

use std::collections::BTreeMap;

use ae_boards::{Board, Firmware};
use ae_core::{Contract, Header};
use anyhow::Result;

use super::BoardArgs;
use crate::abreast::abreast;
use crate::firmware;
use crate::footprint::{self, Probe};
use crate::measure::{Measured, measure};
use crate::models::{Model, monitor, seeded};

pub(crate) use committed::{Committed, Comparison, PATH};
pub(crate) use frame::measure_frames;

/// The feature of firmware that runs layers which work position by position.
const MAPS: &str = "maps";

/// Whether a board's firmware runs such layers.
pub(crate) fn has_maps(board: &Board) -> bool {
    board.features.iter().any(|feature| feature == MAPS)
}

/// A model on a board, or why it is not.
pub(crate) struct Row {
    pub(crate) board: &'static Board,
    pub(crate) model: Model,
    pub(crate) measured: Result<Measured>,
}

pub(super) fn run(args: &BoardArgs) -> Result<()> {
    let boards = if args.board.is_empty() { Vec::new() } else { firmware::chosen(&args.board)? };
    let chosen = |board: &&Board| boards.is_empty() || boards.contains(board);
    let mut rows = if args.model.is_empty() {
        measure_seeded(chosen)?
    } else {
        let models: Vec<Model> =
            args.model.iter().map(|path| Model::read(path)).collect::<Result<_>>()?;
        let mut rows = Vec::new();
        for board in emulated().filter(chosen) {
            firmware::build(board)?;
            for model in &models {
                let model = if args.as_is { model.clone() } else { model.arranged(board)? };
                rows.push(Row { board, measured: measure(board, &model), model });
            }
        }
        rows
    };
    let frames = if args.model.is_empty() { measure_frames(chosen)? } else { Vec::new() };
    // The file has figures of the models that any build must keep to.
    let committed = args.write.then(|| Committed::of(&rows, &frames)).transpose()?;
    if args.model.is_empty() {
        rows.extend(measure_monitor(chosen)?);
    }
    let code = code_bytes(&rows)?;
    if args.json {
        println!("{}", report::json(&rows, &code, &frames)?);
    } else {
        print!("{}", report::tables(&rows, &code));
        if !frames.is_empty() {
            print!("{}", frame::table(&frames));
        }
    }
    if let Some(committed) = committed {
        committed.write()?;
        eprintln!("wrote {PATH}");
    }
    Ok(())
}

fn emulated() -> impl Iterator<Item = &'static Board> {
    Board::all().iter().filter(|board| board.emulator.is_some())
}

/// The models that are made here on the boards that are chosen, arranged for each. A board gets the
/// models of full size that fit, and the small one if no int8 model of full size does.
///
/// # Errors
/// A model cannot be made, or firmware does not build.
pub(crate) fn measure_seeded(chosen: impl Fn(&&'static Board) -> bool) -> Result<Vec<Row>> {
    let models = seeded();
    let mut fitting = Vec::new();
    for board in emulated().filter(chosen) {
        firmware::build(board)?;
        let built = Firmware::read(&firmware::folder()?, board, "bench")?;
        let mut has_int8 = false;
        for model in &models {
            if model.is_spatial()? && !has_maps(board) {
                continue;
            }
            let model = model.arranged(board)?;
            let header = Header::read(&model.blob)?;
            if built.fit(&header).is_err() || model.is_small() && has_int8 {
                continue;
            }
            has_int8 |= header.contract == Contract::Int8;
            fitting.push((board, model));
        }
    }
    // Instructions are the same however many emulators run.
    let measured = abreast(&fitting, |(board, model)| measure(board, model));
    let rows = fitting.into_iter().zip(measured);
    Ok(rows.map(|((board, model), measured)| Row { board, model, measured }).collect())
}

/// The model that watches a signal, on the boards that are chosen.
fn measure_monitor(chosen: impl Fn(&&'static Board) -> bool) -> Result<Vec<Row>> {
    let model = monitor();
    let row = |board: &'static Board| {
        let model = model.arranged(board)?;
        Ok(Row { board, measured: measure(board, &model), model })
    };
    emulated().filter(chosen).map(row).collect()
}

/// Code and constants of the inference path, by target, kernel and contract.
type CodeBytes = BTreeMap<(&'static str, &'static str, &'static str), u64>;

fn key(row: &Row) -> Option<(&'static str, &'static str, &'static str)> {
    let measured = row.measured.as_ref().ok()?;
    Some((&row.board.target, &row.board.kernel, measured.shape.contract))
}

/// Bytes of flash: code and constants, and the blob.
fn flash_bytes(row: &Row, code: &CodeBytes) -> u64 {
    let code = key(row).and_then(|key| code.get(&key).copied()).unwrap_or_default();
    code + row.model.blob.len() as u64
}

fn code_bytes(rows: &[Row]) -> Result<CodeBytes> {
    let mut code = CodeBytes::new();
    for row in rows {
        let Some(key) = key(row).filter(|key| !code.contains_key(key)) else { continue };
        let probe = if key.2 == Contract::Int8.name() { Probe::Loader } else { Probe::Float };
        code.insert(key, footprint::build(row.board, probe)?.code_bytes);
    }
    Ok(code)
}
