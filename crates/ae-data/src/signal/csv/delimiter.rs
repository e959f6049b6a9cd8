//! What stands between the columns, found by the first lines.

use super::field;
use super::lines::is_comment;
use crate::signal::Delimiter;
use crate::signal::faults::FaultKind;
use crate::signal::file_error::FileError;

/// Rows that are looked at.
const ROWS: usize = 64;

/// The first rows of a text, as its bytes.
pub(super) struct Sample<'a>(Vec<&'a [u8]>);

impl<'a> Sample<'a> {
    /// Of a text's first bytes. If there are more, its last line is not whole.
    pub(super) fn of(start: &'a [u8], is_all: bool) -> Self {
        let mut rows = Vec::new();
        let mut rest = start;
        while !rest.is_empty() && rows.len() < ROWS {
            let end = row_end(rest);
            let row = rest.get(..end).unwrap_or_default();
            // A quotation that does not end may be none.
            let is_whole = is_all || end < rest.len() || rows.is_empty();
            if is_whole && !row.is_empty() && !is_comment(row) {
                rows.push(row);
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        Self(rows)
    }

    /// The fields of each row.
    pub(super) fn fields(&self, delimiter: Delimiter) -> Vec<Vec<String>> {
        self.0.iter().map(|row| fields(row, delimiter)).collect()
    }

    /// The delimiter, where nobody says it. With `is_comma_decimal` it is no comma, and with
    /// `has_header` the first row may be words.
    pub(super) fn delimiter(
        &self,
        is_comma_decimal: bool,
        has_header: bool,
    ) -> Result<Delimiter, FileError> {
        let is_open = |delimiter: &Delimiter| !is_comma_decimal || *delimiter != Delimiter::COMMA;
        let all: Vec<Candidate> = Delimiter::FOUND
            .into_iter()
            .filter(is_open)
            .map(|delimiter| Candidate::of(delimiter, self, usize::from(has_header)))
            .collect();
        let fitting = || all.iter().filter(|candidate| candidate.fits);
        let least = fitting().map(|candidate| candidate.mixed).min();
        let best: Vec<&Candidate> =
            fitting().filter(|candidate| Some(candidate.mixed) == least).collect();
        match &best[..] {
            [] => {}
            [one] => return Ok(one.delimiter),
            several => {
                let found = several.iter().map(|candidate| candidate.delimiter.to_string());
                return Err(FileError::Delimiter { found: found.collect::<Vec<_>>().join(" or ") });
            }
        }
        // A title above the header, or rows of all lengths.
        let has_more = self.0.len() > 1;
        let by_rows = all.iter().filter(|candidate| has_more && 2 * candidate.alike > self.0.len());
        let by_rows = by_rows.max_by_key(|candidate| (candidate.alike, candidate.width));
        let most = all.iter().map(|candidate| candidate.in_first).max().unwrap_or_default();
        let by_first = all.iter().find(|candidate| candidate.in_first == most);
        let by_first = by_first.filter(|candidate| !is_comma_decimal || candidate.in_first > 1);
        let found = by_rows.or(by_first).map(|candidate| candidate.delimiter);
        let found = found.or_else(|| self.comma_of_quoted(has_header).filter(|_| is_comma_decimal));
        // One column.
        Ok(found.unwrap_or(if is_comma_decimal { Delimiter::FOUND[1] } else { Delimiter::COMMA }))
    }
}

impl Sample<'_> {
    /// A comma, where it stands between numbers in quotes, or between names.
    fn comma_of_quoted(&self, has_header: bool) -> Option<Delimiter> {
        let is_quoted = || {
            let rows = self.fields(Delimiter::COMMA);
            rows.iter().flatten().any(|field| field.contains(','))
        };
        let comma = Candidate::of(Delimiter::COMMA, self, usize::from(has_header));
        (comma.fits && (has_header || is_quoted())).then_some(Delimiter::COMMA)
    }
}

/// What a delimiter would make of the rows.
struct Candidate {
    delimiter: Delimiter,
    /// Fields of the first row.
    in_first: usize,
    /// Whether nearly all others have as many, two or more.
    fits: bool,
    /// Fields that hold another delimiter, and are no number.
    mixed: usize,
    /// Most rows that have as many fields as each other, two or more; and how many fields.
    alike: usize,
    width: usize,
}

impl Candidate {
    fn of(delimiter: Delimiter, sample: &Sample<'_>, header: usize) -> Self {
        let rows = sample.fields(delimiter);
        let lengths: Vec<usize> = rows.iter().map(|row| length(row)).collect();
        let in_first = lengths.first().copied().unwrap_or_default();
        let others = lengths.get(1..).unwrap_or_default();
        // A missing last value looks like a shorter row.
        let fitting = rows.iter().skip(1).zip(others);
        let fitting = fitting.filter(|(row, len)| row.len() >= in_first && **len <= in_first);
        let fits = in_first > 1 && !others.is_empty() && 10 * fitting.count() >= 9 * others.len();
        let is_other = |letter: char| {
            let is_it = |other: &Delimiter| char::from(other.byte()) == letter;
            letter != char::from(delimiter.byte()) && Delimiter::FOUND.iter().any(is_it)
        };
        let is_mixed = |field: &&String| field.contains(is_other) && !is_number(field);
        let mixed = rows.iter().skip(header).flatten().filter(is_mixed).count();
        let count = |len: &usize| lengths.iter().filter(|other| *other == len).count();
        let widths = lengths.iter().filter(|len| **len > 1);
        let (alike, width) = widths.map(|len| (count(len), *len)).max().unwrap_or_default();
        Self { delimiter, in_first, fits, mixed, alike, width }
    }
}

/// Where a row ends, if quotes are around its own line ends. A comment is a line.
fn row_end(rest: &[u8]) -> usize {
    let may_quote = !is_comment(rest);
    let (mut quoted, mut begins) = (false, may_quote);
    for (at, &byte) in rest.iter().enumerate() {
        match byte {
            b'"' if quoted || begins => (quoted, begins) = (!quoted, false),
            b'\r' | b'\n' if !quoted => return at,
            _ => begins = may_quote && begins_field(byte),
        }
    }
    rest.len()
}

fn begins_field(byte: u8) -> bool {
    Delimiter::FOUND.iter().any(|delimiter| delimiter.byte() == byte)
}

/// Fields without those at the end that are empty.
fn length(row: &[String]) -> usize {
    row.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last + 1)
}

