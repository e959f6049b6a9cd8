//! Remedies for files that cannot be written.

use std::io;

/// What a user can do about a file that cannot be written.
pub(crate) fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        io::ErrorKind::FileTooLarge => "raise the limit on the size of files (ulimit -f)",
        io::ErrorKind::PermissionDenied => "make the folder writable",
        io::ErrorKind::ReadOnlyFilesystem => "make the disk writable",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "move away the file that is where the folder should be"
        }
        _ => "mend that",
    }
}
