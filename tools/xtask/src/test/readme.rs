//! The project that the README shows is built as it stands there, and runs on an emulated board.

use std::fs;
use std::path::Path;

use ae_infer::Int8Autoencoder;
use anyhow::{Context, Result, bail};

use super::boards;
use crate::{command, workspace};

/// The project's files, each shown behind a line with its name.
const FILES: [&str; 4] = ["Cargo.toml", ".cargo/config.toml", "memory.x", "src/main.rs"];
/// Most lines of the program.
const MOST_LINES: usize = 25;
/// What the README calls the folder of this repository, which lies beside the project's.
const REPOSITORY: &str = "autoencoder";

pub(super) fn run() -> Result<String> {
    let root = workspace::root();
    let readme = fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    if readme.contains("@@") {
        bail!("README.md has a gap, marked @@");
    }
    let beside = workspace::target_folder()?.join("readme");
    let project = beside.join("project");
    if project.exists() {
        fs::remove_dir_all(&project)?;
    }
    for name in FILES {
        let text = shown(&readme, name).with_context(|| format!("README.md shows no {name}"))?;
        let lines = text.lines().count();
        if name == "src/main.rs" && lines > MOST_LINES {
            bail!("the README's {name} has {lines} lines, at most {MOST_LINES}");
        }
        let path = project.join(name);
        fs::create_dir_all(path.parent().context("a file in a folder")?)?;
        fs::write(path, text)?;
    }
    let repository = beside.join(REPOSITORY);
    if !repository.exists() {
        point_at(root, &repository)?;
    }
    // The versions that the firmware is tested with.
    fs::copy(root.join("firmware/Cargo.lock"), project.join("Cargo.lock"))?;
    let model = boards::trained()?.join(boards::INT8);
    fs::copy(&model, project.join("model.int8.aeb"))?;

    let mut cargo = command::cargo("run --release --quiet");
    cargo.current_dir(&project).arg("--target-dir").arg(beside.join("target"));
    // Where rustup has no targets, `setup` has made a compiler that does.
    let toolchain = root.join("target/board-toolchain/config.toml");
    if toolchain.exists() {
        cargo.arg("--config").arg(toolchain);
    }
    let found = command::read(&mut cargo)?;
    let expected = format!("squared error {}", score(&fs::read(&model)?)?);
    if found.trim() != expected {
        bail!("the README's program says `{}`, expected `{expected}`", found.trim());
    }
    Ok(expected)
}

/// The text of the block behind the line "`name`:".
fn shown<'r>(readme: &'r str, name: &str) -> Option<&'r str> {
    let (_, behind) = readme.split_once(&format!("\n`{name}`:\n\n```"))?;
    let (_, text) = behind.split_once('\n')?;
    text.split_once("```\n").map(|(text, _)| text)
}

#[cfg(unix)]
fn point_at(root: &Path, link: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(root, link)?)
}

#[cfg(windows)]
fn point_at(root: &Path, link: &Path) -> Result<()> {
    Ok(std::os::windows::fs::symlink_dir(root, link)?)
}

/// What the program computes, on this machine: the squared error of a grey image.
fn score(blob: &[u8]) -> Result<u64> {
    let model = Int8Autoencoder::load(blob)?;
    let header = model.model().header();
    let image = vec![128; header.features as usize];
    let mut reconstruction = vec![0; image.len()];
    let mut scratch = vec![0; header.scratch_len()];
    Ok(model.score(&image, &mut reconstruction, &mut scratch)?)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_block_is_found_by_the_line_before_it() {
        let readme =
            "Text.\n\n`a.x`:\n\n```\none\n```\n\n`src/b.rs`:\n\n```rust\ntwo\nthree\n```\n";
        assert_eq!(shown(readme, "a.x"), Some("one\n"));
        assert_eq!(shown(readme, "src/b.rs"), Some("two\nthree\n"));
        assert_eq!(shown(readme, "b.rs"), None);
    }
}
