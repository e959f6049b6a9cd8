//! What can go wrong between names of files and signals.

use std::io;
use std::path::PathBuf;

use super::{Course, FaultReport, FileError};

/// Why signals could not be read. Each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignalError {
    /// No file was named.
    #[error("no file is named; expected files of signals, such as CSV, WAV or Parquet")]
    NoFile,
    /// The system refused.
    #[error("cannot read {}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A length of gaps, and no times.
    #[error("a gap is given, and no column of times is named; name it, or give no gap")]
    GapWithoutTime,
    /// A folder without files of signals.
    #[error(
        "no file of signals lies in the folder {}; expected names that end in .csv, .wav, .parquet or \
         the like", file.display()
    )]
    Folder {
        /// The folder.
        file: PathBuf,
    },
    /// The file cannot be used.
    #[error("{}: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong in it.
        source: FileError,
    },
    /// Values that cannot be used.
    #[error("{0}")]
    Faults(FaultReport),
    /// A time that was taken for a channel.
    #[error(
        "`{name}` {}, as a time or a counter does; {}choose the channels {others}",
        runs(*course), if *can_be_named { "name it as the time, or " } else { "" }
    )]
    Clock {
        /// The column.
        name: String,
        /// How it runs.
        course: Course,
        /// Whether it can be named as the time: it is the column of a text, and no other is.
        can_be_named: bool,
        /// The other channels, or, where there are none, all.
        others: String,
    },
    /// Two files were sampled at different rates, of which a detector has one.
    #[error(
        "{} has {found} samples a second, but {} has {expected}; bring them to one rate, such as with \
         ffmpeg -i FILE -ar {expected} data.wav", file.display(), first.display()
    )]
    RatesDiffer {
        /// The first file.
        first: PathBuf,
        /// Its rate.
        expected: f64,
        /// The file that differs.
        file: PathBuf,
        /// Its rate.
        found: f64,
    },
    /// Two files do not have the same channels.
    #[error(
        "{} has the channels {found}, but {} has {expected}; choose those that are in both",
        file.display(), first.display()
    )]
    ChannelsDiffer {
        /// The first file.
        first: PathBuf,
        /// Its channels.
        expected: String,
        /// The file that differs.
        file: PathBuf,
        /// Its channels.
        found: String,
    },
}

/// `only rises`, or `rises but for 2 steps back`.
fn runs(Course { rises, back }: Course) -> String {
    let runs = if rises { "rises" } else { "falls" };
    match back {
        0 => format!("only {runs}"),
        1 => format!("{runs} but for 1 step back"),
        back => format!("{runs} but for {back} steps back"),
    }
}
