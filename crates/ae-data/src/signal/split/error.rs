//! Why recordings cannot be divided.

/// Why recordings cannot be divided into roles. Each message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// Labels, but not which of them are normal.
    #[error("say with --normal which labels are normal; there are: {there}")]
    NormalNotGiven {
        /// The labels.
        there: String,
    },
    /// Normal labels, but none in the data.
    #[error(
        "--normal needs labels; name their column with --label, or leave --normal out if \
         everything is normal"
    )]
    NoLabels,
    /// No recording has this label.
    #[error("--normal names the label `{label}`, which no recording has; there are: {there}")]
    UnknownLabel {
        /// The label given.
        label: String,
        /// The labels.
        there: String,
    },
    /// Groups by name, but none in the data.
    #[error("{option} needs groups; name their column with --group")]
    NoGroups {
        /// The option.
        option: &'static str,
    },
    /// Some roles have groups by name, others none.
    #[error(
        "{missing} is missing; name groups for all three roles, or for none; there are: {there}"
    )]
    RoleWithoutGroups {
        /// The option.
        missing: &'static str,
        /// The groups.
        there: String,
    },
    /// No recording has this group.
    #[error("{option} names the group `{group}`, which no recording has; there are: {there}")]
    UnknownGroup {
        /// The option.
        option: &'static str,
        /// The group given.
        group: String,
        /// The groups.
        there: String,
    },
    /// A group would be tested on its own.
    #[error("the group `{group}` is in both {first} and {second}; a group has one role")]
    TwoRoles {
        /// The group.
        group: String,
        /// An option.
        first: &'static str,
        /// Another.
        second: &'static str,
    },
    /// A role has no normal recording.
    #[error(
        "nothing to {role} on: no recording of the groups {groups} is normal; give other groups"
    )]
    NothingNormal {
        /// `train`, `calibrate` or `test`.
        role: &'static str,
        /// Its groups.
        groups: String,
    },
    /// Too few samples to cut.
    #[error(
        "the longest normal recording has {longest} samples, too few to cut it into 60, 20 and \
         20 %, which takes {needed}; give longer recordings, five or more of them, or a shorter \
         --window"
    )]
    TooShort {
        /// Samples of the longest normal recording.
        longest: usize,
        /// Samples that it should have.
        needed: usize,
    },
}
