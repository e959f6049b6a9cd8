//! Texts with numbers in them, of which some are changed.

use ae_fuzz::source::Source;

/// Numbers that a text may hold where it should not.
const NUMBERS: [&str; 20] = [
    "0",
    "1",
    "2",
    "-1",
    "255",
    "256",
    "65536",
    "2147483648",
    "4294967296",
    "1099511627776",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1e400",
    "-0.0",
    "nan",
    "inf",
    "0.5",
    "1e-320",
    "18446744073709551616",
];

/// `text` with a number, the one that the input chooses, replaced by another.
#[must_use]
pub fn with_number(text: &str, input: &mut Source<'_>) -> String {
    let is_start = |&(at, c): &(usize, char)| {
        c.is_ascii_digit() && !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let starts: Vec<usize> = text.char_indices().filter(is_start).map(|(at, _)| at).collect();
    let (which, how, value) = (input.byte(), input.byte(), input.u16());
    let Some(&start) = starts.get(usize::from(which) % starts.len().max(1)) else {
        return text.to_owned();
    };
    let rest = &text[start..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let number = match how % 4 {
        0 => NUMBERS[usize::from(value) % NUMBERS.len()].to_owned(),
        1 => (value % 32).to_string(),
        2 => value.to_string(),
        _ => (u64::from(value) << (how / 4)).to_string(),
    };
    format!("{}{number}{}", &text[..start], &rest[end..])
}
