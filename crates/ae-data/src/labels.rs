//! Labels of images: MNIST's files beside those of the images.

use std::fs::File;
use std::io::{self, BufReader, Cursor};
use std::path::{Path, PathBuf};

use super::idx::{self, Idx};
use super::known::KnownFile;
use super::{DataError, Half, Origin, sample};

/// The label of each image of one half, 0 to 255.
///
/// # Errors
/// There is no file of labels, or it is not one, or it has not as many labels as there are `images`.
pub fn labels(origin: &Origin, half: Half, images: usize) -> Result<Vec<u8>, DataError> {
    let (path, idx) = match origin {
        Origin::Cache(folder) | Origin::System(folder) => KnownFile::labels(half).read(folder)?,
        Origin::Folder(folder) => {
            let path = find(folder, half)?;
            let file = File::open(&path).map_err(|error| DataError::io(&path, error))?;
            read(path, BufReader::new(file))?
        }
        Origin::Sample => {
            let name = format!("built-in {}.gz", usual_name(half));
            read(name.into(), Cursor::new(sample::labels(half)))?
        }
    };
    match idx.dims[..] {
        [found] if found == images => Ok(idx.elements),
        [found] => Err(DataError::LabelCount { file: path, images, found }),
        _ => Err(DataError::LabelRank { file: path, rank: idx.dims.len() }),
    }
}

fn usual_name(half: Half) -> String {
    format!("{}-labels-idx1-ubyte", half.prefix())
}

fn find(folder: &Path, half: Half) -> Result<PathBuf, DataError> {
    let name = usual_name(half);
    let dotted = format!("{}-labels.idx1-ubyte", half.prefix());
    let forms = [&name, &dotted].into_iter().flat_map(|name| [name.clone(), format!("{name}.gz")]);
    let found = forms.map(|form| folder.join(form)).find(|path| path.is_file());
    found.ok_or_else(|| DataError::NoLabels { folder: folder.into(), expected: name })
}

fn read(path: PathBuf, input: impl io::BufRead) -> Result<(PathBuf, Idx), DataError> {
    match idx::read(input) {
        Ok(idx) => Ok((path, idx)),
        Err(source) => Err(DataError::Idx { file: path, source }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_sample_has_ten_labels() {
        let labels = labels(&Origin::Sample, Half::Test, 1000).unwrap();
        assert_eq!((labels.iter().min(), labels.iter().max()), (Some(&0), Some(&9)));
    }

    #[test]
    fn a_folder_without_labels_or_with_others_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let origin = Origin::Folder(folder.path().into());
        let error = labels(&origin, Half::Train, 3).unwrap_err().to_string();
        assert!(error.contains("train-labels-idx1-ubyte"), "{error}");
        let file = folder.path().join("train-labels-idx1-ubyte");
        fs::write(&file, idx::write(&[3], &[7, 8, 9]).unwrap()).unwrap();
        assert_eq!(labels(&origin, Half::Train, 3).unwrap(), [7, 8, 9]);
        let error = labels(&origin, Half::Train, 4).unwrap_err().to_string();
        assert!(error.contains("3 labels") && error.contains("4 images"), "{error}");
        fs::write(&file, idx::write(&[1, 3], &[7, 8, 9]).unwrap()).unwrap();
        assert!(labels(&origin, Half::Train, 3).is_err());
    }
}
