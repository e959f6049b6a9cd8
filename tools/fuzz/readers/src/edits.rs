//! Edits of files of any kind.

use ae_fuzz::source::Source;

/// `file` with some bytes changed, taken out or put in, as the input says.
#[must_use]
pub fn edited(file: &[u8], input: &mut Source<'_>) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..6 {
        if input.is_empty() || bytes.is_empty() {
            break;
        }
        let (how, at, value) = (input.byte(), usize::from(input.u16()) % bytes.len(), input.u32());
        match how % 6 {
            0 => bytes[at] = value as u8,
            1 => bytes[at] ^= 1 << (value % 8),
            2 => {
                let word = bytes.len().min(at + 4);
                bytes[at..word].copy_from_slice(&value.to_le_bytes()[..word - at]);
            }
            3 => bytes.truncate(at),
            4 => bytes.insert(at, value as u8),
            _ => {
                // Behind the end, which is where a trailer is.
                let back = bytes.len() - 1 - at.min(bytes.len() - 1) % 80;
                bytes[back] = value as u8;
            }
        }
    }
    bytes
}
