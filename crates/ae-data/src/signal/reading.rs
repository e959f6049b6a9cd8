//! How files are read, where they do not say it themselves.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::time_unit::TimeUnit;

/// How files are read, where they do not say it themselves. All of it is found by default, or asked
/// for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// What stands between the columns of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Delimiter>,
    /// What stands before the fraction of a number of a text. The other one of comma and point then
    /// stands between thousands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<Decimal>,
    /// The first line of a text is a sample. Its columns are called `c0`, `c1` and so on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_header: bool,
    /// Lines of a text before the header.
    #[serde(skip_serializing_if = "is_zero")]
    pub skip_lines: usize,
    /// What numbers in the column of times count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_unit: Option<TimeUnit>,
    /// A recording ends where a step of time is longer than so many seconds. Without it, where one is
    /// much longer than most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
    /// What becomes of a sample with a value that is missing.
    #[serde(skip_serializing_if = "Absent::is_default")]
    pub absent: Absent,
    /// Numbers that say that a value is missing, where [`absent`](Self::absent) is not
    /// [`Absent::Refuse`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent_codes: Vec<f32>,
}

impl Reading {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What becomes of a sample with a value that is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// It is refused, with its place.
    #[default]
    Refuse,
    /// The channel's last value stands for it. Samples before the first value of each channel are
    /// left out.
    Hold,
    /// The sample is left out, and the recording ends there.
    Split,
}

impl Absent {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What stands before the fraction of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decimal {
    /// `1069.5`, or with thousands `1,069.5`.
    Point,
    /// `1069,5`, or with thousands `1.069,5`.
    Comma,
}

impl FromStr for Decimal {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "point" | "." => Ok(Self::Point),
            "comma" | "," => Ok(Self::Comma),
            _ => Err("expected point or comma"),
        }
    }
}

/// What stands between the columns of a text: a tab, or a sign that is part of no number, no name and
/// no quotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Delimiter(u8);

impl Delimiter {
    /// A comma.
    pub const COMMA: Self = Self(b',');
    /// Those that are found without being told.
    pub(super) const FOUND: [Self; 4] = [Self::COMMA, Self(b';'), Self(b'\t'), Self(b'|')];

    /// The sign.
    pub(super) fn byte(self) -> u8 {
        self.0
    }

    /// Of a sign, if it can be one.
    pub(super) fn of(byte: u8) -> Option<Self> {
        let is_sign = byte.is_ascii_punctuation() && !b"\"'.+-_".contains(&byte);
        (is_sign || byte == b'\t').then_some(Self(byte))
    }
}

impl FromStr for Delimiter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let byte = match (text, text.as_bytes()) {
            ("comma", _) => Some(b','),
            ("semicolon", _) => Some(b';'),
            ("tab" | "\\t", _) => Some(b'\t'),
            ("bar", _) => Some(b'|'),
            (_, [byte]) => Some(*byte),
            _ => None,
        };
        byte.and_then(Self::of)
            .ok_or("expected one sign, such as ; or |, or a word: comma, semicolon, tab, bar")
    }
}

impl TryFrom<String> for Delimiter {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Delimiter> for String {
    fn from(delimiter: Delimiter) -> Self {
        match delimiter.0 {
            b'\t' => "tab".into(),
            byte => char::from(byte).into(),
        }
    }
}

/// With its article or in quotes: `a tab`, `` `;` ``.
impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\t' => f.write_str("a tab"),
            byte => write!(f, "`{}`", char::from(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_signs_or_their_names() {
        for (text, byte) in [(";", b';'), ("tab", b'\t'), ("\t", b'\t'), ("bar", b'|'), ("^", b'^')]
        {
            let delimiter: Delimiter = text.parse().unwrap();
            assert_eq!(delimiter.byte(), byte);
            assert_eq!(Delimiter::try_from(String::from(delimiter)), Ok(delimiter));
        }
        for text in ["", "ab", "\"", ".", "-", "7", "x", " ", "é", "\n"] {
            assert!(text.parse::<Delimiter>().is_err(), "{text:?}");
        }
    }
}
