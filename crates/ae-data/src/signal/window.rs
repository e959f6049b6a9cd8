//! Windows: a fixed number of samples of all channels.

use super::{Alternating, Piece, Signals};

/// Where a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WindowAt {
    /// Index of the recording.
    pub recording: usize,
    /// Its first sample.
    pub start: usize,
}

/// Why no windows can be cut. Each message says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// A window or stride of no samples.
    #[error("window and stride are {window} and {stride} samples; each must be 1 or more")]
    Zero {
        /// Samples of a window.
        window: usize,
        /// Samples from one window to the next.
        stride: usize,
    },
    /// No piece is as long as a window.
    #[error(
        "no window of {window} samples fits: there are {pieces} pieces of recordings, the longest \
         of {longest} sample{}; {}", if *longest == 1 { "" } else { "s" }, match alternating {
            Some(cause) => cause.to_string(),
            None => format!("take a window of {longest} or less, or give longer recordings"),
        }
    )]
    TooShort {
        /// Samples of a window.
        window: usize,
        /// Number of pieces.
        pieces: usize,
        /// Samples of the longest.
        longest: usize,
        /// What ends recordings, if they are many.
        alternating: Option<Alternating>,
    },
}

/// The windows of `window` samples that lie inside the pieces, from the beginning of each piece in
/// steps of `stride` samples. No pieces give no windows.
///
/// # Errors
/// There are pieces, but none that is as long as a window; or a size is 0.
///
/// # Panics
/// If a piece is of no recording, or not inside it.
pub fn windows(
    signals: &Signals,
    pieces: &[Piece],
    window: usize,
    stride: usize,
) -> Result<Vec<WindowAt>, WindowError> {
    if window == 0 || stride == 0 {
        return Err(WindowError::Zero { window, stride });
    }
    let mut windows = Vec::new();
    for Piece { recording, range } in pieces {
        assert!(range.end <= signals.len_of(*recording), "a piece inside its recording");
        let last = range.end.checked_sub(window);
        let starts = last.into_iter().flat_map(|last| (range.start..=last).step_by(stride));
        windows.extend(starts.map(|start| WindowAt { recording: *recording, start }));
    }
    if windows.is_empty()
        && let Some(longest) = pieces.iter().map(|piece| piece.range.len()).max()
    {
        let alternating = Alternating::of(signals, window);
        return Err(WindowError::TooShort { window, pieces: pieces.len(), longest, alternating });
    }
    Ok(windows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::tests::signals;

    fn starts(range: std::ops::Range<usize>, window: usize, stride: usize) -> Vec<usize> {
        let signals = signals(&[&[0.0; 10]]);
        let pieces = [Piece { recording: 0, range }];
        let windows = windows(&signals, &pieces, window, stride).unwrap_or_default();
        windows.iter().map(|window| window.start).collect()
    }

    #[test]
    fn windows_are_whole_and_inside_their_piece() {
        assert_eq!(starts(0..10, 4, 3), [0, 3, 6]);
        assert_eq!(starts(0..9, 4, 3), [0, 3]);
        assert_eq!(starts(2..10, 4, 3), [2, 5]);
        assert_eq!(starts(2..6, 4, 3), [2]);
        assert_eq!(starts(3..6, 4, 3), [0; 0]);
        assert_eq!(starts(0..10, 10, 1), [0]);
        assert_eq!(starts(0..10, 1, 20), [0]);
        assert_eq!(starts(7..10, 1, 1), [7, 8, 9]);
    }

    #[test]
    fn every_piece_has_its_own() {
        let signals = signals(&[&[0.0; 5], &[0.0; 3], &[0.0; 4]]);
        let piece = |recording| Piece { recording, range: 0..signals.len_of(recording) };
        let all = windows(&signals, &[piece(0), piece(1), piece(2)], 4, 1).unwrap();
        let at = |recording, start| WindowAt { recording, start };
        assert_eq!(all, [at(0, 0), at(0, 1), at(2, 0)]);
        assert_eq!(windows(&signals, &[], 4, 1), Ok(vec![]));
    }

    #[test]
    fn recordings_that_end_all_the_time_are_explained() {
        use crate::signal::{Labels, Origin, Recording};
        let many = |label: fn(usize) -> Option<&'static str>,
                    group: fn(usize) -> Option<&'static str>| {
            let recording = |at: usize| Recording {
                samples: vec![0.0; 2],
                labels: label(at).map(Labels::of).unwrap_or_default(),
                group: group(at).map(Into::into),
                origin: Origin::default(),
            };
            let recordings = (0..20).map(recording).collect();
            let signals =
                Signals { channels: vec!["a".into()], recordings, notes: vec![], rate: None };
            let pieces: Vec<Piece> =
                (0..20).map(|recording| Piece { recording, range: 0..2 }).collect();
            windows(&signals, &pieces, 6, 1).unwrap_err().to_string()
        };
        let turn = |at: usize| Some(["a", "b"][at % 2]);
        for (message, words) in [
            (many(|_| None, turn), "the group changes all the time"),
            (many(turn, |_| None), "the label changes all the time"),
            (many(|_| Some("a"), |_| Some("b")), "time goes back"),
        ] {
            assert!(message.contains(words), "{message}");
            assert!(!message.contains("take a window"), "{message}");
        }
    }

    #[test]
    fn too_little_is_named() {
        let signals = signals(&[&[0.0; 5], &[0.0; 3]]);
        let pieces = [0..5, 0..3].into_iter().enumerate();
        let pieces: Vec<Piece> =
            pieces.map(|(recording, range)| Piece { recording, range }).collect();
        let error = windows(&signals, &pieces, 6, 1).unwrap_err().to_string();
        for words in ["window of 6 samples", "2 pieces", "longest of 5", "a window of 5 or less"] {
            assert!(error.contains(words), "{error}");
        }
        for (window, stride) in [(0, 1), (1, 0)] {
            let error = windows(&signals, &pieces, window, stride).unwrap_err();
            assert!(error.to_string().contains("1 or more"), "{error}");
        }
    }
}
