//! What a user should know of what was read.

use std::fmt;

use super::absent::AbsentFound;
use super::format::TextFormat;
use super::left_out::LeftOut;
use super::levels::Collapse;
use super::npz::Unused;
use super::times::{Gaps, Steps};

/// What a user should know of what was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ReadNote {
    /// How a text was read. Nothing is wrong with it.
    Text(Box<TextFormat>),
    /// How samples follow each other in time. Nothing is wrong with it.
    Steps(Steps),
    /// Values that were missing, and what was done.
    Absent(AbsentFound),
    /// Values that lost their differences.
    Collapse(Collapse),
    /// Times at which nothing was recorded.
    Gaps(Gaps),
    /// The newest samples came first, and were turned round.
    NewestFirst {
        /// Name of the file.
        file: String,
    },
    /// Channels that were left out.
    LeftOut(LeftOut),
    /// Arrays of an NPZ file that nobody has named.
    Unused {
        /// Name of the file.
        file: String,
        /// The first of them.
        arrays: Vec<Unused>,
    },
    /// Files in folders whose names end otherwise than those of signals.
    OtherFiles {
        /// The first of them.
        files: Vec<String>,
        /// How many there are.
        found: usize,
    },
}

impl ReadNote {
    /// Whether something is not as a user may expect it. All else is for
    /// [`Understood`](super::Understood).
    #[must_use]
    pub fn is_remarkable(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Steps(_))
    }
}

impl fmt::Display for ReadNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(format) => format.fmt(f),
            Self::Steps(steps) => steps.fmt(f),
            Self::Absent(absent) => absent.fmt(f),
            Self::Collapse(collapse) => collapse.fmt(f),
            Self::Gaps(gaps) => gaps.fmt(f),
            Self::LeftOut(left_out) => left_out.fmt(f),
            Self::NewestFirst { file } => write!(
                f,
                "{file}: the newest samples come first; they are read from the oldest to the newest"
            ),
            Self::OtherFiles { files, found } => {
                let more = if *found > files.len() { " …" } else { "" };
                write!(f, "files that are not read ({found}): {}{more}", files.join(", "))
            }
            Self::Unused { file, arrays } => {
                let arrays: Vec<String> = arrays.iter().map(ToString::to_string).collect();
                write!(f, "{file}: arrays that are not used: {}", arrays.join(", "))
            }
        }
    }
}
