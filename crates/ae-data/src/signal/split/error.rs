//! Why recordings cannot be divided.

use super::Fold;
use crate::signal::Alternating;

/// Why recordings cannot be divided into folds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// Recordings have labels, but none is said to be normal.
    #[error("it is not said which labels are normal; there are: {there}")]
    NormalNotGiven {
        /// The labels.
        there: String,
    },
    /// Labels are said to be normal, but recordings have none.
    #[error("labels are said to be normal, but no recording has a label")]
    NoLabels,
    /// No recording has this label.
    #[error("no recording has the label `{label}` that is said to be normal; there are: {there}")]
    UnknownLabel {
        /// The label given.
        label: String,
        /// The labels.
        there: String,
    },
    /// Groups are named, but recordings have none.
    #[error("groups to {fold} on are named, but no recording has a group")]
    NoGroups {
        /// The first fold that names groups.
        fold: Fold,
    },
    /// Some folds have groups by name, others none.
    #[error(
        "no groups to {missing} on are named; name groups for all three folds, or for none; there \
         are: {there}"
    )]
    FoldWithoutGroups {
        /// The fold.
        missing: Fold,
        /// The groups.
        there: String,
    },
    /// No recording has this group.
    #[error("no recording has the group `{group}`, named to {fold} on; there are: {there}")]
    UnknownGroup {
        /// The fold that names it.
        fold: Fold,
        /// The group given.
        group: String,
        /// The groups.
        there: String,
    },
    /// A group would be tested on its own.
    #[error(
        "the group `{group}` is named both to {first} and to {second} on; a group has one fold"
    )]
    TwoFolds {
        /// The group.
        group: String,
        /// A fold.
        first: Fold,
        /// Another.
        second: Fold,
    },
    /// A fold has no normal recording.
    #[error(
        "nothing to {fold} on: no recording of the groups {groups} is normal; give other groups"
    )]
    NothingNormal {
        /// The fold.
        fold: Fold,
        /// Its groups.
        groups: String,
    },
    /// Too few samples to cut.
    #[error(
        "the longest normal recording has {longest} samples, too few to cut it into 60, 20 and \
         20 %, which takes {needed}; {}", match alternating {
            Some(cause) => cause.to_string(),
            None => "give longer recordings, five or more of them, or a shorter window".to_owned(),
        }
    )]
    TooShort {
        /// Samples of the longest normal recording.
        longest: usize,
        /// Samples that it should have.
        needed: usize,
        /// What ends recordings, if they are many.
        alternating: Option<Alternating>,
    },
}
