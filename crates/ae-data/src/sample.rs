//! The sample of Fashion-MNIST inside this program. `sample/README.md` of this package tells
//! what it is; [`super::make_sample`] makes it.

use std::path::PathBuf;

use super::{DataError, Half, Images, folder};

/// The name under which the sample is asked for.
pub const NAME: &str = "fashion-mnist-sample";

const TRAIN: &[u8] = include_bytes!("../sample/train-images-idx3-ubyte.gz");
const TEST: &[u8] = include_bytes!("../sample/t10k-images-idx3-ubyte.gz");

const TRAIN_LABELS: &[u8] = include_bytes!("../sample/train-labels-idx1-ubyte.gz");
const TEST_LABELS: &[u8] = include_bytes!("../sample/t10k-labels-idx1-ubyte.gz");

/// The file of labels of one half of the sample, compressed.
pub(super) fn labels(half: Half) -> &'static [u8] {
    match half {
        Half::Train => TRAIN_LABELS,
        Half::Test => TEST_LABELS,
    }
}

/// Images of one half of the sample: 6,000 to train on or 1,000 to test on, 28 × 28.
///
/// # Errors
///
/// None with the files of this package; a program built around damaged ones says so here.
pub fn images(half: Half) -> Result<Images, DataError> {
    let bytes = match half {
        Half::Train => TRAIN,
        Half::Test => TEST,
    };
    let name = format!("built-in {}-images-idx3-ubyte.gz", half.prefix());
    folder::images(&PathBuf::from(name), bytes)
}
