//! Nothing writes files in another way.

use std::fs;
use std::path::{Path, PathBuf};

/// What makes, changes or renames files.
const WAYS: [&str; 13] = [
    "fs::write",
    "fs::copy",
    "fs::rename",
    "fs::create_dir",
    "fs::hard_link",
    "fs::remove",
    "File::create",
    "File::options",
    "OpenOptions::new",
    "tempfile::",
    ".persist(",
    // Past the guard of a run folder.
    "cap_std::",
    "cap_fs_ext::",
];

/// Who may do so, and why: (file, way).
const ALLOWED: [(&str, &str); 7] = [
    // A download grows in its part file, is synced, checked, and renamed.
    ("crates/ae-data/src/fetch/download.rs", "OpenOptions::new"),
    ("crates/ae-data/src/fetch/download.rs", "fs::rename"),
    ("crates/ae-data/src/fetch/download.rs", "fs::remove"),
    // A key whose other half could not be written.
    ("ae-train/cli/src/keygen.rs", "fs::remove"),
    // For the emulator alone, and gone with it.
    ("crates/ae-boards/src/session/mod.rs", "tempfile::"),
    // For the flashing tool alone, and gone after it.
    ("ae-train/cli/src/board_model.rs", "tempfile::"),
    // Whether a folder can be written, before a board is asked for long.
    ("ae-train/cli/src/verify_board.rs", "tempfile::"),
];

/// Where the program and what it is made of lie.
const SOURCES: [&str; 12] = [
    "ae-train/cli/src",
    "ae-train/src",
    "crates/ae-boards/src",
    "crates/ae-data/src",
    "crates/ae-detect/src",
    "crates/ae-engine/src",
    "crates/ae-files/src",
    "crates/ae-model/src",
    "crates/ae-pca/src",
    "crates/ae-quantize/src",
    "crates/ae-report/src",
    "crates/ae-run/src",
];

/// Every line of `source`, but its tests, that writes in a way that `file` may not.
fn other_ways(file: &str, source: &str) -> Vec<String> {
    if ["access", "folder", "typed"].iter().any(|it| file == format!("crates/ae-files/src/{it}.rs"))
    {
        return Vec::new();
    }
    let code = source.split("#[cfg(test)]").next().unwrap_or_default().lines();
    let code = code.filter(|line| !line.trim_start().starts_with("//"));
    let found = code.flat_map(|line| {
        WAYS.iter().filter(move |way| line.contains(*way)).map(move |&way| (way, line))
    });
    found
        .filter(|(way, _)| !ALLOWED.contains(&(file, way)))
        .map(|(_, line)| format!("{file}: {}", line.trim()))
        .collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            _ if path.ends_with("tests") || path.ends_with("tests.rs") => {}
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn nothing_else_in_the_program_writes_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut files = Vec::new();
    for folder in SOURCES {
        sources(&root.join(folder), &mut files);
    }
    assert!(files.len() > 150, "{} files", files.len());
    let names = files.iter().map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap());
    let names: Vec<String> = names.map(|name| name.replace('\\', "/")).collect();
    for (file, _) in ALLOWED {
        assert!(names.iter().any(|name| name == file), "there is no {file} any more");
    }
    let other = files.iter().zip(&names);
    let other: Vec<_> = other
        .flat_map(|(path, name)| other_ways(name, &fs::read_to_string(path).unwrap()))
        .collect();
    assert!(other.is_empty(), "write with a Folder or write_atomically: {other:#?}");
}

#[test]
fn another_way_to_write_would_be_found() {
    let source = "fn f() {\n    // fs::write(a)\n    fs::write(path, b\"\")?;\n}\n";
    assert_eq!(other_ways("cli/train.rs", source), ["cli/train.rs: fs::write(path, b\"\")?;"]);
    assert!(other_ways("crates/ae-files/src/typed.rs", source).is_empty());
    let test = "#[cfg(test)]\nmod tests { fn f() { fs::write(a, b) } }";
    assert!(other_ways("cli/train.rs", test).is_empty());
    assert_eq!(other_ways("crates/ae-run/src/folder.rs", "let f = File::create(path)?;").len(), 1);
}
