//! What names in C begin with.

use std::str::FromStr;

use crate::ExportError;

/// Most letters of a name.
const MOST: usize = 32;

/// Words that stand for something else in C, C++ or a project.
const TAKEN: [&str; 50] = [
    "ae",
    "asm",
    "auto",
    "board",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "delete",
    "do",
    "double",
    "else",
    "enum",
    "example",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "main",
    "namespace",
    "new",
    "operator",
    "private",
    "public",
    "register",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "struct",
    "switch",
    "template",
    "true",
    "typedef",
    "union",
    "unsigned",
    "void",
    "while",
];

/// A name for a model: files, macros and types begin with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl FromStr for Name {
    type Err = ExportError;

    fn from_str(text: &str) -> Result<Self, ExportError> {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let fits = text.len() <= MOST
            && text.starts_with(|letter: char| letter.is_ascii_lowercase())
            && text.chars().all(|letter| plain(letter) || letter == '_')
            && !text.contains("__")
            && !TAKEN.contains(&text);
        if !fits {
            return Err(ExportError::Name { found: text.to_owned(), most: MOST });
        }
        Ok(Self(text.to_owned()))
    }
}

impl Name {
    /// As types and files have it.
    #[must_use]
    pub fn lower(&self) -> &str {
        &self.0
    }

    /// As macros have it.
    #[must_use]
    pub fn upper(&self) -> String {
        self.0.to_ascii_uppercase()
    }

    /// A text with the name in its places.
    pub(crate) fn fill(&self, text: &str) -> String {
        text.replace("@model@", self.lower()).replace("@MODEL@", &self.upper())
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_name_can_begin_names_in_c() {
        for name in ["model", "m", "watch_2", "a1"] {
            assert!(name.parse::<Name>().is_ok(), "{name}");
        }
        let long = "m".repeat(33);
        for name in ["", "2nd", "Model", "a-b", "_a", "a__b", "int", "main", "ä", "a b", &long] {
            let error = name.parse::<Name>().unwrap_err().to_string();
            assert!(error.contains(&format!("{name:?}")), "{error}");
        }
    }
}
