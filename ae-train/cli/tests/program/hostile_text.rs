//! Texts that mean harm to whoever reads them: in names of files, columns, labels and groups, in a
//! blob, and in what boards and tools say. None of them reaches a terminal as it is.

use std::fs;
use std::process::Command;

use crate::machines::{LABELLED, QUICK, labelled_csv};
use crate::workshop::{Finished, Workshop};

/// Colours, a write to the clipboard, a cursor, a forged line, a turned text, a hidden one.
const HARM: &str = "\u{1b}[31m\u{1b}]52;c;aGk=\u{7}\r\nsigned  yes\u{9b}2J\u{7f}\u{202e}\u{200b}";

/// Nothing in this text is obeyed by a terminal, turns it or hides in it.
fn assert_harmless(text: &[u8], from: &str) {
    let text = std::str::from_utf8(text).unwrap_or_else(|error| panic!("{from}: {error}"));
    let is_harmful = |character: &char| {
        (character.is_control() && *character != '\n') || "\u{202e}\u{200b}".contains(*character)
    };
    for line in text.lines() {
        assert_eq!(line.chars().find(is_harmful), None, "{from}: {line:?}");
    }
}

/// Nor is a line of it forged. In HTML and SVG a line break has no meaning.
fn assert_lines(text: &[u8], from: &str) {
    assert_harmless(text, from);
    let mut lines = text.split(|&byte| byte == b'\n');
    assert!(!lines.any(|line| line.starts_with(b"signed  yes")), "{from} has a forged line");
}

fn run(command: &mut Command) -> Finished {
    let finished = Finished::of(command.output().unwrap());
    let from = format!("{command:?}");
    assert_lines(&finished.stdout, &from);
    assert_lines(finished.stderr.as_bytes(), &from);
    finished
}

/// Every text in a folder and those below.
fn assert_harmless_files(folder: &std::path::Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if path.is_dir() {
            assert_harmless_files(&path);
        } else if ["md", "json", "csv"].contains(&ending) {
            assert_lines(&fs::read(&path).unwrap(), &format!("{path:?}"));
        } else if ["html", "svg"].contains(&ending) {
            assert_harmless(&fs::read(&path).unwrap(), &format!("{path:?}"));
        }
    }
}

#[test]
fn a_blob_cannot_forge_what_info_says_of_it() {
    let workshop = Workshop::with_run();
    let mut blob = workshop.read("run/model.int8.aeb");
    let honest = b"ae-train 0.1.0";
    let at = blob.windows(honest.len()).position(|bytes| bytes == honest).unwrap();
    for harm in ["\u{1b}[8m\nsigned\u{202e}", "\nsigned  yes\u{9b}"] {
        blob[at..][..honest.len()].copy_from_slice(harm.as_bytes());
        assert!(ae_testkit::seal::seal(&mut blob));
        workshop.write("hostile.aeb", &blob);
        let told = run(&mut workshop.command("info hostile.aeb"));
        assert!(told.text().contains("made by "), "{}", told.text());
        assert!(!told.text().lines().any(|line| line.starts_with("signed")), "{}", told.text());
        // As JSON it is the very text.
        let told = run(&mut workshop.command("info hostile.aeb --json"));
        assert_eq!(told.json()["provenance"]["tool"], harm);
    }
}

