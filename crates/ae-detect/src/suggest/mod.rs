//! How long a window should be, where nobody says so.
//!
//! A window that holds a period, or two short ones, shows a model what belongs together. So it is made
//! as long as that, within bounds: recordings as long as a window, enough windows to train and to
//! calibrate on, and a model that fits a board. Only the recordings to train on say what the period
//! is; of the others nothing but their lengths counts.

mod period;

use std::fmt;

use ae_data::signal::{Folds, Piece, Signals, SplitError, SplitSettings, split};

use super::conformal::{rank, rate};
use period::{Shown, periods};

/// Shortest window that is suggested, unless recordings are shorter.
const SHORTEST: usize = 16;

/// Values of a window at most, over all channels: the first and the last layer of 128 hidden values
/// then take 128 KiB.
const MOST_VALUES: usize = 512;

/// Two periods are in a window of up to so many samples, else one.
const TWO_PERIODS: usize = 128;

/// Samples where no period shows.
const WITHOUT_PERIOD: usize = 64;

/// Windows that do not overlap that there should be to train on.
const TRAINED: usize = 10;

/// As many recordings that all are short are each taken for a window, where no period shows.
const RECORDINGS: usize = 10;

/// The share of the samples that lie in pieces as long as a window.
const IN_LONG_PIECES: f64 = 0.9;

/// Periods that differ by less than this share are one.
const ALIKE: f64 = 0.1;

/// The window grows or shrinks with how recordings are divided, which depends on it: this often.
const ROUNDS: usize = 4;

/// A window that was suggested, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggested {
    /// Samples of it.
    pub window: usize,
    /// The main period, if there is one.
    pub period: Option<Period>,
    /// What keeps the window from being as long as it should be.
    pub limit: Option<Limit>,
    /// Each recording is a window.
    pub is_recording: bool,
}

/// The main period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its samples.
    pub samples: usize,
    /// Channels that show it.
    pub channels: usize,
    /// Channels that change.
    pub of: usize,
}

/// What keeps a window short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Recordings are hardly longer.
    Recordings,
    /// There would be too little to train on.
    Training,
    /// There would be too few windows to calibrate on for this false-alarm rate, in parts per million.
    Calibration(u32),
    /// A model for so many channels would not fit most boards.
    Board(usize),
}

/// A window for `signals`, and how they are divided for it. The gap of `settings` does not count.
///
/// # Errors
/// They cannot be divided.
pub fn suggest(
    signals: &Signals,
    settings: &SplitSettings,
    alarm_ppm: u32,
) -> Result<(Suggested, Folds), SplitError> {
    let divide = |gap| split(signals, &SplitSettings { gap, ..settings.clone() });
    let whole = |recording| Piece { recording, range: 0..signals.len_of(recording) };
    let recordings: Vec<Piece> = (0..signals.recordings.len()).map(whole).collect();
    let mut gap = SHORTEST.min(in_long_pieces(&recordings));
    let mut folds = divide(gap)?;
    for _ in 0..ROUNDS {
        let suggested = Suggested::of(signals, &folds, alarm_ppm);
        if suggested.window == gap {
            return Ok((suggested, folds));
        }
        gap = suggested.window;
        folds = divide(gap)?;
    }
    // It goes back and forth: the shorter of two fits both.
    let suggested = Suggested::of(signals, &folds, alarm_ppm);
    let window = gap.min(suggested.window);
    Ok((Suggested { window, ..suggested }, divide(window)?))
}

