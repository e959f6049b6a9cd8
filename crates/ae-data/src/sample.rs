//! The sample of Fashion-MNIST inside this program. `sample/README.md` of this package tells
//! what it is; [`super::make_sample`] makes it.

use std::path::PathBuf;

use super::{DataError, Images, Split, folder};

/// The name under which the sample is asked for.
pub const NAME: &str = "fashion-mnist-sample";

const TRAIN: &[u8] = include_bytes!("../sample/train-images-idx3-ubyte.gz");
const TEST: &[u8] = include_bytes!("../sample/t10k-images-idx3-ubyte.gz");

const TRAIN_LABELS: &[u8] = include_bytes!("../sample/train-labels-idx1-ubyte.gz");
const TEST_LABELS: &[u8] = include_bytes!("../sample/t10k-labels-idx1-ubyte.gz");

/// The file of labels of one half of the sample, compressed.
pub(super) fn labels(split: Split) -> &'static [u8] {
    match split {
        Split::Train => TRAIN_LABELS,
        Split::Test => TEST_LABELS,
    }
}

/// Images of one half of the sample: 6,000 to train on or 1,000 to test on, 28 × 28.
///
/// # Errors
///
/// None with the files of this package; a program built around damaged ones says so here.
pub fn images(split: Split) -> Result<Images, DataError> {
    let bytes = match split {
        Split::Train => TRAIN,
        Split::Test => TEST,
    };
    let name = format!("built-in {}-images-idx3-ubyte.gz", split.prefix());
    folder::images(&PathBuf::from(name), bytes)
}
