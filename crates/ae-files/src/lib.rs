//! Files that are written whole or not at all, and that say when they are damaged.
//!
//! [`write_atomically`] replaces a file in one step, [`write_new`] makes one that was not there,
//! and [`sealed`] lets a safetensors file name its own SHA-256. Nothing here knows what is in a
//! file. What came out of one is shown through [`text`].
#![forbid(unsafe_code)]

mod atomic;
pub mod sealed;
pub mod text;

pub use atomic::{
    UNFINISHED, folder_of, keep_as, make_folder, sync_folder, write_atomically, write_new,
};

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
