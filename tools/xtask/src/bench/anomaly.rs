//! Detectors on real data: seven exercises of a smartwatch, ten classes of Fashion-MNIST.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ae_boards::{Board, Line};
use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::in_place;
use crate::command::{self, program};
use crate::{fashion_mnist, firmware, watch, workspace};

/// Exercises of the smartwatch recordings. Each is normal once, the others then abnormal.
const EXERCISES: [&str; 7] = ["PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"];
/// Nobody is tested on that was trained on. The configuration was chosen among subjects 1 to 6.
const SUBJECTS: [&str; 6] = [
    "--train-groups=1,2,3,4,5",
    "--calibrate-groups=6",
    "--test-groups=7,8,9,10",
    "--window=64",
    "--stride=16",
    // g and rad/s, as a sensor of ±16 g and ±32 rad/s would count them.
    "--counts-per-unit=2048,2048,2048,1000,1000,1000",
];
/// Subject 6 has so few windows of some exercises that a lower rate has no threshold.
const ALPHA: &str = "--alpha=0.025";

#[derive(Debug, clap::Args)]
#[group(id = "of_anomaly")]
#[command(next_help_heading = "With --anomaly")]
pub(super) struct Args {
    /// Trainings of each detector, with the seeds 0, 1 and so on.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "anomaly",
          value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// The layers of the detectors, as `ae-train detect --architecture` takes them. Without this option
    /// they are dense.
    #[arg(long, value_name = "NAME|FILE", requires = "anomaly")]
    architecture: Option<String>,
    /// So many prototypes in place of an autoencoder, as `ae-train detect --prototypes` takes them: a few
    /// seconds for each detector.
    #[arg(long, value_name = "N", requires = "anomaly", conflicts_with = "architecture")]
    prototypes: Option<u32>,
    /// Leave out the ten classes of Fashion-MNIST, which take a minute each.
    #[arg(long, requires = "anomaly")]
    no_fashion: bool,
    /// Leave out the emulated boards.
    #[arg(long, requires = "anomaly")]
    no_boards: bool,
}

/// The blob in a run folder.
const BLOB: &str = "model.int8.aeb";

/// What one detector reached.
struct Row {
    int8: f64,
    float: f64,
    f32_blob: f64,
    pca: f64,
    flips: u64,
    windows: u64,
    false_alarms: f64,
    detected: f64,
    blob_bytes: u64,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let ae_train = workspace::build_ae_train()?;
    let runs = workspace::target_folder()?.join("anomaly");
    if runs.exists() {
        fs::remove_dir_all(&runs).with_context(|| runs.display().to_string())?;
    }
    watch::make_if_missing(&ae_train)?;
    let seeds = args.seeds;
    let architecture = args.architecture.as_ref().map(|name| format!("--architecture={name}"));
    let prototypes = args.prototypes.map(|count| format!("--prototypes={count}"));
    let architecture = architecture.or(prototypes);
    println!("smartwatch, subjects 7 to 10, one exercise against six; {seeds} seeds\n");
    let detectors = EXERCISES.map(|exercise| (exercise, format!("--normal={exercise}")));
    let mut options = vec!["--data=watch-imu", ALPHA];
    options.extend(SUBJECTS);
    options.extend(architecture.as_deref());
    let blobs = table(&ae_train, &runs, "watch", &detectors, &options, seeds)?;
    let named: Vec<_> = EXERCISES.into_iter().zip(blobs.iter().cloned()).collect();
    in_place::table(&ae_train, &named)?;
    if !args.no_boards {
        boards(&ae_train, &blobs)?;
    }
    if !args.no_fashion {
        let data = fashion_mnist::folder(None, &ae_train)?;
        println!("\nFashion-MNIST, 10,000 test images, one class against nine; {seeds} seeds\n");
        let detectors = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
            .map(|class| (class, format!("--normal={class}")));
        let data = format!("--data={}", data.display());
        let options: Vec<&str> = [&*data].into_iter().chain(architecture.as_deref()).collect();
        table(&ae_train, &runs, "fashion", &detectors, &options, seeds)?;
    }
    Ok(())
}

