//! What is trained on, what is calibrated on, and what is tested on.

mod error;
mod groups;
mod note;
mod recordings;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

use super::Signals;

pub use error::SplitError;
pub use note::{SplitNote, TooFewGroups};

/// How recordings are to be divided into folds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SplitSettings {
    /// Labels of what is normal. Empty where there are no labels: then everything is.
    pub normal: Vec<String>,
    /// Which groups are in which fold.
    pub groups: Groups,
    /// Samples that are left out between two pieces of one recording: those of a window, so that
    /// windows in different folds are not next to each other. A recording of fewer is not drawn.
    pub gap: usize,
}

/// Which groups are in which fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    /// 60, 20 and 20 % of the groups that have normal recordings, at least one each, shuffled by the
    /// seed. Groups without normal recordings are tested on. Where there are no groups, or fewer
    /// than three, recordings are drawn in the same way, if at least five are normal. Else each
    /// normal recording is cut in time.
    Automatic {
        /// Decides which group, or recording, is in which fold.
        seed: u64,
    },
    /// These, by name.
    Named {
        /// Groups to train on.
        train: Vec<String>,
        /// Groups to calibrate on.
        calibrate: Vec<String>,
        /// Groups to test on.
        test: Vec<String>,
    },
}

impl Default for Groups {
    fn default() -> Self {
        Self::Automatic { seed: 0 }
    }
}

/// What recordings are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// The model is trained on them.
    Train,
    /// The threshold comes from them.
    Calibrate,
    /// False alarms and detections are counted on them.
    Test,
}

impl Fold {
    pub(super) const ALL: [Self; 3] = [Self::Train, Self::Calibrate, Self::Test];
}

/// `train`, `calibrate` or `test`.
impl fmt::Display for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Calibrate => "calibrate",
            Self::Test => "test",
        })
    }
}

/// Samples of a recording that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its index.
    pub recording: usize,
    /// Which samples of it.
    pub range: Range<usize>,
}

/// Recordings divided into folds. No sample is in two of them, and no group, unless `groups` is
/// empty because recordings were drawn or cut in time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folds {
    /// Normal, to train on.
    pub train: Vec<Piece>,
    /// Normal, to calibrate on.
    pub calibrate: Vec<Piece>,
    /// Normal, to test on.
    pub test_normal: Vec<Piece>,
    /// Not normal, to test on; may be empty.
    pub test_abnormal: Vec<Piece>,
    /// Groups that are trained, calibrated and tested on.
    pub groups: [Vec<String>; 3],
    /// What a user should know of it.
    pub notes: Vec<SplitNote>,
}

/// Divides recordings into folds.
///
/// # Errors
/// [`SplitError`], if labels or groups are not as `settings` says, or a fold would be empty.
///
/// # Panics
/// Never, of signals that were read.
pub fn split(signals: &Signals, settings: &SplitSettings) -> Result<Folds, SplitError> {
    let is_normal = normal(signals, &settings.normal)?;
    let mut folds = match groups::assign(signals, &is_normal, &settings.groups)? {
        groups::Assignment::ByGroup { of_group, notes } => {
            by_group(signals, &is_normal, &of_group, notes)
        }
        groups::Assignment::ByRecording { seed, why } => {
            recordings::divide(signals, &is_normal, seed, settings.gap, why)
        }
    }?;
    let of = signals.recordings.len();
    let recordings = (0..of).filter(|&at| signals.len_of(at) < settings.gap).count();
    if recordings > 0 {
        folds.notes.push(SplitNote::NoWindow { recordings, of });
    }
    Ok(folds)
}

/// Of each recording whether it is normal.
fn normal(signals: &Signals, normal: &[String]) -> Result<Vec<bool>, SplitError> {
    let labels = signals.recordings.iter().map(|recording| recording.label.as_deref());
    let there: BTreeSet<&str> = labels.clone().flatten().collect();
    let there: Vec<&str> = there.into_iter().collect();
    match (normal, &there[..]) {
        ([], []) => return Ok(vec![true; signals.recordings.len()]),
        ([], _) => {
            return Err(SplitError::NormalNotGiven { there: super::file_error::list(&there) });
        }
        (_, []) => return Err(SplitError::NoLabels),
        _ => {}
    }
    if let Some(unknown) = normal.iter().find(|label| !there.contains(&label.as_str())) {
        let there = super::file_error::list(&there);
        return Err(SplitError::UnknownLabel { label: unknown.clone(), there });
    }
    Ok(labels.map(|label| label.is_some_and(|label| normal.iter().any(|n| n == label))).collect())
}

fn by_group(
    signals: &Signals,
    is_normal: &[bool],
    of_group: &HashMap<String, Fold>,
    notes: Vec<SplitNote>,
) -> Result<Folds, SplitError> {
    let mut folds = Folds { notes, ..Folds::default() };
    let mut unused = 0;
    for (index, recording) in signals.recordings.iter().enumerate() {
        let fold = recording.group.as_deref().and_then(|group| of_group.get(group));
        let pieces = match (fold, is_normal[index]) {
            (Some(Fold::Train), true) => &mut folds.train,
            (Some(Fold::Calibrate), true) => &mut folds.calibrate,
            (Some(Fold::Test), true) => &mut folds.test_normal,
            (Some(Fold::Test), false) => &mut folds.test_abnormal,
            (Some(_), false) => {
                unused += 1;
                continue;
            }
            (None, _) => continue,
        };
        pieces.push(Piece { recording: index, range: 0..signals.len_of(index) });
    }
    if unused > 0 {
        folds.notes.push(SplitNote::UnusedAbnormal { recordings: unused });
    }
    folds.groups = Fold::ALL.map(|fold| {
        let of_fold = of_group.iter().filter(|&(_, &of)| of == fold);
        let mut names: Vec<String> = of_fold.map(|(name, _)| name.clone()).collect();
        groups::sort(&mut names);
        names
    });
    let normal = [&folds.train, &folds.calibrate, &folds.test_normal];
    for ((fold, pieces), groups) in Fold::ALL.into_iter().zip(normal).zip(&folds.groups) {
        if pieces.is_empty() {
            let groups = super::file_error::list(groups);
            return Err(SplitError::NothingNormal { fold, groups });
        }
    }
    Ok(folds)
}

#[cfg(test)]
mod tests;
