//! The project that a page of the documentation shows is built as it stands there, and runs on an
//! emulated board. What the README shows of it is in it.

use std::fs;
use std::path::Path;

use ae_infer::Int8Autoencoder;
use anyhow::{Context, Result, bail};

use super::boards;
use crate::{command, workspace};

/// The page that shows the project.
const PAGE: &str = "docs/firmware.md";
/// The project's files, each shown behind a line with its name.
const FILES: [&str; 4] = ["Cargo.toml", ".cargo/config.toml", "memory.x", PROGRAM];
/// The program, of which the README shows some lines.
const PROGRAM: &str = "src/main.rs";
/// Most lines of the program.
const MOST_LINES: usize = 25;
/// What the page calls the folder of this repository, which lies beside the project's.
const REPOSITORY: &str = "autoencoder";

pub(super) fn run() -> Result<String> {
    let root = workspace::root();
    let beside = workspace::target_folder()?.join("project");
    let project = beside.join("project");
    if project.exists() {
        fs::remove_dir_all(&project)?;
    }
    for (name, text) in files(root)? {
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
        bail!("the program says `{}`, expected `{expected}`", found.trim());
    }
    Ok(expected)
}

/// Names and texts of the project's files.
///
/// # Errors
/// The page does not show them all, or the README shows another program.
fn files(root: &Path) -> Result<Vec<(&'static str, String)>> {
    let read =
        |name| fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"));
    let page = read(PAGE)?;
    let mut files = Vec::new();
    for name in FILES {
        let text = shown(&page, name).with_context(|| format!("{PAGE} shows no {name}"))?;
        let lines = text.lines().count();
        if name == PROGRAM && lines > MOST_LINES {
            bail!("{PAGE}'s {name} has {lines} lines, at most {MOST_LINES}");
        }
        if name == PROGRAM
            && let Some(line) = strange_line(&read("README.md")?, text)?
        {
            bail!("README.md shows `{line}`, which {PAGE}'s {name} does not have at that place");
        }
        files.push((name, text.to_owned()));
    }
    Ok(files)
}

/// The text of the block behind the line "`name`:".
fn shown<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let (_, behind) = page.split_once(&format!("\n`{name}`:\n\n```"))?;
    let (_, text) = behind.split_once('\n')?;
    text.split_once("```\n").map(|(text, _)| text)
}

/// The first line of the README's program that does not follow in the whole program, in which other
/// lines may stand between.
fn strange_line<'r>(readme: &'r str, program: &str) -> Result<Option<&'r str>> {
    let (_, behind) = readme.split_once("```rust\n").context("README.md shows no Rust")?;
    let (excerpt, _) = behind.split_once("```\n").context("a block of README.md has no end")?;
    let mut whole = program.lines().map(str::trim);
    let mut lines = excerpt.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.find(|line| !whole.any(|known| known == *line)))
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
    use super::{files, shown, strange_line};
    use crate::workspace;

    #[test]
    fn a_block_is_found_by_the_line_before_it() {
        let page = "Text.\n\n`a.x`:\n\n```\none\n```\n\n`src/b.rs`:\n\n```rust\ntwo\nthree\n```\n";
        assert_eq!(shown(page, "a.x"), Some("one\n"));
        assert_eq!(shown(page, "src/b.rs"), Some("two\nthree\n"));
        assert_eq!(shown(page, "b.rs"), None);
    }

    #[test]
    fn a_line_that_the_program_does_not_have_is_found() {
        let program = "fn main() {\n    one();\n    two();\n    three();\n}\n";
        let strange = |shown: &str| {
            strange_line(&format!("Text.\n\n```rust\n{shown}```\n"), program)
                .unwrap()
                .map(str::to_owned)
        };
        assert_eq!(strange("one();\n\nthree();\n"), None);
        assert_eq!(strange("one();\nfour();\n"), Some("four();".to_owned()));
        assert_eq!(strange("two();\none();\n"), Some("one();".to_owned()), "in another order");
        assert!(strange_line("Text.", program).is_err());
    }

    #[test]
    fn the_page_shows_all_files_and_the_readme_the_same_program() {
        let files = files(workspace::root()).unwrap();
        assert!(files.iter().all(|(_, text)| !text.is_empty()), "{files:?}");
    }
}
