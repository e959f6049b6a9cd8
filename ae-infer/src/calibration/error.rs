//! Why there is no calibration.

use core::fmt;

/// Why there is no [`Calibration`](crate::Calibration), [`GroupThreshold`](crate::GroupThreshold),
/// [`LowScores`](crate::LowScores) or [`Drift`](crate::Drift), or none with such a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CalibrationError {
    /// The rate is not in 1 to 999,999 parts per million.
    AlarmRate {
        /// Parts per million.
        found: u32,
    },
    /// With so few scores there is no bound for the rate.
    TooFewScores {
        /// The rate in parts per million.
        alarm_ppm: u32,
        /// Scores that were to be taken.
        found: u32,
    },
    /// There is room for fewer scores than have to be kept.
    Room {
        /// Scores that have to be kept.
        needed: usize,
        /// Scores that there is room for.
        found: usize,
    },
    /// The blob says of too few groups what their thresholds would be.
    TooFewGroups {
        /// The share of groups that may need a higher one, in parts per million.
        group_ppm: u32,
        /// Groups that it says something of.
        found: usize,
    },
    /// A state has taken more scores than it wants.
    Taken {
        /// Scores that it wants.
        wanted: u32,
        /// Scores that it has taken.
        found: u32,
    },
    /// A score of a state does not follow the one before in their order, or stands where none can be.
    Kept {
        /// Its place, from 0.
        place: usize,
    },
    /// A state of [`Drift`](crate::Drift) has counted scores before it has all edges, or more than it
    /// can count.
    Counted {
        /// Edges that it has.
        gathered: u32,
        /// Scores that it has counted.
        found: u64,
    },
    /// A state of [`Drift`](crate::Drift) has a generator that gives zeros alone.
    Generator,
}

impl fmt::Display for CalibrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::AlarmRate { found } => {
                write!(f, "the rate is {found} parts per million, but must be from 1 to 999999")
            }
            Self::TooFewScores { alarm_ppm, found } => write!(
                f,
                "{found} scores are too few for a rate of {alarm_ppm} parts per million: one more \
                 than the scores, times the rate, must be at least 1000000"
            ),
            Self::TooFewGroups { group_ppm, found } => write!(
                f,
                "the blob has thresholds of {found} groups, too few where a share of {group_ppm} parts \
                 per million may need a higher one: one more than the groups, times the share, must be \
                 at least 1000000"
            ),
            Self::Room { needed, found } => {
                write!(f, "{needed} scores have to be kept, but there is room for {found}")
            }
            Self::Taken { wanted, found } => {
                write!(f, "the state has taken {found} scores, but wants {wanted}")
            }
            Self::Kept { place } => {
                write!(f, "score {place} of the state is not in order, or stands where none can be")
            }
            Self::Counted { gathered, found } => write!(
                f,
                "the state has counted {found} scores with {gathered} edges: none may be counted \
                 before all edges are there, and no more than 4294967295"
            ),
            Self::Generator => {
                f.write_str("the state's generator is 0, and must be another number")
            }
        }
    }
}

impl core::error::Error for CalibrationError {}
