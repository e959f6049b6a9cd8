//! A format, for messages.

use std::fmt::Display;

use super::file_error::FileError;

/// A format, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format(pub(super) &'static str);

impl Format {
    /// Bytes that are not what the format says.
    pub(super) fn damaged(self, reason: impl Display) -> FileError {
        FileError::Damaged { format: self.0, reason: reason.to_string() }
    }

    /// What may be right, and is not read.
    pub(super) fn not_read(self, what: impl Display, how: &'static str) -> FileError {
        FileError::NotRead { format: self.0, what: what.to_string(), how }
    }
}
