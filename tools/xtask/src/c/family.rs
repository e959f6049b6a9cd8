//! The functions of the f32 family, which are made of those of the int8 family. cbindgen reads functions
//! that are written out, so a macro of Rust does not do.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::{command, workspace};

/// Where the int8 family is written.
const WRITTEN: &str = "bindings/c/src/int8";
/// Where the f32 family is made.
const MADE: &str = "bindings/c/src/f32";
/// What stands in front of a file that is made.
const NOTICE: &str =
    "// Made of the same file of the int8 family by `cargo xtask c-library`; not to be edited.\n";
/// Words of the one family and of the other. What comes first is replaced first.
const WORDS: [(&str, &str); 4] =
    [("Int8<'static>", "F32"), ("Int8", "F32"), ("int8", "f32"), ("i8", "f32")];

/// Writes the files that differ.
///
/// # Errors
/// One cannot be made or written.
pub(crate) fn write() -> Result<()> {
    for (path, text) in make()? {
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// Whether the files in the repository are those that are made.
///
/// # Errors
/// One is another, or there is one that is not made.
pub(crate) fn check() -> Result<()> {
    let made = make()?;
    for (path, expected) in &made {
        compare(path, &fs::read_to_string(path).unwrap_or_default(), expected)?;
    }
    for path in workspace::files(&workspace::root().join(MADE), "rs")? {
        if !made.iter().any(|(it, _)| *it == path) {
            bail!("{} is not made of a file of {WRITTEN}; remove it", path.display());
        }
    }
    Ok(())
}

fn compare(path: &Path, found: &str, expected: &str) -> Result<()> {
    if found != expected {
        bail!(
            "{} is not what {WRITTEN} makes it; `cargo xtask c-library` makes it again",
            path.display()
        );
    }
    Ok(())
}

/// The files, by their paths.
fn make() -> Result<Vec<(PathBuf, String)>> {
    let folder = workspace::root().join(WRITTEN);
    let mut sources = workspace::files(&folder, "rs")?;
    sources.sort_unstable();
    let made = sources.into_iter().map(|path| {
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(&folder)?;
        Ok((workspace::root().join(MADE).join(name), format(&translate(&text))?))
    });
    made.collect()
}

fn translate(text: &str) -> String {
    let front = NOTICE.to_owned();
    front + &WORDS.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The text as rustfmt leaves it: names of other lengths make other lines.
fn format(text: &str) -> Result<String> {
    let mut rustfmt = command::program("rustfmt");
    rustfmt.args(["--edition", "2024", "--config-path"]).arg(workspace::root());
    rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = rustfmt.spawn().context("cannot start rustfmt")?;
    // It reads all before it writes, and closing the pipe tells it the end.
    let mut input = running.stdin.take().context("the input of rustfmt")?;
    input.write_all(text.as_bytes())?;
    drop(input);
    let output = running.wait_with_output()?;
    if !output.status.success() {
        bail!("rustfmt does not take what is made of {WRITTEN}");
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{check, compare, make, translate};

    #[test]
    fn the_f32_family_is_made_of_the_int8_family_and_another_one_is_found() {
        check().unwrap();
        let made = make().unwrap();
        assert!(made.len() >= 4 && made.iter().all(|(_, text)| !text.contains("i8")));
        let (path, text) = &made[0];
        let wrong = text.replacen("f32", "f64", 1);
        let error = compare(path, &wrong, text).unwrap_err().to_string();
        assert!(error.contains("c-library"), "{error}");
        let code = "ae_infer::Int8<'static> ae_int8_load(*mut i8, Int8Model)";
        let expected = "ae_infer::F32 ae_f32_load(*mut f32, F32Model)";
        assert!(translate(code).ends_with(expected), "{}", translate(code));
        compare(Path::new("a"), "b", "b").unwrap();
    }
}
