//! A safetensors file that names its own SHA-256, so that damage to any byte of it is noticed.
//!
//! The digest is that of the whole file with [`BLANK`] in the digest's place. That place is in the
//! header, among the metadata.

use sha2::{Digest, Sha256};

use crate::hex;

/// What stands in the digest's place while it is computed: 64 zeros.
pub const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A file that is not what it was when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// SHA-256 that the file names.
    pub expected: String,
    /// SHA-256 that it has.
    pub found: String,
}

/// Puts the digest in the place of [`BLANK`], which is in the header of these bytes.
pub fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = hex(&Sha256::digest(&bytes));
    if let Some(at) = place(&bytes, BLANK) {
        bytes[at..at + BLANK.len()].copy_from_slice(digest.as_bytes());
    }
    bytes
}

/// Checks the bytes of a file whose header names `digest`.
pub fn check(bytes: &[u8], digest: &str) -> Result<(), Damaged> {
    let damaged = |found| Err(Damaged { expected: digest.to_owned(), found });
    let Some(at) = place(bytes, digest).filter(|_| digest.len() == BLANK.len()) else {
        return damaged("unknown".to_owned());
    };
    let mut hash = Sha256::new();
    hash.update(&bytes[..at]);
    hash.update(BLANK);
    hash.update(&bytes[at + BLANK.len()..]);
    let found = hex(&hash.finalize());
    if found == digest { Ok(()) } else { damaged(found) }
}

/// Where `text` begins in the header of a safetensors file: its length as a `u64`, then JSON.
fn place(bytes: &[u8], text: &str) -> Option<usize> {
    let (len, rest) = bytes.split_first_chunk()?;
    let len = usize::try_from(u64::from_le_bytes(*len)).ok()?;
    let header = rest.get(..len)?;
    let at = header.windows(text.len().max(1)).position(|found| found == text.as_bytes())?;
    Some(size_of::<u64>() + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let header = format!("{{\"sha256\":\"{BLANK}\"}}");
        let len = (header.len() as u64).to_le_bytes();
        [&len[..], header.as_bytes(), b"weights"].concat()
    }

    fn named(bytes: &[u8]) -> String {
        String::from_utf8_lossy(&bytes[8 + 11..][..64]).into_owned()
    }

    #[test]
    fn a_sealed_file_passes_and_every_flipped_bit_is_found() {
        let sealed = seal(file());
        assert_ne!(named(&sealed), BLANK);
        assert_eq!(check(&sealed, &named(&sealed)), Ok(()));
        for bit in 0..8 * sealed.len() {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(check(&damaged, &named(&damaged)).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn what_names_no_digest_does_not_pass() {
        let sealed = seal(file());
        for digest in ["", "0", BLANK, &named(&sealed)[..63]] {
            assert!(check(&sealed, digest).is_err(), "{digest}");
        }
        assert!(check(&[], BLANK).is_err());
        assert!(check(&[0xff; 80], BLANK).is_err());
    }
}
