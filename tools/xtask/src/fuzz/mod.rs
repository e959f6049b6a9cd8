//! `cargo xtask fuzz`: the targets of `tools/fuzz/`, on all cores.

mod build;
mod process;
mod report;
mod targets;

use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::Outcome;
use crate::setup;
pub(crate) use build::{Folders, Sanitizer, build, builds};
pub(crate) use process::{Limit, Process, Seen};
pub(crate) use report::{findings, table};
pub(crate) use targets::{Package, TARGETS, Target};

/// Feed hostile bytes to everything that reads bytes, and compare what is accepted with oracles.
///
/// The targets of `tools/fuzz/` run one after the other, each on all cores for its share of the time;
/// most goes to `sealed`, hostile models with a right checksum. What the fuzzer has found worth
/// keeping stays in `target/fuzz/corpus`, and the next call goes on from there. The exit code is 1
/// if something was found; the output says how to repeat it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Minutes for all targets together.
    #[arg(long, value_name = "N", value_parser = positive)]
    minutes: f64,
    /// Run only this target. May be given several times.
    #[arg(long = "target", value_name = "NAME", value_parser = targets::find)]
    targets: Vec<&'static Target>,
    /// Leave the address sanitizer out. Fuzzing is then about twice as fast.
    #[arg(long)]
    without_sanitizer: bool,
    /// The number of processes side by side. Without this option, one for each core.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
    number.ok_or_else(|| format!("{text} is not a number above 0"))
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    setup::install_fuzzer()?;
    let targets: Vec<&Target> = match args.targets.as_slice() {
        [] => TARGETS.iter().collect(),
        chosen => chosen.to_vec(),
    };
    let sanitizer = if args.without_sanitizer { Sanitizer::None } else { Sanitizer::Address };
    build(sanitizer, &targets)?;
    let jobs = args.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    if jobs == 0 {
        bail!("0 jobs do nothing");
    }
    let shares: f64 = targets.iter().map(|target| target.share).sum();
    let mut all = Vec::new();
    for target in targets {
        let folders = Folders::kept(target)?;
        folders.write_seeds(target, sanitizer)?;
        let seconds = 60.0 * args.minutes * target.share / shares;
        let limit = Limit::Time(Duration::from_secs_f64(seconds.ceil()));
        println!("{}: {} processes for {:.0} s", target.name, jobs, seconds.ceil());
        let processes: Result<Vec<Process>> =
            (0..jobs).map(|job| Process::start(target, sanitizer, &folders, job, limit)).collect();
        let seen = processes?.into_iter().map(Process::wait).collect::<Result<Vec<Seen>>>()?;
        all.push((target, seen.into_iter().fold(Seen::default(), Seen::with)));
    }
    print!("{}", table(&all, sanitizer));
    let found = findings(&all, sanitizer);
    print!("{found}");
    Ok(if found.is_empty() { Outcome::Success } else { Outcome::Failed })
}
