//! What is trained on, what is calibrated on, and what is tested on.

mod error;
mod groups;
mod recordings;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::Signals;

pub use error::SplitError;
use groups::Role;

/// How recordings are to be divided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roles {
    /// Labels of what is normal. Empty where there are no labels: then everything is.
    pub normal: Vec<String>,
    /// Who has which role.
    pub groups: Groups,
    /// Samples that are left out between two pieces of one recording: those of a window, so that
    /// windows in different roles are not next to each other. A recording of fewer is not drawn.
    pub gap: usize,
}

/// Which groups have which role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    /// 60, 20 and 20 % of the groups that have normal recordings, at least one each, shuffled by the
    /// seed. Groups without normal recordings are tested on. Where there are no groups, or fewer
    /// than three, recordings are drawn in the same way, if at least five are normal. Else each
    /// normal recording is cut in time.
    Automatic {
        /// Decides which group, or recording, has which role.
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

/// Samples of a recording that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its index.
    pub recording: usize,
    /// Which samples of it.
    pub range: Range<usize>,
}

/// Recordings divided into roles. No sample is in two of them, and no group, unless `groups` is
/// empty because recordings were drawn or cut in time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split {
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
    /// What a user should be told.
    pub notes: Vec<String>,
}

/// Divides recordings into roles.
///
/// # Errors
/// [`SplitError`], if labels or groups are not as `roles` says, or a role would be empty.
///
/// # Panics
/// Never, of signals that were read.
pub fn split(signals: &Signals, roles: &Roles) -> Result<Split, SplitError> {
    let is_normal = normal(signals, &roles.normal)?;
    match groups::assign(signals, &is_normal, &roles.groups)? {
        groups::Assigned::ByGroup { of_group, notes } => {
            by_group(signals, &is_normal, &of_group, notes)
        }
        groups::Assigned::ByRecording { seed, why } => {
            recordings::divide(signals, &is_normal, seed, roles.gap, &why)
        }
    }
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
    of_group: &HashMap<String, Role>,
    notes: Vec<String>,
) -> Result<Split, SplitError> {
    let mut split = Split { notes, ..Split::default() };
    let mut unused = 0;
    for (index, recording) in signals.recordings.iter().enumerate() {
        let role = recording.group.as_deref().and_then(|group| of_group.get(group));
        let pieces = match (role, is_normal[index]) {
            (Some(Role::Train), true) => &mut split.train,
            (Some(Role::Calibrate), true) => &mut split.calibrate,
            (Some(Role::Test), true) => &mut split.test_normal,
            (Some(Role::Test), false) => &mut split.test_abnormal,
            (Some(_), false) => {
                unused += 1;
                continue;
            }
            (None, _) => continue,
        };
        pieces.push(Piece { recording: index, range: 0..signals.len_of(index) });
    }
    if unused > 0 {
        let (s, are) = if unused == 1 { ("", "is") } else { ("s", "are") };
        split.notes.push(format!(
            "{unused} abnormal recording{s} of groups that train or calibrate {are} not used"
        ));
    }
    split.groups = Role::ALL.map(|role| {
        let of_role = of_group.iter().filter(|&(_, &of)| of == role);
        let mut names: Vec<String> = of_role.map(|(name, _)| name.clone()).collect();
        groups::sort(&mut names);
        names
    });
    let normal = [&split.train, &split.calibrate, &split.test_normal];
    for ((role, pieces), groups) in Role::ALL.into_iter().zip(normal).zip(&split.groups) {
        if pieces.is_empty() {
            let groups = super::file_error::list(groups);
            return Err(SplitError::NothingNormal { role: role.name(), groups });
        }
    }
    Ok(split)
}

#[cfg(test)]
mod tests;
