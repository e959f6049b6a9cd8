//! The picture that shows test images and their reconstructions during training.

use ae_data::Images;

use super::canvas::Canvas;
use super::{PictureError, font};

/// Tiles in a row and in a column.
const SIDE: usize = 10;
/// Images shown: half of the tiles, the other half are their reconstructions.
const SHOWN: usize = SIDE * SIDE / 2;
/// What stands above each half.
const LABELS: [&str; 2] = ["original", "reconstruction"];
/// Between the halves.
const DIVIDER: usize = 4;
const BLACK: u8 = 0;
const WHITE: u8 = 255;

/// A PNG of two halves with a white line between them and labels above: the first 50 images, and
/// their reconstructions.
///
/// Each half has 5 × 10 tiles without gaps, filled column by column, top to bottom. So each
/// reconstruction stands at the place of its original. With fewer than 50 images the tiles that are
/// left over are black.
///
/// # Shapes
///
/// `reconstructions` has the layout of `originals.pixels()`. The picture is 10 · height + 20 pixels
/// high and 10 · width + 4 wide: 300 × 284 for images of 28 × 28. It is wider where the labels need
/// it.
///
/// # Errors
///
/// [`PictureError::ReconstructionLength`] if the two have different lengths, [`PictureError::Png`]
/// if the picture is too large for a PNG.
pub fn reconstruction_grid(
    originals: &Images,
    reconstructions: &[u8],
) -> Result<Vec<u8>, PictureError> {
    let (expected, found) = (originals.pixels().len(), reconstructions.len());
    if expected != found {
        return Err(PictureError::ReconstructionLength { expected, found });
    }
    let (height, width) = (originals.height(), originals.width());
    let right = half_width(width) + DIVIDER;
    let (tiles, head) = (SIDE / 2 * width, font::LINE_ADVANCE);
    let mut canvas = Canvas::new(right + half_width(width), head + SIDE * height, WHITE);
    let halves = [(0, originals.pixels()), (right, reconstructions)];
    for ((left, pixels), label) in halves.into_iter().zip(LABELS) {
        canvas.draw_text(left, 0, label);
        canvas.draw_image(left, head, &vec![BLACK; tiles * SIDE * height], tiles, 1);
        for (index, image) in pixels.chunks(originals.features()).take(SHOWN).enumerate() {
            let (x, y) = (index / SIDE * width, index % SIDE * height);
            canvas.draw_image(left + x, head + y, image, width, 1);
        }
    }
    canvas.to_png()
}

/// Of the tiles or of the longest label.
fn half_width(width: usize) -> usize {
    let label = LABELS.iter().map(|label| label.len()).max().unwrap_or(0);
    (SIDE / 2 * width).max(label * font::ADVANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` images of `height × width` with all pixels different from tile to tile, and their
    /// inverses.
    fn images(count: usize, height: usize, width: usize) -> (Images, Vec<u8>) {
        let pixels: Vec<u8> = (0..count * height * width).map(|i| (i % 249 + 1) as u8).collect();
        let inverted = pixels.iter().map(|&pixel| 255 - pixel).collect();
        (Images::new(pixels, height, width).unwrap(), inverted)
    }

    fn decode(png: &[u8]) -> image::GrayImage {
        let image = image::load_from_memory_with_format(png, image::ImageFormat::Png).unwrap();
        assert_eq!(image.color(), image::ColorType::L8);
        image.into_luma8()
    }

    /// The tile in column `x` and row `y`, of images of `height × width`, row-major.
    fn tile(
        picture: &image::GrayImage,
        [height, width]: [usize; 2],
        x: usize,
        y: usize,
    ) -> Vec<u8> {
        let left = if x < 5 { x * width } else { half_width(width) + 4 + (x - 5) * width };
        let [left, top, width, height] =
            [left, 20 + y * height, width, height].map(|size| size as u32);
        image::imageops::crop_imm(picture, left, top, width, height).to_image().into_raw()
    }

    #[test]
    fn every_tile_is_in_its_place() {
        for (height, width) in [(28, 28), (3, 7), (1, 1)] {
            let (originals, reconstructions) = images(60, height, width);
            let picture = decode(&reconstruction_grid(&originals, &reconstructions).unwrap());
            // Fourteen letters of 9 pixels, or five tiles.
            let half = (5 * width as u32).max(126);
            assert_eq!(picture.dimensions(), (2 * half + 4, 20 + 10 * height as u32));
            let size = [height, width];
            for index in 0..50 {
                let (x, y) = (index / 10, index % 10);
                assert_eq!(tile(&picture, size, x, y), originals.image(index), "{index}");
                let features = height * width;
                let reconstruction = &reconstructions[index * features..][..features];
                assert_eq!(tile(&picture, size, x + 5, y), reconstruction, "{index}");
            }
            // A white line between the halves, and a label above each.
            let is_white = |x, y| picture.get_pixel(x, y).0 == [255];
            assert!((half..half + 4).all(|x| (0..picture.height()).all(|y| is_white(x, y))));
            for left in [0, half + 4] {
                assert!((left..left + 72).any(|x| (0..20).any(|y| !is_white(x, y))));
            }
        }
    }

    #[test]
    fn few_images_leave_black_tiles() {
        let (originals, reconstructions) = images(11, 2, 3);
        let picture = decode(&reconstruction_grid(&originals, &reconstructions).unwrap());
        // The eleventh image begins the second column.
        assert_eq!(tile(&picture, [2, 3], 1, 0), originals.image(10));
        assert_eq!(tile(&picture, [2, 3], 6, 0), &reconstructions[60..66]);
        let (none, nothing) = images(0, 2, 3);
        let empty = decode(&reconstruction_grid(&none, &nothing).unwrap());
        for (x, y) in [(1, 1), (4, 9), (6, 1), (9, 9)] {
            assert_eq!(tile(&picture, [2, 3], x, y), [0; 6]);
            assert_eq!(tile(&empty, [2, 3], x, y), [0; 6]);
        }
    }

    #[test]
    fn lengths_must_agree() {
        let (originals, reconstructions) = images(3, 2, 2);
        let error = reconstruction_grid(&originals, &reconstructions[1..]).unwrap_err();
        assert!(
            matches!(error, PictureError::ReconstructionLength { expected: 12, found: 11 }),
            "{error}"
        );
    }
}
