//! Every file of a run loads.

use ae_engine as engine;
use ae_model::read_weights;
use ae_run::{Checkpoint, EpochMetrics, read_config};

use super::moment::UNFINISHED;
use crate::workshop::Workshop;

/// What is wrong with the first file in `run` that is not whole. What is being written under a name
/// of its own is no file of the run.
pub(super) fn check(workshop: &Workshop, run: &str) -> Result<(), String> {
    for name in workshop.names(run).iter().filter(|name| !name.starts_with(UNFINISHED)) {
        check_file(workshop, run, name).map_err(|error| format!("{run}/{name}: {error}"))?;
    }
    Ok(())
}

fn check_file(workshop: &Workshop, run: &str, name: &str) -> Result<(), String> {
    let bytes = workshop.read(&format!("{run}/{name}"));
    let text = || String::from_utf8(bytes.clone()).map_err(|error| error.to_string());
    let ending = name.rsplit('.').next().unwrap_or_default();
    match (name, ending) {
        // It may be killed before its number is in it.
        ("run.lock", _) => {
            let text = text()?;
            let number = text.strip_suffix('\n').map(|number| number.parse::<u32>().is_ok());
            expect(text.is_empty() || number == Some(true), &text)
        }
        ("config.toml", _) => failed(read_config(&workshop.path(run))),
        ("weights.safetensors", _) => failed(read_weights(&bytes)),
        (_, "safetensors") => failed(Checkpoint::from_bytes(&bytes)),
        (_, "aeb") => failed(engine::check(&bytes)),
        (_, "png") => failed(image::load_from_memory(&bytes)),
        ("metrics.json", _) => failed(serde_json::from_slice::<Vec<EpochMetrics>>(&bytes)),
        ("summary.json", _) => failed(serde_json::from_slice::<serde_json::Value>(&bytes)),
        ("metrics.csv", _) => {
            let text = text()?;
            let figures = |line: &str| line.split(',').count();
            let head = text.lines().next().map_or(0, figures);
            let whole = head >= 5 && text.lines().all(|line| figures(line) == head);
            expect(whole && text.ends_with('\n'), &text)
        }
        ("loss.svg", _) => expect(text()?.trim_end().ends_with("</svg>"), "it has no end"),
        ("summary.md", _) => expect(text()?.ends_with("Agreement: yes.\n"), "it has no end"),
        _ => Err("a run has no such file".to_owned()),
    }
}

fn failed<T, E: ToString>(result: Result<T, E>) -> Result<(), String> {
    result.map(drop).map_err(|error| error.to_string())
}

fn expect(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[test]
fn half_a_file_is_noticed() {
    let workshop = Workshop::new();
    workshop.ok("train --out run --data data --epochs 2 --hidden 12,6 --latent 3");
    check(&workshop, "run").unwrap();
    let names = workshop.names("run");
    assert!(names.len() >= 15, "{names:?}");
    for name in names.iter().filter(|name| *name != "run.lock") {
        let path = format!("run/{name}");
        let whole = workshop.read(&path);
        workshop.write(&path, &whole[..whole.len() / 2]);
        assert!(check(&workshop, "run").is_err(), "{name}");
        workshop.write(&path, &whole);
    }
    workshop.write("run/model.new", b"");
    assert!(check(&workshop, "run").is_err());
}
