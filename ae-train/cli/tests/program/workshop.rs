//! A folder with small data in it, and the program started there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ae_data::idx;
use tempfile::TempDir;

/// Test images in the folder `data`.
pub(crate) const TEST_IMAGES: usize = 12;
/// Pixels of such an image: 5 rows of 4.
pub(crate) const PIXELS: usize = 20;
/// Options for a training on `data` that takes a moment.
pub(crate) const QUICK: &str = "--data data --epochs 2 --hidden 12,6 --latent 3 --no-baseline";

/// A temporary folder in which the program runs; all names are relative to it.
pub(crate) struct Workshop {
    folder: TempDir,
}

/// What a process left.
#[derive(Debug)]
pub(crate) struct Finished {
    /// None if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Workshop {
    /// A folder that holds `data`: 40 training and 12 test images of 5 × 4.
    pub(crate) fn new() -> Self {
        let workshop = Self { folder: tempfile::tempdir().unwrap() };
        workshop.write_data("data", 40, TEST_IMAGES, 5, 4);
        workshop
    }

    /// The same, and a finished run in `run`.
    pub(crate) fn with_run() -> Self {
        let workshop = Self::new();
        workshop.ok(&format!("train --out run {QUICK}"));
        workshop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn read_text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    pub(crate) fn read_json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Names in a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }

    /// Names and bytes of the files in a folder.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let names = self.names(folder).into_iter();
        names.map(|name| (name.clone(), self.read(&format!("{folder}/{name}")))).collect()
    }

    /// The same without the folders in it.
    pub(crate) fn files_of(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut names = self.names(folder);
        names.retain(|name| self.path(&format!("{folder}/{name}")).is_file());
        names
            .into_iter()
            .map(|name| (name.clone(), self.read(&format!("{folder}/{name}"))))
            .collect()
    }

    /// A folder of IDX files of images that a small network can learn something of.
    pub(crate) fn write_data(
        &self,
        folder: &str,
        train: usize,
        test: usize,
        height: usize,
        width: usize,
    ) {
        fs::create_dir_all(self.path(folder)).unwrap();
        for (prefix, count, salt) in [("train", train, 1), ("t10k", test, 2)] {
            let pixels = pixels(count, height, width, salt);
            let bytes = idx::write(&[count, height, width], &pixels).unwrap();
            self.write(&format!("{folder}/{prefix}-images-idx3-ubyte"), &bytes);
        }
    }

    /// The program with the words of `line` as arguments. It finds no dataset by name.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ae-train"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .env("AE_TRAIN_CACHE", self.path("cache"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Finished {
        Finished::of(self.command(line).output().unwrap())
    }

    /// Runs a line that must succeed.
    pub(crate) fn ok(&self, line: &str) -> Finished {
        let finished = self.run(line);
        assert_eq!(finished.code, Some(0), "{line}: {}", finished.stderr);
        finished
    }

    /// Runs a line that must be refused: exit code 2, nothing on standard output, and a message
    /// on standard error that holds all of `words`. Gives the message.
    pub(crate) fn refused(&self, line: &str, words: &[&str]) -> String {
        self.run(line).expect_refusal(line, words)
    }
}

impl Finished {
    pub(crate) fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output as the one JSON object that it must be.
    pub(crate) fn json(&self) -> serde_json::Value {
        let value: serde_json::Value = serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.stdout)));
        assert!(value.is_object(), "{value}");
        value
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// See [`Workshop::refused`].
    pub(crate) fn expect_refusal(self, line: &str, words: &[&str]) -> String {
        let Self { code, stdout, stderr } = self;
        assert_eq!(code, Some(2), "{line}: {stderr}");
        assert!(stdout.is_empty(), "{line}: {}", String::from_utf8_lossy(&stdout));
        let message = stderr.split("error: ").nth(1);
        let message = message.unwrap_or_else(|| panic!("{line}: no message in {stderr}"));
        for word in words {
            assert!(message.contains(word), "{line}: no `{word}` in: {message}");
        }
        message.to_owned()
    }
}

/// Names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Slanted stripes, whose angle and place vary from image to image, with some noise.
fn pixels(count: usize, height: usize, width: usize, salt: usize) -> Vec<u8> {
    let mut noise = 12_345 + salt as u32;
    let mut pixels = Vec::with_capacity(count * height * width);
    for image in 0..count {
        for y in 0..height {
            for x in 0..width {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let stripe = (x * (1 + image % 3) + y * (image / 3 % 4) + image * salt) % 5 < 2;
                let light = if stripe { 200 } else { 20 };
                pixels.push(light + (noise >> 27) as u8);
            }
        }
    }
    pixels
}
