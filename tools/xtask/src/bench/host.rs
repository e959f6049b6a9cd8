//! Samples a second on this machine, ours and ONNX Runtime's in turn.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use ae_core::F32Model;
use ae_infer::Autoencoder;
use ae_infer::bulk::{self, Bulk, BulkCompute, BulkVisitor};
use anyhow::{Context, Result};

use super::onnx::Onnx;
use super::roofline::Roofline;
use super::{HostArgs, busy_note};
use crate::models::{self, Model};
use crate::workspace;

/// The run of the README's first command.
const RUN: &str = "runs/fashion-mnist-256-128-20-gelu";
/// What names of the network of convolutions begin with.
const CONVOLUTIONS: &str = "convolutions ";
/// Samples of one measurement, the model's own test image each: as many as ONNX Runtime's largest
/// batch. They take as long as any others.
const SAMPLES: usize = 1024;

/// Samples a second, by what computes them and the number of threads: the best of all rounds.
#[derive(Debug, Default, PartialEq)]
struct Rates(BTreeMap<(String, usize), f64>);

impl Rates {
    fn add(&mut self, name: &str, threads: usize, rate: f64) {
        let best = self.0.entry((name.into(), threads)).or_default();
        *best = best.max(rate);
    }

    /// A line for each name, a column for each number of threads.
    fn table(&self, threads: &[usize]) -> String {
        let mut names: Vec<&str> = self.0.keys().map(|(name, _)| &**name).collect();
        names.dedup();
        let title = "samples a second";
        let width = names.iter().map(|name| name.len()).max().unwrap_or(0).max(title.len());
        let mut text = format!("{title:<width$}");
        for &count in threads {
            text += &format!(" {:>11}", threads_of(count));
        }
        for name in names {
            text += &format!("\n{name:<width$}");
            for &count in threads {
                let rate = self.0.get(&(name.into(), count));
                let rate = rate.map_or_else(String::new, |rate| format!("{rate:.0}"));
                text += &format!(" {rate:>11}");
            }
        }
        text + "\n"
    }

    /// How many times as fast as the fastest of theirs ours is.
    fn ratio(&self, contract: &str, threads: usize) -> Option<f64> {
        let best = |what: &str| {
            let of_contract = self.0.iter().filter(|((name, count), _)| {
                *count == threads && name.starts_with(contract) && name.contains(what)
            });
            of_contract.map(|(_, &rate)| rate).max_by(f64::total_cmp)
        };
        Some(best("bulk")? / best("ONNX")?)
    }
}

/// Models that are measured together, and the run of which ONNX Runtime gets them; those without one
/// are of random weights.
struct Group {
    run: Option<PathBuf>,
    models: Vec<Model>,
    /// Whether ONNX Runtime is measured too.
    is_compared: bool,
}

impl Group {
    /// Those of the run, or of its size where it is not there.
    fn of_run(given: Option<&Path>) -> Result<Self> {
        let folder = given.map_or_else(|| workspace::root().join(RUN), Path::to_path_buf);
        if given.is_some() || folder.join("model.int8.aeb").exists() {
            let models =
                ["model.int8.aeb", "model.f32.aeb"].map(|it| Model::read(&folder.join(it)));
            let models = models.into_iter().collect::<Result<_>>()?;
            return Ok(Self { run: Some(folder), models, is_compared: true });
        }
        println!("{RUN} is not there (`cargo run --release -- train` makes it):");
        println!("of its size, models of random weights are measured, without ONNX Runtime");
        Ok(Self { run: None, models: models::dense(), is_compared: false })
    }

    /// The network of convolutions.
    fn of_convolutions() -> Self {
        Self { run: None, models: vec![models::image()], is_compared: true }
    }

    /// Measures all on so many threads.
    fn measure(
        &self,
        onnx: Option<&Onnx>,
        threads: usize,
        seconds: f64,
        rates: &mut Rates,
        roofline: &mut Roofline,
    ) -> Result<()> {
        for model in &self.models {
            measure_model(model, threads, seconds, rates, roofline)?;
        }
        if let Some(onnx) = onnx.filter(|_| self.is_compared) {
            let images = test_images(&self.models[0])?;
            for (name, rate) in onnx.measure(self.run.as_deref(), &images, threads, seconds)? {
                let of = if self.run.is_some() { "" } else { CONVOLUTIONS };
                rates.add(&format!("{of}{name}"), threads, rate);
            }
        }
        Ok(())
    }
}

pub(super) fn run(args: &HostArgs, rounds: u32, python: &Path) -> Result<()> {
    let busy = busy_note();
    let groups = [Group::of_run(args.run.as_deref())?, Group::of_convolutions()];
    let onnx = Onnx::find(python);
    if onnx.is_none() {
        let python = python.display();
        println!("{python} has no onnxruntime, onnx and numpy: only our own models are measured");
    }
    let all = thread::available_parallelism()?.get();
    let threads = if all == 1 { vec![1] } else { vec![1, all] };

    let (mut rates, mut roofline) = (Rates::default(), Roofline::default());
    for _ in 0..rounds {
        roofline.measure();
        for &count in &threads {
            for group in &groups {
                group.measure(onnx.as_ref(), count, args.seconds, &mut rates, &mut roofline)?;
            }
        }
    }
    println!("\nencode + decode, best of {rounds} rounds; kernel {}", bulk::kernel());
    print!("{}", rates.table(&threads));
    for contract in ["int8", "f32", &format!("{CONVOLUTIONS}int8")] {
        for &count in &threads {
            if let Some(ratio) = rates.ratio(contract, count) {
                println!("{contract}, {}: {ratio:.2} times as fast", threads_of(count));
            }
        }
    }
    print!("{}", roofline.text(|name| rates.0.get(&(name.into(), 1)).copied()));
    if let Some(note) = busy {
        println!("{note}");
    }
    Ok(())
}

