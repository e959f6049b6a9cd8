//! The same model in ONNX Runtime, by `tools/xtask/scripts/onnx_reconstruct.py`.

use std::io::Write;
use std::path::{self, Path};

use anyhow::{Context, Result};
use serde_json::Value;

use super::python::Python;
use crate::{command, workspace};

/// A Python that has ONNX Runtime.
pub(super) struct Onnx(Python);

impl Onnx {
    /// `python`, if it can import what the script needs.
    pub(super) fn find(python: &Path) -> Option<Self> {
        Python::with(python, "import numpy, onnx, onnxruntime; print(onnxruntime.__version__)")
            .map(Self)
    }

    /// Samples a second of the run's model, or of the network of convolutions where there is none, by
    /// variant; each takes `seconds`.
    pub(super) fn measure(
        &self,
        run: Option<&Path>,
        images: &[u8],
        threads: usize,
        seconds: f64,
    ) -> Result<Vec<(String, f64)>> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(images)?;
        let script = workspace::root()
            .join("tools")
            .join("xtask")
            .join("scripts")
            .join("onnx_reconstruct.py");
        let mut measure = command::program(&self.0.program);
        measure.arg(script);
        match run {
            Some(run) => measure.arg("--run").arg(path::absolute(run)?),
            None => measure.arg("--convolutions"),
        };
        measure.arg("--images").arg(file.path());
        measure.arg("--threads").arg(threads.to_string());
        measure.arg("--seconds").arg(seconds.to_string());
        let text = command::read(&mut measure)?;
        read_report(&text).with_context(|| format!("output of onnx_reconstruct.py: {text}"))
    }
}

/// Reads the script's one JSON object.
fn read_report(text: &str) -> Result<Vec<(String, f64)>> {
    let report: Value = serde_json::from_str(text)?;
    let version = report["onnxruntime"].as_str().context("no string `onnxruntime`")?;
    let rates = report["samples_per_second"].as_object().context("no `samples_per_second`")?;
    let rate = |(variant, rate): (&String, &Value)| {
        let (contract, how) = variant.split_once(' ').unwrap_or((variant, ""));
        let name = format!("{contract} ONNX Runtime {version} {how}");
        Ok((name.trim_end().into(), rate.as_f64().context("rates are numbers")?))
    };
    rates.iter().map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::read_report;

    #[test]
    fn the_report_is_read() {
        let text =
            r#"{"onnxruntime": "1.2", "samples_per_second": {"f32": 5.5, "int8 static": 7}}"#;
        let expected =
            [("f32 ONNX Runtime 1.2".into(), 5.5), ("int8 ONNX Runtime 1.2 static".into(), 7.0)];
        assert_eq!(read_report(text).unwrap(), expected);
        assert!(read_report(r#"{"onnxruntime": "1.2"}"#).is_err());
        assert!(read_report(r#"{"samples_per_second": {"f32": 1}}"#).is_err());
    }
}
