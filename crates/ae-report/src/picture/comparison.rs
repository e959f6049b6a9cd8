//! The picture that shows the same images by several models.

use super::canvas::Canvas;
use super::{PictureError, font};

/// Images of a row that are shown.
const COLUMNS: usize = 10;
/// Side of the square that a pixel of an image becomes.
const IMAGE_SCALE: usize = 2;
/// Between images, and around the picture.
const GAP: usize = 2;
/// Below the first row, beside the gap.
const DIVIDER: usize = 6;
/// On each side of the labels.
const LABEL_MARGIN: usize = 8;
const WHITE: u8 = 255;

/// One row of a [`comparison`].
#[derive(Clone, Copy, Debug)]
pub struct ComparisonRow<'a> {
    /// Drawn to the left of the row; may have several lines. Characters outside
    /// ASCII are drawn as a replacement character.
    pub label: &'a str,
    /// 8-bit images, row-major, back to back.
    pub pixels: &'a [u8],
}

/// A PNG with a labelled row of ten images for each of `rows`: the same images as different models
/// give them.
///
/// Images are drawn at twice their size, on white with thin gaps; the gap below the first row, that
/// of the originals, is wider. The first ten images of a row are shown, or all if there are fewer.
///
/// # Shapes
///
/// Every row holds the same number of images of `height × width`.
///
/// # Errors
///
/// [`PictureError::RowNotWhole`], [`PictureError::RowLength`], and [`PictureError::Png`] if the
/// picture is too large for a PNG.
///
/// # Panics
///
/// If `height` or `width` is zero.
pub fn comparison(
    rows: &[ComparisonRow],
    height: usize,
    width: usize,
) -> Result<Vec<u8>, PictureError> {
    let layout = Layout::of(rows, height, width)?;
    let mut canvas = Canvas::new(layout.width(), layout.height(rows.len()), WHITE);
    for (index, row) in rows.iter().enumerate() {
        let top = layout.top(index);
        let lines: Vec<&str> = row.label.lines().collect();
        let text_top = top + (layout.row_height - text_height(lines.len())) / 2;
        for (line, text) in lines.iter().enumerate() {
            canvas.draw_text(LABEL_MARGIN, text_top + line * font::LINE_ADVANCE, text);
        }
        for (column, image) in row.pixels.chunks(height * width).take(layout.columns).enumerate() {
            canvas.draw_image(layout.left(column), top, image, width, IMAGE_SCALE);
        }
    }
    canvas.to_png()
}

/// Where things are, in pixels of the picture.
struct Layout {
    label_width: usize,
    row_height: usize,
    image_width: usize,
    columns: usize,
}

impl Layout {
    fn of(rows: &[ComparisonRow], height: usize, width: usize) -> Result<Self, PictureError> {
        let expected = rows.first().map_or(0, |row| row.pixels.len());
        for row in rows {
            let (label, found) = (row.label.to_owned(), row.pixels.len());
            if !found.is_multiple_of(height * width) {
                return Err(PictureError::RowNotWhole { label, found, height, width });
            }
            if found != expected {
                return Err(PictureError::RowLength { label, expected, found });
            }
        }
        let lines = || rows.iter().flat_map(|row| row.label.lines());
        let characters = lines().map(|line| line.chars().count()).max().unwrap_or(0);
        let most_lines = rows.iter().map(|row| row.label.lines().count()).max().unwrap_or(0);
        Ok(Self {
            label_width: characters * font::ADVANCE + 2 * LABEL_MARGIN,
            row_height: (height * IMAGE_SCALE).max(text_height(most_lines)),
            image_width: width * IMAGE_SCALE,
            columns: COLUMNS.min(expected / (height * width)),
        })
    }

    fn left(&self, column: usize) -> usize {
        self.label_width + column * (self.image_width + GAP)
    }

    fn top(&self, row: usize) -> usize {
        GAP + row * (self.row_height + GAP) + if row > 0 { DIVIDER } else { 0 }
    }

    fn width(&self) -> usize {
        self.left(self.columns)
    }

