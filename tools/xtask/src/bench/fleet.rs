//! How many windows of an archive are scored in a second: `ae-fleet` in turn with the engine alone and
//! with pandas and ONNX Runtime, in one process and on a cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use ae_infer::bulk::{Bulk, BulkCompute, BulkVisitor, with_model};
use ae_infer::{Autoencoder, squared_error};
use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::python::Python;
use super::{busy_note, median};
use crate::fleet::cluster::Cluster;
use crate::models::Model;
use crate::{command, fleet, workspace};

/// With `--fleet`.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "With --fleet")]
pub(super) struct Args {
    /// Bytes of the archive's windows, such as 200MB or 20GB. One that was made before is used again.
    #[arg(long, value_name = "BYTES", default_value = "1GB", requires = "fleet")]
    archive: String,
    /// The folder that archives are made in. Without it, one in the build folder.
    #[arg(long, value_name = "FOLDER", requires = "fleet")]
    archives: Option<PathBuf>,
    /// How the archive holds windows: fixed-lists, lists or bytes.
    #[arg(long, value_name = "HOW", default_value = "fixed-lists", requires = "fleet")]
    windows: String,
    /// Measure scaling from one executor of a cluster to two as well.
    #[arg(long, requires = "fleet")]
    cluster: bool,
}

/// Windows that the engine alone gets in one measurement: as many as stay in memory.
const IN_MEMORY: usize = 1 << 17;

/// One way to score the archive.
#[derive(Debug, Default)]
struct Measured {
    /// Windows a second, of each round.
    rates: Vec<f64>,
    /// The most memory that a process of it took.
    peak_bytes: u64,
}

impl Measured {
    fn add(&mut self, rate: f64, peak_bytes: u64) {
        self.rates.push(rate);
        self.peak_bytes = self.peak_bytes.max(peak_bytes);
    }

    fn row(&self, name: &str) -> String {
        let rate = median(&self.rates).map_or_else(|| "-".into(), |rate| format!("{rate:.0}"));
        let memory = match self.peak_bytes {
            0 => "-".into(),
            bytes => format!("{} MB", bytes / 1_000_000),
        };
        format!("{name:<32} {rate:>12} {memory:>10}")
    }

    fn ratio(&self, other: &Self) -> Option<f64> {
        Some(median(&self.rates)? / median(&other.rates)?)
    }
}

pub(super) fn run(args: &Args, run: Option<&Path>, rounds: u32, python: &Path) -> Result<()> {
    let run = run.context("give a run folder of `ae-train train` with --run")?;
    let busy = busy_note();
    command::run(&mut fleet::cargo("build --release")?)?;
    let model = Model::read(&run.join("model.int8.aeb"))?;
    let archives = match &args.archives {
        Some(folder) => folder.clone(),
        None => workspace::target_folder()?.join("fleet").join("archives"),
    };
    let archive = make(args, &archives, run)?;
    let threads = thread::available_parallelism()?.get();
    let python = Python::with(
        python,
        "import numpy, onnx, onnxruntime, pandas, pyarrow; print(pandas.__version__)",
    );
    let folder = tempfile::tempdir()?;

    let [mut engine, mut ours, mut theirs] =
        [Measured::default(), Measured::default(), Measured::default()];
    for _ in 0..rounds {
        engine.add(engine_alone(&model.blob, threads)?, 0);
        let out = folder.path().join("scores.parquet");
        let (seconds, windows, peak) = score(run, &archive, &out, None)?;
        ours.add(windows / seconds, peak);
        if let Some(python) = &python {
            let out = folder.path().join("theirs");
            let (rate, peak) = by_pandas(python, run, &archive, &out, threads)?;
            theirs.add(rate, peak);
            fs::remove_dir_all(out)?;
        }
    }
    println!(
        "\n{} of windows in {}, {threads} threads, the middle of {rounds} rounds",
        args.archive, args.windows
    );
    println!("{:<32} {:>12} {:>10}", "", "windows/s", "memory");
    println!("{}", engine.row("the engine alone, in memory"));
    println!("{}", ours.row("ae-fleet score"));
    match &python {
        Some(_) => println!("{}", theirs.row("pandas and ONNX Runtime")),
        None => println!("no Python with onnxruntime, onnx, numpy, pandas and pyarrow: left out"),
    }
    for (name, other) in [("the engine alone", &engine), ("pandas and ONNX Runtime", &theirs)] {
        if let Some(ratio) = ours.ratio(other) {
            println!("ae-fleet: {ratio:.2} times {name}");
        }
    }
    if args.cluster {
        on_cluster(run, &archive, folder.path(), rounds)?;
    }
    if let Some(note) = busy {
        println!("{note}");
    }
    Ok(())
}

/// Makes an archive, if it is not there.
fn make(args: &Args, archives: &Path, run: &Path) -> Result<PathBuf> {
    let archive = archives.join(format!("{}-{}", args.archive, args.windows));
    if archive.exists() {
        return Ok(archive);
    }
    fs::create_dir_all(archives).with_context(|| archives.display().to_string())?;
    let mut generate = ae_fleet()?;
    generate.arg("generate").arg("--model").arg(run.join("model.int8.aeb"));
    generate
        .args(["--bytes", &args.archive, "--windows", &args.windows])
        .arg("--out")
        .arg(&archive);
    command::run(&mut generate)?;
    Ok(archive)
}

fn ae_fleet() -> Result<Command> {
    Ok(command::program(fleet::program("release", "ae-fleet")?))
}

