//! Makes the sample of Fashion-MNIST that is kept in this package.

use std::path::Path;

use ae_files::{hex, make_folder, write_atomically};
use sha2::{Digest, Sha256};

use super::known::KnownFile;
use super::{DataError, Half, idx};

const CLASSES: usize = 10;

/// Images of each class in the sample.
fn per_class(half: Half) -> usize {
    match half {
        Half::Train => 600,
        Half::Test => 100,
    }
}

/// Writes the sample into `out`: of each class the first 600 images for training and the first
/// 100 for testing, in their order, with their labels, as four `.gz` files and a `README.md`
/// that lists their digests. The same bytes each time.
///
/// `full` is a folder with the four files of Fashion-MNIST, which are checked.
///
/// # Errors
///
/// [`DataError`]: a file that is missing or not the known one, or that cannot be written.
pub fn make_sample(full: &Path, out: &Path) -> Result<(), DataError> {
    make_folder(out).map_err(|e| DataError::io(out, e))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        write_atomically(&path, bytes).map_err(|e| DataError::io(&path, e))
    };
    let mut digests = String::new();
    for half in [Half::Train, Half::Test] {
        let (images, labels) = sample_of(full, half)?;
        for (file, bytes) in [(KnownFile::images(half), images), (KnownFile::labels(half), labels)]
        {
            let name = file.compressed_name();
            write(&name, &bytes)?;
            digests += &format!("{}  {name}\n", hex(&Sha256::digest(&bytes)));
        }
    }
    write("README.md", readme(&digests).as_bytes())
}

/// The compressed files of images and labels of one half of the sample.
fn sample_of(full: &Path, half: Half) -> Result<(Vec<u8>, Vec<u8>), DataError> {
    let (_, images) = KnownFile::images(half).read(full)?;
    let (_, labels) = KnownFile::labels(half).read(full)?;
    let chosen = first_of_each_class(&labels.elements, images.dims[0], per_class(half))?;

    let features: usize = images.dims[1..].iter().product();
    let mut pixels = Vec::with_capacity(chosen.len() * features);
    let mut classes = Vec::with_capacity(chosen.len());
    for index in chosen {
        pixels.extend(&images.elements[index * features..][..features]);
        classes.push(labels.elements[index]);
    }
    let mut dims = images.dims;
    dims[0] = classes.len();
    let file = |dims: &[usize], elements: &[u8]| {
        let bytes = idx::write(dims, elements).expect("as many elements as the dimensions say");
        idx::gzip(&bytes)
    };
    Ok((file(&dims, &pixels), file(&dims[..1], &classes)))
}

/// Indices, ascending, of the first `per_class` items of each of the ten classes.
fn first_of_each_class(
    labels: &[u8],
    images: usize,
    per_class: usize,
) -> Result<Vec<usize>, DataError> {
    if labels.len() != images || labels.iter().any(|&class| usize::from(class) >= CLASSES) {
        return Err(DataError::Labels { labels: labels.len(), images });
    }
    let mut taken = [0; CLASSES];
    let mut chosen = Vec::with_capacity(CLASSES * per_class);
    for (index, &class) in labels.iter().enumerate() {
        let taken = &mut taken[usize::from(class)];
        if *taken < per_class {
            *taken += 1;
            chosen.push(index);
        }
    }
    match taken.iter().position(|&count| count < per_class) {
        None => Ok(chosen),
        Some(class) => Err(DataError::ClassTooSmall {
            class: class as u8,
            found: taken[class],
            expected: per_class,
        }),
    }
}