    fn height(&self, rows: usize) -> usize {
        self.top(rows)
    }
}

fn text_height(lines: usize) -> usize {
    lines * font::LINE_ADVANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(png: &[u8]) -> image::GrayImage {
        image::load_from_memory_with_format(png, image::ImageFormat::Png).unwrap().into_luma8()
    }

    #[test]
    fn images_are_in_their_places_at_twice_their_size() {
        // Twelve images of 20 × 3, so that two are left out; values 1..=240 so that none is white.
        let first: Vec<u8> = (0..12 * 60).map(|i| (i % 240 + 1) as u8).collect();
        let second: Vec<u8> = first.iter().map(|pixel| 241 - pixel).collect();
        let rows = [
            ComparisonRow { label: "one", pixels: &first },
            ComparisonRow { label: "second", pixels: &second },
        ];
        let picture = decode(&comparison(&rows, 20, 3).unwrap());
        // Six characters of 9 pixels and two margins of 8; ten images of 6 and gaps of 2.
        assert_eq!(picture.dimensions(), (70 + 10 * 8, 2 + 2 * 42 + 6));
        for (y, pixels) in [(2, &first), (50, &second)] {
            for column in 0..10 {
                for pixel in 0..60 {
                    let expected = pixels[column * 60 + pixel];
                    let (left, top) = (70 + column * 8 + pixel % 3 * 2, y + pixel / 3 * 2);
                    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                        let found = picture.get_pixel((left + dx) as u32, (top + dy) as u32).0[0];
                        assert_eq!(found, expected, "image {column}, pixel {pixel}");
                    }
                }
            }
        }
        // Gaps are white.
        for y in 0..92 {
            assert_eq!(picture.get_pixel(76, y).0, [255]);
        }
    }

    #[test]
    fn labels_are_drawn_beside_their_rows() {
        let black = vec![0; 2 * 400];
        let rows = [
            ComparisonRow { label: "", pixels: &black },
            ComparisonRow { label: "-\n-", pixels: &black },
        ];
        let picture = decode(&comparison(&rows, 20, 20).unwrap());
        // Row 2 begins at 2 + 40 + 2 + 6 = 50 and is 40 high, as are two lines of 20; the label is 9
        // wide from 8 on, and each line has a dash in it.
        let inked = |x: u32| {
            (0..picture.height()).filter({
                let picture = &picture;
                move |&y| picture.get_pixel(x, y).0 < [128]
            })
        };
        let dash: Vec<u32> = inked(12).collect();
        assert!(
            dash.iter().any(|y| (50..70).contains(y)) && dash.iter().any(|y| (70..90).contains(y))
        );
        assert!(dash.iter().all(|y| (50..90).contains(y)), "{dash:?}");
        assert_eq!(inked(18).count(), 0);
    }

    #[test]
    fn small_images_leave_room_for_labels_and_nothing_is_a_picture_too() {
        let rows = [ComparisonRow { label: "gjpqy", pixels: &[0] }; 3];
        let picture = decode(&comparison(&rows, 1, 1).unwrap());
        assert_eq!(picture.dimensions(), (45 + 16 + 4, 2 + 3 * 22 + 6));
        assert_eq!(decode(&comparison(&[], 28, 28).unwrap()).dimensions(), (16, 2));
    }

    #[test]
    fn rows_must_hold_the_same_images() {
        let rows = |second: &'static [u8]| {
            [
                ComparisonRow { label: "a", pixels: &[0; 8] },
                ComparisonRow { label: "b", pixels: second },
            ]
        };
        let error = comparison(&rows(&[0; 7]), 2, 2).unwrap_err();
        assert!(
            matches!(error, PictureError::RowNotWhole { found: 7, height: 2, width: 2, .. }),
            "{error}"
        );
        let error = comparison(&rows(&[0; 4]), 2, 2).unwrap_err();
        assert!(matches!(error, PictureError::RowLength { expected: 8, found: 4, .. }), "{error}");
        assert!(error.to_string().contains("`b`"));
    }
}
