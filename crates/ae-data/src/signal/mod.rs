//! Signals: several channels sampled over time, read from files and made ready for training.
//!
//! [`load`] makes [`Signals`] of a name or of files, [`read`] of files alone. [`split`] divides them
//! into what is trained, calibrated and tested on, [`windows`] cuts pieces of them, and
//! [`Standardisation`] says where each channel lies. [`SampleBuffer`] holds a piece in the type
//! that a detector takes.

mod array;
mod columns;
mod csv;
mod cutter;
mod error;
mod file_error;
mod limited;
mod named;
mod npz;
mod read;
mod samples;
mod signals;
mod source;
mod split;
mod standardise;
mod window;

pub use error::SignalError;
pub use file_error::FileError;
pub use named::{CountError, LoadSignalsError, is_images, load};
pub use read::{read, read_bytes};
pub use samples::SampleBuffer;
pub use signals::{Origin, Recording, Signals};
pub use source::{ColumnUse, Source};
pub use split::{
    Fold, Folds, Groups, Piece, SplitError, SplitNote, SplitSettings, TooFewGroups, split,
};
pub use standardise::{Standardisation, StandardiseError};
pub use window::{WindowAt, WindowError, windows};

#[cfg(test)]
pub(crate) mod tests;
