//! Run folders that somebody else has made: nothing outside of them is written, opened or waited for.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::machines::{QUICK as DETECTOR, csv, normal};
use crate::workshop::{Workshop, names};

/// A run, and a file that is nobody's business.
fn with_secret() -> Workshop {
    let workshop = Workshop::with_run();
    workshop.write("secret", b"PASSWORD=hunter2\n");
    workshop
}

fn replace(workshop: &Workshop, name: &str, by: impl FnOnce(&Path)) {
    let path = workshop.path(name);
    let _ = fs::remove_file(&path);
    by(&path);
}

fn link(workshop: &Workshop, name: &str) {
    replace(workshop, name, |path| symlink(workshop.path("secret"), path).unwrap());
}

fn pipe(workshop: &Workshop, name: &str) {
    replace(workshop, name, |path| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    });
}

#[test]
fn no_link_is_followed_and_no_pipe_waited_for() {
    let workshop = with_secret();
    for (name, line) in [
        ("config.toml", "train --resume run"),
        ("config.toml", "evaluate run/model.int8.aeb"),
        ("config.toml", "quantize run"),
        ("run.lock", "train --resume run"),
        ("run.lock", "quantize run"),
        ("checkpoint.safetensors", "train --resume run"),
        ("checkpoint.previous.safetensors", "train --resume run"),
        ("summary.md", "train --resume run"),
        ("metrics.json", "train --resume run"),
        ("weights.safetensors", "quantize run"),
        ("model.int8.aeb", "info run/model.int8.aeb"),
        ("model.int8.aeb", "quantize run"),
        ("model.encoder.int8.aeb", "quantize run --part encoder"),
    ] {
        let path = workshop.path(&format!("run/{name}"));
        let before = fs::read(&path).ok();
        link(&workshop, &format!("run/{name}"));
        let words = [name, "is a link, expected a plain file"];
        let message = workshop.refused(line, &words);
        assert!(!message.contains("hunter2"), "{message}");
        pipe(&workshop, &format!("run/{name}"));
        workshop.refused(line, &[name, "is a pipe, a socket or a device"]);
        fs::remove_file(&path).unwrap();
        if let Some(bytes) = before {
            fs::write(&path, bytes).unwrap();
        }
    }
    assert_eq!(workshop.read("secret"), b"PASSWORD=hunter2\n");
    // The lock by a second name.
    replace(&workshop, "run/run.lock", |path| {
        fs::hard_link(workshop.path("secret"), path).unwrap();
    });
    workshop.refused("train --resume run", &["run.lock", "a file with a second name"]);
    replace(&workshop, "run/run.lock", |_| ());
    assert_eq!(workshop.read("secret"), b"PASSWORD=hunter2\n");
    workshop.ok("train --resume run --no-baseline");
}

#[test]
fn a_name_that_this_program_has_chosen_is_no_link_and_one_that_the_user_typed_may_be() {
    let workshop = with_secret();
    workshop.ok("keygen --out key");
    fs::copy(workshop.path("run/model.int8.aeb"), workshop.path("model.aeb")).unwrap();
    link(&workshop, "model.signed.aeb");
    let line = "sign model.aeb --key key.key --model-version 1";
    workshop.refused(line, &["model.signed.aeb", "a link"]);
    assert_eq!(workshop.read("secret"), b"PASSWORD=hunter2\n");
    workshop.ok(&format!("{line} --out model.signed.aeb"));
    assert!(workshop.read("secret").len() > 1000);
    assert!(workshop.path("model.signed.aeb").is_symlink());
}