impl Suggested {
    fn of(signals: &Signals, folds: &Folds, alarm_ppm: u32) -> Self {
        let shown = periods(signals, &folds.train);
        let period = main(&shown);
        let channels = shown.iter().filter(|&&shown| shown != Shown::Constant).count().max(1);
        let of_board = (MOST_VALUES / channels).max(SHORTEST);
        let of_recordings = in_long_pieces(&folds.train).min(in_long_pieces(&folds.calibrate));
        let are_windows = folds.train.len() >= RECORDINGS && of_recordings <= of_board;
        let wanted = match period {
            Some(Period { samples, .. }) if 2 * samples <= TWO_PERIODS => 2 * samples,
            Some(Period { samples, .. }) => samples,
            None if are_windows => of_recordings,
            None => WITHOUT_PERIOD,
        };
        // A quarter of a window is a whole number, but whole recordings stay whole.
        let wanted = match wanted == of_recordings {
            true => wanted,
            false => wanted.max(SHORTEST).next_multiple_of(4),
        };
        let trained: usize = folds.train.iter().map(|piece| piece.range.len()).sum();
        let of_calibration = calibrated(&folds.calibrate, wanted, alarm_ppm);
        let (bound, limit) = [
            (of_recordings, Limit::Recordings),
            (of_board, Limit::Board(channels)),
            (trained / TRAINED, Limit::Training),
            (of_calibration, Limit::Calibration(alarm_ppm)),
        ]
        .into_iter()
        .reduce(|least, other| if other.0 < least.0 { other } else { least })
        .unwrap_or((wanted, Limit::Recordings));
        let limit = (bound < wanted).then_some(limit);
        let window = match limit {
            None => wanted,
            Some(Limit::Recordings) => bound,
            Some(_) => bound / 4 * 4,
        };
        let window = window.max(SHORTEST.min(of_recordings)).max(1);
        let is_recording = period.is_none() && are_windows && window == of_recordings;
        Self { window, period, limit, is_recording }
    }
}

/// The period of most channels, and of as many the shorter one.
fn main(shown: &[Shown]) -> Option<Period> {
    let mut found: Vec<usize> = shown
        .iter()
        .filter_map(|shown| match shown {
            Shown::Period(samples) => Some(*samples),
            _ => None,
        })
        .collect();
    found.sort_unstable();
    let alike = |from: usize| {
        let most = (1.0 + ALIKE) * found[from] as f64;
        &found[from..found.partition_point(|&samples| samples as f64 <= most)]
    };
    let most = (0..found.len()).rev().map(alike).max_by_key(|alike| alike.len())?;
    let of = shown.iter().filter(|&&shown| shown != Shown::Constant).count();
    Some(Period { samples: most[most.len() / 2], channels: most.len(), of })
}

/// The longest window that most samples lie in pieces of.
fn in_long_pieces(pieces: &[Piece]) -> usize {
    let mut lengths: Vec<usize> = pieces.iter().map(|piece| piece.range.len()).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let all: usize = lengths.iter().sum();
    let mut sum = 0;
    for &length in &lengths {
        sum += length;
        if sum as f64 >= IN_LONG_PIECES * all as f64 {
            return length;
        }
    }
    0
}

/// The longest window up to `wanted` of which there are enough to calibrate on.
fn calibrated(pieces: &[Piece], wanted: usize, alarm_ppm: u32) -> usize {
    let windows = |window: usize| pieces.iter().map(|piece| piece.range.len() / window).sum();
    let is_enough = |&window: &usize| rank(windows(window), alarm_ppm).is_ok();
    (SHORTEST..=wanted).rev().find(is_enough).unwrap_or(SHORTEST)
}

