//! `--architecture`.

use std::path::{Path, PathBuf};

use ae_files::read_file;
use ae_model::{Architecture, ArchitectureChoice, Preset};
use anyhow::{Context, anyhow};

/// Most bytes of a table of layers.
const MOST_BYTES: u64 = 1 << 20;

/// `--architecture`.
#[derive(Debug, Clone)]
pub(crate) enum ArchitectureArg {
    /// Dense layers, as `--hidden` says.
    Dense,
    /// A name.
    Preset(Preset),
    /// A table of layers in a file.
    File(PathBuf),
}

/// A name, or else a path.
pub(crate) fn parse(text: &str) -> Result<ArchitectureArg, String> {
    if text == "dense" {
        return Ok(ArchitectureArg::Dense);
    }
    if let Some(preset) = Preset::of_name(text) {
        return Ok(ArchitectureArg::Preset(preset));
    }
    if text.contains(['.', '/', std::path::MAIN_SEPARATOR]) {
        return Ok(ArchitectureArg::File(text.into()));
    }
    let names = Preset::ALL.map(Preset::name).join(", ");
    Err(format!(
        "no architecture has this name; there are dense, {names}, and files such as layers.toml"
    ))
}

impl ArchitectureArg {
    /// What it says of the layers; nothing of dense ones.
    pub(crate) fn choice(&self) -> anyhow::Result<Option<ArchitectureChoice>> {
        Ok(match self {
            Self::Dense => None,
            Self::Preset(preset) => Some((*preset).into()),
            Self::File(path) => Some(read(path)?),
        })
    }

    /// What it is called in the name of a run.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Dense => "dense".to_owned(),
            Self::Preset(preset) => preset.name().to_owned(),
            Self::File(path) => stem(path),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<ArchitectureChoice> {
    let of_file = || format!("cannot read the layers in {}", path.display());
    let bytes = read_file(path, MOST_BYTES).with_context(of_file)?;
    let text =
        String::from_utf8(bytes).map_err(|_| anyhow!("it is no text")).with_context(of_file)?;
    let table = Architecture::from_toml(&text).with_context(of_file)?;
    Ok(ArchitectureChoice::table(stem(path), table))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_file() {
        assert!(matches!(parse("dense"), Ok(ArchitectureArg::Dense)));
        assert!(matches!(parse("conv1d"), Ok(ArchitectureArg::Preset(Preset::Conv1d))));
        for path in ["a.toml", "./a", "conv/x"] {
            assert!(matches!(parse(path), Ok(ArchitectureArg::File(_))), "{path}");
        }
        let error = parse("convv").unwrap_err();
        assert!(error.contains("dense, conv, conv1d, separable"), "{error}");
    }
}
