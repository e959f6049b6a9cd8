//! The header for C, which cbindgen makes of the crate `ae-c`.

use std::fs;

use anyhow::{Context, Result, bail};
use cbindgen::{Builder, Config};

use crate::workspace;

/// The header's name.
pub(crate) const NAME: &str = "autoencoder.h";
/// The header in the repository.
pub(crate) const FILE: &str = "bindings/c/include/autoencoder.h";
/// The crate.
const CRATE: &str = "bindings/c";

/// The header as the crate is now.
///
/// # Errors
/// The crate or its configuration cannot be read.
fn make() -> Result<String> {
    let folder = workspace::root().join(CRATE);
    let config = Config::from_file(folder.join("cbindgen.toml"));
    let config = config.map_err(anyhow::Error::msg).context("cbindgen.toml")?;
    // By their names, so that the header is the same everywhere.
    let mut sources = workspace::files(&folder.join("src"), "rs")?;
    sources.sort_unstable();
    // The modules that these name would come twice.
    sources.retain(|path| !path.ends_with("lib.rs") && !path.ends_with("mod.rs"));
    let builder = Builder::new().with_config(config);
    let builder = sources.into_iter().fold(builder, Builder::with_src);
    let mut text = Vec::new();
    builder.generate().with_context(|| format!("the header of {CRATE}"))?.write(&mut text);
    String::from_utf8(text).context("the header")
}

/// Writes the header where it differs.
///
/// # Errors
/// It cannot be made or written.
pub(crate) fn write() -> Result<()> {
    let (path, text) = (workspace::root().join(FILE), make()?);
    if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Whether the header in the repository is that of the crate.
///
/// # Errors
/// It is another one.
pub(crate) fn check() -> Result<()> {
    let path = workspace::root().join(FILE);
    let found = fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}"))?;
    compare(&found, &make()?)
}

fn compare(found: &str, expected: &str) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let mut lines = found.lines().zip(expected.lines()).enumerate();
    match lines.find(|(_, (found, expected))| found != expected) {
        Some((line, (found, expected))) => bail!(
            "{FILE} differs in line {}: `{found}`, expected `{expected}`; `cargo xtask c-library` \
             makes it again",
            line + 1
        ),
        None => bail!("{FILE} has another length; `cargo xtask c-library` makes it again"),
    }
}

#[cfg(test)]
mod tests {
    use super::{check, compare, make};

    #[test]
    fn the_header_is_that_of_the_crate_and_another_one_is_found() {
        check().unwrap();
        let text = make().unwrap();
        let wrong = text.replace("ae_error ae_int8_load", "int32_t ae_int8_load");
        assert_ne!(wrong, text);
        let error = compare(&wrong, &text).unwrap_err().to_string();
        assert!(error.contains("int32_t ae_int8_load"), "{error}");
        assert!(compare(&(text.clone() + "\n"), &text).is_err());
    }

    #[test]
    fn every_function_is_declared_once() {
        let text = make().unwrap();
        let declared = |line: &str| Some(line.split_once('(')?.0.rsplit_once(' ')?.1.to_owned());
        let lines = text.lines().filter(|line| line.starts_with("ae_error ae_"));
        let mut names: Vec<String> = lines.filter_map(declared).collect();
        let count = names.len();
        assert!(count > 50, "{count}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
