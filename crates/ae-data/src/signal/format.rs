//! How a text was read: what a user wants to check, though nothing of it is wrong.

use std::fmt;

use super::Delimiter;
use super::time_unit::TimeUnit;

/// Where the names of the columns stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HeaderAt {
    /// In a line of their own, from 1.
    Line(usize),
    /// In a line of their own too, as numbers from 0 on: it could have been a sample.
    Numbers(usize),
    /// In a comment, in this line.
    Comment(usize),
    /// Nowhere.
    #[default]
    Nowhere,
}

impl HeaderAt {
    /// The line, from 1.
    #[must_use]
    pub fn line(self) -> Option<usize> {
        match self {
            Self::Line(line) | Self::Numbers(line) | Self::Comment(line) => Some(line),
            Self::Nowhere => None,
        }
    }
}

/// How a text was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextFormat {
    /// Name of the file.
    pub file: String,
    /// What stands between the columns, if there are several.
    pub delimiter: Option<Delimiter>,
    /// Whether numbers have decimal commas.
    pub has_decimal_commas: bool,
    /// Whether it was UTF-16.
    pub is_utf16: bool,
    /// Where the names of the columns stand.
    pub header: HeaderAt,
    /// Lines of units and the like that were skipped.
    pub units_in: Vec<usize>,
    /// The unit of each channel, empty where there is none.
    pub units: Vec<String>,
    /// The unit of the times, as it stands under their name.
    pub(super) time_unit: Option<TimeUnit>,
    /// Lines of comments that were skipped.
    pub comments: usize,
    /// Lines that were skipped because it was said.
    pub skipped: usize,
}

impl TextFormat {
    /// Whether it was read in another way than `other`, wherever their lines are.
    #[must_use]
    pub fn differs(&self, other: &Self) -> bool {
        let of = |format: &Self| {
            (
                format.delimiter,
                format.has_decimal_commas,
                format.is_utf16,
                format.header.line().is_some(),
            )
        };
        of(self) != of(other)
    }
}

/// Such as `` `;` between the columns, decimal commas, names in line 3, units in line 4; 2 lines of
/// comments skipped ``.
impl fmt::Display for TextFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.delimiter.map(|delimiter| format!("{delimiter} between the columns")));
        parts.extend(self.has_decimal_commas.then(|| "decimal commas".to_owned()));
        parts.extend(self.is_utf16.then(|| "UTF-16".to_owned()));
        parts.push(match self.header {
            HeaderAt::Line(line) => format!("names in line {line}"),
            HeaderAt::Numbers(line) => format!(
                "the numbers in line {line}, from 0 on, taken for names (if they are a sample, say that \
                 there is no header)"
            ),
            HeaderAt::Comment(line) => format!("names in the comment in line {line}"),
            HeaderAt::Nowhere => "no header".to_owned(),
        });
        if let Some((first, others)) = self.units_in.split_first() {
            let and: String = others.iter().map(|line| format!(" and {line}")).collect();
            let s = if others.is_empty() { "" } else { "s" };
            parts.push(format!("words in line{s} {first}{and} taken for units"));
        }
        f.write_str(&parts.join(", "))?;
        let count = |count: usize, of: &str| {
            let s = if count == 1 { "" } else { "s" };
            (count > 0).then(|| format!("{count} line{s}{of}"))
        };
        let skipped = [count(self.skipped, ""), count(self.comments, " of comments")];
        let skipped: Vec<String> = skipped.into_iter().flatten().collect();
        if skipped.is_empty() { Ok(()) } else { write!(f, "; {} skipped", skipped.join(" and ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_told() {
        let plain = TextFormat { header: HeaderAt::Line(1), ..TextFormat::default() };
        assert_eq!(plain.to_string(), "names in line 1");
        let all = TextFormat {
            delimiter: ";".parse().ok(),
            has_decimal_commas: true,
            is_utf16: true,
            header: HeaderAt::Line(5),
            units_in: vec![6, 7],
            comments: 1,
            skipped: 3,
            ..TextFormat::default()
        };
        assert_eq!(
            all.to_string(),
            "`;` between the columns, decimal commas, UTF-16, names in line 5, words in lines 6 and 7 \
             taken for units; 3 lines and 1 line of comments skipped"
        );
        assert!(plain.differs(&all) && !plain.differs(&plain.clone()));
    }
}
