//! Inference takes no more instructions on the emulated boards than the repository says.

use anyhow::{Result, bail};

use crate::bench::{Committed, Comparison, PATH, measure_seeded};

pub(super) fn run() -> Result<String> {
    let found = Committed::of(&measure_seeded(|_| true)?)?;
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
