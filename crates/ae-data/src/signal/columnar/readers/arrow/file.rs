//! The list at the end of an Arrow file.

use std::io;

use rawzip::ReaderAt;

use super::{Damage, damage};
use crate::signal::budget::Budget;
use crate::signal::file_error::FileError;

/// What a file ends with, behind the length of the list.
const END: &[u8; 6] = b"ARROW1";

/// The list in a file of `len` bytes.
pub(super) fn footer(bytes: &impl ReaderAt, len: u64, budget: &Budget) -> Result<Vec<u8>, Damage> {
    let mut tail = [0; 10];
    let Some(at) = len.checked_sub(10).filter(|&at| at >= 8) else {
        return Err(damage(format!("it has {len} bytes, expected 18 at least")));
    };
    fill(bytes, &mut tail, at)?;
    let [a, b, c, d, end @ ..] = tail;
    if end != *END {
        return Err(damage("it does not end as such a file does: was the copy cut off?"));
    }
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let Some(start) = at.checked_sub(length) else {
        let reason = format!("its list is said to have {length} bytes, and the file has {len}");
        return Err(damage(reason));
    };
    // No more than the file has.
    budget.take(length)?;
    let mut footer = vec![0; (at - start) as usize];
    fill(bytes, &mut footer, start)?;
    Ok(footer)
}

fn fill(bytes: &impl ReaderAt, buffer: &mut [u8], at: u64) -> Result<(), Damage> {
    match bytes.read_exact_at(buffer, at) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(damage(format!("it ends behind byte {at}")))
        }
        read => read.map_err(FileError::Io),
    }
}
