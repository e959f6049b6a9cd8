//! A training that is killed and continued gives the bytes of one that was not.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::workshop::{Finished, Workshop, names};

/// Everything that a checkpoint has to carry is in use: averages, best weights, a schedule.
const OPTIONS: &str = "--data large --epochs 5 --hidden 12,6 --latent 3 --batch-size 16 \
                       --keep-best 0.1 --weight-average 0.99";

/// When to kill.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So many microseconds after a line on standard error that begins like this.
    Said(&'static str, u64),
    /// As soon as a file of the run is there.
    Exists(&'static str),
    /// While a file is being written, after an epoch's line.
    WritingAfter(&'static str),
}

use Moment::{Exists, Said, WritingAfter};

/// In the order in which a training comes to them.
const MOMENTS: [Moment; 18] = [
    Exists("config.toml"),
    Said("epoch   1  step    100", 0),
    Said("epoch   1/5", 0),
    WritingAfter("epoch   1/5"),
    Exists("epoch-001.png"),
    Exists("metrics.csv"),
    Exists("checkpoint.safetensors"),
    Said("epoch   2  step    200", 0),
    Said("epoch   2/5", 500),
    Said("epoch   2/5", 2_000),
    WritingAfter("epoch   3/5"),
    Exists("epoch-003.png"),
    Said("epoch   4/5", 5_000),
    Said("epoch   5/5", 1_000),
    Said("quantising", 0),
    Exists("model.f32.aeb"),
    Said("running the blobs", 0),
    Said("fitting PCA", 0),
];

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

/// Starts or continues `run` and kills it at `moment`. Whether it was still alive then.
fn kill_at(workshop: &Workshop, run: &str, moment: Moment) -> bool {
    let folder = workshop.path(run);
    let mut child = workshop
        .command(&line(workshop, run))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let spin = |child: &mut Child, condition: &dyn Fn() -> bool| {
        while !condition() && child.try_wait().unwrap().is_none() {}
    };
    match moment {
        Said(prefix, micros) => {
            said.find(|line| line.starts_with(prefix));
            sleep(Duration::from_micros(micros));
        }
        Exists(name) => spin(&mut child, &|| folder.join(name).exists()),
        WritingAfter(prefix) => {
            said.find(|line| line.starts_with(prefix));
            spin(&mut child, &|| names(&folder).iter().any(|name| name.starts_with(".writing-")));
        }
    }
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// Every file is that of the run that was not killed, but for measured seconds.
fn assert_same_run(workshop: &Workshop, run: &str, context: &str) {
    assert_eq!(workshop.names(run), workshop.names("whole"), "{context}");
    for name in workshop.names("whole") {
        let measured = name.starts_with("metrics.") || name.starts_with("summary.");
        if measured || ["run.lock", "checkpoint.safetensors"].contains(&name.as_str()) {
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
    let quality = |run: &str| {
        let summary = workshop.read_json(&format!("{run}/summary.json"));
        ["best_epoch", "float", "f32_blob", "int8_blob"].map(|name| summary[name].clone())
    };
    assert_eq!(quality(run), quality("whole"), "{context}");
}

#[test]
fn killed_once_at_any_moment() {
    let workshop = workshop();
    let mut killed = 0;
    for (index, moment) in MOMENTS.into_iter().enumerate() {
        let run = format!("killed{index}");
        killed += usize::from(kill_at(&workshop, &run, moment));
        workshop.ok(&line(&workshop, &run));
        assert_same_run(&workshop, &run, &format!("{moment:?}"));
    }
    // On a busy machine the program can be through before the last moments are noticed.
    assert!(killed >= 12, "killed {killed} times only");
}

#[test]
fn killed_again_and_again_in_one_folder() {
    let workshop = workshop();
    // Moments of files that an earlier round left would come at once: a further kind of moment.
    let killed = MOMENTS.into_iter().filter(|&moment| kill_at(&workshop, "run", moment)).count();
    assert!(killed >= 8, "killed {killed} times only");
    workshop.ok(&line(&workshop, "run"));
    assert_same_run(&workshop, "run", "killed again and again");
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

#[cfg(unix)]
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
    assert!(!resumed.stderr.contains("epoch   1/20"), "{}", resumed.stderr);
    assert_same_run(&workshop, "run", "Ctrl-C");
}

/// What Ctrl-C on a terminal does.
#[cfg(unix)]
fn interrupt(child: &Child) {
    let status =
        Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(status.success());
}
