//! Files that have at most so many bytes: what is larger takes no memory.

use std::fs::File;
use std::io::{self, Read};

/// All of a file into `bytes`, if it has at most `most` of them. What does not say its length, such as
/// a pipe, is read as far as that.
pub(crate) fn read(file: &File, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let len = file.metadata()?.len();
    if len > most {
        return Err(too_large(&len.to_string(), most));
    }
    file.take(most.saturating_add(1)).read_to_end(bytes)?;
    match bytes.len() as u64 > most {
        true => Err(too_large(&format!("more than {most}"), most)),
        false => Ok(()),
    }
}

fn too_large(found: &str, most: u64) -> io::Error {
    let text = format!("it has {found} bytes, expected at most {most}");
    io::Error::new(io::ErrorKind::FileTooLarge, text)
}
