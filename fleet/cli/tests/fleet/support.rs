//! Runs the program.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A blob of the repository.
pub(crate) fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name)
}

/// A folder that goes with it, in which the program runs.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    /// All names in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ae-fleet"));
        command.args(arguments).current_dir(self.0.path());
        command.output().unwrap()
    }

    /// What a run that succeeds prints.
    pub(crate) fn ok<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run that fails says, which prints nothing and leaves nothing behind.
    pub(crate) fn fails<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        let names = self.names();
        let output = self.run(arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
        assert_eq!(self.names(), names, "{errors}");
        errors
    }

    /// The rows of a query.
    pub(crate) fn rows(&self, query: &str, file: &str) -> Vec<Value> {
        let table = format!("t={file}");
        let text = self.ok(&["sql", query, "--table", &table, "--json"]);
        serde_json::from_str(&text).unwrap()
    }

    /// An archive of windows for a model.
    pub(crate) fn archive(&self, model: &str, rows: u32, devices: u32) {
        let model = golden(model);
        let (rows, devices) = (rows.to_string(), devices.to_string());
        let mut arguments: Vec<&OsStr> =
            ["generate", "--out", "archive", "--file-bytes", "20kB"].map(OsStr::new).to_vec();
        arguments.extend([OsStr::new("--model"), model.as_os_str()]);
        arguments.extend(["--rows", &rows, "--devices", &devices].map(OsStr::new));
        self.ok(&arguments);
    }
}

/// A number of an object.
pub(crate) fn number(row: &Value, name: &str) -> u64 {
    row[name].as_u64().unwrap_or_else(|| panic!("no number {name} in {row}"))
}

/// The values of a list.
pub(crate) fn list(row: &Value, name: &str) -> Vec<i64> {
    let values = row[name].as_array().unwrap_or_else(|| panic!("no list {name} in {row}"));
    values.iter().map(|value| value.as_i64().unwrap()).collect()
}
