//! Inference takes no more instructions on the emulated boards than the repository says.

use anyhow::{Result, bail};

use crate::bench::{Committed, PATH, measure_seeded};

pub(super) fn run() -> Result<String> {
    let found = Committed::of(&measure_seeded(|_| true)?)?;
    let committed = Committed::read()?;
    let comparison = committed.compare(&found);
    let other_compiler = committed.other_compiler(&found);
    let better = comparison.better.len();
    for line in comparison.better.iter().chain(&comparison.worse) {
        println!("{line}");
    }
    match other_compiler {
        // What a compiler makes of portable code is its own affair.
        Some(why) => Ok(format!("{why}: differences are only shown")),
        None if comparison.worse.is_empty() && better > 0 => Ok(format!(
            "{better} figures are better than in {PATH}: see above for the command that rewrites it"
        )),
        None if comparison.worse.is_empty() => {
            Ok(format!("{} figures within 2 % of {PATH}", comparison.same))
        }
        None => bail!(comparison.worse.join("\n")),
    }
}
