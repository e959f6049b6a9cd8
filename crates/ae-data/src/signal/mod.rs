//! Signals: several channels sampled over time, read from files and made ready for training.
//!
//! [`load`] makes [`Signals`] of a name or of files, [`read`] of files alone. [`split`] divides them
//! into what is trained, calibrated and tested on, [`windows`] cuts pieces of them, and
//! [`Standardisation`] says where each channel lies. [`SampleBuffer`] holds a piece in the type
//! that a detector takes.

mod absent;
mod alternating;
mod array;
mod budget;
mod clock;
mod columnar;
mod columns;
mod compressed;
mod csv;
mod cutter;
mod error;
mod far;
mod faults;
mod file_error;
mod folder;
mod foreign;
mod format;
mod input;
mod knots;
mod left_out;
mod levels;
mod listing;
mod missing;
mod moments;
mod named;
mod named_format;
mod note;
mod npz;
mod read;
mod reading;
mod runs;
mod samples;
mod signals;
mod source;
mod split;
mod standardise;
mod time;
mod time_unit;
mod times;
mod understood;
mod utf16;
mod wav;
mod window;
mod written;

pub use absent::AbsentFound;
pub use alternating::Alternating;
pub use clock::Course;
pub use error::SignalError;
pub use far::Far;
pub use faults::{FaultKind, FaultReport};
pub use file_error::FileError;
pub use foreign::Foreign;
pub use format::{HeaderAt, TextFormat};
pub use knots::Knots;
pub use left_out::LeftOut;
pub use levels::Collapse;
pub use missing::{Missing, MissingFound};
pub use named::{CountError, LoadSignalsError, is_images, load};
pub use note::ReadNote;
pub use npz::{NamedArrays, NamedArraysError, Unused};
pub use read::{read, read_bytes};
pub use reading::{Absent, Decimal, Delimiter, Reading};
pub use runs::{Labels, Run};
pub use samples::SampleBuffer;
pub use signals::{Misfit, Origin, Recording, Signals};
pub use source::{ColumnUse, Memory, Source};
pub use split::{
    Fold, Folds, Groups, Piece, SplitError, SplitNote, SplitSettings, Tested, TooFewGroups,
    normal_runs, split,
};
pub use standardise::{Constant, Standardisation, StandardiseError, constants};
pub use time_unit::TimeUnit;
pub use times::{Gaps, Steps, are_same_rate};
pub use understood::Understood;
pub use window::{WindowAt, WindowError, windows};

#[cfg(test)]
pub(crate) mod tests;
