//! Walking over images a block at a time, on all cores, with the results in order.

use ae_data::Images;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Images in a block. It is the same on every machine, so sums made block by block and then in
/// order of the blocks are too. A block and a product of it stay within a few megabytes.
const BLOCK: usize = 256;

/// Scale of a pixel: 255 becomes 1.
pub(super) const PIXEL_SCALE: f64 = 255.0;

/// Calls `work` with each block of images and returns its results in order.
///
/// A block is a matrix of features × images with pixels divided by 255; its columns are images.
pub(super) fn map_blocks<R: Send>(
    images: &Images,
    work: impl Fn(DMatrix<f64>) -> R + Sync,
) -> Vec<R> {
    let features = images.features();
    images
        .pixels()
        .par_chunks(BLOCK * features)
        .map(|block| {
            let pixels = block.iter().map(|&pixel| f64::from(pixel) / PIXEL_SCALE);
            work(DMatrix::from_iterator(features, block.len() / features, pixels))
        })
        .collect()
}

/// The 8-bit pixel nearest to `value` (1 is white); values outside 0..=1 are clipped.
pub(super) fn to_pixel(value: f64) -> u8 {
    // A cast to an integer saturates: that is the clipping.
    (value * PIXEL_SCALE).round() as u8
}

/// Adds `column` to every column of `matrix`.
pub(super) fn add_to_columns(matrix: &mut DMatrix<f64>, column: &[f64]) {
    for mut target in matrix.column_iter_mut() {
        for (value, add) in target.iter_mut().zip(column) {
            *value += add;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_in_order_and_hold_every_image_once() {
        let count = 2 * BLOCK + 3;
        let pixels: Vec<u8> = (0..count * 2).map(|i| (i % 251) as u8).collect();
        let images = Images::new(pixels.clone(), 1, 2).unwrap();
        let blocks = map_blocks(&images, |block| {
            assert_eq!(block.nrows(), 2);
            block.iter().map(|&value| to_pixel(value)).collect::<Vec<u8>>()
        });
        assert_eq!(blocks.iter().map(Vec::len).collect::<Vec<_>>(), [2 * BLOCK, 2 * BLOCK, 6]);
        assert_eq!(blocks.concat(), pixels);
    }

    #[test]
    fn pixels_round_to_nearest_and_clip() {
        let cases =
            [(-0.2, 0), (0.0, 0), (0.4 / 255.0, 0), (0.6 / 255.0, 1), (1.0, 255), (1.7, 255)];
        for (value, pixel) in cases {
            assert_eq!(to_pixel(value), pixel, "{value}");
        }
    }
}
