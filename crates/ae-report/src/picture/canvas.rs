//! A grey picture in the making.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};

use super::{PictureError, font};

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

    /// Draws one line of text with its upper left corner at (`left`, `top`), black on what is
    /// there.
    pub(super) fn draw_text(&mut self, left: usize, top: usize, text: &str) {
        for (index, character) in text.chars().enumerate() {
            let left = left + index * font::ADVANCE;
            font::draw(character, |x, y, ink| {
                let pixel = &mut self.pixels[(top + y) * self.width + left + x];
                *pixel = pixel.saturating_sub(ink);
            });
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

    fn encode(&self) -> Result<Vec<u8>, EncodingError> {
        let too_large = |_| EncodingError::LimitsExceeded;
        let width = u32::try_from(self.width).map_err(too_large)?;
        let height = u32::try_from(self.height).map_err(too_large)?;
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, width, height);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(png)
    }
}
