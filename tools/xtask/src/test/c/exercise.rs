//! For `--all`: Fashion-MNIST's test images, and all windows of the built-in smartwatch recordings.

use std::fs::{self, File};
use std::io::BufReader;

use ae_core::SampleKind;
use ae_data::images_of_idx;
use ae_data::signal::{Source, load};
use ae_testkit::cases::{self, given};
use ae_testkit::signal::Signal;
use anyhow::{Context, Result};

use super::super::boards;
use crate::{fashion_mnist, workspace};

/// The images, in the dataset's folder.
const IMAGES: &str = "t10k-images-idx3-ubyte.gz";
/// The recordings, and what makes counts of them, as the detector has it that the step boards trains.
const RECORDINGS: &str = "watch-imu-sample";
const COUNTS_PER_UNIT: [f64; 6] = [2048.0, 2048.0, 2048.0, 1000.0, 1000.0, 1000.0];

/// The files of cases, with what they are about. Models and detector are those of the step boards.
///
/// # Errors
/// A model cannot be trained, or the data cannot be read.
pub(super) fn files() -> Result<[(&'static str, cases::File); 2]> {
    let ae_train = workspace::build_ae_train()?;
    Ok([("images", images(&ae_train)?), ("smartwatch", smartwatch(&ae_train)?)])
}

fn images(ae_train: &std::path::Path) -> Result<cases::File> {
    let path = fashion_mnist::folder(None, ae_train)?.join(IMAGES);
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let images = images_of_idx(&path, BufReader::new(file))?;
    let blob = fs::read(boards::trained()?.join(boards::INT8))?;
    Ok(given(&blob, &images.iter().collect::<Vec<_>>(), &[]))
}

fn smartwatch(ae_train: &std::path::Path) -> Result<cases::File> {
    boards::trained()?;
    let run = boards::detector_of_counts(ae_train)?;
    let blob = fs::read(run.join(boards::INT8))?;
    let source = Source { files: vec![RECORDINGS.into()], ..Source::default() };
    let signals = load(source, &COUNTS_PER_UNIT)?;
    let counts = signals.recordings.iter().map(|recording| {
        let counts = ae_data::signal::SampleBuffer::of(&recording.samples, SampleKind::Counts);
        match counts.samples() {
            ae_core::Samples::Counts(counts) => Ok(Signal::Counts(counts.to_vec())),
            _ => anyhow::bail!("the recordings are no counts"),
        }
    });
    Ok(given(&blob, &[], &counts.collect::<Result<Vec<_>>>()?))
}
