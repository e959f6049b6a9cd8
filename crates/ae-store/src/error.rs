//! Why the state cannot be read or kept, and why a model is not taken.

use core::fmt;

use embedded_storage::nor_flash::NorFlashErrorKind;

/// Why pages or slots are not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeometryError {
    /// Words that are written or read at once have no power of two of bytes, or more than 32.
    Word {
        /// The flash's `WRITE_SIZE`.
        write: usize,
        /// The flash's `READ_SIZE`.
        read: usize,
    },
    /// What is erased at once is no multiple of a word.
    Erase {
        /// The flash's `ERASE_SIZE`.
        found: usize,
    },
    /// A region does not begin and end on a multiple of what is erased at once, or is empty.
    Unaligned {
        /// Where it begins.
        first: u32,
        /// Bytes that it has.
        len: u32,
        /// What both should be a multiple of.
        multiple: u32,
    },
    /// A region ends behind the flash.
    Beyond {
        /// Where it ends.
        end: u64,
        /// Bytes of the flash.
        capacity: u64,
    },
    /// The state has fewer than three pages.
    Pages {
        /// How many it has.
        found: u32,
    },
    /// A page has room for too few entries of the state.
    PageTooSmall {
        /// Bytes that it must have.
        needed: u32,
        /// Bytes that it has.
        found: u32,
    },
    /// The slots overlap.
    Overlap,
    /// The flash gives no bytes for a slot, or not on a multiple of 16.
    NotMapped {
        /// Where the slot begins.
        first: u32,
    },
}

/// Why the state cannot be read or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The flash refuses.
    Flash(NorFlashErrorKind),
    /// The pages are not usable.
    Geometry(GeometryError),
    /// Nothing was ever kept here. A board that should have a state must not run then; one that has
    /// just been made calls [`provision`](crate::Store::provision).
    Virgin,
    /// A state was kept here, and none is whole. No model should run: what the least version was,
    /// nobody knows.
    Lost,
    /// The flash refused before. Open the state again.
    Broken,
    /// More bytes are to be remembered than there is room for.
    TooLong {
        /// Bytes that there is room for.
        capacity: usize,
        /// Bytes that were given.
        found: usize,
    },
}

/// Why no model can be booted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BootError<V> {
    /// The state cannot be read or kept.
    Store(StoreError),
    /// The confirmed model is refused.
    Refused(V),
    /// The confirmed model is older than what was confirmed.
    TooOld {
        /// The confirmed version.
        least: u32,
        /// The model's version.
        found: u32,
    },
}

/// Why a transfer does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateError {
    /// The state cannot be read or kept.
    Store(StoreError),
    /// The flash of the slots refuses. What was written since the last step of the transfer is
    /// written again.
    Flash(NorFlashErrorKind),
    /// A new model is on trial: its slot is in use, and the other one has the model to return to.
    OnTrial,
    /// The file is empty or longer than a slot.
    Length {
        /// Bytes of a slot.
        capacity: u32,
        /// Bytes of the file.
        found: u32,
    },
    /// Nothing is being transferred.
    NotBegun,
    /// More bytes come than were announced.
    TooMany {
        /// Bytes that were announced.
        expected: u32,
        /// Bytes that there would be.
        found: u64,
    },
    /// Fewer bytes came than were announced.
    TooFew {
        /// Bytes that were announced.
        expected: u32,
        /// Bytes that came.
        found: u32,
    },
}

/// Why a file that was transferred is no candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishError<V> {
    /// The transfer has not ended, or a flash refuses.
    Update(UpdateError),
    /// The model is refused, and the transfer forgotten.
    Refused(V),
    /// The model is older than the confirmed one. The transfer is forgotten.
    TooOld {
        /// The least version that may run.
        least: u32,
        /// The model's version.
        found: u32,
    },
}

impl From<GeometryError> for StoreError {
    fn from(error: GeometryError) -> Self {
        Self::Geometry(error)
    }
}

impl<V> From<StoreError> for BootError<V> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<StoreError> for UpdateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<V> From<UpdateError> for FinishError<V> {
    fn from(error: UpdateError) -> Self {
        Self::Update(error)
    }
}

impl fmt::Display for GeometryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word { write, read } => write!(
                f,
                "words of {write} bytes written and {read} read: each must be a power of two, at \
                 most 32"
            ),
            Self::Erase { found } => {
                write!(f, "{found} bytes erased at once are no multiple of a word")
            }
            Self::Unaligned { first, len, multiple } => write!(
                f,
                "{len} bytes from {first} on: both must be a multiple of {multiple}, which is \
                 erased at once, and not nothing"
            ),
            Self::Beyond { end, capacity } => {
                write!(f, "the end is {end}, and the flash has {capacity} bytes")
            }
            Self::Pages { found } => write!(f, "{found} pages for the state, expected 3 or more"),
            Self::PageTooSmall { needed, found } => {
                write!(f, "a page has {found} bytes, and {needed} are needed")
            }
            Self::Overlap => f.write_str("the two slots overlap"),
            Self::NotMapped { first } => {
                write!(f, "the slot at {first} cannot be read in place on a multiple of 16 bytes")
            }
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(kind) => write!(f, "the flash of the state: {kind}"),
            Self::Geometry(error) => write!(f, "{error}"),
            Self::Virgin => f.write_str("no state was ever kept: provision the board first"),
            Self::Lost => f.write_str("a state was kept, and none is whole: provision the board"),
            Self::Broken => f.write_str("the flash refused before: open the state again"),
            Self::TooLong { capacity, found } => {
                write!(f, "{found} bytes to remember, and room for {capacity}")
            }
        }
    }
}

impl<V: fmt::Display> fmt::Display for BootError<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "{error}"),
            Self::Refused(error) => write!(f, "the confirmed model is refused: {error}"),
            Self::TooOld { least, found } => write!(
                f,
                "the confirmed model has version {found}, and {least} is the least that may run"
            ),
        }
    }
}

impl fmt::Display for UpdateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "{error}"),
            Self::Flash(kind) => write!(f, "the flash of the slots: {kind}"),
            Self::OnTrial => f.write_str("a new model is on trial: confirm it or restart first"),
            Self::Length { capacity, found } => {
                write!(f, "a file of {found} bytes, expected 1 to {capacity}")
            }
            Self::NotBegun => f.write_str("no transfer was begun"),
            Self::TooMany { expected, found } => {
                write!(f, "{found} bytes came, and {expected} were announced")
            }
            Self::TooFew { expected, found } => {
                write!(f, "only {found} bytes came, and {expected} were announced")
            }
        }
    }
}

impl<V: fmt::Display> fmt::Display for FinishError<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Update(error) => write!(f, "{error}"),
            Self::Refused(error) => write!(f, "the model is refused: {error}"),
            Self::TooOld { least, found } => {
                write!(f, "model version {found} is too old: {least} is the least that may run")
            }
        }
    }
}

impl core::error::Error for GeometryError {}
impl core::error::Error for StoreError {}
impl<V: fmt::Debug + fmt::Display> core::error::Error for BootError<V> {}
impl core::error::Error for UpdateError {}
impl<V: fmt::Debug + fmt::Display> core::error::Error for FinishError<V> {}
