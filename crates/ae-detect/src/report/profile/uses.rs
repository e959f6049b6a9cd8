//! What samples were used for.

use std::collections::HashMap;

use ae_data::signal::{Folds, Piece, Signals};
use serde::Serialize;

/// Groups that are described.
const MOST_GROUPS: usize = 24;

/// What samples were used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// The model was trained on them, and chosen by some of them.
    Training,
    /// The threshold comes from them.
    Calibration,
    /// Normal: false alarms were counted on them.
    HeldOut,
    /// Abnormal: detections were counted on them.
    Abnormal,
    /// Nothing.
    Unused,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Training, Self::Calibration, Self::HeldOut, Self::Abnormal, Self::Unused];

    /// Such as `held out, normal`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Calibration => "calibration",
            Self::HeldOut => "held out, normal",
            Self::Abnormal => "held out, abnormal",
            Self::Unused => "not used",
        }
    }
}

/// How much was used for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UseProfile {
    /// For what.
    pub of: Use,
    /// Windows that were cut of it; `None` of what was not used.
    pub windows: Option<usize>,
    /// Samples, each of all channels.
    pub samples: usize,
    /// They are of other files than all else.
    pub of_other_files: bool,
}

/// A group of recordings, such as those of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupProfile {
    /// Its name.
    pub group: String,
    /// Its recordings.
    pub recordings: usize,
    /// Its samples.
    pub samples: usize,
    /// How many of these were used for what, as in [`Use::ALL`].
    pub by_use: [usize; 5],
}

/// The pieces of each use.
fn pieces(folds: &Folds) -> [&[Piece]; 4] {
    [&folds.train, &folds.calibrate, &folds.test_normal, &folds.test_abnormal]
}

/// What all `samples` were used for.
pub(super) fn uses(
    folds: &Folds,
    samples: usize,
    windows: [usize; 4],
    calibrated_on: Option<usize>,
) -> Vec<UseProfile> {
    let mut left = samples;
    let mut uses: Vec<UseProfile> = Vec::new();
    for ((of, pieces), windows) in Use::ALL.into_iter().zip(pieces(folds)).zip(windows) {
        let other = calibrated_on.filter(|_| of == Use::Calibration);
        let own = || pieces.iter().map(|piece| piece.range.len()).sum::<usize>();
        let found = other.unwrap_or_else(own);
        left -= if other.is_none() { found.min(left) } else { 0 };
        let (windows, of_other_files) = (Some(windows), other.is_some());
        uses.push(UseProfile { of, windows, samples: found, of_other_files });
    }
    uses.push(UseProfile { of: Use::Unused, windows: None, samples: left, of_other_files: false });
    uses
}

/// The first groups, and how many more there are; none where recordings have no groups.
pub(super) fn groups(signals: &Signals, folds: &Folds) -> (Vec<GroupProfile>, usize) {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<GroupProfile> = Vec::new();
    for (at, recording) in signals.recordings.iter().enumerate() {
        let Some(group) = recording.group.as_deref() else { continue };
        let next = places.len();
        let place = *places.entry(group).or_insert(next);
        if place >= MOST_GROUPS {
            continue;
        }
        if place == groups.len() {
            let group = group.to_owned();
            groups.push(GroupProfile { group, recordings: 0, samples: 0, by_use: [0; 5] });
        }
        groups[place].recordings += 1;
        groups[place].samples += signals.len_of(at);
    }
    for (of, pieces) in pieces(folds).into_iter().enumerate() {
        for piece in pieces {
            let group = signals.recordings[piece.recording].group.as_deref();
            let place = group.and_then(|group| places.get(group));
            if let Some(group) = place.and_then(|&place| groups.get_mut(place)) {
                group.by_use[of] += piece.range.len();
            }
        }
    }
    for group in &mut groups {
        let used: usize = group.by_use[..4].iter().sum();
        group.by_use[4] = group.samples.saturating_sub(used);
    }
    let more = places.len() - groups.len();
    (groups, more)
}
