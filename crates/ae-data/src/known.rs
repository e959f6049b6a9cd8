//! The files of Fashion-MNIST as they are distributed, and the check that a file is one of them.
//!
//! Two digests are known of each. That of the distributed `.gz` file is for downloads. That of
//! the content is for files found on disk, because packages compress anew: Debian's `.gz` files
//! lack the name and bear another time in their headers, and hold the same images.
//!
//! Sources: the data, <https://github.com/zalandoresearch/fashion-mnist>; lengths and SHA-256 of
//! the `.gz` files, `url_checksums/fashion_mnist.txt` of TensorFlow Datasets. A test rebuilds the
//! `.gz` files from an installed package and so ties the digests to each other.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::idx::{self, Idx};
use super::{DataError, Half, Images, folder};

/// The name under which the dataset is asked for, and of its folder in the cache.
pub const NAME: &str = "fashion-mnist";

/// One file of a dataset: how it is distributed, and what it decompresses to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFile {
    /// Name without `.gz`.
    pub name: &'static str,
    /// Length of the distributed `.gz` file.
    pub compressed_bytes: u64,
    /// SHA-256 of the distributed `.gz` file, in hex.
    pub compressed_sha256: &'static str,
    /// Length of its content.
    pub content_bytes: u64,
    /// SHA-256 of its content, in hex.
    pub content_sha256: &'static str,
}

/// 60,000 images of 28 × 28.
pub const TRAIN_IMAGES: KnownFile = KnownFile {
    name: "train-images-idx3-ubyte",
    compressed_bytes: 26_421_880,
    compressed_sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    content_bytes: 47_040_016,
    content_sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
};

/// 60,000 labels, 0 to 9.
pub const TRAIN_LABELS: KnownFile = KnownFile {
    name: "train-labels-idx1-ubyte",
    compressed_bytes: 29_515,
    compressed_sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    content_bytes: 60_008,
    content_sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
};

/// 10,000 images of 28 × 28.
pub const TEST_IMAGES: KnownFile = KnownFile {
    name: "t10k-images-idx3-ubyte",
    compressed_bytes: 4_422_102,
    compressed_sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    content_bytes: 7_840_016,
    content_sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
};

/// 10,000 labels, 0 to 9.
pub const TEST_LABELS: KnownFile = KnownFile {
    name: "t10k-labels-idx1-ubyte",
    compressed_bytes: 5_148,
    compressed_sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    content_bytes: 10_008,
    content_sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
};

/// All four files of Fashion-MNIST.
pub const FASHION_MNIST: [KnownFile; 4] = [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS];

impl KnownFile {
    /// The images of one half of Fashion-MNIST.
    pub fn images(half: Half) -> Self {
        match half {
            Half::Train => TRAIN_IMAGES,
            Half::Test => TEST_IMAGES,
        }
    }

    /// The labels of one half of Fashion-MNIST.
    pub fn labels(half: Half) -> Self {
        match half {
            Half::Train => TRAIN_LABELS,
            Half::Test => TEST_LABELS,
        }
    }

    /// Name of the distributed file.
    pub fn compressed_name(&self) -> String {
        format!("{}.gz", self.name)
    }

    /// The file in `folder` if there is one, decompressed before compressed. It is not opened.
    pub fn find(&self, folder: &Path) -> Option<PathBuf> {
        [self.name.to_string(), self.compressed_name()]
            .iter()
            .map(|name| folder.join(name))
            .find(|path| path.is_file())
    }

    /// Reads the file from `folder`, compressed or not, and checks that its content is the known
    /// one. Gives its path too, for messages.
    ///
    /// # Errors
    ///
    /// [`DataError::NoFile`], [`DataError::KnownDamaged`], [`DataError::Checksum`],
    /// [`DataError::Io`].
    pub fn read(&self, folder: &Path) -> Result<(PathBuf, Idx), DataError> {
        let path = self.find(folder).ok_or_else(|| DataError::NoFile {
            folder: folder.into(),
            expected: self.name.into(),
            found: "neither form of it".into(),
        })?;
        let file = File::open(&path).map_err(|e| DataError::io(&path, e))?;
        let idx = idx::read_at_most(self.content_bytes, BufReader::new(file))
            .map_err(|source| DataError::KnownDamaged { file: path.clone(), source })?;
        let found = idx.content_sha256();
        if found != self.content_sha256 {
            return Err(DataError::Checksum {
                file: path,
                found,
                expected: self.content_sha256.into(),
            });
        }
        Ok((path, idx))
    }
}

