use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::data::{Samples, TINY};
use crate::support::{Place, golden};

/// A command of the page, and what it prints there.
struct Shown {
    command: String,
    printed: String,
}

fn shown(page: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut is_inside = false;
    for line in page.lines() {
        match (is_inside, line.strip_prefix("$ ")) {
            (false, _) => is_inside = line == "```console",
            (true, _) if line == "```" => is_inside = false,
            (true, Some(command)) => {
                all.push(Shown { command: command.to_owned(), printed: String::new() });
            }
            (true, None) => {
                let last = all.last_mut().expect("a command stands first");
                last.printed.extend([line, "\n"]);
            }
        }
    }
    all
}

#[test]
fn the_page_shows_what_its_commands_print() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/fleet.md");
    let shown = shown(&fs::read_to_string(page).unwrap());
    assert!(shown.len() > 12, "{}", shown.len());
    let place = Place::new();
    fs::copy(golden(TINY), place.path("pump.aeb")).unwrap();
    fs::copy(golden("tiny.count-curves.int8.aeb"), place.path("new.aeb")).unwrap();
    place.write("today.csv", Samples::new(2, 100).csv());
    place.write("broken.parquet", "PAR1 and no more");
    let program = Path::new(env!("CARGO_BIN_EXE_ae-fleet")).parent().unwrap().to_owned();
    let before = env::var_os("PATH").unwrap_or_default();
    let path: OsString =
        env::join_paths([program].into_iter().chain(env::split_paths(&before))).unwrap();
    let mut all = String::new();
    for Shown { command, .. } in &shown {
        let mut shell = Command::new("sh");
        // In the order in which a terminal shows them.
        let run = shell.args(["-c", &format!("{command} 2>&1")]).env("PATH", &path);
        let output = run.current_dir(place.path("")).output().unwrap();
        all.extend(["$ ", command, "\n", &String::from_utf8(output.stdout).unwrap()]);
    }
    let expected: String =
        shown.iter().map(|it| format!("$ {}\n{}", it.command, it.printed)).collect();
    assert!(all == expected, "the page has other text than the commands print:\n{all}");
}
