//! What went into a detector: its channels, recordings and groups, and what each was used for.
//!
//! Memory and the size of the result are bounded whatever the signals are: a few channels and groups
//! are described one by one, those that a problem names first, and the rest is counted.

mod channel;
mod uses;

use std::collections::HashSet;

use ae_data::signal::{Folds, LeftOut, Signals};
use serde::Serialize;

pub use channel::{BINS, COLUMNS, ChannelProfile};
pub use uses::{GroupProfile, Use, UseProfile};

/// Channels that are described.
pub const MOST_CHANNELS: usize = 40;

/// Recordings whose borders are drawn; more would hide what they part.
const MOST_BORDERS: usize = 40;

/// What went into a detector.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Profile {
    /// What a user should know of it first, each with its place and what to do.
    pub problems: Vec<String>,
    /// Number of samples, each of all channels.
    pub samples: usize,
    /// Number of recordings.
    pub recordings: usize,
    /// Samples of the shortest recording, of that in the middle, and of the longest.
    pub lengths: [usize; 3],
    /// Channels in their order: of more than [`MOST_CHANNELS`] those that a problem names, and then
    /// the first.
    pub channels: Vec<ChannelProfile>,
    /// Channels that are not described.
    pub more_channels: usize,
    /// Channels of the files that were left out, because they stay the same.
    pub left_out: LeftOut,
    /// What the samples were used for. Those of the files add up to all of them.
    pub uses: Vec<UseProfile>,
    /// The same of each group, as the files have them in order; of many the first.
    pub groups: Vec<GroupProfile>,
    /// Groups that are not described.
    pub more_groups: usize,
    /// Where recordings begin but for the first, in shares of all samples; nothing where there are many.
    #[serde(skip)]
    pub borders: Vec<f64>,
}

impl Profile {
    /// Of signals that `folds` divides. `problems` are the notes on them, in which names of channels
    /// stand between `` ` ``. `windows` has the number of windows of each [`Use`] but the last.
    /// `calibrated_on` are samples of other files that the threshold comes from.
    #[must_use]
    pub fn of(
        signals: &Signals,
        folds: &Folds,
        problems: Vec<String>,
        windows: [usize; 4],
        calibrated_on: Option<usize>,
    ) -> Self {
        let mut lengths: Vec<usize> =
            (0..signals.recordings.len()).map(|at| signals.len_of(at)).collect();
        let samples = lengths.iter().sum();
        let borders = match lengths.len() {
            0..=MOST_BORDERS => borders(&lengths, samples),
            _ => Vec::new(),
        };
        lengths.sort_unstable();
        let middle = |at: usize| lengths.get(at).copied().unwrap_or_default();
        let named = named(&problems);
        let described = described(&signals.channels, &named);
        let units = signals.units();
        let channel = |&at: &usize| {
            let is_told = named.contains(signals.channels[at].as_str());
            ChannelProfile::of(signals, at, units.get(at).cloned().unwrap_or_default(), is_told)
        };
        let channels: Vec<ChannelProfile> = described.iter().map(channel).collect();
        let (groups, more_groups) = uses::groups(signals, folds);
        Self {
            samples,
            recordings: lengths.len(),
            lengths: [
                middle(0),
                middle(lengths.len() / 2),
                middle(lengths.len().saturating_sub(1)),
            ],
            more_channels: signals.channels.len() - channels.len(),
            channels,
            left_out: signals.left_out().cloned().unwrap_or_default(),
            uses: uses::uses(folds, samples, windows, calibrated_on),
            groups,
            more_groups,
            borders,
            problems,
        }
    }
}

/// Where recordings of these lengths begin but for the first, in shares of all.
fn borders(lengths: &[usize], samples: usize) -> Vec<f64> {
    let ends = lengths.iter().scan(0, |end, len| {
        *end += len;
        Some(*end as f64 / samples.max(1) as f64)
    });
    ends.take(lengths.len().saturating_sub(1)).collect()
}

