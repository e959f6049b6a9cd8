//! The picture that shows test images and their reconstructions during training.

use ae_data::Images;

use super::PictureError;
use super::canvas::Canvas;

/// Tiles in a row and in a column.
const SIDE: usize = 10;
/// Images shown: half of the tiles, the other half are their reconstructions.
const SHOWN: usize = SIDE * SIDE / 2;
const BLACK: u8 = 0;

/// A PNG of 10 × 10 tiles without gaps: the first 50 images and their reconstructions.
///
/// Tiles are filled column by column, top to bottom: 50 originals, then 50 reconstructions. So each
/// reconstruction stands exactly five tiles to the right of its original. With fewer than 50 images
/// the tiles that are left over are black, and reconstructions keep their place.
///
/// # Shapes
///
/// `reconstructions` has the layout of `originals.pixels()`. The picture is 10 · height × 10 ·
/// width pixels: 280 × 280 for images of 28 × 28.
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
    let mut canvas = Canvas::new(SIDE * width, SIDE * height, BLACK);
    let mut draw_tile = |tile: usize, image: &[u8]| {
        canvas.draw_image(tile / SIDE * width, tile % SIDE * height, image, width, 1);
    };
    let pairs = originals.iter().zip(reconstructions.chunks(originals.features()));
    for (index, (original, reconstruction)) in pairs.take(SHOWN).enumerate() {
        draw_tile(index, original);
        draw_tile(SHOWN + index, reconstruction);
    }
    canvas.to_png()
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

    /// The tile in column `x` and row `y`, row-major.
    fn tile(picture: &image::GrayImage, x: u32, y: u32) -> Vec<u8> {
        let (width, height) = (picture.width() / 10, picture.height() / 10);
        image::imageops::crop_imm(picture, x * width, y * height, width, height)
            .to_image()
            .into_raw()
    }

    #[test]
    fn every_tile_is_in_its_place() {
        for (height, width) in [(28, 28), (3, 7), (1, 1)] {
            let (originals, reconstructions) = images(60, height, width);
            let picture = decode(&reconstruction_grid(&originals, &reconstructions).unwrap());
            assert_eq!(picture.dimensions(), (10 * width as u32, 10 * height as u32));
            for index in 0..50 {
                let (x, y) = (index as u32 / 10, index as u32 % 10);
                assert_eq!(tile(&picture, x, y), originals.image(index), "{index}");
                let features = height * width;
                let reconstruction = &reconstructions[index * features..][..features];
                assert_eq!(tile(&picture, x + 5, y), reconstruction, "{index}");
            }
        }
    }

    #[test]
    fn few_images_leave_black_tiles() {
        let (originals, reconstructions) = images(11, 2, 3);
        let picture = decode(&reconstruction_grid(&originals, &reconstructions).unwrap());
        // The eleventh image begins the second column.
        assert_eq!(tile(&picture, 1, 0), originals.image(10));
        assert_eq!(tile(&picture, 6, 0), &reconstructions[60..66]);
        for (x, y) in [(1, 1), (4, 9), (6, 1), (9, 9)] {
            assert_eq!(tile(&picture, x, y), [0; 6]);
        }
        let (none, nothing) = images(0, 2, 3);
        let picture = decode(&reconstruction_grid(&none, &nothing).unwrap());
        assert_eq!(picture.into_raw(), [0; 600]);
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
