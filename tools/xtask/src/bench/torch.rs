//! The same training in PyTorch, by `tools/xtask/scripts/torch_epoch.py`.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::TrainArgs;
use super::python::Python;
use super::train::Epochs;
use crate::{command, workspace};

/// A Python that has PyTorch.
pub(super) struct Torch(Python);

impl Torch {
    /// `python`, if it can import what the script needs.
    pub(super) fn find(python: &Path) -> Option<Self> {
        Python::with(python, "import numpy, torch; print(torch.__version__)").map(Self)
    }

    /// `PyTorch 2.9.0`, without what follows a `+` in the version.
    pub(super) fn name(&self) -> String {
        let version = self.0.answer.split('+').next().unwrap_or(&self.0.answer);
        format!("PyTorch {version}")
    }

    /// One training of the article's recipe.
    pub(super) fn train(&self, data: &Path, args: &TrainArgs) -> Result<Epochs> {
        let script = workspace::root().join("tools").join("xtask").join("scripts").join("torch_epoch.py");
        let mut train = command::program(&self.0.program);
        train.arg(script).arg("--data").arg(data);
        train.arg("--epochs").arg(args.epochs.to_string());
        train.arg("--threads").arg(args.threads.to_string());
        let text = command::read(&mut train)?;
        read_report(&text).with_context(|| format!("output of torch_epoch.py: {text}"))
    }
}

/// Reads the script's one JSON object.
fn read_report(text: &str) -> Result<Epochs> {
    let report: Value = serde_json::from_str(text)?;
    let seconds = report["seconds"].as_array().context("no list `seconds`")?;
    let seconds = seconds.iter().map(|value| value.as_f64().context("seconds are numbers"));
    let test_bce = report["test_bce"].as_f64().context("no number `test_bce`")?;
    Ok(Epochs { seconds: seconds.collect::<Result<_>>()?, test_bce: vec![test_bce] })
}

#[cfg(test)]
mod tests {
    use super::{Epochs, Python, Torch, read_report};

    #[test]
    fn the_report_is_read() {
        let epochs = read_report(r#"{"seconds": [2.5, 1.5], "test_bce": 0.31}"#).unwrap();
        assert_eq!(epochs, Epochs { seconds: vec![2.5, 1.5], test_bce: vec![0.31] });
        assert!(read_report(r#"{"seconds": [2.5, "x"], "test_bce": 0.31}"#).is_err());
        assert!(read_report(r#"{"seconds": [2.5]}"#).is_err());
    }

    #[test]
    fn the_version_is_shown_without_its_build() {
        let torch = Torch(Python { program: "python3".into(), answer: "2.9.0+cpu".into() });
        assert_eq!(torch.name(), "PyTorch 2.9.0");
    }
}