/// What stands between `` ` `` in these sentences.
fn named(problems: &[String]) -> HashSet<&str> {
    problems.iter().flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// Positions of the channels that are described.
fn described(channels: &[String], named: &HashSet<&str>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..channels.len()).collect();
    order.sort_by_key(|&at| !named.contains(channels[at].as_str()));
    order.truncate(MOST_CHANNELS);
    order.sort_unstable();
    order
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Piece, Recording};

    use super::*;

    /// Recordings of these lengths, of as many channels, all values the number of the sample.
    pub(super) fn signals(lengths: &[usize], channels: usize) -> Signals {
        let recording = |(at, &len): (usize, &usize)| Recording {
            samples: (0..len * channels).map(|at| (at / channels) as f32).collect(),
            labels: Labels::default(),
            group: Some(["a", "b"][at % 2].into()),
            origin: Origin::default(),
        };
        Signals {
            channels: (0..channels).map(|at| format!("c{at}")).collect(),
            recordings: lengths.iter().enumerate().map(recording).collect(),
            notes: vec![],
            rate: None,
        }
    }

    #[test]
    fn samples_are_counted_by_recording_use_and_group() {
        let signals = signals(&[10, 30, 60], 2);
        let piece = |recording, range| Piece { recording, range };
        let folds = Folds {
            train: vec![piece(0, 0..10), piece(2, 0..20)],
            calibrate: vec![piece(1, 0..12)],
            test_normal: vec![piece(1, 12..20)],
            test_abnormal: vec![piece(2, 50..60)],
            ..Folds::default()
        };
        let profile = Profile::of(&signals, &folds, vec![], [7, 3, 2, 1], None);
        assert_eq!((profile.samples, profile.recordings, profile.lengths), (100, 3, [10, 30, 60]));
        assert_eq!(profile.borders, [0.1, 0.4]);
        let uses: Vec<_> = profile.uses.iter().map(|it| (it.windows, it.samples)).collect();
        let expected = [(Some(7), 30), (Some(3), 12), (Some(2), 8), (Some(1), 10), (None, 40)];
        assert_eq!(uses, expected);
        let groups: Vec<_> =
            profile.groups.iter().map(|it| (&*it.group, it.recordings, it.samples)).collect();
        assert_eq!(groups, [("a", 2, 70), ("b", 1, 30)]);
        assert_eq!(profile.groups[0].by_use, [30, 0, 0, 10, 30]);
        assert_eq!(profile.groups[1].by_use, [0, 12, 8, 0, 10]);
        // A threshold from elsewhere leaves what would have calibrated unused.
        let other = Profile::of(&signals, &folds, vec![], [7, 5, 2, 1], Some(500));
        let calibration = &other.uses[1];
        assert_eq!((calibration.samples, calibration.of_other_files), (500, true));
        assert_eq!(other.uses[4].samples, 52);
    }

    #[test]
    fn of_many_channels_those_with_a_problem_are_described() {
        let signals = signals(&[50], 1000);
        let problems = vec!["9 of `c999` and of `c70` are far; `oven` is not".to_owned()];
        let profile = Profile::of(&signals, &Folds::default(), problems, [0; 4], None);
        let names: Vec<&str> = profile.channels.iter().map(|it| &*it.channel).collect();
        assert_eq!((names.len(), profile.more_channels), (MOST_CHANNELS, 960));
        assert_eq!(names[..2], ["c0", "c1"]);
        assert_eq!(names[MOST_CHANNELS - 3..], ["c37", "c70", "c999"]);
        let told: Vec<bool> = profile.channels.iter().map(|it| it.is_told).collect();
        assert_eq!(told.iter().filter(|it| **it).count(), 2);
        assert!(told[MOST_CHANNELS - 1]);
    }

    #[test]
    fn many_recordings_and_none_have_a_profile() {
        let many = signals(&[1; 500], 1);
        let profile = Profile::of(&many, &Folds::default(), vec![], [0; 4], None);
        assert_eq!((profile.recordings, profile.borders.len()), (500, 0));
        let none = Profile::of(&signals(&[], 1), &Folds::default(), vec![], [0; 4], None);
        assert_eq!((none.samples, none.channels.len()), (0, 1));
    }
}
