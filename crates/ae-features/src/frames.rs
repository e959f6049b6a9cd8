//! Which samples frames are computed from.

use ae_data::signal::{Folds, Piece, WindowAt};

/// Where frames lie in a recording: frame 0 at its beginning, each other one `hop` samples later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frames {
    /// Samples of a frame, at least 1.
    pub frame: usize,
    /// Samples from the start of a frame to that of the next, at least 1.
    pub hop: usize,
}

impl Frames {
    /// As many whole frames as so many samples hold.
    ///
    /// ```
    /// use ae_features::Frames;
    ///
    /// let frames = Frames { frame: 1024, hop: 512 };
    /// assert_eq!([1023, 1024, 1535, 1536].map(|samples| frames.in_samples(samples)), [0, 1, 1, 2]);
    /// assert_eq!(frames.samples_of(5), 3072);
    /// assert_eq!(frames.in_samples(frames.samples_of(5)), 5);
    /// ```
    #[must_use]
    pub fn in_samples(self, samples: usize) -> usize {
        samples.checked_sub(self.frame).map_or(0, |rest| rest / self.hop.max(1) + 1)
    }

    /// Samples that so many frames are computed from.
    #[must_use]
    pub fn samples_of(self, frames: usize) -> usize {
        match frames.checked_sub(1) {
            Some(further) => further.saturating_mul(self.hop).saturating_add(self.frame),
            None => 0,
        }
    }

    /// Samples from a window of `window` samples to the next that shares none with it.
    #[must_use]
    pub fn apart(self, window: usize) -> usize {
        window.next_multiple_of(self.hop.max(1))
    }

    /// The window's first frame, in the place of its first sample, which is that of a frame.
    #[must_use]
    pub fn at(self, WindowAt { recording, start }: WindowAt) -> WindowAt {
        WindowAt { recording, start: start / self.hop.max(1) }
    }

    /// The frames whose samples all lie in a piece.
    #[must_use]
    pub fn piece(self, Piece { recording, range }: &Piece) -> Piece {
        let first = range.start.div_ceil(self.hop.max(1));
        let frames = self.in_samples(range.end.saturating_sub(first * self.hop));
        Piece { recording: *recording, range: first..first + frames }
    }

    /// Pieces that begin where a frame does: what a piece has before its first frame is left out.
    #[must_use]
    pub fn pieces(self, pieces: Vec<Piece>) -> Vec<Piece> {
        let from_frame = |Piece { recording, range }: Piece| {
            let start = range.start.next_multiple_of(self.hop.max(1));
            (start < range.end).then_some(Piece { recording, range: start..range.end })
        };
        pieces.into_iter().filter_map(from_frame).collect()
    }

    /// Folds whose normal pieces begin where a frame does. Abnormal samples stay where they are.
    #[must_use]
    pub fn folds(self, folds: Folds) -> Folds {
        Folds {
            train: self.pieces(folds.train),
            calibrate: self.pieces(folds.calibrate),
            test_normal: self.pieces(folds.test_normal),
            ..folds
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_apart_share_no_sample_and_begin_with_a_frame() {
        for frame in [32, 64] {
            for hop in 1..=frame {
                let frames = Frames { frame, hop };
                for count in 1..8 {
                    let window = frames.samples_of(count);
                    assert_eq!(frames.in_samples(window), count);
                    assert_eq!(frames.in_samples(window - 1), count - 1);
                    let apart = frames.apart(window);
                    assert!(apart >= window && apart < window + hop && apart.is_multiple_of(hop));
                }
            }
        }
    }

    #[test]
    fn pieces_begin_with_a_frame() {
        let frames = Frames { frame: 8, hop: 3 };
        let piece = |range| Piece { recording: 1, range };
        let found = frames.pieces(vec![piece(0..8), piece(1..40), piece(4..6), piece(7..9)]);
        assert_eq!(found, [piece(0..8), piece(3..40)]);
        // Frames 1 to 11 are the samples 3 to 10, ..., 32 or 33 to 40.
        assert_eq!(frames.piece(&piece(3..40)), piece(1..11));
        assert_eq!(frames.piece(&piece(1..40)), piece(1..11));
        assert_eq!(frames.piece(&piece(3..10)), piece(1..1));
    }
}