/// Trains every detector, prints a line for each and their mean, and gives the blobs of seed 0.
fn table(
    ae_train: &Path,
    runs: &Path,
    set: &str,
    detectors: &[(&str, String)],
    options: &[&str],
    seeds: u32,
) -> Result<Vec<PathBuf>> {
    println!(
        "| normal | int8 | float | int8 − float | int8 − f32 blob | PCA | decisions that differ from float's | false alarms | detected | bytes, at most |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut means = vec![Vec::new(); seeds as usize];
    let mut all = Vec::new();
    let mut blobs = Vec::new();
    for (name, normal) in detectors {
        let mut rows = Vec::new();
        for seed in 0..seeds {
            let run = runs.join(format!("{set}-{name}-{seed}"));
            let row = detect(ae_train, &run, normal, options, seed)
                .with_context(|| format!("{set}, {name}, seed {seed}"))?;
            means[seed as usize].push(row.int8);
            rows.push(row);
            if seed == 0 {
                blobs.push(run.join(BLOB));
            }
        }
        println!("{}", line(name, &rows));
        all.append(&mut rows);
    }
    println!("{}", line("mean", &all));
    let by_seed: Vec<String> = means
        .iter()
        .map(|rows| format!("{:.4}", rows.iter().sum::<f64>() / rows.len() as f64))
        .collect();
    println!("\nmean AUROC of int8 by seed: {}", by_seed.join(", "));
    Ok(blobs)
}

fn detect(ae_train: &Path, run: &Path, normal: &str, options: &[&str], seed: u32) -> Result<Row> {
    let mut detect = program(ae_train);
    detect.arg("detect").args(options).arg(normal).arg("--json");
    detect.arg(format!("--seed={seed}")).arg("--out").arg(run);
    let report: Value = serde_json::from_str(&quiet(&mut detect)?)?;
    let number = |path: &str| {
        report.pointer(path).and_then(Value::as_f64).with_context(|| format!("no {path}"))
    };
    let flips = |part: &str| -> Result<[u64; 2]> {
        let of = |name: &str| {
            number(&format!("/float_agreement/{part}/{name}")).map(|count| count as u64)
        };
        Ok([of("to_alarm")? + of("to_normal")?, of("of")?])
    };
    let ([normal_flips, normal], [abnormal_flips, abnormal]) =
        (flips("held_out")?, flips("abnormal")?);
    Ok(Row {
        int8: number("/detection/int8/auroc")?,
        float: number("/detection/float/auroc")?,
        f32_blob: number("/detection/f32_blob/auroc")?,
        pca: number("/detection/pca/auroc")?,
        flips: normal_flips + abnormal_flips,
        windows: normal + abnormal,
        false_alarms: number("/model/false_alarms/rate")?,
        detected: number("/model/detected/rate")?,
        blob_bytes: fs::metadata(run.join(BLOB))?.len(),
    })
}

/// The rows' means.
fn line(name: &str, rows: &[Row]) -> String {
    let mean = |of: fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
    let (int8, float) = (mean(|row| row.int8), mean(|row| row.float));
    let flips: u64 = rows.iter().map(|row| row.flips).sum();
    let windows: u64 = rows.iter().map(|row| row.windows).sum();
    let bytes = rows.iter().map(|row| row.blob_bytes).max().unwrap_or_default();
    format!(
        "| {name} | {int8:.4} | {float:.4} | {:+.4} | {:+.4} | {:.4} | {flips} of {windows} | {:.2} % | {:.1} % | {bytes} |",
        int8 - float,
        int8 - mean(|row| row.f32_blob),
        mean(|row| row.pca),
        100.0 * mean(|row| row.false_alarms),
        100.0 * mean(|row| row.detected)
    )
}

/// Plays the test subjects' windows of every detector on every emulated board.
fn boards(ae_train: &Path, blobs: &[PathBuf]) -> Result<()> {
    println!("\n| board | decisions | differing from this machine's |\n| --- | ---: | ---: |");
    for board in Board::all().iter().filter(|board| board.emulator.is_some()) {
        firmware::build(board)?;
        let (mut windows, mut equal) = (0, 0);
        // Through an emulated UART the samples of one detector take minutes.
        let is_slow = board.emulator.as_ref().is_some_and(|emulator| emulator.line == Line::Uart);
        for blob in &blobs[..if is_slow { 1 } else { blobs.len() }] {
            let mut monitor = program(ae_train);
            monitor.arg("monitor").arg(blob).args(["--json", "--board", &board.name]);
            monitor.arg("--firmware").arg(firmware::folder()?);
            let report: Value = serde_json::from_str(&quiet(&mut monitor)?)?;
            let count = |name: &str| {
                let path = format!("/board/windows/{name}");
                report.pointer(&path).and_then(Value::as_u64).with_context(|| format!("no {path}"))
            };
            windows += count("of")?;
            equal += count("equal")?;
        }
        println!("| `{}` | {windows} | {} |", board.name, windows - equal);
        if windows == 0 || equal != windows {
            bail!("{} does not decide as this machine does", board.name);
        }
    }
    Ok(())
}

/// What a command writes to its standard output; what it says beside is shown if it fails.
pub(super) fn quiet(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}: {said}", command::line(command), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}
