//! A training that is killed and continued gives the bytes of one that was not.
#![cfg(unix)]

mod campaign;
mod intact;
mod moment;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ae_run::EpochMetrics;

use crate::workshop::{Finished, Workshop};

/// Everything that a checkpoint has to carry is in use: averages, best weights, a schedule, running
/// statistics, log-variances.
const OPTIONS: &str = "--data large --epochs 5 --hidden 12,6 --latent 3 --batch-size 16 \
                       --keep-best 0.1 --weight-average 0.99 --batch-norm --variational 0.05";

fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.write_data("large", 2_000, 60, 5, 4);
    workshop.ok(&format!("train --out whole {OPTIONS}"));
    workshop
}

/// Starts or continues `run`.
fn line(workshop: &Workshop, run: &str) -> String {
    match workshop.exists(&format!("{run}/config.toml")) {
        true => format!("train --resume {run}"),
        false => format!("train --out {run} {OPTIONS}"),
    }
}

/// Asserts that every file is that of the run that was not killed, but for measured seconds.
fn same_run(workshop: &Workshop, run: &str, context: &str) {
    assert_eq!(workshop.names(run), workshop.names("whole"), "{context}");
    for name in workshop.names("whole") {
        let measured = ["metrics.", "summary.", "checkpoint.", "run.lock"];
        if measured.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let [whole, resumed] = ["whole", run].map(|run| workshop.read(&format!("{run}/{name}")));
        assert!(whole == resumed, "{context}: {name} differs");
    }
    let figures = |run: &str| -> Vec<String> {
        let csv = workshop.read_text(&format!("{run}/metrics.csv"));
        csv.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect()
    };
    assert_eq!(figures(run), figures("whole"), "{context}");
    let [whole, resumed] = ["whole", run].map(|run| -> Vec<EpochMetrics> {
        serde_json::from_slice(&workshop.read(&format!("{run}/metrics.json"))).unwrap()
    });
    assert_eq!(whole.len(), resumed.len(), "{context}");
    assert!(whole.iter().zip(&resumed).all(|(a, b)| a.same_training(b)), "{context}: metrics");
    let quality = |run: &str| {
        let summary = workshop.read_json(&format!("{run}/summary.json"));
        ["best_epoch", "float", "f32_blob", "int8_blob"].map(|name| summary[name].clone())
    };
    assert_eq!(quality(run), quality("whole"), "{context}");
}

#[test]
fn what_a_killed_process_was_writing_is_cleared_away() {
    let workshop = Workshop::new();
    std::fs::create_dir(workshop.path("run")).unwrap();
    // Killed before there was a configuration: not a run yet, so it is started again.
    workshop.write("run/.writing-aaaaaa", b"half a configuration");
    workshop.write("run/run.lock", b"4194304\n");
    workshop.refused("train --resume run", &["run is not a run folder", "config.toml"]);
    workshop.ok("train --data data --out run --epochs 1 --hidden none --latent 2 --no-baseline");
    assert!(!workshop.exists("run/.writing-aaaaaa"));
    workshop.write("run/.writing-bbbbbb", b"half a checkpoint");
    workshop.write("run/.notes", b"of the user");
    workshop.ok("train --resume run --no-baseline");
    assert!(!workshop.exists("run/.writing-bbbbbb"));
    assert!(workshop.exists("run/.notes"));
}

#[test]
fn ctrl_c_keeps_what_is_done_and_says_how_to_go_on() {
    let workshop = Workshop::new();
    workshop.write_data("large", 2_000, 60, 5, 4);
    let options = OPTIONS.replace("--epochs 5", "--epochs 20");
    workshop.ok(&format!("train --out whole {options}"));
    let mut child = workshop
        .command(&format!("train --out run {options}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    said.find(|line| line.starts_with("epoch   2/20")).unwrap();
    interrupt(&child);
    let start = Instant::now();
    let stderr = format!("{}\n", said.collect::<Vec<_>>().join("\n"));
    let output = child.wait_with_output().unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "it did not stop soon");
    let finished = Finished { code: output.status.code(), stdout: output.stdout, stderr };
    let message =
        finished.expect_refusal("Ctrl-C", &["stopped after", "of 20 epochs", "--resume run"]);

    let done: u32 = message.split(' ').nth(2).unwrap().parse().unwrap();
    assert!((2..20).contains(&done), "{message}");
    assert!(workshop.exists("run/checkpoint.safetensors"));
    assert!(workshop.exists(&format!("run/epoch-{done:03}.png")));
    assert!(!workshop.exists("run/weights.safetensors"));
    assert_eq!(workshop.read_text("run/metrics.csv").lines().count(), 1 + done as usize);

    let resumed = workshop.ok("train --resume run");
    let next = format!("epoch {:>3}/20", done + 1);
    assert!(resumed.stderr.contains(&next), "{}", resumed.stderr);
    let told = format!("the run goes on after epoch {done} of 20");
    assert!(resumed.stderr.contains(&told), "{}", resumed.stderr);
    assert!(!resumed.stderr.contains("epoch   1/20"), "{}", resumed.stderr);
    same_run(&workshop, "run", "Ctrl-C");
}

/// What Ctrl-C on a terminal does.
fn interrupt(child: &Child) {
    let status =
        Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(status.success());
}
