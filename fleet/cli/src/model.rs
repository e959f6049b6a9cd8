//! A model's file, and what it asks of the data.

use std::path::{Path, PathBuf};

use ae_core::{Contract, Detection, F32Model, Header, Int8Model, LoadError, SampleKind};
use ae_files::read_file;
use ae_fleet_functions::Digest;
use anyhow::{Context, bail};

/// No blob is larger.
const MOST_BYTES: u64 = 1 << 30;

/// A blob that has been read and checked.
#[derive(Debug)]
pub(crate) struct Model {
    /// Where it lies, as the user said.
    pub(crate) path: PathBuf,
    /// All of its bytes.
    pub(crate) blob: Vec<u8>,
    /// Their SHA-256, by which functions know it.
    pub(crate) digest: Digest,
    /// Values of a window.
    pub(crate) features: usize,
    /// What it says to a detector, if it has one.
    pub(crate) detector: Option<Detector>,
}

/// What a blob says to a detector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detector {
    /// The type of the signal's values.
    pub(crate) kind: SampleKind,
    /// Values of a sample of the signal.
    pub(crate) channels: usize,
    /// Samples of the signal in a window.
    pub(crate) window: usize,
    /// A window exceeds it if its score is larger.
    pub(crate) threshold: u64,
}

impl Model {
    /// Reads the file and checks the blob in it.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            bail!("{} is a folder, expected a blob such as model.int8.aeb", path.display());
        }
        let blob = read_file(path, MOST_BYTES)
            .with_context(|| format!("cannot read the model {}", path.display()))?;
        let shape = shape(&blob).with_context(|| {
            format!(
                "{} is not a usable model; expected a blob of `ae-train`, such as model.int8.aeb{}",
                path.display(),
                behind(&blob)
            )
        })?;
        let (features, detector) = shape;
        let digest = Digest::of(&blob);
        Ok(Self { path: path.to_owned(), blob, digest, features, detector })
    }

    /// What it says to a detector, or an error that says what needs one.
    pub(crate) fn detector(&self, what: &str) -> anyhow::Result<&Detector> {
        self.detector.as_ref().with_context(|| {
            format!(
                "{} has no detector, and {what} needs one; `ae-train detect` makes a model that has",
                self.path.display()
            )
        })
    }
}

/// Values of a window, and what the blob says to a detector.
pub(crate) fn shape(blob: &[u8]) -> Result<(usize, Option<Detector>), LoadError> {
    let header = Header::check(blob)?;
    let detection = match header.contract {
        Contract::Int8 => Int8Model::parse(blob)?.detection()?,
        Contract::F32 => F32Model::parse(blob)?.detection()?,
    };
    let features = header.features as usize;
    let detector = detection.map(|of| detector(&of, features)).transpose()?;
    Ok((features, detector))
}

fn detector(of: &Detection<'_>, features: usize) -> Result<Detector, LoadError> {
    Ok(Detector {
        kind: of.kind(),
        channels: of.signal_channels(features).map_err(LoadError::Detection)?,
        window: of.signal_window() as usize,
        threshold: of.threshold,
    })
}

/// A hint for a blob with something behind it.
fn behind(bytes: &[u8]) -> String {
    let blob = Header::read(bytes).ok().and_then(|header| usize::try_from(header.total_len).ok());
    match blob.and_then(|blob| bytes.len().checked_sub(blob)) {
        Some(more) if more > 0 => format!(
            "; behind its blob are {more} bytes, as in a signed file: give the blob that was signed"
        ),
        _ => String::new(),
    }
}
