//! What is trained on, what is calibrated on, and what is tested on.

mod error;
mod groups;
mod note;
mod recordings;
mod tested;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::{Missing, Run, Signals};

pub use error::SplitError;
pub use note::{SplitNote, TooFewGroups};
pub use tested::Tested;

/// How recordings are to be divided into folds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SplitSettings {
    /// Labels of what is normal. Empty where there are no labels: then everything is.
    pub normal: Vec<String>,
    /// Which groups are in which fold.
    pub groups: Groups,
    /// Samples that are left out between two pieces of one recording: those of a window, so that
    /// windows in different folds are not next to each other. A recording of fewer is not drawn.
    pub gap: usize,
    /// Which numbers stand for a missing value. Pieces to train and to calibrate on hold none.
    pub missing: Missing,
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

/// Recordings divided into folds. Each piece has one label. No sample is in two folds, and no group,
/// unless `groups` is empty because recordings were drawn or cut in time. What is tested on is seen
/// as a detector meets it: [`Folds::tested`].
#[derive(Debug, Clone, PartialEq, Default)]
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
    let runs = labelled(signals, &settings.normal)?;
    let mut folds = match groups::assign(signals, &runs, &settings.groups)? {
        groups::Assignment::ByGroup { of_group, notes } => {
            by_group(signals, &runs, &of_group, notes)
        }
        groups::Assignment::ByRecording { seed, why } => {
            recordings::divide(signals, &runs, seed, settings.gap, why)
        }
    }?;
    let normal = || runs.iter().filter(|(_, is_normal)| *is_normal).map(|(piece, _)| piece);
    let short = normal().filter(|piece| piece.range.len() < settings.gap).count();
    if short > 0 {
        folds.notes.push(SplitNote::NoWindow { pieces: short, of: normal().count() });
    }
    let Folds { train, calibrate, notes, .. } = &mut folds;
    let missing = settings.missing.cut(signals, &mut [train, calibrate]);
    notes.extend(missing.into_iter().map(SplitNote::Missing));
    Ok(folds)
}

/// The runs of all recordings, and of each whether it is normal.
fn labelled(signals: &Signals, normal: &[String]) -> Result<Vec<(Piece, bool)>, SplitError> {
    let there: BTreeSet<Arc<str>> = signals.runs().filter_map(|run| run.label).collect();
    let list = || super::file_error::list(&there.iter().collect::<Vec<_>>());
    match (normal, there.is_empty()) {
        ([], true) => return Ok(normal_runs(signals, normal)),
        ([], false) => return Err(SplitError::NormalNotGiven { there: list() }),
        (_, true) => return Err(SplitError::NoLabels),
        _ => {}
    }
    if let Some(unknown) = normal.iter().find(|label| !there.contains(label.as_str())) {
        return Err(SplitError::UnknownLabel { label: unknown.clone(), there: list() });
    }
    Ok(normal_runs(signals, normal))
}

/// The runs of all recordings, and of each whether its label is one of `normal`. Where there are no
/// such labels, or no run has one, all of them are normal.
#[must_use]
pub fn normal_runs(signals: &Signals, normal: &[String]) -> Vec<(Piece, bool)> {
    let unsaid = normal.is_empty() || signals.runs().all(|run| run.label.is_none());
    let is_normal =
        |label: Option<Arc<str>>| label.is_some_and(|it| normal.iter().any(|of| **of == *it));
    signals.runs().map(|Run { piece, label }| (piece, unsaid || is_normal(label))).collect()
}

fn by_group(
    signals: &Signals,
    runs: &[(Piece, bool)],
    of_group: &HashMap<String, Fold>,
    notes: Vec<SplitNote>,
) -> Result<Folds, SplitError> {
    let mut folds = Folds { notes, ..Folds::default() };
    let (mut unused, mut of_unused) = (0, BTreeSet::new());
    for (piece, is_normal) in runs {
        let group = signals.recordings[piece.recording].group.as_deref();
        let fold = group.and_then(|group| of_group.get(group));
        let pieces = match (fold, is_normal) {
            (Some(Fold::Train), true) => &mut folds.train,
            (Some(Fold::Calibrate), true) => &mut folds.calibrate,
            (Some(Fold::Test), true) => &mut folds.test_normal,
            (Some(Fold::Test), false) => &mut folds.test_abnormal,
            (Some(_), false) => {
                unused += 1;
                of_unused.extend(group);
                continue;
            }
            (None, _) => continue,
        };
        pieces.push(piece.clone());
    }
    if unused > 0 {
        let mut of_unused: Vec<String> = of_unused.into_iter().map(str::to_owned).collect();
        groups::sort(&mut of_unused);
        let groups = super::file_error::list(&of_unused);
        folds.notes.push(SplitNote::UnusedAbnormal { pieces: unused, groups });
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
