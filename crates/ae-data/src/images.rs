//! Images and pairs of image sets, in memory.

use std::ops::Range;

use ae_files::hex;
use sha2::{Digest, Sha256};

use super::{DataError, Origin};

/// 8-bit images of one size, row-major, back to back.
///
/// # Shapes
///
/// `len` images of `height × width` pixels; `features = height · width` bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    pixels: Vec<u8>,
    height: usize,
    width: usize,
}

impl Images {
    /// Takes the pixels of zero or more images of `height × width`.
    ///
    /// # Errors
    ///
    /// [`DataError::ImageSize`] if an image would have no pixel, if `height · width` is beyond
    /// a `usize`, or if `pixels` is not a whole number of images.
    ///
    /// ```
    /// use ae_data::Images;
    /// let images = Images::new(vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 2, 3).unwrap();
    /// assert_eq!((images.len(), images.features()), (2, 6));
    /// assert_eq!(images.image(1), [6, 7, 8, 9, 10, 11]);
    /// assert!(Images::new(vec![0; 7], 2, 3).is_err());
    /// ```
    pub fn new(pixels: Vec<u8>, height: usize, width: usize) -> Result<Self, DataError> {
        let features = height.checked_mul(width).unwrap_or(0);
        if features == 0 || !pixels.len().is_multiple_of(features) {
            return Err(DataError::ImageSize { bytes: pixels.len(), height, width });
        }
        Ok(Self { pixels, height, width })
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / self.features()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Rows of an image; 1 where the file gave `n × features` without rows and columns.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Bytes of an image, `height · width`.
    pub fn features(&self) -> usize {
        self.height * self.width
    }

    /// All pixels, `len · features` bytes.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// One image, `features` bytes.
    ///
    /// # Panics
    ///
    /// If `index` is not below `len`.
    pub fn image(&self, index: usize) -> &[u8] {
        &self.pixels[index * self.features()..][..self.features()]
    }

    /// SHA-256 over `len`, `height` and `width` as little-endian u64, then the pixels.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.add_to(&mut hash);
        hash.finalize().into()
    }

    fn add_to(&self, hash: &mut Sha256) {
        for size in [self.len(), self.height, self.width] {
            hash.update((size as u64).to_le_bytes());
        }
        hash.update(&self.pixels);
    }

    /// The first `count` images, or all if there are fewer.
    pub fn first(&self, count: usize) -> Self {
        let end = count.min(self.len()) * self.features();
        Self { pixels: self.pixels[..end].to_vec(), height: self.height, width: self.width }
    }

    /// Some of the images, in order.
    ///
    /// # Panics
    ///
    /// If the range ends after the last image.
    pub fn range(&self, range: Range<usize>) -> Self {
        let features = self.features();
        let pixels = self.pixels[range.start * features..range.end * features].to_vec();
        Self { pixels, height: self.height, width: self.width }
    }

    /// At most `most` of the images, spread evenly.
    pub fn spread(&self, most: usize) -> Self {
        let count = most.min(self.len());
        let at = |index: usize| {
            self.image((index as u128 * self.len() as u128 / count as u128) as usize)
        };
        let pixels = (0..count).flat_map(at).copied().collect();
        Self { pixels, height: self.height, width: self.width }
    }

    /// The images in order, `features` bytes each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.features())
    }
}

/// Images to train on and images to test on, of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// `fashion-mnist`, `fashion-mnist-sample`, or the name of the folder.
    pub name: String,
    /// Where the images came from.
    pub origin: Origin,
    /// Training images.
    pub train: Images,
    /// Test images, never trained on.
    pub test: Images,
}

impl Dataset {
    /// SHA-256 in hex over the training images, then the test images.
    ///
    /// Of each set: `len`, `height` and `width` as little-endian u64, then the pixels. The name,
    /// the place and the compression of the files do not count.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        self.train.add_to(&mut hash);
        self.test.add_to(&mut hash);
        hex(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(height: usize, width: usize, train: usize) -> Dataset {
        let pixels: Vec<u8> = (0..24).collect();
        let split = train * height * width;
        Dataset {
            name: "tiny".into(),
            origin: Origin::Sample,
            train: Images::new(pixels[..split].to_vec(), height, width).unwrap(),
            test: Images::new(pixels[split..].to_vec(), height, width).unwrap(),
        }
    }

    #[test]
    fn images_are_found_by_index_and_in_order() {
        let images = Images::new((0..24).collect(), 2, 3).unwrap();
        assert_eq!(images.len(), 4);
        assert_eq!(images.image(3), [18, 19, 20, 21, 22, 23]);
        let by_index: Vec<&[u8]> = (0..4).map(|i| images.image(i)).collect();
        assert_eq!(images.iter().collect::<Vec<_>>(), by_index);
        assert_eq!(images.iter().len(), 4);
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        for (bytes, height, width) in [(5, 2, 3), (7, 2, 3), (6, 0, 3), (6, 3, 0), (0, 0, 0)] {
            let error = Images::new(vec![0; bytes], height, width).unwrap_err();
            assert!(matches!(error, DataError::ImageSize { bytes: b, .. } if b == bytes));
        }
        assert!(Images::new(vec![0; 6], usize::MAX, 2).is_err());
        assert!(Images::new(Vec::new(), 2, 3).unwrap().is_empty());
    }

    #[test]
    fn digest_is_the_documented_one() {
        let mut bytes = Vec::new();
        for (range, len) in [(0..18, 3_u64), (18..24, 1)] {
            for size in [len, 2, 3] {
                bytes.extend(size.to_le_bytes());
            }
            bytes.extend(range.map(|p: u8| p));
        }
        assert_eq!(dataset(2, 3, 3).digest(), hex(&Sha256::digest(&bytes)));
    }

    #[test]
    fn digest_tells_shapes_splits_and_pixels_apart() {
        let base = dataset(2, 3, 3);
        let mut perturbed = base.clone();
        perturbed.test.pixels[5] ^= 1;
        let others = [dataset(3, 2, 3), dataset(2, 3, 2), dataset(1, 6, 3), perturbed];
        for other in others {
            assert_ne!(base.digest(), other.digest());
        }
        let mut renamed = base.clone();
        renamed.name = "other".into();
        assert_eq!(base.digest(), renamed.digest());
    }

    #[test]
    fn some_images_are_spread_over_all() {
        let images = Images::new((0..10).collect(), 1, 1).unwrap();
        assert_eq!(images.spread(4).pixels(), [0, 2, 5, 7]);
        assert_eq!(images.spread(99), images);
        assert!(images.spread(0).is_empty());
        assert_eq!(images.range(3..5).pixels(), [3, 4]);
    }
}
