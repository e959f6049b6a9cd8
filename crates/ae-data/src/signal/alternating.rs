//! Recordings that end, or change their label, all the time, although there are enough samples.

use std::fmt;

use super::{Run, Signals};

/// Recordings that there must be: fewer are short recordings, and no mistake in the file.
const RECORDINGS: usize = 8;

/// What ends recordings, or runs of one label, after a few samples each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternating {
    /// The group changes.
    Group,
    /// The label changes.
    Label,
    /// Time goes back, or the column of recordings changes.
    Time,
}

impl Alternating {
    /// What mostly ends them, if they are too short for windows that all samples together
    /// would do for.
    pub(super) fn of(signals: &Signals, window: usize) -> Option<Self> {
        let runs: Vec<Run> = signals.runs().collect();
        let lengths = || runs.iter().map(|run| run.piece.range.len());
        let is_cut = runs.len() >= RECORDINGS
            && lengths().all(|len| len < window)
            && lengths().sum::<usize>() >= window;
        if !is_cut {
            return None;
        }
        let mut counts = [(Self::Group, 0_usize), (Self::Label, 0), (Self::Time, 0)];
        let group = |run: &Run| &signals.recordings[run.piece.recording].group;
        for pair in runs.windows(2) {
            let [before, after] = pair else { continue };
            let cause = if group(before) != group(after) {
                0
            } else if before.label != after.label {
                1
            } else {
                2
            };
            counts[cause].1 += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(cause, _)| cause)
    }
}

/// What it looks like, and what to do.
impl fmt::Display for Alternating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Group => {
                "the group changes all the time, and a recording ends where it does: do lines of \
                 several devices alternate? Sort the lines by group, then by time"
            }
            Self::Label => {
                "the label changes all the time, and what is trained on ends where it does: choose a \
                 label that stays the same while a state lasts"
            }
            Self::Time => {
                "recordings end all the time, because time goes back or the column of recordings \
                 changes: do lines of several devices alternate, or does the newest line come \
                 first? Name the column of devices as the group and sort the lines by it, then by \
                 time"
            }
        })
    }
}
