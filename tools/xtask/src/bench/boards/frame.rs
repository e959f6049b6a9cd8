//! The features of a frame on the emulated boards: a spectrum of 1,024 samples and 128 mel bands.

use std::fmt::Write;
use std::fs;

use ae_boards::Board;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::counting::{Kind, Mix, Timing, count};
use crate::firmware;
use crate::measure::{agree, compiler, number};

/// The program, the feature that it is built with, and what its line begins with.
const PROGRAM: &str = "frame";
/// The package that has it.
const PACKAGE: &str = "ae-emulated";
/// What is computed.
pub(crate) const NAME: &str = "frame-1024-mel-128";

/// What stands below the table.
const NOTES: &str = "\
The frame has 1,024 samples, which meet Hann's taper; its power is added in 128 mel bands, whose \
logarithms are given. RAM is the buffer, in which samples are gathered and the spectrum is computed, \
and the stack. Where a detector is split, the interrupt keeps each sample, and copies a frame when it is \
whole.
";

/// The features of a frame on a board.
pub(crate) struct FrameRow {
    pub(crate) board: &'static Board,
    mix: Mix,
    estimated_cycles: Option<u64>,
    /// Instructions that keep a sample, and those that copy a frame.
    of_sample: [u64; 2],
    stack_bytes: u64,
    buffer_bytes: u64,
    /// A sum over the values, which is that of all boards.
    sum: u64,
    pub(crate) compiler: String,
}

impl FrameRow {
    pub(crate) fn instructions(&self) -> u64 {
        self.mix.total()
    }

    fn ram_bytes(&self) -> u64 {
        self.buffer_bytes + self.stack_bytes
    }
}

/// Measures it on the boards that are chosen.
///
/// # Errors
/// A program does not build or fails, or boards compute different values.
pub(crate) fn measure_frames(chosen: impl Fn(&&'static Board) -> bool) -> Result<Vec<FrameRow>> {
    let boards = super::emulated().filter(|board| board.package == PACKAGE).filter(chosen);
    let rows: Vec<FrameRow> = boards.map(measure).collect::<Result<_>>()?;
    same(rows.iter().map(|row| (&*row.board.name, row.sum)))?;
    Ok(rows)
}

/// Whether the sums of all boards are the same.
fn same<'b>(sums: impl IntoIterator<Item = (&'b str, u64)>) -> Result<()> {
    let mut sums = sums.into_iter();
    let Some((first, expected)) = sums.next() else { return Ok(()) };
    match sums.find(|(_, found)| *found != expected) {
        None => Ok(()),
        Some((board, found)) => bail!(
            "{PROGRAM} on {board} gives values with the sum {found}, on {first} with {expected}"
        ),
    }
}

fn measure(board: &'static Board) -> Result<FrameRow> {
    let flags = firmware::rustflags(&board.target, &board.kernel);
    let elf = firmware::build_by_feature(board, PROGRAM, &flags, &[])?;
    let (run, profile) = count(board, elf.path())?;
    let line = run.output.lines().find(|line| line.starts_with("frame: "));
    let Some(line) = line.filter(|_| run.status.success()) else {
        bail!("{PROGRAM} on {} ended with {}: {}", board.name, run.status, run.output.trim());
    };
    // Between the first two marks, and between the later pairs.
    let between = |at: usize| profile.stretches.get(at).context("the program came to no mark");
    let stretch = between(1)?;
    let mix = profile.mix(stretch);
    let emulator = board.emulator.as_ref().context("an emulated board")?;
    agree(board, emulator.instructions(number(line, "ticks")?), mix.total())?;
    Ok(FrameRow {
        board,
        mix,
        estimated_cycles: Timing::of(&board.core).map(|timing| timing.cycles(&profile, stretch)),
        of_sample: [profile.mix(between(3)?).total(), profile.mix(between(5)?).total()],
        stack_bytes: number(line, "stack_bytes")?,
        buffer_bytes: number(line, "buffer_bytes")?,
        sum: number(line, "sum")?,
        compiler: compiler(&fs::read(elf.path())?)?,
    })
}

/// The figures as a table, of some rows.
pub(super) fn table(rows: &[FrameRow]) -> String {
    let mut text = String::new();
    let kinds = Kind::ALL.map(Kind::name).join(" | ");
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes all");
    line(format!(
        "\n| board | core | instructions of a frame | cycles, estimated | to keep a sample | to copy a frame | buffer | stack | RAM | {kinds} |"
    ));
    line(format!("| --- | --- |{}", " ---: |".repeat(7 + Kind::ALL.len())));
    for row in rows {
        let shares = Kind::ALL.map(|kind| format!("{:.1} %", 100.0 * row.mix.share(kind)));
        line(format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.board.name,
            row.board.core,
            row.instructions(),
            row.estimated_cycles.map_or_else(String::new, |cycles| cycles.to_string()),
            row.of_sample[0],
            row.of_sample[1],
            row.buffer_bytes,
            row.stack_bytes,
            row.ram_bytes(),
            shares.join(" | "),
        ));
    }
    line(format!("\n{}", NOTES.trim_end()));
    text
}

/// An object of a row.
pub(super) fn object(row: &FrameRow) -> Value {
    json!({
        "board": row.board.name,
        "core": row.board.core,
        "features": NAME,
        "instructions": row.instructions(),
        "estimated_cycles": row.estimated_cycles,
        "estimated_cycles_rule": Timing::of(&row.board.core).map(Timing::rule),
        "instructions_to_keep_a_sample": row.of_sample[0],
        "instructions_to_copy_a_frame": row.of_sample[1],
        "buffer_bytes": row.buffer_bytes,
        "stack_bytes": row.stack_bytes,
        "ram_bytes": row.ram_bytes(),
        "compiler": row.compiler,
    })
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn a_board_with_other_values_is_told() {
        assert!(same([]).is_ok());
        assert!(same([("a", 7), ("b", 7)]).is_ok());
        let error = same([("a", 7), ("b", 7), ("c", 8)]).unwrap_err().to_string();
        assert_eq!(error, "frame on c gives values with the sum 8, on a with 7");
    }
}
