//! A user's own folder of IDX files.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::idx::{self, Idx};
use super::{DataError, Half, Images};

/// Names listed in a message about what a folder holds.
const LISTED: usize = 8;

/// Reads the images of one half from a folder.
pub(super) fn read_images(folder: &Path, half: Half) -> Result<Images, DataError> {
    check_folder(folder)?;
    let path = find(folder, half)?;
    let file = File::open(&path).map_err(|e| DataError::io(&path, e))?;
    images(&path, BufReader::new(file))
}

/// Reads images from an opened IDX file, gzip or not; `path` is for messages.
///
/// # Errors
/// It holds no images.
pub fn images(path: &Path, input: impl io::BufRead) -> Result<Images, DataError> {
    let idx = idx::read(input).map_err(|source| DataError::Idx { file: path.into(), source })?;
    images_of(path, idx)
}

/// Images out of what was read from the file at `path`.
pub(super) fn images_of(path: &Path, idx: Idx) -> Result<Images, DataError> {
    match idx.dims[..] {
        [_, height, width] => Images::new(idx.elements, height, width),
        [_, features] => Images::new(idx.elements, 1, features),
        _ => Err(DataError::Rank { file: path.into(), rank: idx.dims.len() }),
    }
}

fn check_folder(folder: &Path) -> Result<(), DataError> {
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(DataError::NotAFolder { path: folder.into() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(DataError::NoFolder { path: folder.into() })
        }
        Err(error) => Err(DataError::io(folder, error)),
    }
}

/// The usual names without `.gz`, the most usual first.
fn usual_names(half: Half) -> [String; 4] {
    let prefix = half.prefix();
    ["-idx3", ".idx3", "-idx2", ".idx2"].map(|kind| format!("{prefix}-images{kind}-ubyte"))
}

/// The one file of images of this half. Beside a compressed file, a decompressed one of the
/// same name is preferred; files of two different names are not chosen between.
fn find(folder: &Path, half: Half) -> Result<PathBuf, DataError> {
    let names = usual_names(half);
    let mut present = names.iter().filter_map(|name| {
        [name.clone(), format!("{name}.gz")].into_iter().find(|name| folder.join(name).is_file())
    });
    match (present.next(), present.next()) {
        (Some(name), None) => Ok(folder.join(name)),
        (Some(first), Some(second)) => {
            Err(DataError::TwoFiles { folder: folder.into(), first, second })
        }
        (None, _) => Err(DataError::NoFile {
            folder: folder.into(),
            expected: names[0].clone(),
            found: listing(folder).map_err(|e| DataError::io(folder, e))?,
        }),
    }
}

fn listing(folder: &Path) -> io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let mut name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            name.push('/');
        }
        names.push(name);
    }
    if names.is_empty() {
        return Ok("nothing".into());
    }
    names.sort();
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    let mut text = names.join(", ");
    if more > 0 {
        text += &format!(" and {more} more");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[(&str, &[usize])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, dims) in files {
            let bytes = idx::write(dims, &vec![9; dims.iter().product()]).unwrap();
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn all_usual_names_are_found() {
        for prefix in ["train", "t10k"] {
            let half = match prefix {
                "train" => Half::Train,
                _ => Half::Test,
            };
            for kind in ["-idx3", ".idx3", "-idx2", ".idx2"] {
                for ending in ["", ".gz"] {
                    let name = format!("{prefix}-images{kind}-ubyte{ending}");
                    // Compression is told by content: here a plain file bears `.gz` too.
                    let folder = folder_with(&[(&name, &[2, 3, 4])]);
                    let images = read_images(folder.path(), half).unwrap();
                    assert_eq!((images.len(), images.height(), images.width()), (2, 3, 4));
                }
            }
        }
    }

    #[test]
    fn rank_two_gives_rows_of_features() {
        let folder = folder_with(&[("t10k-images-idx2-ubyte", &[5, 783])]);
        let images = read_images(folder.path(), Half::Test).unwrap();
        assert_eq!((images.len(), images.height(), images.width()), (5, 1, 783));
    }

    #[test]
    fn labels_are_not_images() {
        let folder = folder_with(&[("t10k-images-idx3-ubyte", &[5])]);
        let error = read_images(folder.path(), Half::Test).unwrap_err();
        assert!(matches!(error, DataError::Rank { rank: 1, .. }));
        assert!(error.to_string().contains("labels"));
    }

    #[test]
    fn a_decompressed_copy_goes_before_the_compressed_one() {
        let folder = folder_with(&[
            ("t10k-images-idx3-ubyte.gz", &[2, 3, 4]),
            ("t10k-images-idx3-ubyte", &[7, 3, 4]),
        ]);
        assert_eq!(read_images(folder.path(), Half::Test).unwrap().len(), 7);
    }

    #[test]
    fn two_candidates_are_not_guessed_between() {
        let folder = folder_with(&[
            ("t10k-images-idx3-ubyte", &[2, 3, 4]),
            ("t10k-images.idx3-ubyte", &[7, 3, 4]),
        ]);
        assert!(matches!(read_images(folder.path(), Half::Test), Err(DataError::TwoFiles { .. })));
    }

    #[test]
    fn what_is_not_a_folder_of_images_is_told() {
        let folder = folder_with(&[("notes.txt", &[1])]);
        let gone = folder.path().join("gone");
        let file = folder.path().join("notes.txt");
        let text = |path: &Path| read_images(path, Half::Train).unwrap_err().to_string();

        assert!(text(&gone).contains("there is no folder"), "{}", text(&gone));
        assert!(text(&file).contains("is a file"), "{}", text(&file));
        assert!(text(&file).ends_with(&folder.path().display().to_string()));
        let empty = text(folder.path());
        assert!(empty.contains("train-images-idx3-ubyte"), "{empty}");
        assert!(empty.contains("it holds notes.txt;"), "{empty}");
    }

    #[test]
    fn a_long_listing_is_cut_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(listing(folder.path()).unwrap(), "nothing");
        fs::create_dir(folder.path().join("raw")).unwrap();
        assert_eq!(listing(folder.path()).unwrap(), "raw/");
        for i in 0..10 {
            fs::write(folder.path().join(format!("f{i}")), "").unwrap();
        }
        let text = listing(folder.path()).unwrap();
        assert!(text.starts_with("f0, f1, "), "{text}");
        assert!(text.ends_with("f7 and 3 more"), "{text}");
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = folder_with(&[("t10k-images-idx3-ubyte", &[2, 3, 4])]);
        let path = folder.path().join("t10k-images-idx3-ubyte");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let text = read_images(folder.path(), Half::Test).unwrap_err().to_string();
        assert!(text.contains("t10k-images-idx3-ubyte"), "{text}");
        assert!(text.contains("24 elements, but 23"), "{text}");
    }
}
