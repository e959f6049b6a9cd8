//! What the firmware's program `bench` finds on an emulated board.

use std::collections::HashMap;
use std::path::Path;

use ae_boards::{Board, icount_run};
use anyhow::{Context, Result, bail};

use crate::emulate;

/// What one model takes on one board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) core: String,
    pub(crate) kernel: String,
    pub(crate) contract: String,
    pub(crate) parts: String,
    pub(crate) load_instructions: u64,
    pub(crate) instructions: u64,
    pub(crate) load_stack_bytes: u64,
    pub(crate) stack_bytes: u64,
    pub(crate) model_bytes: u64,
    pub(crate) buffer_bytes: u64,
}

/// Runs `bench` with `model`; the firmware is built already.
///
/// # Errors
/// The model does not fit, or the program fails.
pub(crate) fn measure(board: &'static Board, model: &Path) -> Result<Measured> {
    let elf = emulate::with_model(board, "bench", Some(model))?;
    let run = icount_run(board, elf.path())?;
    let line = run.output.lines().find(|line| line.starts_with("bench: "));
    let Some(line) = line.filter(|_| run.status.success()) else {
        bail!("bench on {} ended with {}: {}", board.name, run.status, run.output.trim());
    };
    parse(board, line)
}

fn parse(board: &Board, line: &str) -> Result<Measured> {
    let values: HashMap<&str, &str> =
        line.split_whitespace().filter_map(|word| word.split_once('=')).collect();
    let text = |name: &str| {
        let value = values.get(name).with_context(|| format!("bench tells no {name}: {line}"))?;
        anyhow::Ok((*value).to_owned())
    };
    let number = |name: &str| text(name)?.parse::<u64>().with_context(|| format!("{name}: {line}"));
    let emulator = board.emulator.as_ref().context("an emulated board")?;
    let instructions = |name: &str| anyhow::Ok(emulator.instructions(number(name)?));
    Ok(Measured {
        core: text("core")?,
        kernel: text("kernel")?,
        contract: text("contract")?,
        parts: text("parts")?,
        load_instructions: instructions("load_ticks")?,
        instructions: instructions("ticks")?,
        load_stack_bytes: number("load_stack_bytes")?,
        stack_bytes: number("stack_bytes")?,
        model_bytes: number("model_bytes")?,
        buffer_bytes: number("buffer_bytes")?,
    })
}

#[cfg(test)]
mod tests {
    use ae_boards::Board;

    use super::parse;

    #[test]
    fn ticks_become_instructions() {
        let board = Board::find("mps2-an386").unwrap();
        let line = "bench: board=mps2 core=Cortex-M4 kernel=dsp contract=int8 parts=both load_ticks=10 \
                    ticks=3 load_stack_bytes=1152 stack_bytes=520 model_bytes=124 buffer_bytes=13";
        let measured = parse(board, line).unwrap();
        assert_eq!((measured.load_instructions, measured.instructions), (400, 120));
        assert_eq!(measured.core, "Cortex-M4");
        let error = parse(board, "bench: core=x").unwrap_err().to_string();
        assert!(error.contains("bench tells no kernel"), "{error}");
        let too_many = line.replace("ticks=3", "ticks=too-many");
        assert!(parse(board, &too_many).is_err());
    }
}