#[test]
fn a_path_in_the_configuration_is_not_opened() {
    let workshop = with_secret();
    workshop.write("normal.csv", &csv(&normal()));
    workshop.ok(&format!("detect --data normal.csv {DETECTOR} --out watch"));
    workshop.ok("monitor watch/model.int8.aeb");
    workshop.ok("evaluate watch/model.int8.aeb");
    // Neither was named on this machine.
    fs::remove_dir_all(workshop.path("cache")).unwrap();
    let [secret, data] = ["secret", "data"].map(|name| workshop.path(name).display().to_string());
    let config = workshop.read_text("watch/config.toml").replace("normal.csv", &secret);
    workshop.write("watch/config.toml", config.as_bytes());
    let message = workshop.refused("monitor watch/model.int8.aeb", &["not been named", "--data"]);
    assert!(!message.contains("hunter2"), "{message}");
    workshop.ok("monitor watch/model.int8.aeb --data normal.csv");

    let config = workshop.read_text("run/config.toml");
    let other = config.replace("source = \"data\"", &format!("source = \"{data}\""));
    assert!(other != config, "{config}");
    workshop.write("run/config.toml", other.as_bytes());
    for line in ["train --resume run", "quantize run", "evaluate run/model.int8.aeb"] {
        workshop.refused(line, &["not been named", "give --data"]);
    }
    // A digest is no path either.
    let digest = config.split("digest = \"").nth(1).unwrap().split('"').next().unwrap();
    let other = config.replace(digest, "../../secret");
    workshop.write("run/config.toml", other.as_bytes());
    workshop.refused("train --resume run", &["not been named"]);
    workshop.write("run/config.toml", config.as_bytes());
    workshop.ok("train --resume run --no-baseline --data data");
    workshop.ok("quantize run");

    // The windows of a run are in it.
    fs::rename(workshop.path("watch/windows"), workshop.path("windows")).unwrap();
    symlink(workshop.path("windows"), workshop.path("watch/windows")).unwrap();
    workshop.refused("evaluate watch/model.int8.aeb", &["windows", "a link"]);
}

#[test]
fn a_run_says_nothing_of_where_it_was_made_and_names_forge_no_line() {
    let workshop = Workshop::new();
    let folder = "nice\n\u{1b}[2J\u{202e}x";
    fs::rename(workshop.path("data"), workshop.path(folder)).unwrap();
    let absolute = workshop.path(folder);
    let mut command = workshop.command("train --epochs 1 --hidden 6 --latent 2 --out run --data");
    let output = command.arg(&absolute).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    workshop.write("normal.csv", &csv(&normal()));
    let signal = workshop.path("normal.csv").display().to_string();
    workshop.ok(&format!("detect --data {signal} {DETECTOR} --out watch"));
    let private = workshop.path("").canonicalize().unwrap();
    let private = private.file_name().unwrap().to_str().unwrap();
    for run in ["run", "watch"] {
        for (name, bytes) in workshop.files_of(run) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(private), "{run}/{name} holds the path");
            if [".md", ".toml", ".json"].iter().any(|ending| name.ends_with(ending)) {
                assert!(
                    !text.contains(['\u{1b}', '\u{202e}']) && !text.contains("nice\n"),
                    "{name}"
                );
            }
        }
    }
    assert!(workshop.read_text("run/summary.md").contains("Data: nice\\n\\u{1b}"));
    // It is found all the same.
    workshop.ok("train --resume run");
    workshop.ok("monitor watch/model.int8.aeb");
}

#[test]
fn permissions_stay_and_a_secret_key_is_its_owners() {
    let workshop = Workshop::with_run();
    let mode = |name: &str| fs::metadata(workshop.path(name)).unwrap().mode() & 0o777;
    let private = fs::Permissions::from_mode(0o600);
    for name in names(&workshop.path("run")) {
        fs::set_permissions(workshop.path(&format!("run/{name}")), private.clone()).unwrap();
    }
    workshop.ok("train --resume run");
    workshop.ok("quantize run");
    for name in ["summary.md", "weights.safetensors", "model.int8.aeb", "run.lock"] {
        assert_eq!(mode(&format!("run/{name}")), 0o600, "{name}");
    }
    // A public key that cannot be made takes the secret one with it.
    fs::create_dir(workshop.path("keys")).unwrap();
    workshop.ok("keygen --out keys/a");
    assert_eq!(mode("keys/a.key"), 0o600);
    assert_eq!(workshop.names("keys"), ["a.key", "a.pub"]);
    fs::create_dir(workshop.path("keys/b.pub")).unwrap();
    workshop.refused("keygen --out keys/b", &["b.pub exists"]);
    assert_eq!(workshop.names("keys"), ["a.key", "a.pub", "b.pub"]);
}
