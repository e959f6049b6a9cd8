//! A grey picture in the making.

use image::codecs::png::PngEncoder;
use image::error::{ImageError, LimitError, LimitErrorKind};
use image::{ExtendedColorType, ImageEncoder};

use super::{PictureError, font};

/// Ink of text.
const BLACK: u8 = 0;

/// `height × width` grey pixels, row-major.
pub(super) struct Canvas {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
}

impl Canvas {
    /// A canvas of one shade.
    pub(super) fn new(width: usize, height: usize, shade: u8) -> Self {
        Self { pixels: vec![shade; width * height], width, height }
    }

    /// Draws a row-major image `width` wide with its upper left corner at (`left`, `top`), every
    /// pixel as a square of `scale`. Panics if it does not fit: the caller has laid out the canvas
    /// for it.
    pub(super) fn draw_image(
        &mut self,
        left: usize,
        top: usize,
        image: &[u8],
        width: usize,
        scale: usize,
    ) {
        for (y, row) in image.chunks(width).enumerate() {
            for (x, &shade) in row.iter().enumerate() {
                self.fill_square(left + x * scale, top + y * scale, scale, shade);
            }
        }
    }

    /// Draws one line of text with its upper left corner at (`left`, `top`).
    pub(super) fn draw_text(&mut self, left: usize, top: usize, text: &str, scale: usize) {
        for (index, character) in text.chars().enumerate() {
            for (x, y) in font::ink(character) {
                let left = left + (index * font::ADVANCE + x) * scale;
                self.fill_square(left, top + y * scale, scale, BLACK);
            }
        }
    }

    fn fill_square(&mut self, left: usize, top: usize, side: usize, shade: u8) {
        for y in top..top + side {
            self.pixels[y * self.width + left..][..side].fill(shade);
        }
    }

    /// The picture as the bytes of a PNG file.
    pub(super) fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        let Self { width, height, .. } = *self;
        self.encode().map_err(|source| PictureError::Png { width, height, source })
    }

    fn encode(&self) -> Result<Vec<u8>, ImageError> {
        let too_large =
            |_| ImageError::Limits(LimitError::from_kind(LimitErrorKind::DimensionError));
        let width = u32::try_from(self.width).map_err(too_large)?;
        let height = u32::try_from(self.height).map_err(too_large)?;
        let mut png = Vec::new();
        PngEncoder::new(&mut png).write_image(
            &self.pixels,
            width,
            height,
            ExtendedColorType::L8,
        )?;
        Ok(png)
    }
}