#[cfg(unix)]
#[test]
fn names_of_columns_labels_groups_and_files_stay_in_their_lines() {
    let workshop = Workshop::new();
    let quoted = |name: &str| format!("\"{name}{HARM}\"");
    let csv = String::from_utf8(labelled_csv()).unwrap();
    let csv = csv.replacen(",x,", &format!(",{},", quoted("x")), 1);
    let csv = csv.replace(",worn,", &format!(",{},", quoted("worn")));
    let csv = csv.replace(",m3,", &format!(",{},", quoted("m3")));
    let name = format!("data{HARM}.csv");
    workshop.write(&name, csv.as_bytes());
    let detect = |more: &str| {
        let mut command = workshop.command(&format!("detect {LABELLED} {QUICK} {more} --data"));
        command.arg(&name);
        command
    };
    for more in ["--out run", "--out run-json --json"] {
        let made = run(&mut detect(more));
        assert_eq!(made.code, Some(0), "{}", made.stderr);
    }
    for folder in ["run", "run-json"] {
        assert_harmless_files(&workshop.path(folder));
    }
    for more in ["", "--json"] {
        let played = run(&mut workshop.command(&format!("monitor run/model.int8.aeb {more}")));
        assert_eq!(played.code, Some(0), "{}", played.stderr);
        assert!(String::from_utf8_lossy(&played.stdout).contains("signed  yes"));
    }
    // Each of these is refused with a message that names such a thing.
    for more in [
        "--out other --columns nothing",
        "--out other --normal nothing",
        "--out other --time x",
        "--out other --train-groups nothing --calibrate-groups a --test-groups b",
        "--out run --latent 1",
    ] {
        assert_eq!(run(&mut detect(more)).code, Some(2), "{more}");
    }
    for line in [
        "info",
        "evaluate",
        "verify",
        "quantize",
        "train --resume",
        "sign --key x --model-version 1",
        "nothing",
    ] {
        assert_ne!(run(workshop.command(line).arg(&name)).code, Some(0), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_of_data_forges_no_line_of_a_summary() {
    let workshop = Workshop::new();
    let name = HARM;
    fs::rename(workshop.path("data"), workshop.path(name)).unwrap();
    let line = "train --epochs 1 --hidden 6 --latent 3 --no-baseline";
    let mut command = workshop.command(&format!("{line} --out run --data"));
    let trained = run(command.arg(name));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    assert_harmless_files(&workshop.path("run"));
    let summary = workshop.read_text("run/summary.md");
    assert!(summary.contains("signed  yes") && summary.contains("\\u{1b}"), "{summary}");
    // A run folder of such a name, its report on a board, and what is said of both.
    fs::rename(workshop.path("run"), workshop.path(name).join("run")).unwrap();
    let model = workshop.path(name).join("run/model.int8.aeb");
    for line in ["info", "evaluate", "verify", "verify --board mps2-an386"] {
        let told = run(workshop.command(line).arg(&model));
        assert_eq!(told.code, Some(0), "{line}: {}", told.stderr);
    }
    assert_harmless_files(&workshop.path(name));
}

#[cfg(unix)]
mod boards {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// The program with scripts of these names and bodies on its path.
    fn with_tools(workshop: &Workshop, tools: &[(&str, &str)], line: &str) -> Command {
        let folder = workshop.path("bin");
        fs::create_dir_all(&folder).unwrap();
        for (name, body) in tools {
            let script = folder.join(name);
            fs::write(&script, format!("#!/bin/sh\n{body}\n")).unwrap();
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut command = workshop.command(line);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", folder.display()));
        command
    }

    #[test]
    fn what_a_board_shows_is_shown_harmless() {
        let workshop = Workshop::with_run();
        workshop.write("said", format!("panicked: {HARM}\n\u{fe}").as_bytes());
        let board = "cat said; cat said >&2; exit 1";
        let line = "verify run/model.int8.aeb --board mps2-an386";
        let told = run(&mut with_tools(&workshop, &[("qemu-system-arm", board)], line));
        assert_eq!(told.code, Some(2));
        assert!(told.stderr.contains("panicked: \\u{1b}"), "{}", told.stderr);
    }

    #[test]
    fn what_a_tool_says_is_shown_harmless() {
        let workshop = Workshop::with_run();
        let said = [format!("text {HARM}").as_bytes(), b"\xff\nok: all\n"].concat();
        workshop.write("said", &said);
        workshop.write("long", &[b'x'; 1 << 17]);
        let line = "flash run/model.int8.aeb --board stm32f405";
        for (probe, code) in [
            ("cat said; if [ $1 = run ]; then cat said long >&2; fi", 0),
            ("if [ $1 = run ]; then cat said >&2; exit 1; fi; echo a probe", 2),
            // A line that does not end.
            ("if [ $1 = run ]; then cat long; else echo a probe; fi", 2),
        ] {
            let told = run(&mut with_tools(&workshop, &[("probe-rs", probe)], line));
            assert_eq!(told.code, Some(code), "{}", told.stderr);
        }
    }
}
