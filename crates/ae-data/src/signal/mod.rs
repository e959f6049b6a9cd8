//! Signals: several channels sampled over time, read from files and made ready for training.
//!
//! [`load`] makes [`Signals`] of a name or of files, [`read`] of files alone. [`split`] divides them
//! into what is trained, calibrated and tested on, [`windows`] cuts pieces of them, and
//! [`Standardisation`] says where each channel lies. [`SampleBuffer`] holds a piece in the type
//! that a detector takes.

mod alternating;
mod array;
mod budget;
mod clock;
mod columns;
mod csv;
mod cutter;
mod error;
mod far;
mod faults;
mod file_error;
mod folder;
mod foreign;
mod input;
mod knots;
mod levels;
mod missing;
mod moments;
mod named;
mod note;
mod npz;
mod read;
mod runs;
mod samples;
mod signals;
mod source;
mod split;
mod standardise;
mod time;
mod times;
mod window;

pub use alternating::Alternating;
pub use clock::Course;
pub use error::SignalError;
pub use far::Far;
pub use faults::{FaultKind, FaultReport};
pub use file_error::FileError;
pub use foreign::Foreign;
pub use knots::Knots;
pub use levels::Collapse;
pub use missing::{Missing, MissingFound};
pub use named::{CountError, LoadSignalsError, is_images, load};
pub use note::ReadNote;
pub use npz::{NamedArrays, NamedArraysError, Unused};
pub use read::{read, read_bytes};
pub use runs::{Labels, Run};
pub use samples::SampleBuffer;
pub use signals::{Misfit, Origin, Recording, Signals};
pub use source::{ColumnUse, Memory, Source};
pub use split::{
    Fold, Folds, Groups, Piece, SplitError, SplitNote, SplitSettings, Tested, TooFewGroups,
    normal_runs, split,
};
pub use standardise::{Constant, Standardisation, StandardiseError, constants};
pub use times::Gaps;
pub use window::{WindowAt, WindowError, windows};

#[cfg(test)]
pub(crate) mod tests;
