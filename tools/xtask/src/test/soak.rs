//! After many inferences a board still gives the host's bytes, on the same stack.
//!
//! First two planted faults show that the soak notices: a changed weight on the board, and a
//! program that takes more and more stack.

use ae_boards::Board;
use ae_conformance::soak::Plan;
use ae_core::{Int8Model, crc32c};
use anyhow::{Context, Result, bail, ensure};

use crate::models::{Model, seeded};
use crate::soak::{self, Program, Soaked};

/// The core that takes the fewest instructions for an inference.
const BOARD: &str = "mps3-an547";
/// The small model is run, so that a million inferences take the emulator an hour, not three.
/// Inferences of a block.
const INFERENCES: u32 = 1000;
/// Half a minute's worth, and all.
const BLOCKS: [u32; 2] = [10, 1000];
/// Of the planted faults.
const SHORT: Plan = Plan { seed: 1, blocks: 4, inferences: 10 };

pub(super) fn run(all: bool) -> Result<String> {
    let board = Board::find(BOARD)?;
    let plain = seeded().into_iter().find(Model::is_small).context("a small model")?;
    let model = plain.arranged(board)?;
    soak::build(board)?;

    let changed = with_a_weight_changed(&plain)?.arranged(board)?;
    let short = |program, on_board| soak::run(board, program, on_board, &model, SHORT, |_| ());
    must_fail(short(Program::Soak, &changed), "block 1: the board's results")?;
    must_fail(short(Program::Deepens, &model), "the stack grows")?;

    let plan = Plan { seed: 2, blocks: BLOCKS[usize::from(all)], inferences: INFERENCES };
    let soaked = soak::run(board, Program::Soak, &model, &model, plan, |blocks| {
        if blocks > 0 && blocks % plan.blocks.div_ceil(10) == 0 {
            println!("{} inferences, all equal", u64::from(blocks) * u64::from(INFERENCES));
        }
    })?;
    ensure!(soaked.kernel == board.kernel, "{BOARD} ran the kernel {}", soaked.kernel);
    let part = if all { "" } else { "; --all makes a million" };
    Ok(format!(
        "{} inferences of {} on {BOARD} ({}, kernel {}) in {:.0} s: all {} blocks equal the \
         host's, {} bytes of stack after the first and after the last; 2 planted faults found{part}",
        soaked.inferences(),
        model.name,
        board.core,
        soaked.kernel,
        soaked.time.as_secs_f64(),
        plan.blocks,
        soaked.stack_bytes
    ))
}

/// Whether a soak with a planted fault came to the end that it should.
fn must_fail(result: Result<Soaked>, expected: &str) -> Result<()> {
    match result {
        Err(error) if error.to_string().starts_with(expected) => {
            println!("planted fault found: {error}");
            Ok(())
        }
        Err(error) => Err(error.context("a planted fault gave another error")),
        Ok(_) => bail!("a planted fault was not found: expected {expected}"),
    }
}

/// The model with one bit of its first weight changed, under a right checksum.
fn with_a_weight_changed(model: &Model) -> Result<Model> {
    /// The checksum, and what it is of.
    const CHECKSUM: std::ops::Range<usize> = 16..20;
    let parsed = Int8Model::parse(&model.blob)?;
    let layer = parsed.encoder().and_then(|part| part.layers().next());
    let data = layer.context("a layer")?.data();
    let offset = data.as_ptr().addr() - model.blob.as_ptr().addr();
    let mut blob = model.blob.clone();
    // −128 is no weight.
    blob[offset] ^= if blob[offset] ^ 0x20 == 0x80 { 0x10 } else { 0x20 };
    let checksum = crc32c(&blob[CHECKSUM.end..]);
    blob[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
    Ok(Model { name: format!("{} with a changed weight", model.name), blob })
}