fn is_number(field: &str) -> bool {
    use FaultKind::{Comma, DecimalComma, Thousands};
    match field::number(field) {
        Ok(_) => true,
        Err(kind) => matches!(kind, Comma | DecimalComma | Thousands),
    }
}

/// The fields of a row, without quotes and spaces around them.
pub(super) fn fields(row: &[u8], delimiter: Delimiter) -> Vec<String> {
    let (mut fields, mut field) = (Vec::new(), Vec::new());
    let (mut quoted, mut begins) = (false, true);
    for &byte in row {
        if byte == b'"' && (quoted || begins) {
            (quoted, begins) = (!quoted, false);
        } else if byte == delimiter.byte() && !quoted {
            fields.push(trimmed(&field));
            field.clear();
            begins = true;
        } else {
            field.push(byte);
            begins = false;
        }
    }
    fields.push(trimmed(&field));
    fields
}

fn trimmed(field: &[u8]) -> String {
    String::from_utf8_lossy(field).trim().to_owned()
}

/// The delimiter that a first line `sep=;` tells Excel.
pub(super) fn said(line: &[u8]) -> Option<Delimiter> {
    let words: Vec<u8> = line.iter().copied().filter(|byte| *byte != b'"').collect();
    match &words[..] {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => Delimiter::of(*delimiter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<Delimiter, String> {
        let sample = Sample::of(text.as_bytes(), true);
        sample.delimiter(false, true).map_err(|error| error.to_string())
    }

    #[test]
    fn a_delimiter_is_what_all_rows_have() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", ","),
            ("a;b\n1,5;2,5\n", ";"),
            ("a\tb\n1,5\t2,5\n", "tab"),
            ("a|b\n1|2\n", "|"),
            // A name with a comma in it, a comma in a text, numbers above each other.
            ("a;b, °C;c\n1;2;3\n", ";"),
            ("a;note\n1;x, y\n2;z\n", ";"),
            ("1,5;2,5\n3,5;4,5\n", ";"),
            ("a,b;c\n1,2\n", ","),
            ("a,b;c\n", ","),
            ("\"a;b\",c\n1,2\n", ","),
            ("a,b,\n1,2,\n3,,\n", ","),
            ("a;b;\n1;2\n", ";"),
            ("size 5\",b\n1,2\n3,4\n", ","),
            // A title.
            ("Logger 7\nx;y;z\n1,5;2;3\n2;3;4\n", ";"),
            ("Logger, 7\nx;y;z\n1,5;2;3\n2;3;4\n", ";"),
            ("# of, 7\nx;y\n1;2\n", ";"),
            ("# of,\"7\nx;y\n1;2\n", ";"),
            ("a\n1\n", ","),
            ("", ","),
        ] {
            assert_eq!(found(text), Ok(delimiter.parse().unwrap()), "{text:?}");
        }
    }

    #[test]
    fn two_that_fit_alike_are_asked_about() {
        let message = found("a;b,c\nx;y,z\n").unwrap_err();
        assert!(message.contains("`,` or `;`"), "{message}");
    }

    #[test]
    fn a_decimal_comma_is_no_delimiter() {
        for (text, delimiter) in [("x\n1,5\n2,5\n", ";"), ("x;y\n1;2\n", ";"), ("x|y\n1|2\n", "|")]
        {
            let sample = Sample::of(text.as_bytes(), true);
            let found = sample.delimiter(true, true).ok();
            assert_eq!(found, delimiter.parse().ok(), "{text:?}");
        }
        for (text, has_header, delimiter) in [
            ("x,y\n\"1,5\",\"2,5\"\n", true, ","),
            ("\"1,5\",\"2,5\"\n\"2,5\",\"3\"\n", false, ","),
            ("1,5\n2,5\n", false, ";"),
        ] {
            let found = Sample::of(text.as_bytes(), true).delimiter(true, has_header).ok();
            assert_eq!(found, delimiter.parse().ok(), "{text:?}");
        }
    }
}
