//! Why a project cannot be made.

use ae_core::LoadError;

/// Why a project cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The bytes are no blob that can be run.
    #[error(transparent)]
    Blob(#[from] LoadError),
    /// The name cannot stand in a program.
    #[error(
        "the name {found:?} cannot begin names in C: it has a lower-case letter first, then lower-case letters, digits and single underscores, at most {most} in all, and is neither a word of C or C++ nor `ae`, `board` or `main`"
    )]
    Name {
        /// The name.
        found: String,
        /// Most letters.
        most: usize,
    },
}