/// Reads the images of one half of Fashion-MNIST from `folder` and checks them.
pub(super) fn read_images(folder: &Path, half: Half) -> Result<Images, DataError> {
    let (path, idx) = KnownFile::images(half).read(folder)?;
    folder::images_of(&path, idx)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ae_files::hex;
    use sha2::{Digest, Sha256};

    use super::super::locate;
    use super::*;

    /// Six elements, 0 to 5, as 2 x 3.
    const TINY: KnownFile = KnownFile {
        name: "tiny",
        compressed_bytes: 0,
        compressed_sha256: "not used",
        content_bytes: 18,
        content_sha256: "ef281b2f6ca26b683c34e0a40444d29c348ee4a3c57f3e1e955e1b5419e5e3c9",
    };

    #[test]
    fn either_form_is_accepted_and_no_other_content() {
        let content = idx::write(&[2, 3], &[0, 1, 2, 3, 4, 5]).unwrap();
        let others = [
            idx::write(&[2, 3], &[0, 1, 2, 3, 4, 6]).unwrap(),
            idx::write(&[3, 2], &[0, 1, 2, 3, 4, 5]).unwrap(),
            idx::write(&[6], &[0, 1, 2, 3, 4, 5]).unwrap(),
        ];
        let gzip: fn(&[u8]) -> Vec<u8> = idx::gzip;
        for (name, form) in [("tiny.gz", gzip), ("tiny", |bytes| bytes.to_vec())] {
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(TINY.find(folder.path()), None);
            let path = folder.path().join(name);
            fs::write(&path, form(&content)).unwrap();
            let (found, idx) = TINY.read(folder.path()).unwrap();
            assert_eq!((found, idx.elements), (path.clone(), vec![0, 1, 2, 3, 4, 5]));

            for other in &others {
                fs::write(&path, form(other)).unwrap();
                let error = TINY.read(folder.path()).unwrap_err();
                assert!(matches!(error, DataError::Checksum { .. }), "{error}");
                assert!(error.to_string().contains("download it again"));
            }

            let mut cut = form(&content);
            cut.pop();
            fs::write(&path, cut).unwrap();
            let error = TINY.read(folder.path()).unwrap_err();
            assert!(matches!(error, DataError::KnownDamaged { .. }), "{error}");
            assert!(error.to_string().contains("download it again"));
        }
    }

    #[test]
    fn more_than_the_known_length_is_not_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let larger = idx::write(&[19], &[0; 19]).unwrap();
        fs::write(folder.path().join("tiny.gz"), idx::gzip(&larger)).unwrap();
        assert!(matches!(
            TINY.read(folder.path()),
            Err(DataError::KnownDamaged { source: idx::IdxError::TooLarge { limit: 18, .. }, .. })
        ));
    }

    #[test]
    fn a_folder_without_the_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(TINY.read(folder.path()), Err(DataError::NoFile { .. })));
    }

    #[test]
    fn the_lengths_fit_the_dimensions() {
        for (images, labels, count) in
            [(TRAIN_IMAGES, TRAIN_LABELS, 60_000), (TEST_IMAGES, TEST_LABELS, 10_000)]
        {
            assert_eq!(images.content_bytes, 16 + count * 28 * 28);
            assert_eq!(labels.content_bytes, 8 + count);
        }
    }

    /// The distributed file differs from Debian's in the gzip header alone: it bears the name,
    /// and the time at which it was made in 2017.
    #[test]
    fn the_distributed_files_rebuilt_from_installed_ones_have_the_known_digests() {
        let system = Path::new(locate::SYSTEM_FOLDER);
        for file in FASHION_MNIST {
            let path = system.join(file.compressed_name());
            if !path.is_file() {
                eprintln!("skipped: there is no {}", path.display());
                continue;
            }
            file.read(system).unwrap();

            let installed = fs::read(&path).unwrap();
            assert_eq!(installed[..4], [0x1f, 0x8b, 8, 0], "a header without a name");
            let made: u32 = match file.name.starts_with("train") {
                true => 1_504_176_606,
                false => 1_504_176_627,
            };
            let mut rebuilt = vec![0x1f, 0x8b, 8, 8];
            rebuilt.extend(made.to_le_bytes());
            rebuilt.extend([0, 3]);
            rebuilt.extend(file.name.bytes().chain([0]));
            rebuilt.extend(&installed[10..]);
            assert_eq!(rebuilt.len() as u64, file.compressed_bytes);
            assert_eq!(hex(&Sha256::digest(&rebuilt)), file.compressed_sha256);
        }
    }
}
