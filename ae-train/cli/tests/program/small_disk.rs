//! A disk of a few kilobytes: full at every stage of a training, and one that cannot be written.
//!
//! It is a file system in memory in a mount namespace of its own, which needs no root where the
//! system lets users have one. Elsewhere these tests say so, and the limit on the size of files in
//! `full_disk.rs` has to stand for the full disk.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ae_run::Checkpoint;

use crate::workshop::{Finished, Workshop};

const OPTIONS: &str = "--data data --epochs 3 --hidden 40 --latent 3";

/// Of the disk, in pages of 4 KiB.
const PAGES: usize = 64;
const PAGE_BYTES: usize = 4 << 10;

/// A workshop whose folder `disk` is a small disk.
struct SmallDisk {
    workshop: Workshop,
    /// The namespace lasts as long as this process.
    keeper: Child,
}

impl SmallDisk {
    /// None where no disk can be mounted, which is told.
    fn new(test: &str) -> Option<Self> {
        let workshop = Workshop::new();
        std::fs::create_dir(workshop.path("disk")).unwrap();
        let script = format!(
            "mount -t tmpfs -o size={} none \"$0\" && echo mounted && exec cat",
            PAGES * PAGE_BYTES
        );
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script]);
        command.arg(workshop.path("disk")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let started = command.stderr(Stdio::null()).spawn();
        let mut said = String::new();
        if let Ok(mut keeper) = started {
            let mut stdout = BufReader::new(keeper.stdout.take().unwrap());
            stdout.read_line(&mut said).unwrap();
            if said == "mounted\n" {
                return Some(Self { workshop, keeper });
            }
            keeper.wait().unwrap();
        }
        tell(&format!("{test}: not run, because this system lets users mount no file system\n"));
        None
    }

    /// The program, where the disk is mounted.
    fn run(&self, line: &str) -> Finished {
        let program = self.workshop.command(line);
        let mut command = self.enter();
        command.arg(program.get_program()).args(program.get_args());
        command.env("AE_TRAIN_CACHE", self.workshop.path("cache")).stdin(Stdio::null());
        Finished::of(command.output().unwrap())
    }

    fn ok(&self, line: &str) {
        let finished = self.run(line);
        assert_eq!(finished.code, Some(0), "{line}: {}", finished.stderr);
    }

    /// A command in the namespace, to be completed.
    fn enter(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.keeper.id()));
        command.args(["--user", "--mount", "--preserve-credentials", "sh", "-c"]);
        command.arg("cd \"$0\" && exec \"$@\"").arg(self.workshop.path(""));
        command
    }

    /// Makes the disk writable or not.
    fn remount(&self, mode: &str) {
        let mut command = self.enter();
        let how = format!("remount,{mode}");
        command.args(["mount", "-o", &how]).arg(self.workshop.path("disk"));
        assert!(command.status().unwrap().success());
    }

    /// Something on the disk, as this process can reach it.
    fn path(&self, name: &str) -> PathBuf {
        let inside = self.workshop.path("disk").join(name);
        let root = format!("/proc/{}/root", self.keeper.id());
        Path::new(&root).join(inside.strip_prefix("/").unwrap())
    }

    fn read(&self, name: &str) -> Vec<u8> {
        let path = self.path(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Leaves so many pages free.
    fn fill(&self, free: usize) {
        let free_now = || {
            let mut command = self.enter();
            command.args(["stat", "--file-system", "--format=%f", "disk"]);
            let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
            text.trim().parse::<usize>().unwrap()
        };
        let ballast = vec![0; (free_now() - free) * PAGE_BYTES];
        std::fs::write(self.path("ballast"), ballast).unwrap();
        assert_eq!(free_now(), free);
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path("ballast")).unwrap();
    }

    fn epochs_kept(&self, run: &str) -> usize {
        let path = self.path(&format!("{run}/checkpoint.safetensors"));
        let bytes = std::fs::read(path);
        bytes.map_or(0, |bytes| match Checkpoint::from_bytes(&bytes) {
            Ok(checkpoint) => checkpoint.metrics.len(),
            Err(error) => panic!("{error}"),
        })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // With its last process the namespace and the disk in it are gone.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Past the test harness, which shows no output of a test that passes.
fn tell(text: &str) {
    std::io::stderr().write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_disk_that_is_full_at_any_stage_costs_nothing() {
    let Some(disk) = SmallDisk::new("full at every stage") else { return };
    disk.workshop.ok(&format!("train --out whole {OPTIONS}"));
    let start = format!("train --out disk/run {OPTIONS}");
    let resume = "train --resume disk/run";
    let step = if std::env::var_os("AE_TEST_ALL").is_some() { 1 } else { 3 };
    let mut full_at = Vec::new();
    for free in (0..PAGES).step_by(step) {
        disk.fill(free);
        let finished = disk.run(&start);
        if finished.code == Some(0) {
            break;
        }
        let message = finished.expect_refusal(&start, &["No space left", "free some space"]);
        let (_, file) = message.split_once("cannot write disk/run/").expect(&message);
        full_at.push(file.split(':').next().unwrap().to_owned());
        // What it says is kept is there.
        let kept = disk.epochs_kept("run");
        let goes_on = message.contains("go on with: ae-train train --resume disk/run");
        if goes_on {
            assert!(message.contains(&format!("{kept} of 3 epochs are kept")), "{kept}: {message}");
        } else {
            assert!(message.contains("then give the same command again"), "{message}");
        }
        // Still full: refused as before, and still kept.
        let again = if goes_on { resume } else { &start };
        disk.run(again).expect_refusal(again, &["No space left", "free some space"]);
        assert!(disk.epochs_kept("run") >= kept);

        disk.make_room();
        disk.ok(again);
        let mut names = crate::workshop::names(&disk.path("run"));
        names.retain(|name| name != "run.lock");
        for name in &names {
            let measured = ["metrics.", "summary.", "checkpoint."];
            if !measured.iter().any(|prefix| name.starts_with(prefix)) {
                let whole = disk.workshop.read(&format!("whole/{name}"));
                assert!(disk.read(&format!("run/{name}")) == whole, "{free} pages: {name}");
            }
        }
        assert_eq!(names.len() + 1, disk.workshop.names("whole").len(), "{names:?}");
        std::fs::remove_dir_all(disk.path("run")).unwrap();
    }
    let count = full_at.len();
    full_at.dedup();
    tell(&format!("{count} full disks survived; full at {}\n", full_at.join(", ")));
    for stage in ["run.lock", "checkpoint"] {
        assert!(full_at.iter().any(|file| file.contains(stage)), "never full at {stage}");
    }
    let last = ["model.", "comparison", "summary"];
    assert!(full_at.iter().any(|file| last.iter().any(|name| file.starts_with(name))));
}

#[test]
fn a_blob_for_which_there_is_no_room_leaves_the_run_as_it_is() {
    let Some(disk) = SmallDisk::new("full at quantize") else { return };
    disk.ok(&format!("train --out disk/run {OPTIONS}"));
    let names = crate::workshop::names(&disk.path("run"));
    let before: Vec<_> = names.iter().map(|name| disk.read(&format!("run/{name}"))).collect();
    disk.fill(0);
    for (line, file) in [
        ("quantize disk/run", "model.int8.aeb"),
        ("quantize disk/run --part encoder", "model.encoder.int8.aeb"),
    ] {
        let words = [
            &format!("cannot write disk/run/{file}: No space left")[..],
            "free some space, then give the same command again",
        ];
        disk.run(line).expect_refusal(line, &words);
        assert_eq!(crate::workshop::names(&disk.path("run")), names);
        for (name, before) in names.iter().zip(&before).filter(|(name, _)| *name != "run.lock") {
            assert!(disk.read(&format!("run/{name}")) == *before, "{line}: {name}");
        }
    }
    disk.make_room();
    disk.ok("quantize disk/run --part encoder");
    disk.ok("verify disk/run/model.encoder.int8.aeb");
}

#[test]
fn a_disk_that_can_only_be_read_is_named_and_read() {
    let Some(disk) = SmallDisk::new("read-only disk") else { return };
    disk.ok(&format!("train --out disk/run {OPTIONS}"));
    disk.remount("ro");
    let words = ["Read-only file system", "make the disk writable"];
    for (line, file) in [
        ("train --resume disk/run", "disk/run/run.lock"),
        ("quantize disk/run", "disk/run/run.lock"),
        (&format!("train --out disk/other {OPTIONS}"), "disk/other"),
        ("reconstruct disk/run/model.int8.aeb --data data --out disk/x.npy", "disk/x.npy"),
    ] {
        let message = disk.run(line).expect_refusal(line, &words);
        assert!(message.contains(file), "{line}: {message}");
    }
    disk.ok("verify disk/run/model.int8.aeb");
    disk.ok("quantize disk/run --out here.aeb");
    disk.remount("rw");
    disk.ok("train --resume disk/run");
}
