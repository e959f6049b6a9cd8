//! What checking a model's signature takes on an emulated board.

use std::collections::HashMap;
use std::io::Write;

use ae_boards::{Board, Firmware};
use anyhow::{Context, Result, bail};
use serde_json::json;

use super::BoardArgs;
use crate::counting::{Timing, count};
use crate::firmware;
use crate::footprint::{self, Probe};
use crate::gate::{self, Gate};
use crate::measure::agree;
use crate::models::{Model, given_or_seeded};

/// The board that is measured where none is named.
const DEFAULT: &str = "mps2-an386";
/// What stands below the table.
const NOTES: &str = "\
Instructions of checking the signature are counted one by one in the emulator, the same in every run; \
they are not cycles. Those of loading are by the board's timer.
Flash is what checking adds to code and constants of the inference path with the loader.
";

/// A signed model on a board.
struct Row {
    board: &'static Board,
    model: String,
    file_bytes: usize,
    instructions: u64,
    estimated_cycles: Option<u64>,
    load_instructions: u64,
    stack_bytes: u64,
    flash_bytes: u64,
}

pub(super) fn run(args: &BoardArgs) -> Result<()> {
    let names = if args.board.is_empty() { &[DEFAULT.to_owned()] } else { &args.board[..] };
    let models = given_or_seeded(&args.model)?;
    let trial = Gate::trial()?;
    let mut rows = Vec::new();
    for board in firmware::chosen(names)? {
        firmware::build_into(&gate::trial_folder()?, board, Some(&trial))?;
        let flash_bytes = flash_bytes(board)?;
        let built = Firmware::read(&gate::trial_folder()?, board, "bench")?;
        for model in &models {
            let model = model.arranged(board)?;
            if let Some(row) = measure(board, &built, &model, flash_bytes)? {
                rows.push(row);
            }
        }
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&rows.iter().map(json).collect::<Vec<_>>())?);
    } else {
        print!("{}", table(&rows));
    }
    Ok(())
}

/// What the check adds to the inference path.
fn flash_bytes(board: &Board) -> Result<u64> {
    let bytes = |probe| anyhow::Ok(footprint::build(board, probe)?.code_bytes);
    Ok(bytes(Probe::Signed)?.saturating_sub(bytes(Probe::Loader)?))
}

/// Signs the model and has the board check it; `None` where it does not fit.
fn measure(
    board: &'static Board,
    built: &Firmware,
    model: &Model,
    flash_bytes: u64,
) -> Result<Option<Row>> {
    let file = gate::trial_key().sign(&model.blob, gate::TRIAL_LEAST, gate::trial_purpose()?);
    let Ok((elf, _)) = built.with_model(&file) else { return Ok(None) };
    let mut program = tempfile::Builder::new().suffix(".elf").tempfile()?;
    program.write_all(&elf)?;
    let (run, profile) = count(board, program.path())?;
    let line = run.output.lines().find(|line| line.starts_with("bench: "));
    let Some(line) = line.filter(|_| run.status.success()) else {
        bail!("bench on {} ended with {}: {}", board.name, run.status, run.output.trim());
    };
    let values: HashMap<&str, &str> =
        line.split_whitespace().filter_map(|word| word.split_once('=')).collect();
    let number = |name: &str| {
        let value = values.get(name).with_context(|| format!("bench tells no {name}: {line}"))?;
        value.parse::<u64>().with_context(|| format!("{name}: {line}"))
    };
    // From the first mark to the second.
    let stretch = profile.stretches.get(1).context("bench came to no mark")?;
    let instructions = profile.mix(stretch).total();
    let emulator = board.emulator.as_ref().context("an emulated board")?;
    agree(board, emulator.instructions(number("verify_ticks")?), instructions)?;
    Ok(Some(Row {
        board,
        model: model.name.clone(),
        file_bytes: file.len(),
        instructions,
        estimated_cycles: Timing::of(&board.core).map(|timing| timing.cycles(&profile, stretch)),
        load_instructions: emulator.instructions(number("load_ticks")?),
        stack_bytes: number("verify_stack_bytes")?,
        flash_bytes,
    }))
}

/// Instructions of each KiB of the file, and those beside: by the shortest and the longest file of the
/// row's board. `None` where there is only one length.
fn line_through(rows: &[Row], board: &Board) -> Option<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = rows
        .iter()
        .filter(|row| row.board == board)
        .map(|row| (row.file_bytes as f64 / 1024.0, row.instructions as f64))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ((x0, y0), (x1, y1)) = (*points.first()?, *points.last()?);
    let slope = (y1 - y0) / (x1 - x0);
    slope.is_finite().then_some((slope, y0 - slope * x0))
}

fn table(rows: &[Row]) -> String {
    let mut lines = vec![
        "| board | core | model | file | instructions | per KiB | beside | cycles, estimated | loading | stack | flash |".to_owned(),
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    for row in rows {
        let fit = line_through(rows, row.board);
        let [slope, beside] = [fit.map(|fit| fit.0), fit.map(|fit| fit.1)]
            .map(|value| value.map_or_else(String::new, |value| format!("{value:.0}")));
        lines.push(format!(
            "| {} | {} | {} | {} | {} | {slope} | {beside} | {} | {} | {} | {} |",
            row.board.name,
            row.board.core,
            row.model,
            row.file_bytes,
            row.instructions,
            row.estimated_cycles.map_or_else(String::new, |cycles| cycles.to_string()),
            row.load_instructions,
            row.stack_bytes,
            row.flash_bytes,
        ));
    }
    format!("{}\n\n{NOTES}", lines.join("\n"))
}

fn json(row: &Row) -> serde_json::Value {
    json!({
        "board": row.board.name,
        "core": row.board.core,
        "model": row.model,
        "file_bytes": row.file_bytes,
        "instructions": row.instructions,
        "estimated_cycles": row.estimated_cycles,
        "load_instructions": row.load_instructions,
        "stack_bytes": row.stack_bytes,
        "flash_bytes": row.flash_bytes,
    })
}

#[cfg(test)]
mod tests {
    use ae_boards::Board;

    use super::{Row, line_through};

    fn row(board: &str, file_bytes: usize, instructions: u64) -> Row {
        Row {
            board: Board::find(board).unwrap(),
            model: String::new(),
            file_bytes,
            instructions,
            estimated_cycles: None,
            load_instructions: 0,
            stack_bytes: 0,
            flash_bytes: 0,
        }
    }

    #[test]
    fn the_line_goes_through_the_shortest_and_the_longest_file_of_its_board() {
        let rows = [
            row("rv32", 3 * 1024, 37),
            row("rv32", 1024, 17),
            row("mps2-an386", 1024, 1000),
            row("rv32", 2 * 1024, 99),
        ];
        let of = |board: &str| line_through(&rows, Board::find(board).unwrap());
        assert_eq!(of("rv32"), Some((10.0, 7.0)));
        assert_eq!(of("mps2-an386"), None);
        assert_eq!(of("microbit"), None);
    }
}
