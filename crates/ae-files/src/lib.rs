//! Files that are written whole or not at all, and that say when they are damaged.
//!
//! A [`Folder`] is held by a handle: nothing in it is reached through a link, and what is no plain
//! file is refused. A path that a user typed is followed as usual: [`write_atomically`] replaces the
//! file there in one step, [`write_new`] makes one that was not there. [`sealed`] lets a safetensors
//! file name its own SHA-256. Nothing here knows what is in a file. What came out of one is shown
//! through [`text`].
#![forbid(unsafe_code)]

mod access;
mod atomic;
mod folder;
pub mod sealed;
pub mod text;
mod typed;

pub use atomic::UNFINISHED;
pub use folder::{Folder, NotPlain};
pub use typed::{folder_of, make_folder, sync_folder, write_atomically, write_new};

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
