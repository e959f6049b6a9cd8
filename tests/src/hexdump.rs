//! The hex dump of FORMAT.md: written from a blob, and read back.
//!
//! A line is `offset: bytes ; comment`, offset and bytes in hexadecimal. The offset is that of the
//! line's first byte.

use ae_testkit::fields::{Field, Fields};

/// Bytes in one line.
const LINE: usize = 16;

/// The dump of a blob: every field begins a line.
#[must_use]
pub fn write(fields: &Fields) -> String {
    write_those(fields, "")
}

/// The lines of the fields whose name begins with `prefix`.
#[must_use]
pub fn write_those(fields: &Fields, prefix: &str) -> String {
    let mut text = String::new();
    let mut offset = 0;
    for field in fields.as_slice() {
        // A field of no bytes has nothing to show; its length before it says so.
        for (index, bytes) in field.bytes.chunks(LINE).enumerate() {
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let comment = if index == 0 { comment(field) } else { "…".into() };
            if field.name.starts_with(prefix) {
                text += &format!("{offset:04x}: {:<47} ; {comment}\n", hex.join(" "));
            }
            offset += bytes.len();
        }
    }
    text
}

fn comment(field: &Field) -> String {
    format!("{}: {}", field.name, field.value)
}

/// The bytes of a dump.
///
/// # Errors
/// The first line that is not one, or whose offset is not the number of bytes before it.
pub fn read(text: &str) -> Result<Vec<u8>, String> {
    read_from(text, 0)
}

/// The bytes of a dump that begins at the offset `start`.
///
/// # Errors
/// As [`read`].
pub fn read_from(text: &str, start: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        let (offset, rest) =
            line.split_once(": ").ok_or_else(|| format!("no offset in line {line:?}"))?;
        let offset = usize::from_str_radix(offset, 16)
            .map_err(|_| format!("{offset:?} is no offset, in line {line:?}"))?;
        let expected = start + bytes.len();
        if offset != expected {
            return Err(format!("offset {offset:04x}, expected {expected:04x}, in line {line:?}"));
        }
        let (hex, _) = rest.split_once(';').ok_or_else(|| format!("no comment in {line:?}"))?;
        for byte in hex.split_whitespace() {
            let value = u8::from_str_radix(byte, 16);
            bytes.push(value.map_err(|_| format!("{byte:?} is no byte, in line {line:?}"))?);
        }
    }
    Ok(bytes)
}

/// The first fenced block of a document whose fence is marked `mark`.
#[must_use]
pub fn block<'d>(document: &'d str, mark: &str) -> Option<&'d str> {
    let (_, rest) = document.split_once(&format!("```{mark}\n"))?;
    Some(rest.split_once("```")?.0)
}
