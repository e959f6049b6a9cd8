//! Encode and decode of one image on one thread: runs the benchmark and prints its figures.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{command, workspace};

/// The benchmark group whose figures are printed.
const GROUP: &str = "reconstruct";

pub(super) fn run() -> Result<()> {
    let start = SystemTime::now();
    command::run(&mut command::cargo("bench --package ae-bench"))?;
    let folder = workspace::target_folder()?.join("criterion").join(GROUP);
    let figures = figures_since(start, &folder)?;
    if figures.is_empty() {
        bail!("the benchmark has left no figures in {}", folder.display());
    }
    println!("\nencode + decode of one image, one thread");
    print!("{}", table(&figures));
    Ok(())
}

/// The time of one image, in nanoseconds.
#[derive(Debug, PartialEq)]
struct Figure {
    name: String,
    median: f64,
    /// Ends of the 95 % confidence interval of the median.
    interval: [f64; 2],
}

/// What criterion has written below `folder` since `start`, by name.
fn figures_since(start: SystemTime, folder: &Path) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path().join("new").join("estimates.json");
        // Figures of benchmarks that are no more may still lie there.
        let Ok(modified) = fs::metadata(&path).and_then(|file| file.modified()) else { continue };
        if modified >= start {
            let text = fs::read_to_string(&path)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            figures.push(figure(name, &text).with_context(|| format!("{}", path.display()))?);
        }
    }
    figures.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(figures)
}

/// Reads criterion's `estimates.json`.
fn figure(name: String, estimates: &str) -> Result<Figure> {
    let estimates: Value = serde_json::from_str(estimates)?;
    let median = &estimates["median"];
    let interval = &median["confidence_interval"];
    let number = |value: &Value| value.as_f64().context("no median with its interval");
    Ok(Figure {
        name,
        median: number(&median["point_estimate"])?,
        interval: [number(&interval["lower_bound"])?, number(&interval["upper_bound"])?],
    })
}

fn table(figures: &[Figure]) -> String {
    let mut text = format!("{:<10} {:>12} {:>22} {:>10}\n", "", "samples/s", "95 %", "µs");
    for Figure { name, median, interval: [low, high] } in figures {
        let interval = format!("{:.0}–{:.0}", 1e9 / high, 1e9 / low);
        let (rate, micros) = (1e9 / median, median / 1e3);
        text += &format!("{name:<10} {rate:>12.0} {interval:>22} {micros:>10.2}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Figure, figure, table};

    #[test]
    fn estimates_become_rates() {
        let estimates = r#"{"mean":{"point_estimate":9.0},"median":{"confidence_interval":
            {"confidence_level":0.95,"lower_bound":100000.0,"upper_bound":125000.0},
            "point_estimate":112500.0,"standard_error":2.0}}"#;
        let figure = figure("int8".into(), estimates).unwrap();
        let expected =
            Figure { name: "int8".into(), median: 112_500.0, interval: [100_000.0, 125_000.0] };
        assert_eq!(figure, expected);
        let text = table(&[figure]);
        let words: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(words, ["int8", "8889", "8000–10000", "112.50"]);
    }

    #[test]
    fn estimates_without_a_median_are_refused() {
        assert!(figure("a".into(), r#"{"mean":{"point_estimate":9.0}}"#).is_err());
        assert!(figure("a".into(), "no json").is_err());
    }
}
