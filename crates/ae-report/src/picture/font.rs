//! Letters of labels, drawn from a font that is compiled in, so that a picture needs no font file.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

const WEIGHT: FontWeight = FontWeight::Regular;
const SIZE: RasterHeight = RasterHeight::Size20;

/// From the left edge of a character to that of the next.
pub(super) const ADVANCE: usize = get_raster_width(WEIGHT, SIZE);
/// From the top of a line to that of the next.
pub(super) const LINE_ADVANCE: usize = SIZE.val();

/// Calls `draw` with x, y and the ink, of 255, of every pixel of `character`. One that the font
/// lacks is a replacement character.
pub(super) fn draw(character: char, mut draw: impl FnMut(usize, usize, u8)) {
    let raster = |character| get_raster(character, WEIGHT, SIZE);
    let Some(glyph) = raster(character).or_else(|| raster('\u{fffd}')) else { return };
    for (y, row) in glyph.rows().enumerate() {
        for (x, &ink) in row.iter().enumerate() {
            draw(x, y, ink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyph(character: char) -> Vec<u8> {
        let mut pixels = vec![];
        draw(character, |_, _, ink| pixels.push(ink));
        pixels
    }

    #[test]
    fn every_printable_character_has_a_glyph_of_its_own() {
        let mut glyphs: Vec<_> = ('!'..='~').chain(['\u{fffd}']).map(glyph).collect();
        let count = glyphs.len();
        glyphs.sort_unstable();
        glyphs.dedup();
        assert_eq!(glyphs.len(), count);
        for pixels in glyphs {
            assert_eq!(pixels.len(), ADVANCE * LINE_ADVANCE);
            assert!(pixels.iter().any(|&ink| ink > 128));
        }
    }

    #[test]
    fn a_space_is_empty_and_what_is_lacking_is_seen() {
        assert!(glyph(' ').iter().all(|&ink| ink == 0));
        assert_eq!(glyph('語'), glyph('\u{fffd}'));
    }
}
