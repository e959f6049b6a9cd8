//! `cargo xtask test`: one file a step, the cheapest step first.

mod boards;
mod docs;
mod format;
mod lint;
mod no_std;
mod report;
mod run_tests;

use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::{Outcome, setup};
use report::{Row, table};

/// Run every check there is, and report all failures at the end.
///
/// Without arguments all steps run, after what they need has been installed (see `setup`).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these steps, in their usual order.
    #[arg(value_enum)]
    steps: Vec<Step>,
}

/// The steps, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// rustfmt leaves every file as it is.
    Format,
    /// What runs on boards has no `std` and no heap, nor do its dependencies.
    NoStd,
    /// What runs on boards compiles for them.
    Boards,
    /// Clippy has nothing to say.
    Lint,
    /// Rustdoc has nothing to say.
    Docs,
    /// Unit, integration and documentation tests.
    Tests,
}

impl Step {
    /// Runs the step; what it gives is shown beside its name in the summary.
    fn run(self) -> Result<String> {
        match self {
            Step::Format => format::run(),
            Step::NoStd => no_std::run(),
            Step::Boards => boards::run(),
            Step::Lint => lint::run(),
            Step::Docs => docs::run(),
            Step::Tests => run_tests::run(),
        }
    }

    /// As it is typed.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// The package with the benchmarks is not built together with the others; its manifest says why.
const ALL_BUT_BENCH: &str = "--workspace --exclude ae-bench";

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    setup::install_missing();
    let chosen = |step: &&Step| args.steps.is_empty() || args.steps.contains(step);
    let mut rows = Vec::new();
    for step in Step::value_variants().iter().filter(chosen) {
        println!("== {}", step.name());
        let start = Instant::now();
        let result = step.run().inspect_err(|error| println!("{error:#}"));
        let row = Row::new(step.name(), start.elapsed(), result);
        println!("== {}: {} in {}\n", row.step, row.verdict(), row.seconds());
        rows.push(row);
    }
    print!("{}", table(&rows));
    Ok(if rows.iter().all(Row::passed) { Outcome::Success } else { Outcome::Failed })
}
