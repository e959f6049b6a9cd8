//! Reading no more than a limit.

use std::io::{self, Read};

use super::FileError;

/// Bytes of a file, unpacked, that are read. Memory grows with the bytes that arrive.
const MAX_BYTES: u64 = 1 << 31;

/// Reads to the end, but no more than [`MAX_BYTES`].
pub(super) fn read_limited(
    input: impl Read,
    error: impl FnOnce(io::Error) -> FileError,
) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(error)?;
    let is_too_large = bytes.len() as u64 > MAX_BYTES;
    if is_too_large { Err(FileError::TooLarge { limit: MAX_BYTES }) } else { Ok(bytes) }
}
