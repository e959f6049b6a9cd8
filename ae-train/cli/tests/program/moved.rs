//! A folder that goes away, changes hands, or cannot be written while a training works in it, and
//! data that does.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::workshop::{Finished, QUICK, Workshop};

const OPTIONS: &str = "--data large --epochs 30 --hidden 12,6 --latent 3 --no-baseline";

/// A training in a process of its own.
struct Training {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
}

impl Training {
    fn start(workshop: &Workshop, line: &str) -> Self {
        let mut command = workshop.command(line);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, said }
    }

    /// Until it has said a line that begins like this.
    fn until(&mut self, prefix: &str) {
        let line = self.said.find(|line| line.as_ref().unwrap().starts_with(prefix));
        line.unwrap_or_else(|| panic!("it never said {prefix}")).unwrap();
    }

    /// Stops or continues it.
    fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
    }

    /// Until it has said a line that begins like this; then it stands still.
    fn stand_after(&mut self, prefix: &str) {
        self.until(prefix);
        self.signal("STOP");
    }

    fn finish(mut self) -> Finished {
        self.signal("CONT");
        let stderr: Vec<_> = self.said.map(Result::unwrap).collect();
        let code = self.child.wait().unwrap().code();
        Finished { code, stdout: Vec::new(), stderr: stderr.join("\n") }
    }
}

fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.write_data("large", 1_500, 60, 5, 4);
    workshop
}

fn same_result(workshop: &Workshop, one: &str, other: &str) {
    for file in ["weights.safetensors", "model.int8.aeb", "model.f32.aeb", "comparison.png"] {
        let [a, b] = [one, other].map(|run| workshop.read(&format!("{run}/{file}")));
        assert!(a == b, "{file}");
    }
}

#[test]
fn a_folder_moved_while_training_is_noticed_and_goes_on_where_it_is() {
    let workshop = workshop();
    workshop.ok(&format!("train --out whole {OPTIONS}"));
    let mut training = Training::start(&workshop, &format!("train --out run {OPTIONS}"));
    training.stand_after("epoch   2/30");
    fs::rename(workshop.path("run"), workshop.path("moved")).unwrap();
    training.finish().expect_refusal("moved", &["run was moved or removed", "--resume FOLDER"]);
    assert!(!workshop.exists("run"));
    workshop.ok("train --resume moved --no-baseline");
    same_result(&workshop, "whole", "moved");
}

#[test]
fn a_folder_that_is_another_runs_by_now_is_left_alone() {
    let workshop = workshop();
    let mut first = Training::start(&workshop, &format!("train --out run {OPTIONS} --seed 1"));
    first.stand_after("epoch   2/30");
    fs::rename(workshop.path("run"), workshop.path("moved")).unwrap();
    let mut second = Training::start(&workshop, &format!("train --out run {OPTIONS}"));
    second.until("epoch   1/30");
    let words = ["run/run.lock was removed or replaced", "nothing more"];
    first.finish().expect_refusal("replaced", &words);
    let second = second.finish();
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    workshop.ok(&format!("train --out whole {OPTIONS}"));
    same_result(&workshop, "whole", "run");
}

#[test]
fn a_lock_that_somebody_removed_is_no_lock() {
    let workshop = workshop();
    workshop.ok(&format!("train --out whole {OPTIONS}"));
    let mut training = Training::start(&workshop, &format!("train --out run {OPTIONS}"));
    training.stand_after("epoch   2/30");
    fs::remove_file(workshop.path("run/run.lock")).unwrap();
    let words = ["run/run.lock was removed or replaced", "--resume run"];
    training.finish().expect_refusal("lock", &words);
    workshop.ok("train --resume run --no-baseline");
    same_result(&workshop, "whole", "run");
}

#[test]
fn data_that_vanishes_while_training_is_not_missed_until_the_next_start() {
    let workshop = workshop();
    workshop.ok(&format!("train --out whole {OPTIONS}"));
    let mut training = Training::start(&workshop, &format!("train --out run {OPTIONS}"));
    training.stand_after("epoch   1/30");
    fs::rename(workshop.path("large"), workshop.path("elsewhere")).unwrap();
    let finished = training.finish();
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    same_result(&workshop, "whole", "run");
    let words = ["there is no folder", "large", "if it has moved, give --data"];
    workshop.refused("train --resume run", &words);
    workshop.refused("quantize run", &words[..2]);
    workshop.ok("train --resume run --no-baseline --data elsewhere");
}

#[test]
fn a_file_where_the_folder_should_be_stays() {
    let workshop = Workshop::new();
    workshop.write("run", b"mine");
    let words = ["cannot make the folder run", "move away the file"];
    workshop.refused(&format!("train --out run {QUICK}"), &words);
    workshop.refused(&format!("train --out run/below {QUICK}"), &["cannot make", "move away"]);
    workshop.refused("train --resume run", &["run is not a run folder"]);
    assert_eq!(workshop.read("run"), b"mine");
}

#[test]
fn a_folder_that_may_not_be_written_is_named() {
    let workshop = Workshop::with_run();
    let before = workshop.files("run");
    fs::set_permissions(workshop.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(workshop.path("closed")).unwrap();
    for folder in ["run", "closed"] {
        fs::set_permissions(workshop.path(folder), fs::Permissions::from_mode(0o555)).unwrap();
    }
    for (line, file) in [
        (format!("train --out closed/run {QUICK}"), "closed/run"),
        (format!("train --out closed {QUICK}"), "closed/run.lock"),
        ("train --resume run --no-baseline".to_owned(), "run/"),
        ("quantize run --part encoder".to_owned(), "run/"),
    ] {
        let words = ["Permission denied", file, "make the folder writable"];
        let message = unprivileged(&workshop, &line).expect_refusal(&line, &words);
        assert!(!message.contains(".writing-"), "{message}");
    }
    for folder in ["run", "closed"] {
        fs::set_permissions(workshop.path(folder), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut after = workshop.files("run");
    for files in [&before, &after] {
        assert!(files.contains_key("run.lock"));
    }
    after.insert("run.lock".to_owned(), before["run.lock"].clone());
    assert!(after == before);
    assert!(workshop.names("closed").is_empty());
}

/// The program run by a user whom permissions bind, which they do not bind root.
fn unprivileged(workshop: &Workshop, line: &str) -> Finished {
    let program = workshop.command(line);
    if fs::metadata(workshop.path("")).unwrap().uid() != 0 {
        return workshop.run(line);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    // Opened by root: the folders above it may be closed to others.
    let executable = fs::File::open(program.get_program()).unwrap();
    command.arg("/proc/self/fd/0").args(program.get_args());
    command.current_dir(workshop.path("")).stdin(executable);
    command.env("AE_TRAIN_CACHE", workshop.path("cache"));
    Finished::of(command.output().unwrap())
}
