//! `cargo xtask test`: one file a step, the cheapest step first.

mod ahead;
mod architecture;
mod boards;
mod bulk;
mod c;
mod conformance;
mod docs;
mod faults;
mod firmware;
mod flags;
mod fleet;
mod format;
mod fuzz;
mod instructions;
mod lint;
mod memory;
mod no_std;
mod panic_paths;
mod project;
mod ram;
mod report;
mod run_tests;
mod sampling;
mod soak;
mod unsafe_code;
mod wrong_keys;

use std::thread;
use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::{Outcome, setup};
pub(crate) use flags::SOFT_FLOAT;
use report::{Row, table};

/// Run every check there is, and report all failures at the end.
///
/// Without arguments all steps run, after what they need has been installed (see `setup`).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The steps to run, in their usual order. Without any, all.
    #[arg(value_enum)]
    steps: Vec<Step>,
    /// Shorten nothing: all test images on every board, all int8 layers in the step conformance, 200
    /// kills of a training, a million inferences in the step soak.
    #[arg(long)]
    all: bool,
}

/// The steps, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// rustfmt leaves every file as it is.
    Format,
    /// What runs on boards has no `std` and no heap, nor do its dependencies.
    NoStd,
    /// Packages depend on each other in the directions that a table allows.
    Architecture,
    /// Unsafe code is in the files that are listed, each for its reason.
    UnsafeCode,
    /// The firmware of every board builds; its inference path is small and cannot panic.
    Firmware,
    /// In the firmware of no board does inference reach a panic.
    PanicPaths,
    /// Clippy finds nothing.
    Lint,
    /// Rustdoc finds nothing; links in pages of Markdown lead somewhere.
    Docs,
    /// Unit, integration and documentation tests, some on emulated boards.
    Tests,
    /// Every kernel equals the portable one, on every emulated core.
    Conformance,
    /// Inference takes no more instructions on emulated boards than the repository says.
    Instructions,
    /// Learning in place, a store and updates take at most 1 KiB of RAM, on emulated boards.
    Ram,
    /// The kernels for many samples on other hosts give the same bits; NEON runs in QEMU.
    Bulk,
    /// Hostile bytes are refused or handled as the oracles say; the kernels touch no memory but
    /// their own, as Valgrind and the address sanitizer see it.
    Fuzz,
    /// A board starts anew after a panic, a fault or a hang, and says why; a stack that overflows is
    /// found out.
    Faults,
    /// Every emulated board gives the host's bytes.
    Boards,
    /// After many inferences a board still gives the host's bytes, on the same stack.
    Soak,
    /// A detector in two keeps up with a signal in the emulator, under Embassy and under RTIC.
    Sampling,
    /// The project that docs/firmware.md shows builds and runs.
    Project,
    /// Programs in C give the same bits, on this machine and on emulated boards.
    C,
    /// What archives are asked gives the numbers of boards, in one process and on a cluster.
    Fleet,
}

impl Step {
    /// Runs the step; what it gives is shown beside its name in the summary.
    fn run(self, args: &Args) -> Result<String> {
        match self {
            Step::Format => format::run(),
            Step::NoStd => no_std::run(),
            Step::Architecture => architecture::run(),
            Step::UnsafeCode => unsafe_code::run(),
            Step::Firmware => firmware::run(),
            Step::PanicPaths => panic_paths::run(),
            Step::Lint => lint::run(),
            Step::Docs => docs::run(),
            Step::Tests => run_tests::run(args.all),
            Step::Conformance => conformance::run(args.all),
            Step::Instructions => instructions::run(),
            Step::Ram => ram::run(),
            Step::Bulk => bulk::run(),
            Step::Fuzz => fuzz::run(),
            Step::Faults => faults::run(),
            Step::Boards => boards::run(args.all),
            Step::Soak => soak::run(args.all),
            Step::Sampling => sampling::run(),
            Step::Project => project::run(),
            Step::C => c::run(args.all),
            Step::Fleet => fleet::run(args.all),
        }
    }

    /// Whether the step takes no more than the toolchain.
    fn only_builds(self) -> bool {
        use Step::{Architecture, Firmware, Format, NoStd, PanicPaths, UnsafeCode};
        matches!(self, Format | NoStd | Architecture | UnsafeCode | Firmware | PanicPaths)
    }

    /// As it is typed.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    setup::install_toolchain()?;
    // What is downloaded and unpacked takes minutes on a new machine, and the first steps need none of it.
    let rows = thread::scope(|scope| {
        let mut programs = Some(scope.spawn(setup::install_programs));
        if args.steps.is_empty() {
            scope.spawn(ahead::build);
        }
        let chosen = |step: &&Step| args.steps.is_empty() || args.steps.contains(step);
        let mut rows = Vec::new();
        for step in Step::value_variants().iter().filter(chosen) {
            if !step.only_builds()
                && let Some(programs) = programs.take()
            {
                programs.join().expect("it does not panic");
            }
            println!("== {}", step.name());
            let start = Instant::now();
            let result = step.run(args).inspect_err(|error| println!("{error:#}"));
            let row = Row::new(step.name(), start.elapsed(), result);
            println!("== {}: {} in {}\n", row.step, row.verdict(), row.seconds());
            rows.push(row);
        }
        rows
    });
    print!("{}", table(&rows));
    Ok(if rows.iter().all(Row::passed) { Outcome::Success } else { Outcome::Failed })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::ValueEnum;

    use super::Step;
    use crate::workspace;

    /// Words behind `cargo xtask test` in a text that are neither a step nor an option.
    fn unknown_steps(text: &str) -> Vec<String> {
        let lines = text.split(['`', '\n']).filter_map(|it| it.strip_prefix("cargo xtask test "));
        // In a block of commands, what they are for stands two spaces behind them.
        let words = lines.flat_map(|line| line.split("  ").next().unwrap_or(line).split(' '));
        let words = words.filter(|word| !word.is_empty() && !word.starts_with("--"));
        words.filter(|word| Step::from_str(word, false).is_err()).map(str::to_owned).collect()
    }

    #[test]
    fn the_steps_that_pages_name_are_steps() {
        for path in workspace::files(workspace::root(), "md").unwrap() {
            let unknown = unknown_steps(&fs::read_to_string(&path).unwrap());
            assert!(unknown.is_empty(), "{}: {unknown:?}", path.display());
        }
    }

    #[test]
    fn steps_that_only_build_come_first() {
        let builds: Vec<bool> = Step::value_variants().iter().map(|it| it.only_builds()).collect();
        assert!(builds[0] && builds.is_sorted_by(|before, behind| before >= behind), "{builds:?}");
    }

    #[test]
    fn a_step_that_is_none_is_found() {
        let text =
            "`cargo xtask test lint nothing --all` or\ncargo xtask test docs   what it does\n";
        assert_eq!(unknown_steps(text), ["nothing"]);
    }
}
