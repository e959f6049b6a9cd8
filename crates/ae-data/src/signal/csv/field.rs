//! What a field of a CSV file holds.

use crate::signal::faults::FaultKind;
use crate::signal::time::Time;

/// How programs and sensors write that there is no value.
const MISSING: [&str; 22] = [
    "",
    "nan",
    "null",
    "nil",
    "none",
    "na",
    "n/a",
    "<na>",
    "n.a.",
    "(null)",
    "missing",
    "-",
    "--",
    "---",
    "?",
    ".",
    "nan(ind)",
    "nan(snan)",
    "#n/a",
    "#value!",
    "#div/0!",
    "#ref!",
];

/// How programs write yes and no.
const SWITCHES: [&str; 6] = ["true", "false", "yes", "no", "on", "off"];

fn is_one_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

pub(super) fn is_missing(text: &str) -> bool {
    is_one_of(text, &MISSING) || is_one_of(text.trim_start_matches(['-', '+']), &MISSING)
}

/// A finite number, or what is wrong with it.
pub(super) fn number(text: &str) -> Result<f32, FaultKind> {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(number) if number.is_nan() => Err(FaultKind::Missing),
        Ok(_) => Err(FaultKind::Infinite),
        Err(_) => Err(kind_of(text)),
    }
}

/// What a text is that is no number.
fn kind_of(text: &str) -> FaultKind {
    if is_missing(text) {
        FaultKind::Missing
    } else if is_one_of(text, &SWITCHES) {
        FaultKind::Switch
    } else if let Some(kind) = separated(text) {
        kind
    } else if is_moment(text) {
        FaultKind::Moment
    } else if text.split_whitespace().count() > 1
        && text.split_whitespace().all(|part| part.parse::<f64>().is_ok())
    {
        FaultKind::Spaces
    } else if has_unit(text) {
        FaultKind::Unit
    } else {
        FaultKind::Text
    }
}

/// A number with commas, points, spaces or apostrophes that f32 does not know.
fn separated(text: &str) -> Option<FaultKind> {
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
        // Such a number has no thousands.
        let is_one = exponent.parse::<i32>().is_ok() && mantissa.matches(',').count() == 1;
        let plain = mantissa.replace(',', ".");
        return (is_one && plain.parse::<f32>().is_ok()).then_some(FaultKind::DecimalComma);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_separator = |c: char| ",.'’_\u{a0}\u{202f}\u{2009} ".contains(c);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == ',')
        || !digits.chars().all(|c| c.is_ascii_digit() || is_separator(c))
    {
        return None;
    }
    let groups: Vec<&str> = digits.split(is_separator).collect();
    let separators: Vec<char> = digits.chars().filter(|&c| is_separator(c)).collect();
    // Groups of three between the first and the last, which may be a fraction.
    let are_thousands = |groups: &[&str]| {
        let (first, rest) = groups.split_first()?;
        let leads = (1..=3).contains(&first.len()) && !first.starts_with('0');
        Some(leads && !rest.is_empty() && rest.iter().all(|group| group.len() == 3))
    };
    let are_thousands = |groups| are_thousands(groups).unwrap_or(false);
    let (&last, before) = separators.split_last()?;
    let is_one_kind = separators.iter().all(|&separator| separator == last);
    match last {
        ',' if before.is_empty() => Some(match are_thousands(&groups) {
            true => FaultKind::Comma,
            false => FaultKind::DecimalComma,
        }),
        ',' if is_one_kind => are_thousands(&groups).then_some(FaultKind::Thousands),
        // 1.069,5
        ',' => are_thousands(&groups[..groups.len() - 1]).then_some(FaultKind::DecimalComma),
        // 1,069.5, or 1.069.500
        '.' if !before.is_empty() => {
            let whole = if is_one_kind { &groups[..] } else { &groups[..groups.len() - 1] };
            are_thousands(whole).then_some(FaultKind::Thousands)
        }
        '.' => None,
        _ => are_thousands(&groups).then_some(FaultKind::Thousands),
    }
}

/// Digits and what stands between the parts of a date or of a time of day.
pub(super) fn is_moment(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_part =
        |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let parts_between = |separator: char| {
        let first =
            text.split([' ', 'T']).find(|word| word.contains(separator)).unwrap_or_default();
        let word = first.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let word =
            word.split_once(['.', '+']).filter(|_| separator != '.').map_or(word, |(w, _)| w);
        let parts: Vec<&str> = word.split(separator).collect();
        parts.len() >= if separator == ':' { 2 } else { 3 }
            && parts.iter().all(|part| is_part(part))
    };
    digits >= 3 && ([':', '-', '/', '.'].into_iter().any(parts_between) || Time::is_date(text))
}

/// A number, and letters or signs behind it.
fn has_unit(text: &str) -> bool {
    let is_of_number = |c: char| c.is_ascii_digit() || "+-.".contains(c);
    let number = text.split(|c: char| !is_of_number(c)).next().unwrap_or_default();
    let unit = text[number.len()..].trim();
    number.parse::<f64>().is_ok()
        && (1..=8).contains(&unit.chars().count())
        && !unit.starts_with(|c: char| c.is_ascii_digit())
        && !unit.contains(|c: char| c.is_ascii_digit())
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
            assert_eq!(number(text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_told_apart() {
        use FaultKind as K;
        for (kind, texts) in [
            (
                K::Missing,
                &["", "NaN", "-nan", "null", "N/A", "-", "--", "?", "#N/A", "None", "nil"][..],
            ),
            (K::Infinite, &["inf", "-Infinity", "1e39"]),
            (
                K::Thousands,
                &["1,069,000", "1,069.5", "1'069", "12 345 678", "1.069.500", "-2,000,000"],
            ),
            (K::Comma, &["1,069", "-12,345", "999,999"]),
            (
                K::DecimalComma,
                &["1,5", "0,512", "-3,25", "1.069,5", "1234,567", "21,", ",5", "1,069E+03"],
            ),
            (K::Unit, &["23.5 °C", "5mV", "45%", "-1.5 m/s", "3 g"]),
            (K::Switch, &["true", "FALSE", "on"]),
            (
                K::Moment,
                &[
                    "2024-12-31",
                    "31.12.2024 12:30",
                    "12/31/2024",
                    "12:30:00",
                    "2024-10-25T08:00:00+02:00",
                    "2024-10-25 06:00:00 AM",
                    "10:15:30.250",
                    "2024-10-25T08:00:00.5Z",
                ],
            ),
            (K::Spaces, &["1 2", "0.5 1.5 2"]),
            (K::Text, &["abc", "0x10", "ok", "error 7", "sensor fault", "x1", "12abc34"]),
        ] {
            for text in texts {
                assert_eq!(number(text).unwrap_err(), kind, "{text}");
            }
        }
    }
}
