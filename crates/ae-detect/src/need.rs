//! How much normal signal a threshold needs, in what a user has: samples, and seconds.

use std::fmt;

use ae_data::signal::{Folds, Piece};

use super::conformal::{ConformalError, rank, rate};
use super::windows::Spacing;

/// Too few windows to calibrate on, in samples of the user's recordings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct TooLittleSignal {
    /// Windows to calibrate on that do not overlap.
    pub windows: usize,
    /// As many as are needed.
    pub needed: usize,
    /// Samples of a window.
    pub window: usize,
    /// Wanted false alarm rate in parts per million.
    pub alpha_ppm: u32,
    /// A rate that these windows do for, in parts per million, rounded up; `None` below two windows.
    pub possible_ppm: Option<u32>,
    /// Normal samples in all roles.
    pub samples: usize,
    /// Those to calibrate on.
    pub calibration: usize,
    /// Whether groups by name decide what is calibrated on.
    pub by_group: bool,
    /// Samples a second, if known.
    pub samples_per_second: Option<f64>,
}

impl TooLittleSignal {
    /// Refuses to calibrate on too little. Other mistakes are left to [`rank`].
    ///
    /// # Errors
    /// Fewer windows than the rate needs.
    pub fn check(
        windows: usize,
        alpha_ppm: u32,
        spacing: Spacing,
        folds: &Folds,
        samples_per_second: Option<f64>,
    ) -> Result<(), Self> {
        let (needed, least_ppm) = match rank(windows, alpha_ppm) {
            Err(ConformalError::TooFewScores { needed, least_alpha_ppm, .. }) => {
                (needed, Some(least_alpha_ppm))
            }
            Err(ConformalError::NoScores { needed, .. }) => (needed, None),
            _ => return Ok(()),
        };
        let samples = |pieces: &[Piece]| pieces.iter().map(|piece| piece.range.len()).sum();
        let calibration: usize = samples(&folds.calibrate);
        let others: usize = samples(&folds.train) + samples(&folds.test_normal);
        Err(Self {
            windows,
            needed,
            window: spacing.window,
            alpha_ppm,
            possible_ppm: least_ppm.map(rounded_up),
            samples: calibration + others,
            calibration,
            by_group: folds.groups.iter().any(|groups| !groups.is_empty()),
            samples_per_second,
        })
    }

    /// Samples more that the wanted rate takes: to calibrate on, and in all roles as they are
    /// divided now.
    #[must_use]
    pub fn more(&self) -> [usize; 2] {
        let calibration = (self.needed - self.windows) * self.window;
        // At most a fifth is calibrated on where nothing is yet.
        let share = match self.calibration {
            0 => 0.2,
            samples => samples as f64 / self.samples as f64,
        };
        [calibration, (calibration as f64 / share).ceil() as usize]
    }

    /// A window so short that there are enough of them.
    #[must_use]
    pub fn shorter_window(&self) -> Option<usize> {
        // Where windows are cut from recordings, a part of each is left over.
        let window = self.windows * self.window / self.needed;
        (window >= 2).then_some(window)
    }

    fn length(&self, samples: usize) -> String {
        match self.samples_per_second {
            Some(rate) => format!("{samples} samples ({:.1} s)", samples as f64 / rate),
            None => format!("{samples} samples"),
        }
    }
}

impl fmt::Display for TooLittleSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { windows, needed, window, .. } = *self;
        let [calibration, all] = self.more();
        write!(
            f,
            "too little normal signal for a false alarm rate of {}: it takes {needed} windows to \
             calibrate on that do not overlap, {}; of the {} here, {} are to calibrate on, which \
             give {windows}. ",
            rate(self.alpha_ppm),
            self.length(needed * window),
            self.length(self.samples),
            self.calibration,
        )?;
        match self.by_group {
            true => write!(
                f,
                "Record at least {} more of the groups to calibrate on",
                self.length(calibration)
            )?,
            false => write!(f, "Record about {} more", self.length(all))?,
        }
        if let Some(ppm) = self.possible_ppm {
            write!(f, ", or take a rate of {} or more, which these windows do for", rate(ppm))?;
        }
        if let Some(window) = self.shorter_window() {
            write!(f, ", or windows of {window} samples or fewer")?;
        }
        f.write_str(
            ". A smaller stride does not help: windows that overlap do not count as several",
        )
    }
}

/// To two digits, upwards.
fn rounded_up(ppm: u32) -> u32 {
    let step = 10_u32.pow(ppm.checked_ilog10().unwrap_or_default().saturating_sub(1));
    ppm.div_ceil(step) * step
}

#[cfg(test)]
mod tests {
    use super::super::conformal::MILLION;
    use super::*;

    /// 200 seconds at 100 a second, cut in time, as the README's first own signal may be.
    fn short(samples_per_second: Option<f64>) -> TooLittleSignal {
        let piece = |range| vec![Piece { recording: 0, range }];
        let folds = Folds {
            train: piece(0..11_923),
            calibrate: piece(11_987..15_961),
            test_normal: piece(16_025..20_000),
            ..Folds::default()
        };
        let spacing = Spacing { window: 64, stride: 16, train_stride: 4 };
        TooLittleSignal::check(62, 10_000, spacing, &folds, samples_per_second).unwrap_err()
    }

    #[test]
    fn what_is_missing_is_told_in_samples_and_seconds() {
        let message = short(Some(100.0)).to_string();
        for words in [
            "takes 99 windows to calibrate on that do not overlap, 6336 samples (63.4 s)",
            "of the 19872 samples (198.7 s) here, 3974 are to calibrate on, which give 62",
            "Record about 11842 samples (118.4 s) more",
            "or take a rate of 0.016 or more",
            "or windows of 40 samples or fewer",
        ] {
            assert!(message.contains(words), "{words}: {message}");
        }
        assert!(!short(None).to_string().contains(" s)"));
    }

    #[test]
    fn the_rate_that_is_offered_is_possible() {
        for windows in 1..2000 {
            let least = MILLION.div_ceil(windows + 1);
            let offered = rounded_up(least);
            assert!(offered >= least && offered <= least + least / 9 + 1, "{least} {offered}");
            assert!(rank(windows as usize, offered).is_ok(), "{windows}");
        }
        assert_eq!([15_874, 500_000, 99, 991, 1].map(rounded_up), [16_000, 500_000, 99, 1000, 1]);
    }

    #[test]
    fn enough_is_enough() {
        let spacing = Spacing { window: 64, stride: 16, train_stride: 4 };
        let check =
            |windows| TooLittleSignal::check(windows, 10_000, spacing, &Folds::default(), None);
        assert!(check(99).is_ok());
        let none = check(0).unwrap_err();
        assert_eq!((none.possible_ppm, none.more()), (None, [6336, 31_680]));
    }
}
