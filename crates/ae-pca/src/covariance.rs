//! Mean and covariance of 8-bit pixels, from exact integer sums.

use ae_data::Images;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::blocks::PIXEL_SCALE;

/// Images whose pixel products an f32 sum holds exactly: 256 · 255² = 16,646,400 is under 2²⁴.
/// Every partial sum is then a whole number that f32 represents, so the product of two blocks is
/// the same in any order of addition and with or without fused multiply-add, and the fast f32
/// kernel may be used for it.
const EXACT_BLOCK: usize = 256;

/// Mean and covariance of images as vectors of pixel / 255.
pub(super) struct Moments {
    /// `[features]`.
    pub(super) mean: Vec<f64>,
    /// features × features, divided by the number of images.
    pub(super) covariance: DMatrix<f64>,
}

/// Mean and covariance of at least one image.
///
/// The sums are exact, so the result depends on neither the order of the images nor the number of
/// threads.
pub(super) fn moments(images: &Images) -> Moments {
    let features = images.features();
    let count = images.len();
    let (sums, products) = images
        .pixels()
        .par_chunks(EXACT_BLOCK * features)
        .fold(|| zero_sums(features), |sums, block| add_block(sums, block, features))
        .reduce(|| zero_sums(features), |left, right| (left.0 + right.0, left.1 + right.1));

    let scale = count as f64 * PIXEL_SCALE;
    let mean = sums.iter().map(|sum| sum / scale).collect();
    // n·Σxy − Σx·Σy in whole numbers: nothing cancels, whatever the mean.
    let covariance = DMatrix::from_fn(features, features, |row, column| {
        let product = count as i128 * products[(row, column)] as i128;
        let centred = product - sums[row] as i128 * sums[column] as i128;
        centred as f64 / (scale * scale)
    });
    Moments { mean, covariance }
}

/// Sum of each pixel, and of each product of two pixels. Whole numbers, exact in f64 up to 2⁵³,
/// which is more than 10¹¹ images.
type Sums = (DVector<f64>, DMatrix<f64>);

fn zero_sums(features: usize) -> Sums {
    (DVector::zeros(features), DMatrix::zeros(features, features))
}

fn add_block((mut sums, mut products): Sums, block: &[u8], features: usize) -> Sums {
    let images = block.len() / features;
    for image in block.chunks_exact(features) {
        for (sum, &pixel) in sums.iter_mut().zip(image) {
            *sum += f64::from(pixel);
        }
    }
    let columns =
        DMatrix::from_iterator(features, images, block.iter().map(|&pixel| f32::from(pixel)));
    let block_products = &columns * columns.transpose();
    for (sum, &product) in products.iter_mut().zip(block_products.iter()) {
        *sum += f64::from(product);
    }
    (sums, products)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_two_pixels_by_hand() {
        // Images (0, 255), (255, 255), (255, 0) are (0, 1), (1, 1), (1, 0).
        let images = Images::new(vec![0, 255, 255, 255, 255, 0], 1, 2).unwrap();
        let Moments { mean, covariance } = moments(&images);
        assert_eq!(mean, [2.0 / 3.0, 2.0 / 3.0]);
        // Variance 2/3 − 4/9 = 2/9; covariance 1/3 − 4/9 = −1/9.
        let expected =
            DMatrix::from_row_slice(2, 2, &[2.0 / 9.0, -1.0 / 9.0, -1.0 / 9.0, 2.0 / 9.0]);
        assert!((covariance - expected).amax() < 1e-16);
    }

    #[test]
    fn sums_are_exact_over_several_blocks_of_white() {
        // All white is the largest sum an f32 block must hold; one darker pixel must not be lost in
        // it.
        let count = 2 * EXACT_BLOCK + 5;
        let mut pixels = vec![255; count * 3];
        pixels[4] = 254;
        let images = Images::new(pixels, 1, 3).unwrap();
        let Moments { mean, covariance } = moments(&images);
        let n = count as f64;
        assert_eq!(mean, [1.0, (n * 255.0 - 1.0) / (n * 255.0), 1.0]);
        // One value off by 1/255 among n: variance (n − 1)/n² / 255².
        let variance = (n - 1.0) / (n * n * 255.0 * 255.0);
        assert!((covariance[(1, 1)] / variance - 1.0).abs() < 1e-14);
        assert_eq!(covariance[(0, 0)], 0.0);
        assert_eq!(covariance[(0, 1)], 0.0);
    }

    #[test]
    fn order_of_images_does_not_matter() {
        let images: Vec<[u8; 4]> =
            (0..700u32).map(|i| (i.wrapping_mul(2_654_435_761)).to_be_bytes()).collect();
        let forward = Images::new(images.concat(), 2, 2).unwrap();
        let backward =
            Images::new(images.iter().rev().copied().collect::<Vec<_>>().concat(), 2, 2).unwrap();
        let (forward, backward) = (moments(&forward), moments(&backward));
        assert_eq!(forward.mean, backward.mean);
        assert_eq!(forward.covariance, backward.covariance);
    }
}