fn threads_of(count: usize) -> String {
    if count == 1 { "1 thread".into() } else { format!("{count} threads") }
}

/// The test image of a model, [`SAMPLES`] times.
fn test_images(model: &Model) -> Result<Vec<u8>> {
    let parsed = ae_core::Int8Model::parse(&model.blob)?;
    let encoder = parsed.encoder().context("the model has no encoder")?;
    Ok(encoder.test_input().repeat(SAMPLES))
}

fn measure_model(
    model: &Model,
    threads: usize,
    seconds: f64,
    rates: &mut Rates,
    roofline: &mut Roofline,
) -> Result<()> {
    let name = by_contract(&model.name);
    let limit = Duration::from_secs_f64(seconds);
    let (one, many) = bulk::with_model(&model.blob, Measure { threads, limit })??;
    if threads == 1 {
        rates.add(&format!("{name} one by one"), threads, one);
    }
    let name = format!("{name} bulk");
    rates.add(&name, threads, many);
    if let Ok(model) = F32Model::parse(&model.blob) {
        roofline.add(&name, model.totals().multiply_adds);
    }
    Ok(())
}

/// `int8 relu` of `784-256-128-20-relu.int8`; that of a run's models is the contract alone.
fn by_contract(name: &str) -> String {
    let last = name.trim_end_matches(".aeb").rsplit('-').next().unwrap_or(name);
    match last.split_once('.') {
        None => last.into(),
        Some(("model", contract)) => contract.into(),
        Some(("image", contract)) => format!("{CONVOLUTIONS}{contract}"),
        Some((kind, contract)) => format!("{contract} {kind}"),
    }
}

/// Measures samples a second, one by one on one thread and many at a time on all.
struct Measure {
    threads: usize,
    limit: Duration,
}

impl<'a> BulkVisitor<'a> for Measure {
    type Output = Result<(f64, f64)>;

    fn visit<A: BulkCompute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
        let Self { threads, limit } = self;
        let features = model.model().header().features as usize;
        let encoder = model.model().encoder().context("the model has no encoder")?;
        let images = encoder.test_input().repeat(SAMPLES);
        let mut reconstructions = vec![0; images.len()];

        let mut scratch = vec![A::Element::default(); model.model().header().scratch_len()];
        let one = best_rate(limit, SAMPLES / 16, || {
            let pairs = images.chunks(features).zip(reconstructions.chunks_mut(features));
            pairs.take(SAMPLES / 16).try_for_each(|(x, y)| model.reconstruct(x, y, &mut scratch))
        })?;

        let mut memory = vec![0; Bulk::memory_len(&model)];
        let bulk = Bulk::new(model, &mut memory)?;
        let mut scratches = vec![vec![A::Element::default(); bulk.scratch_len()]; threads];
        let part = SAMPLES.div_ceil(threads) * features;
        let many = best_rate(limit, SAMPLES, || {
            thread::scope(|scope| {
                let parts = images.chunks(part).zip(reconstructions.chunks_mut(part));
                let tasks = parts.zip(&mut scratches).map(|((x, y), scratch)| {
                    let bulk = &bulk;
                    scope.spawn(move || bulk.reconstruct(x, y, scratch))
                });
                let tasks: Vec<_> = tasks.collect();
                tasks.into_iter().try_for_each(|task| task.join().expect("no panic in bulk"))
            })
        })?;
        Ok((one, many))
    }
}

/// The best rate of `work` on `samples` samples, repeated until `limit`.
pub(super) fn best_rate<E>(
    limit: Duration,
    samples: usize,
    mut work: impl FnMut() -> Result<(), E>,
) -> Result<f64, E> {
    let (begin, mut best) = (Instant::now(), Duration::MAX);
    while begin.elapsed() < limit {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed());
    }
    Ok(samples as f64 / best.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::{Rates, by_contract};

    #[test]
    fn the_best_rates_are_shown_and_compared() {
        let mut rates = Rates::default();
        for (name, threads, rate) in [
            ("int8 bulk", 1, 150.0),
            ("int8 bulk", 1, 300.0),
            ("int8 ONNX Runtime dynamic", 1, 200.0),
            ("int8 ONNX Runtime static", 1, 150.0),
            ("int8 bulk", 2, 500.0),
        ] {
            rates.add(name, threads, rate);
        }
        assert_eq!(rates.ratio("int8", 1), Some(1.5));
        assert_eq!(rates.ratio("int8", 2), None);
        let table = rates.table(&[1, 2]);
        let line = table.lines().find(|line| line.starts_with("int8 bulk")).unwrap();
        let line: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(line, ["int8", "bulk", "300", "500"]);
    }

    #[test]
    fn names_begin_with_the_contract() {
        assert_eq!(by_contract("784-256-128-20-relu.int8"), "int8 relu");
        assert_eq!(by_contract("model.f32.aeb"), "f32");
        assert_eq!(by_contract("image.int8"), "convolutions int8");
    }
}
