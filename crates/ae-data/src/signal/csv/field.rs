//! What a field of a CSV file holds.

use crate::signal::file_error::{FileError, beginning};

/// How programs write that there is no value.
const MISSING: [&str; 7] = ["", "nan", "null", "none", "na", "n/a", "<na>"];

fn is_missing(text: &str) -> bool {
    let sign = text.strip_prefix(['-', '+']).unwrap_or(text);
    MISSING.iter().any(|missing| missing.eq_ignore_ascii_case(sign))
}

pub(super) fn missing(line: usize, column: &str, text: &str) -> FileError {
    let shown = if text.is_empty() { String::new() } else { format!(" (`{text}`)") };
    FileError::Missing { line, column: column.to_owned(), shown }
}

/// A text that must be there. It may be the word `none`: what is normal can be called that.
pub(super) fn present<'a>(line: usize, column: &str, text: &'a str) -> Result<&'a str, FileError> {
    if text.is_empty() { Err(missing(line, column, text)) } else { Ok(text) }
}

/// A finite number.
pub(super) fn number(line: usize, column: &str, text: &str) -> Result<f32, FileError> {
    if is_missing(text) {
        return Err(missing(line, column, text));
    }
    let (column, shown) = (|| column.to_owned(), || beginning(text));
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(FileError::Infinite { line, column: column(), text: shown() }),
        Err(_) => {
            let is_decimal_comma = text.replacen(',', ".", 1).parse::<f32>().is_ok();
            Err(FileError::NotANumber { line, column: column(), text: shown(), is_decimal_comma })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_commonly_written() {
        for (text, value) in [
            ("1", 1.0),
            ("-2.5", -2.5),
            ("+3", 3.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("1E-2", 0.01),
            ("16777217", 16_777_216.0),
        ] {
            assert_eq!(number(1, "a", text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_named() {
        for (text, words) in [
            ("", "line 7, column `ax`: the value is missing; fill it in"),
            ("NaN", "the value is missing (`NaN`)"),
            ("-nan", "the value is missing (`-nan`)"),
            ("null", "the value is missing (`null`)"),
            ("N/A", "the value is missing (`N/A`)"),
            ("abc", "line 7, column `ax`: `abc` is not a number; correct it"),
            ("1,5", "`1,5` is not a number; write a decimal point, not a comma"),
            ("0x10", "`0x10` is not a number"),
            ("1 2", "`1 2` is not a number"),
            ("inf", "`inf` is infinite"),
            ("-Infinity", "`-Infinity` is infinite"),
            ("1e39", "line 7, column `ax`: `1e39` is infinite as a 32-bit number"),
        ] {
            let message = number(7, "ax", text).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
        let long = "é".repeat(1000);
        assert!(number(7, "ax", &long).unwrap_err().to_string().len() < 400);
    }
}
