//! What a user should know of how recordings were divided.

use std::fmt;

use crate::signal::MissingFound;

/// What a user should know of how recordings were divided.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SplitNote {
    /// Abnormal pieces of groups that train or calibrate: they serve no purpose.
    UnusedAbnormal {
        /// Number of pieces.
        pieces: usize,
        /// The groups, in a list.
        groups: String,
    },
    /// Groups that were named for no fold.
    GroupsLeftOut {
        /// Their names.
        groups: String,
    },
    /// Whole recordings were drawn for each fold.
    Drawn {
        /// Why groups do not decide.
        why: TooFewGroups,
        /// Recordings to train, to calibrate and to test on.
        recordings: [usize; 3],
    },
    /// Each normal recording was cut in time.
    CutInTime {
        /// Why groups do not decide.
        why: TooFewGroups,
    },
    /// Recordings that were too short to be cut are only trained on.
    TooShortToCut {
        /// Number of recordings.
        recordings: usize,
    },
    /// Normal pieces that are shorter than a window give none to train or to calibrate on.
    NoWindow {
        /// Number of pieces.
        pieces: usize,
        /// Number of all.
        of: usize,
    },
    /// Values to train and to calibrate on that are missing.
    Missing(MissingFound),
}

/// Why groups do not decide what is trained, calibrated and tested on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooFewGroups {
    /// The recordings have no groups.
    None,
    /// Fewer than three groups have normal recordings.
    Few {
        /// Groups that have some.
        normal: usize,
    },
}

impl fmt::Display for SplitNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusedAbnormal { pieces, groups } => {
                let (s, are) = if *pieces == 1 { ("", "is") } else { ("s", "are") };
                write!(
                    f,
                    "{pieces} abnormal piece{s} of groups that train or calibrate {are} not used \
                     ({groups}); to see what is found of them, name their groups among those to test \
                     on"
                )
            }
            Self::GroupsLeftOut { groups } => write!(f, "groups in no role, left out: {groups}"),
            Self::Drawn { why, recordings: [train, calibrate, test] } => write!(
                f,
                "{why}: recordings were drawn; {train} to train on, {calibrate} to calibrate on, \
                 {test} to test on; name what they have in common, such as a machine, as their group"
            ),
            Self::CutInTime { why } => write!(
                f,
                "{why}: each normal recording is cut in time; windows of one recording resemble \
                 each other, so false alarms on other recordings may be more frequent: name groups \
                 or give more recordings"
            ),
            Self::TooShortToCut { recordings } => {
                write!(f, "recordings too short to be cut, only trained on: {recordings}")
            }
            Self::NoWindow { pieces, of } => write!(
                f,
                "normal pieces shorter than a window, neither trained nor calibrated on: {pieces} of \
                 {of}"
            ),
            Self::Missing(found) => found.fmt(f),
        }
    }
}

impl fmt::Display for TooFewGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no groups"),
            Self::Few { normal } => {
                let have = if *normal == 1 { "has" } else { "have" };
                write!(
                    f,
                    "only {normal} of the groups {have} normal recordings, fewer than three, so that \
                     the test sees groups that were trained on"
                )
            }
        }
    }
}