/// Such as `the main period is 48 samples in 5 of 6 channels`.
impl fmt::Display for Suggested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.period {
            Some(Period { samples, channels: 1, of: 1 }) => {
                write!(f, "the main period is {samples} samples")?;
            }
            Some(Period { samples, channels, of }) => {
                write!(f, "the main period is {samples} samples in {channels} of {of} channels")?;
            }
            None if self.is_recording => {
                f.write_str("no channel shows a period, and the recordings are as long")?;
            }
            None => f.write_str("no channel shows a period")?,
        }
        match self.limit {
            None => Ok(()),
            Some(Limit::Recordings) => f.write_str(", and the recordings are no longer"),
            Some(Limit::Training) => {
                f.write_str(", and of longer windows there would be too few to train on")
            }
            Some(Limit::Calibration(ppm)) => write!(
                f,
                ", and of longer windows there would be too few to calibrate on for a false-alarm \
                 rate of {}",
                rate(ppm)
            ),
            Some(Limit::Board(channels)) => {
                write!(f, ", and a model for longer windows of {channels} channels would be large")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Groups, Labels, Origin, Recording};

    use super::*;

    /// Recordings of waves with these periods, one for each channel.
    fn waves(lengths: &[usize], periods: &[f64]) -> Signals {
        // The generator SplitMix64.
        let noise = |at: usize| {
            let mut bits = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (bits >> 40) as f32
        };
        let value = |at: usize, period: f64| match period {
            0.0 => noise(at),
            _ => (std::f64::consts::TAU * at as f64 / period).sin() as f32,
        };
        let recording = |&length: &usize| Recording {
            samples: (0..length)
                .flat_map(|at| periods.iter().map(move |&p| value(at, p)))
                .collect(),
            labels: Labels::default(),
            group: None,
            origin: Origin::default(),
        };
        let channels = (0..periods.len()).map(|channel| channel.to_string()).collect();
        Signals {
            channels,
            recordings: lengths.iter().map(recording).collect(),
            notes: vec![],
            rate: None,
        }
    }

    fn of(lengths: &[usize], periods: &[f64], alarm_ppm: u32) -> (usize, String) {
        let settings =
            SplitSettings { groups: Groups::Automatic { seed: 0 }, ..SplitSettings::default() };
        let signals = waves(lengths, periods);
        let (suggested, folds) = suggest(&signals, &settings, alarm_ppm).unwrap();
        let gap = suggested.window;
        assert_eq!(folds, split(&signals, &SplitSettings { gap, ..settings }).unwrap());
        (suggested.window, suggested.to_string())
    }

    #[test]
    fn a_window_holds_a_period_or_two_short_ones() {
        let (window, why) = of(&[60_000], &[48.0, 48.0, 300.0, 0.0], 10_000);
        assert_eq!((window, &*why), (96, "the main period is 48 samples in 2 of 4 channels"));
        assert_eq!(of(&[90_000], &[123.0], 10_000), (124, "the main period is 123 samples".into()));
        assert_eq!(of(&[60_000], &[5.0], 10_000).0, 16);
        let (window, why) = of(&[60_000], &[0.0], 10_000);
        assert_eq!((window, &*why), (64, "no channel shows a period"));
    }

    #[test]
    fn what_keeps_it_short_is_told() {
        // A fifth calibrates, 99 windows: 40 samples each.
        let (window, why) = of(&[20_000], &[48.0], 10_000);
        assert_eq!(window, 40);
        assert!(why.ends_with("too few to calibrate on for a false-alarm rate of 0.01"), "{why}");
        let (window, why) = of(&[900], &[200.0], 500_000);
        assert!(
            (40..=48).contains(&window) && why.ends_with("too few to train on"),
            "{window} {why}"
        );
        let (window, why) = of(&[[100; 499].as_slice(), &[2000]].concat(), &[123.0], 10_000);
        assert_eq!((window, why.ends_with("the recordings are no longer")), (100, true), "{why}");
        let (window, why) = of(&[90_000], &[100.0; 8], 10_000);
        assert_eq!(window, 64);
        assert!(why.ends_with("longer windows of 8 channels would be large"), "{why}");
        // Too little for any window: that is refused later, in samples of the recording.
        assert_eq!(of(&[1000], &[48.0], 10_000).0, 16);
    }

    #[test]
    fn short_recordings_without_a_period_are_windows() {
        assert_eq!(of(&[141; 600], &[0.0], 10_000).0, 141);
        assert_eq!(of(&[12; 600], &[0.0], 10_000).0, 12);
        assert_eq!(of(&[2000; 100], &[0.0], 10_000).0, 64);
    }

    #[test]
    fn constant_channels_take_no_room() {
        let mut signals = waves(&[60_000], &[100.0; 10]);
        let samples = signals.recordings[0].samples.chunks_mut(10);
        samples.for_each(|sample| sample[1..].fill(7.0));
        let (suggested, _) = suggest(&signals, &SplitSettings::default(), 10_000).unwrap();
        assert_eq!(suggested.window, 100);
    }
}
