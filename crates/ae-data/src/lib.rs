//! Data from files: labelled images and signals, checked, divided and made ready for training.
//!
//! [`load`] reads a [`Dataset`] of images: by name, from a folder of IDX files, or the sample built
//! into this crate. [`signal`] reads recordings of several channels, and [`npy`] arrays of samples.
#![forbid(unsafe_code)]

pub mod fetch;
pub mod idx;
pub mod known;
pub mod locate;
pub mod make_sample;
pub mod make_watch_sample;
pub mod npy;
pub mod sample;
pub mod shuffle;
pub mod signal;
pub mod watch;

mod error;
mod folder;
mod images;
mod labels;
mod named;
mod origin;
pub mod remembered;

use std::path::Path;

pub use error::DataError;
pub use folder::images as images_of_idx;
pub use images::{Dataset, Images};
pub use labels::labels;
pub use named::{called, is_dataset};
pub use origin::{Half, Origin};

use locate::Places;

/// Loads training and test images.
///
/// | `spec` | gives |
/// | --- | --- |
/// | `None` | Fashion-MNIST if it is found, else the sample; see [`Origin::is_sample`] |
/// | `Some("fashion-mnist")` | Fashion-MNIST from the cache or the system's package |
/// | `Some("fashion-mnist-sample")` | the sample built into this program |
/// | `Some(path)` | the IDX files in that folder |
///
/// A name wins over a folder of the same name; `./fashion-mnist` is the folder. Files found by
/// name must have the known SHA-256, those in a folder of the user's may hold anything.
///
/// # Errors
///
/// [`DataError`], which names the file or the places and what to do. A damaged file found by
/// name is an error, never a reason to go on with the sample.
///
/// ```
/// let data = ae_data::load(Some("fashion-mnist-sample")).unwrap();
/// assert_eq!((data.train.len(), data.test.len(), data.train.features()), (6000, 1000, 784));
/// ```
pub fn load(spec: Option<&str>) -> Result<Dataset, DataError> {
    load_from(spec, &Places::of_user())
}

/// Loads one half of a dataset. The other half need not be there.
///
/// `spec` is as for [`load`].
///
/// # Errors
///
/// As [`load`].
pub fn load_half(spec: Option<&str>, half: Half) -> Result<(Images, Origin), DataError> {
    let origin = resolve(spec, &[half], &Places::of_user())?;
    Ok((read(&origin, half)?, origin))
}

fn load_from(spec: Option<&str>, places: &Places) -> Result<Dataset, DataError> {
    let origin = resolve(spec, &[Half::Train, Half::Test], places)?;
    let train = read(&origin, Half::Train)?;
    let test = read(&origin, Half::Test)?;
    let size = |images: &Images| (images.height(), images.width());
    if let Origin::Folder(folder) = &origin
        && size(&train) != size(&test)
    {
        return Err(DataError::SizesDiffer {
            folder: folder.clone(),
            train: size(&train),
            test: size(&test),
        });
    }
    Ok(Dataset { name: name(&origin), origin, train, test })
}

/// Decides where to read from; a place counts only if it holds all of `halves`.
fn resolve(spec: Option<&str>, halves: &[Half], places: &Places) -> Result<Origin, DataError> {
    match spec {
        None => Ok(places.find(halves).unwrap_or(Origin::Sample)),
        Some(known::NAME) => places
            .find(halves)
            .ok_or_else(|| DataError::NameNotFound { looked_in: places.describe(halves) }),
        Some(sample::NAME) => Ok(Origin::Sample),
        Some(path) => Ok(Origin::Folder(Path::new(path).to_path_buf())),
    }
}

fn read(origin: &Origin, half: Half) -> Result<Images, DataError> {
    match origin {
        Origin::Folder(path) => folder::read_images(path, half),
        Origin::Cache(path) | Origin::System(path) => known::read_images(path, half),
        Origin::Sample => sample::images(half),
    }
}

fn name(origin: &Origin) -> String {
    match origin {
        Origin::Cache(_) | Origin::System(_) => known::NAME.into(),
        Origin::Sample => sample::NAME.into(),
        // Resolved first, so that `.` and `..` have a name too.
        Origin::Folder(path) => path
            .canonicalize()
            .ok()
            .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .unwrap_or_else(|| "data".into()),
    }
}

#[cfg(test)]
mod tests;
