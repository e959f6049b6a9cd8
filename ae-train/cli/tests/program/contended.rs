//! Two processes on one run folder.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::workshop::{Finished, QUICK, Workshop};

#[test]
fn the_second_process_on_a_folder_is_told_who_holds_it() {
    let workshop = Workshop::new();
    let mut first = workshop
        .command("train --data data --out run --epochs 400 --hidden 8 --latent 2")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap()).lines().map(Result::unwrap);
    said.find(|line| line.starts_with("epoch   1/")).unwrap();
    let holder = format!("process {}", first.id());
    // From here on nobody reads what the first one says; its pipe takes so many lines.
    let second =
        [workshop.run("train --resume run"), workshop.run(&format!("train --out run {QUICK}"))];
    first.kill().unwrap();
    first.wait().unwrap();
    for second in second {
        second.expect_refusal("second process", &["run is in use by", &holder]);
    }
    // A dead process holds nothing.
    workshop.refused(&format!("train --out run {QUICK}"), &["run exists already"]);
}

fn start(workshop: &Workshop, line: &str) -> Child {
    let mut command = workshop.command(line);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn of_those_that_start_at_the_same_instant_one_trains() {
    let workshop = Workshop::new();
    for round in 0..4 {
        let run = format!("run{round}");
        let line = |seed: usize| format!("train --out {run} {QUICK} --seed {seed}");
        let children: Vec<_> = (0..4).map(|seed| start(&workshop, &line(seed))).collect();
        let ids: Vec<_> = children.iter().map(Child::id).collect();
        let finished: Vec<_> = children
            .into_iter()
            .map(|child| Finished::of(child.wait_with_output().unwrap()))
            .collect();
        let winners: Vec<_> = (0..4).filter(|&i| finished[i].code == Some(0)).collect();
        assert_eq!(winners.len(), 1, "{finished:?}");
        let winner = winners[0];
        // Another that was refused holds the lock, too, while it looks.
        let holders: Vec<_> =
            ids.iter().map(|id| format!("{run} is in use by process {id};")).collect();
        let exists = format!("{run} exists already");
        for (seed, finished) in finished.into_iter().enumerate().filter(|(i, _)| *i != winner) {
            let message = finished.expect_refusal(&line(seed), &[]);
            let held = holders.iter().any(|holder| message.contains(holder));
            assert!(held || message.contains(&exists), "{message}");
        }
        workshop.ok(&format!("train --out alone{round} {QUICK} --seed {winner}"));
        for file in ["config.toml", "weights.safetensors", "model.int8.aeb"] {
            let [one, other] =
                [&run, &format!("alone{round}")].map(|run| workshop.read(&format!("{run}/{file}")));
            assert!(one == other, "round {round}: {file}");
        }
    }
}

#[test]
fn quantize_says_who_is_training() {
    let workshop = Workshop::new();
    let line = "train --data data --out run --epochs 400 --hidden 8 --latent 2";
    let mut first = start(&workshop, line);
    let mut said = BufReader::new(first.stderr.take().unwrap()).lines().map(Result::unwrap);
    said.find(|line| line.starts_with("epoch   1/")).unwrap();
    let holder = format!("process {}", first.id());
    let refused = workshop.run("quantize run");
    let verified = workshop.run("verify run/model.int8.aeb");
    first.kill().unwrap();
    first.wait().unwrap();
    let words = ["run/weights.safetensors is not there yet", &holder, "wait for it"];
    refused.expect_refusal("quantize", &words);
    verified.expect_refusal("verify", &["cannot read run/model.int8.aeb", &holder]);
    let words = ["weights.safetensors is not there", "ae-train train --resume run"];
    workshop.refused("quantize run", &words);
}

#[test]
fn quantize_waits_for_who_holds_a_finished_run() {
    let workshop = Workshop::with_run();
    let before = workshop.read("run/model.int8.aeb");
    let own = std::process::id();
    workshop.write("run/run.lock", format!("{own}\n").as_bytes());
    let held = File::open(workshop.path("run/run.lock")).unwrap();
    held.lock().unwrap();
    let mut waiting = start(&workshop, "quantize run");
    let mut said = BufReader::new(waiting.stderr.take().unwrap()).lines().map(Result::unwrap);
    let waits = format!("waiting for process {own}, which works in run");
    assert!(said.any(|line| line == waits), "{waits}");
    assert!(waiting.try_wait().unwrap().is_none());
    // Elsewhere there is nothing to wait for.
    workshop.ok("quantize run --out elsewhere.aeb");
    held.unlock().unwrap();
    assert!(waiting.wait().unwrap().success());
    assert!(workshop.read("run/model.int8.aeb") == before);
    assert!(workshop.read("elsewhere.aeb") == before);
}

#[test]
fn two_that_quantize_at_once_both_do() {
    let workshop = Workshop::with_run();
    let lines = ["", "--part encoder", "--part decoder", "--contract f32"];
    for options in lines {
        workshop.ok(&format!("quantize run {options} --out expected.aeb"));
        let line = format!("quantize run {options}");
        let children: Vec<_> = (0..4).map(|_| start(&workshop, &line)).collect();
        for child in children {
            let finished = Finished::of(child.wait_with_output().unwrap());
            assert_eq!(finished.code, Some(0), "{line}: {}", finished.stderr);
            let path = finished.text().split_whitespace().next().unwrap();
            assert!(workshop.read(path) == workshop.read("expected.aeb"), "{line}");
        }
    }
    assert!(!workshop.names("run").iter().any(|name| name.starts_with(".writing-")));
}
