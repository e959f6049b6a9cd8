//! What stands in one place of a table.

use std::borrow::Cow;

use crate::signal::written::written;

/// What stands in one place of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    /// Nothing: a value that is missing.
    Nothing,
    Number(f64),
    Integer(i64),
    Natural(u64),
    Switch(bool),
    Text(&'a str),
    /// A moment since 1970, in so many parts of a second.
    Moment(i64, u32),
    /// A time of day, likewise.
    TimeOfDay(i64, u32),
}

impl Cell<'_> {
    /// As the value of a channel; no number where there is none.
    pub(super) fn number(&self) -> f64 {
        match *self {
            Self::Number(number) => number,
            Self::Integer(number) => number as f64,
            Self::Natural(number) => number as f64,
            Self::Switch(is_on) => u8::from(is_on).into(),
            Self::Nothing | Self::Text(_) | Self::Moment(..) | Self::TimeOfDay(..) => f64::NAN,
        }
    }

    /// As a label or a time, without spaces around it; empty where nothing stands.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match *self {
            Self::Nothing => "".into(),
            Self::Number(number) => written(number).into(),
            Self::Integer(number) => number.to_string().into(),
            Self::Natural(number) => number.to_string().into(),
            Self::Switch(is_on) => if is_on { "true" } else { "false" }.into(),
            Self::Text(text) => text.trim().into(),
            Self::Moment(since, parts) => {
                let (seconds, part) = split(since, parts);
                let (days, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
                let (year, month, day) = civil(days);
                format!("{year:04}-{month:02}-{day:02} {}", clock(of_day, part, parts)).into()
            }
            Self::TimeOfDay(since, parts) => {
                let (seconds, part) = split(since, parts);
                clock(seconds, part, parts).into()
            }
        }
    }
}

/// Bytes that a text may have. Few bytes of a file can stand for many rows of one text, and each is
/// looked at.
const LONGEST: usize = 1024;

/// A text of these bytes, or what is wrong with them.
pub(super) fn text_of(bytes: &[u8]) -> Result<Cell<'_>, String> {
    if bytes.len() > LONGEST {
        return Err(format!("a text of {} bytes, expected {LONGEST} at most", bytes.len()));
    }
    let text = str::from_utf8(bytes).map_err(|_| "text that is not UTF-8".to_owned())?;
    Ok(Cell::Text(text))
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Whole seconds, and the parts that are left.
fn split(since: i64, parts: u32) -> (i64, i64) {
    let parts = i64::from(parts.max(1));
    (since.div_euclid(parts), since.rem_euclid(parts))
}

/// `23:59:59.125`, with a digit for each power of ten in `parts`, but for zeros at the end.
fn clock(seconds: i64, part: i64, parts: u32) -> String {
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let whole = format!("{hour:02}:{minute:02}:{second:02}");
    let digits = parts.max(1).ilog10() as usize;
    match part {
        0 => whole,
        _ => format!("{whole}.{part:0digits$}").trim_end_matches('0').to_owned(),
    }
}

/// Year, month and day of a number of days since 1970-01-01 in the Gregorian calendar. Source: H.
/// Hinnant, chrono-compatible low-level date algorithms, `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    // Eras of 400 years that begin on the first of March.
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + 400 * era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::time::{Order, Time};

    #[test]
    fn moments_are_written_as_they_are_read() {
        for (cell, text) in [
            (Cell::Moment(0, 1), "1970-01-01 00:00:00"),
            (Cell::Moment(951_868_801, 1), "2000-03-01 00:00:01"),
            (Cell::Moment(1_735_689_599_999, 1000), "2024-12-31 23:59:59.999"),
            (Cell::Moment(-1, 1_000_000_000), "1969-12-31 23:59:59.999999999"),
            (Cell::Moment(100_000, 1_000_000), "1970-01-01 00:00:00.1"),
            (Cell::TimeOfDay(86_399_000_000, 1_000_000), "23:59:59"),
        ] {
            assert_eq!(cell.text(), text);
        }
        // Every day of four centuries, and a step beyond.
        for day in (-146_097..60_000).step_by(13) {
            let text = Cell::Moment(day * DAY + 7, 1).text().into_owned();
            let expected = Time::Date(i128::from(day * DAY + 7) * 1_000_000_000);
            assert_eq!(Time::parse(&text, Order::DayFirst), Some(expected), "{text}");
        }
        for extreme in [i64::MIN, i64::MAX] {
            for parts in [1, 1000, 1_000_000_000] {
                assert!(!Cell::Moment(extreme, parts).text().is_empty());
                assert!(!Cell::TimeOfDay(extreme, parts).text().is_empty());
            }
        }
    }

    #[test]
    fn a_cell_is_a_number_or_a_text() {
        for (cell, number, text) in [
            (Cell::Number(0.1), 0.1, "0.1"),
            (Cell::Number(1e20), 1e20, "1e20"),
            (Cell::Integer(-7), -7.0, "-7"),
            (Cell::Natural(u64::MAX), 18_446_744_073_709_551_615.0, "18446744073709551615"),
            (Cell::Switch(true), 1.0, "true"),
        ] {
            assert_eq!((cell.number(), &*cell.text()), (number, text));
        }
        assert!(Cell::Nothing.number().is_nan() && Cell::Nothing.text().is_empty());
        assert!(Cell::Text("7").number().is_nan());
    }
}
