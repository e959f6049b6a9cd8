//! Inference, and the features of a frame, take no more instructions on the emulated boards than the repository says.

use anyhow::{Result, bail};

use crate::bench::{Committed, Comparison, PATH, measure_frames, measure_seeded};
use crate::measure::Measured;

pub(super) fn run() -> Result<String> {
    let rows = measure_seeded(|_| true)?;
    let found = Committed::of(&rows, &measure_frames(|_| true)?)?;
    // The dense models are in the layout of the board's kernel. Not every kind of other layers has one.
    let kernels = rows.iter().filter_map(|row| Some((row.board, row.measured.as_ref().ok()?)));
    let is_dense =
        |measured: &Measured| measured.found.contract == "int8" && !measured.shape.is_spatial;
    for (board, measured) in kernels.filter(|(_, measured)| is_dense(measured)) {
        let (expected, kernel) = (&board.kernel, &measured.found.kernel);
        if kernel != expected {
            bail!("{} runs the kernel {kernel}, and boards.toml says {expected}", board.name);
        }
    }
    let Comparison { tolerance_percent, same, worse, better } = Committed::read()?.compare(&found);
    for line in &better {
        println!("{line}");
    }
    if !worse.is_empty() {
        bail!(worse.join("\n"));
    }
    let note = match better.len() {
        0 => String::new(),
        count => format!("; better: {count}, see above for the command that rewrites the file"),
    };
    Ok(format!("{same} figures within {tolerance_percent} % of {PATH}{note}"))
}
