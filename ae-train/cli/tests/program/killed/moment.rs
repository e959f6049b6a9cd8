//! When a process is killed, and what it was doing then.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use ae_run::Checkpoint;
use ae_testkit::random::SplitMix64;

use crate::workshop::names;

/// How names begin of files that are being written.
pub(super) const UNFINISHED: &str = ".writing-";

/// Between two looks into a folder.
const PAUSE: Duration = Duration::from_micros(30);

/// When to kill.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    /// So long after its start.
    After(Duration),
    /// So long after a line on standard error that begins like this.
    Said(&'static str, Duration),
    /// As soon as a file of the run is there.
    Exists(&'static str),
    /// While it writes its file of this number, from 1.
    Writing(usize),
    /// While it removes what was left unfinished.
    Clearing,
}

/// Left unfinished, in so many files, for [`Moment::Clearing`].
const LEFT: usize = 300;

/// Lines of a training of five epochs.
const LINES: [&str; 10] = [
    "run folder",
    "epoch   1  step    100",
    "epoch   1/5",
    "epoch   2/5",
    "epoch   3/5",
    "epoch   4/5",
    "epoch   5/5",
    "quantising",
    "running the blobs",
    "fitting PCA",
];

/// Files of a run, in the order in which they come to be.
const FILES: [&str; 14] = [
    "config.toml",
    "epoch-001.png",
    "metrics.csv",
    "loss.svg",
    "checkpoint.safetensors",
    "checkpoint.previous.safetensors",
    "epoch-004.png",
    "weights.safetensors",
    "model.f32.aeb",
    "model.int8.aeb",
    "pca.int8.aeb",
    "comparison.png",
    "summary.json",
    "summary.md",
];

impl Moment {
    /// Those of a training that chance would rarely come to, in their order.
    pub(super) const OF_TRAINING: [Self; 15] = [
        Self::After(Duration::from_micros(500)),
        Self::Exists("run.lock"),
        Self::Writing(1),
        Self::Exists("config.toml"),
        Self::Writing(2),
        Self::Writing(6),
        Self::Exists("checkpoint.safetensors"),
        Self::Exists("checkpoint.previous.safetensors"),
        Self::Said("epoch   2/5", Duration::ZERO),
        Self::Writing(27),
        Self::Exists("weights.safetensors"),
        Self::Said("quantising", Duration::ZERO),
        Self::Exists("model.int8.aeb"),
        Self::Said("fitting PCA", Duration::ZERO),
        Self::Exists("summary.json"),
    ];

    /// The same of a training that is continued.
    pub(super) const OF_RESUMING: [Self; 6] = [
        Self::Clearing,
        Self::After(Duration::from_micros(500)),
        Self::Said("run folder", Duration::ZERO),
        Self::Clearing,
        Self::Writing(1),
        Self::After(Duration::from_millis(3)),
    ];

    /// In a training that takes `duration`, or is continued.
    pub(super) fn of_training(random: &mut SplitMix64, duration: Duration, resumed: bool) -> Self {
        match random.below(10) {
            0..3 => Self::After(before(duration.mul_f64(1.2), random)),
            3 => Self::After(before(Duration::from_millis(20), random)),
            4..6 => Self::Said(random.one_of(&LINES), before(Duration::from_millis(8), random)),
            6..8 if resumed => Self::Clearing,
            6..8 => Self::Exists(random.one_of(&FILES)),
            _ => Self::Writing(1 + random.below(34)),
        }
    }

    /// In a quantisation that takes `duration`.
    pub(super) fn of_quantising(random: &mut SplitMix64, duration: Duration) -> Self {
        match random.below(10) {
            0..6 => Self::After(before(duration.mul_f64(1.2), random)),
            6..9 => Self::Writing(1),
            _ => Self::Clearing,
        }
    }
}

/// Less than `end`, to the microsecond.
fn before(end: Duration, random: &mut SplitMix64) -> Duration {
    Duration::from_micros(random.bits() % (end.as_micros() as u64).max(1))
}

/// What a process that works in `folder` said before it was killed at `moment`; `None` if it ended
/// before.
pub(super) fn kill(mut command: Command, folder: &Path, moment: Moment) -> Option<String> {
    if let Moment::Clearing = moment {
        for index in 0..LEFT {
            std::fs::write(folder.join(format!("{UNFINISHED}{index}")), "half a file").unwrap();
        }
    }
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    match moment {
        Moment::After(delay) => sleep(delay),
        Moment::Said(prefix, delay) => {
            let mut line = 0;
            while stderr.read_line(&mut said).unwrap() > 0 && !said[line..].starts_with(prefix) {
                line = said.len();
            }
            sleep(delay);
        }
        Moment::Exists(name) => wait_for(&mut child, || folder.join(name).exists()),
        Moment::Writing(nth) => {
            let mut seen = BTreeSet::new();
            wait_for(&mut child, || {
                seen.extend(unfinished(folder));
                seen.len() >= nth
            });
        }
        Moment::Clearing => wait_for(&mut child, || unfinished(folder).len() < LEFT),
    }
    child.kill().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    was_killed(status).then_some(said)
}

/// Whether SIGKILL ended it, and not its own end.
fn was_killed(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;

    status.signal() == Some(9)
}

fn wait_for(child: &mut Child, mut condition: impl FnMut() -> bool) {
    while !condition() && child.try_wait().unwrap().is_none() {
        sleep(PAUSE);
    }
}

fn unfinished(folder: &Path) -> Vec<String> {
    if !folder.exists() {
        return Vec::new();
    }
    names(folder).into_iter().filter(|name| name.starts_with(UNFINISHED)).collect()
}

/// What a training was at when it had said so much.
pub(super) fn phase(folder: &Path, said: &str, resumed: bool) -> &'static str {
    let last = said.lines().rev().find(|line| !line.is_empty()).unwrap_or_default();
    if !folder.join("config.toml").exists() {
        return "before the configuration";
    }
    if resumed && !said.contains("run folder") {
        return "start of resuming";
    }
    match last {
        _ if last.starts_with("fitting") => "baselines and summary",
        _ if last.starts_with("running") => "running the blobs",
        _ if last.starts_with("quantising") => "quantising",
        _ => EPOCHS[epochs_done(folder)],
    }
}

/// By the epochs done.
const EPOCHS: [&str; 6] =
    ["epoch 1", "epoch 2", "epoch 3", "epoch 4", "epoch 5", "weights of the last epoch"];

/// Whether a file was being written.
pub(super) fn was_writing(folder: &Path) -> bool {
    !unfinished(folder).is_empty()
}

fn epochs_done(folder: &Path) -> usize {
    let bytes = std::fs::read(folder.join("checkpoint.safetensors"));
    bytes.map_or(0, |bytes| match Checkpoint::from_bytes(&bytes) {
        Ok(checkpoint) => checkpoint.metrics.len(),
        Err(error) => panic!("{}: {error}", folder.display()),
    })
}
