//! What a model is for.

use core::fmt;

/// What a model is for, as its maker calls it: a product, or a place in one. A board refuses a model
/// that is for another purpose, though the same key has signed it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Purpose([u8; Self::LEN]);

/// Why a name is not that of a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PurposeError {
    /// It has no letter.
    Empty,
    /// It is too long.
    TooLong {
        /// Its bytes.
        found: usize,
    },
    /// It has a byte that is no letter, digit or sign of ASCII.
    Byte {
        /// The byte.
        found: u8,
        /// Its place in the name, from 0.
        at: usize,
    },
}

impl Purpose {
    /// Bytes of a purpose: most letters of its name, and what it takes in a trailer.
    pub const LEN: usize = 16;

    /// No purpose in particular. A board that is built for none takes models without one alone.
    pub const NONE: Self = Self([0; Self::LEN]);

    /// The purpose of this name: 1 to 16 letters, digits and signs of ASCII, without spaces. A number
    /// is a name as well.
    ///
    /// # Errors
    /// It has another length, or other letters.
    pub fn new(name: &str) -> Result<Self, PurposeError> {
        if name.is_empty() {
            return Err(PurposeError::Empty);
        }
        let bad = name.bytes().enumerate().find(|(_, byte)| !byte.is_ascii_graphic());
        if let Some((at, found)) = bad {
            return Err(PurposeError::Byte { found, at });
        }
        let mut bytes = [0; Self::LEN];
        let place = bytes.get_mut(..name.len());
        let place = place.ok_or(PurposeError::TooLong { found: name.len() })?;
        for (place, byte) in place.iter_mut().zip(name.bytes()) {
            *place = byte;
        }
        Ok(Self(bytes))
    }

    /// The purpose of these bytes, as a trailer has them: the name, then zeros. Without a name it is
    /// [`NONE`](Self::NONE). `None` if they are not a name and zeros.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let len = name_len(&bytes);
        let (name, rest) = bytes.split_at_checked(len)?;
        let is_one = name.iter().all(u8::is_ascii_graphic) && rest.iter().all(|&byte| byte == 0);
        is_one.then_some(Self(bytes))
    }

    /// The name, then zeros.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        self.0
    }

    /// The name; empty without a purpose.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.0.get(..name_len(&self.0)).unwrap_or_default();
        core::str::from_utf8(name).unwrap_or_default()
    }
}

/// Bytes before the first zero.
fn name_len(bytes: &[u8; Purpose::LEN]) -> usize {
    bytes.iter().take_while(|&&byte| byte != 0).count()
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            "" => f.write_str("no purpose"),
            name => write!(f, "purpose {name}"),
        }
    }
}

impl fmt::Debug for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Purpose({:?})", self.name())
    }
}

impl fmt::Display for PurposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = Purpose::LEN;
        match self {
            Self::Empty => write!(f, "a purpose has 1 to {most} letters, and this has none"),
            Self::TooLong { found } => {
                write!(f, "a purpose has 1 to {most} letters, and this has {found}")
            }
            Self::Byte { found, at } => write!(
                f,
                "a purpose has letters, digits and signs of ASCII without spaces, and byte {at} of \
                 this is {found:#04x}"
            ),
        }
    }
}

impl core::error::Error for PurposeError {}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::{Purpose, PurposeError};

    #[test]
    fn a_name_is_kept_and_read_again() {
        for name in ["a", "7", "pump-3/rev.B", "sixteen-letters!"] {
            let purpose = Purpose::new(name).unwrap();
            assert_eq!(purpose.name(), name);
            assert_eq!(Purpose::from_bytes(purpose.to_bytes()), Some(purpose));
            assert_eq!(purpose.to_string(), std::format!("purpose {name}"));
        }
        // A number is a name, and two ways to write it are two purposes.
        assert_ne!(Purpose::new("7"), Purpose::new("07"));
        assert_eq!(Purpose::from_bytes([0; 16]), Some(Purpose::NONE));
        assert_eq!((Purpose::NONE.name(), &*Purpose::NONE.to_string()), ("", "no purpose"));
    }

    #[test]
    fn other_names_are_refused_with_what_is_wrong() {
        for (name, error) in [
            ("", PurposeError::Empty),
            ("seventeen-letters", PurposeError::TooLong { found: 17 }),
            ("a b", PurposeError::Byte { found: b' ', at: 1 }),
            ("pümp", PurposeError::Byte { found: 0xc3, at: 1 }),
            ("a\0", PurposeError::Byte { found: 0, at: 1 }),
            ("\u{1b}[2J", PurposeError::Byte { found: 0x1b, at: 0 }),
        ] {
            assert_eq!(Purpose::new(name), Err(error), "{name:?}");
            assert!(error.to_string().starts_with("a purpose has "));
        }
    }

    /// There is one encoding of a purpose, and none that a terminal would follow.
    #[test]
    fn bytes_that_are_no_name_are_refused() {
        let good = Purpose::new("pump").unwrap().to_bytes();
        for at in 0..16 {
            for byte in [0_u8, 1, b' ', 0x7f, 0x80, 0xff] {
                let mut bytes = good;
                bytes[at] = byte;
                // A zero ends the name, so it may follow it, or cut its last letter.
                let expected = byte == 0 && (at >= 3);
                assert_eq!(Purpose::from_bytes(bytes).is_some(), expected, "{at}, {byte:#x}");
            }
        }
    }
}