fn readme(digests: &str) -> String {
    format!(
        "\
# A sample of Fashion-MNIST

6,000 training and 1,000 test images of Fashion-MNIST with their labels: of each of the ten
classes the first 600 and the first 100, in their original order. The files are IDX, compressed
with gzip, as the whole dataset is. `ae-train` has the images built in and trains on them where
it does not find the whole dataset.

Fashion-MNIST is by Zalando SE, <https://github.com/zalandoresearch/fashion-mnist>, under the
MIT licence in `LICENSE`.

`cargo xtask sample` makes all files here but `LICENSE`, from the whole dataset. SHA-256 of
each, to be checked with `sha256sum --check README.md`, which passes over the other lines:

```
{digests}```
"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::super::{locate, sample};
    use super::*;

    /// The files as committed, whichever folder the tests run in.
    const COMMITTED: [(&str, &[u8]); 5] = [
        ("train-images-idx3-ubyte.gz", include_bytes!("../sample/train-images-idx3-ubyte.gz")),
        ("train-labels-idx1-ubyte.gz", include_bytes!("../sample/train-labels-idx1-ubyte.gz")),
        ("t10k-images-idx3-ubyte.gz", include_bytes!("../sample/t10k-images-idx3-ubyte.gz")),
        ("t10k-labels-idx1-ubyte.gz", include_bytes!("../sample/t10k-labels-idx1-ubyte.gz")),
        ("README.md", include_bytes!("../sample/README.md")),
    ];

    fn committed(name: &str) -> &'static [u8] {
        COMMITTED.iter().find(|(n, _)| *n == name).unwrap().1
    }

    #[test]
    fn the_committed_files_have_the_digests_that_the_readme_lists() {
        let readme = std::str::from_utf8(committed("README.md")).unwrap();
        let mut listed = 0;
        for (name, bytes) in COMMITTED.iter().filter(|(name, _)| name.ends_with(".gz")) {
            let line = format!("{}  {name}", hex(&Sha256::digest(bytes)));
            assert!(readme.lines().any(|l| l == line), "not listed: {line}");
            listed += 1;
        }
        assert_eq!(listed, readme.lines().filter(|l| l.ends_with(".gz")).count());
        let total: usize = COMMITTED.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(total <= 4_000_000, "{total} bytes");
    }

    #[test]
    fn the_committed_sample_is_balanced() {
        for half in [Half::Train, Half::Test] {
            let images = sample::images(half).unwrap();
            assert_eq!(images.len(), CLASSES * per_class(half));
            assert_eq!((images.height(), images.width()), (28, 28));
            let labels = committed(&KnownFile::labels(half).compressed_name());
            let labels = idx::read(labels).unwrap();
            assert_eq!(labels.dims, [images.len()]);
            for class in 0..CLASSES as u8 {
                let count = labels.elements.iter().filter(|&&l| l == class).count();
                assert_eq!(count, per_class(half), "class {class}");
            }
        }
    }

    #[test]
    fn the_committed_sample_is_what_the_whole_dataset_gives() {
        let system = PathBuf::from(locate::SYSTEM_FOLDER);
        let complete = |folder: &PathBuf| {
            super::super::known::FASHION_MNIST.iter().all(|file| file.find(folder).is_some())
        };
        let Some(full) =
            [locate::cache_folder(), Some(system)].into_iter().flatten().find(complete)
        else {
            eprintln!("skipped: the whole of Fashion-MNIST is not on this machine");
            return;
        };
        let out = tempfile::tempdir().unwrap();
        make_sample(&full, out.path()).unwrap();
        for (name, bytes) in COMMITTED {
            // No assert_eq: it would print megabytes.
            assert!(
                fs::read(out.path().join(name)).unwrap() == bytes,
                "{name} differs: run `cargo xtask sample`"
            );
        }
    }

    #[test]
    fn the_first_of_each_class_are_chosen_in_order() {
        // Two of each class, those of class 0 last, then a third of class 9.
        let labels: Vec<u8> = (1..10).chain(1..10).chain([9, 0, 0]).collect();
        let chosen = first_of_each_class(&labels, labels.len(), 2).unwrap();
        let mut expected: Vec<usize> = (0..18).collect();
        expected.extend([19, 20]);
        assert_eq!(chosen, expected);
        let one_each: Vec<usize> = (0..9).chain([19]).collect();
        assert_eq!(first_of_each_class(&labels, 21, 1).unwrap(), one_each);
    }

    #[test]
    fn unfit_labels_are_refused() {
        let labels: Vec<u8> = (0..10).collect();
        assert!(matches!(
            first_of_each_class(&labels, 11, 1),
            Err(DataError::Labels { labels: 10, images: 11 })
        ));
        assert!(matches!(first_of_each_class(&[10], 1, 1), Err(DataError::Labels { .. })));
        assert!(matches!(
            first_of_each_class(&labels[..7], 7, 1),
            Err(DataError::ClassTooSmall { class: 7, found: 0, expected: 1 })
        ));
    }
}