/// Scores the archive. Gives seconds, windows, and the most memory that the process took.
fn score(
    run: &Path,
    archive: &Path,
    out: &Path,
    scheduler: Option<&str>,
) -> Result<(f64, f64, u64)> {
    let mut score = ae_fleet()?;
    score.arg("score").arg("--model").arg(run.join("model.int8.aeb")).arg("--data").arg(archive);
    score.args(scheduler.map(|scheduler| format!("--scheduler={scheduler}")));
    score.arg("--out").arg(out).arg("--json").stdout(std::process::Stdio::piped());
    let start = Instant::now();
    let mut child = score.spawn().with_context(|| command::line(&score))?;
    let peak = watch(&mut child)?;
    let output = child.wait_with_output()?;
    let seconds = start.elapsed().as_secs_f64();
    if !output.status.success() {
        bail!("`{}` ended with {}", command::line(&score), output.status);
    }
    let said: Value = serde_json::from_slice(&output.stdout).context("output of ae-fleet")?;
    let windows = said["rows"].as_f64().context("no number of rows")?;
    Ok((seconds, windows, peak))
}

/// Waits until a process ends. Gives the most memory that it took, where the system says so.
fn watch(child: &mut Child) -> Result<u64> {
    let path = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        if let Ok(status) = fs::read_to_string(&path) {
            peak = peak.max(high_water(&status).unwrap_or(0));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(peak)
}

/// `VmHWM`, in bytes.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// The same by pandas and ONNX Runtime: windows a second, and memory.
fn by_pandas(
    python: &Python,
    run: &Path,
    archive: &Path,
    out: &Path,
    threads: usize,
) -> Result<(f64, u64)> {
    let script =
        workspace::root().join("tools").join("xtask").join("scripts").join("fleet_score.py");
    let mut score = command::program(&python.program);
    score.arg(script).arg("--run").arg(std::path::absolute(run)?).arg("--archive").arg(archive);
    let text =
        command::read(score.arg("--out").arg(out).args(["--threads", &threads.to_string()]))?;
    let said: Value = serde_json::from_str(&text).context("output of fleet_score.py")?;
    let number = |name: &str| said[name].as_f64().with_context(|| format!("no {name}: {said}"));
    Ok((number("windows")? / number("seconds")?, number("peak_bytes")? as u64))
}

/// One executor of one core, then two.
fn on_cluster(run: &Path, archive: &Path, folder: &Path, rounds: u32) -> Result<()> {
    let models = folder.join("models");
    fs::create_dir(&models)?;
    let mut add = ae_fleet()?;
    add.args(["models", "add"]).arg(run.join("model.int8.aeb")).arg("--to").arg(&models);
    command::read(&mut add)?;
    let mut sides = [Measured::default(), Measured::default()];
    for _ in 0..rounds {
        for (at, side) in sides.iter_mut().enumerate() {
            let cluster = Cluster::start("release", &models, at + 1)?;
            let out = folder.join("cluster.parquet");
            let (seconds, windows, peak) = score(run, archive, &out, Some(&cluster.address))?;
            side.add(windows / seconds, peak);
        }
    }
    println!("{}", sides[0].row("one executor of one core"));
    println!("{}", sides[1].row("two executors of one core"));
    if let Some(ratio) = sides[1].ratio(&sides[0]) {
        println!("two executors: {ratio:.2} times one");
    }
    Ok(())
}

/// Windows a second of the engine, on windows that lie in memory: reconstructed and scored.
fn engine_alone(blob: &[u8], threads: usize) -> Result<f64> {
    with_model(blob, Alone { threads })?
}

struct Alone {
    threads: usize,
}

impl<'a> BulkVisitor<'a> for Alone {
    type Output = Result<f64>;

    fn visit<A: BulkCompute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
        let features = model.model().header().features as usize;
        let encoder = model.model().encoder().context("the model has no encoder")?;
        let windows = encoder.test_input().repeat(IN_MEMORY);
        let mut memory = vec![0; Bulk::memory_len(&model)];
        let bulk = Bulk::new(model, &mut memory)?;
        let part = IN_MEMORY.div_ceil(self.threads) * features;
        // As many together as the functions take, so that they stay in the cache.
        let together = 256 * features;
        let start = Instant::now();
        let sum = thread::scope(|scope| {
            let tasks = windows.chunks(part).map(|part| {
                let bulk = &bulk;
                scope.spawn(move || {
                    let mut scratch = vec![A::Element::default(); bulk.scratch_len()];
                    let mut back = vec![0; together];
                    let mut scores = Vec::with_capacity(part.len() / features);
                    for some in part.chunks(together) {
                        let back = &mut back[..some.len()];
                        bulk.reconstruct(some, back, &mut scratch)?;
                        let pairs = some.chunks(features).zip(back.chunks(features));
                        scores.extend(pairs.map(|(codes, back)| squared_error(codes, back)));
                    }
                    Ok::<_, ae_infer::InferError>(scores)
                })
            });
            let tasks: Vec<_> = tasks.collect();
            let found = tasks.into_iter().map(|task| task.join().expect("no panic in bulk"));
            found.map(|scores| Ok(scores?.len())).sum::<Result<usize, ae_infer::InferError>>()
        })?;
        Ok(sum as f64 / start.elapsed().as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::high_water;

    #[test]
    fn memory_is_read_of_a_status() {
        let status = "Name:\tae-fleet\nVmPeak:\t  9000 kB\nVmHWM:\t    1234 kB\nThreads:\t3\n";
        assert_eq!(high_water(status), Some(1234 * 1024));
        assert_eq!(high_water("Name:\tx\n"), None);
    }
}
