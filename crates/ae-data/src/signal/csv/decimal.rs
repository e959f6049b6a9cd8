//! Numbers with decimal points or commas, and which of them a file has.
//!
//! Where it is not said, a comma that cannot stand between thousands is a decimal one, and then all
//! are, unless other numbers have decimal points. What may be either is asked about.

use std::borrow::Cow;

use super::field;
use crate::signal::Decimal;
use crate::signal::faults::{FaultKind, Faults, Row};

/// Reads the numbers of a file.
#[derive(Debug)]
pub(super) struct Numbers {
    said: Option<Decimal>,
    /// Numbers with commas that were taken for decimal ones.
    commas: Faults,
    has_decimal_commas: bool,
    /// Whether a number has a decimal point.
    pub(super) has_points: bool,
    /// The first with a point that may stand between thousands: its line, its column and itself.
    perhaps: Option<(usize, String, String)>,
}

/// A number as a text that f32 and f64 know.
pub(super) type Plain<'t> = Cow<'t, str>;

impl Numbers {
    pub(super) fn new(said: Option<Decimal>) -> Self {
        Self {
            said,
            commas: Faults::default(),
            has_decimal_commas: false,
            has_points: false,
            perhaps: None,
        }
    }

    /// Reads a number that is finite; or says what is wrong with it.
    pub(super) fn read<'t>(
        &mut self,
        text: &'t str,
        line: usize,
        column: &str,
    ) -> Result<(f32, Plain<'t>), FaultKind> {
        let plain = match self.said {
            None => self.found(text, line, column)?,
            Some(Decimal::Point) => with_points(text)?,
            Some(Decimal::Comma) => with_commas(text)?,
        };
        Ok((field::number(&plain)?, plain))
    }

    /// The same of a column of times; other times stay what they are.
    pub(super) fn time<'t>(&mut self, text: &'t str, line: usize, column: &str) -> Plain<'t> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.,eE".contains(&byte));
        if !is_number || field::is_moment(text) {
            return Cow::Borrowed(text);
        }
        self.read(text, line, column).map_or(Cow::Borrowed(text), |(_, plain)| plain)
    }

    fn found<'t>(
        &mut self,
        text: &'t str,
        line: usize,
        column: &str,
    ) -> Result<Plain<'t>, FaultKind> {
        let kind = match field::number(text) {
            Ok(_) => {
                self.see_point(text, line, column);
                return Ok(Cow::Borrowed(text));
            }
            Err(kind) => kind,
        };
        if !matches!(kind, FaultKind::DecimalComma | FaultKind::Comma) {
            return Err(kind);
        }
        self.has_decimal_commas |= kind == FaultKind::DecimalComma;
        self.commas.add(kind, Row::Line(line), column, text);
        Ok(of_commas(text))
    }

    /// Sees whether a number has a decimal point, or one that may stand between thousands.
    fn see_point(&mut self, text: &str, line: usize, column: &str) {
        if self.has_points && self.perhaps.is_some() || !text.contains('.') {
            return;
        }
        if !may_be_thousands(text) {
            self.has_points = true;
        } else if self.perhaps.is_none() {
            self.perhaps = Some((line, column.to_owned(), text.to_owned()));
        }
    }

    /// Whether the file has decimal commas.
    pub(super) fn are_commas(&self) -> bool {
        self.said == Some(Decimal::Comma) || (self.has_decimal_commas && !self.has_points)
    }

    /// Adds what is not clear to what is wrong with a file.
    pub(super) fn finish(self, faults: &mut Faults) {
        let is_clear = self.has_decimal_commas
            && !self.has_points
            && !faults.has(FaultKind::Thousands)
            && self.perhaps.is_none();
        if is_clear {
            return;
        }
        if let (true, false, Some((line, column, text))) =
            (self.has_decimal_commas, self.has_points, &self.perhaps)
        {
            return faults.add(FaultKind::Point, Row::Line(*line), column, text);
        }
        faults.join(self.commas);
    }
}

/// Whether a point has three digits behind it and one to three before it, the first no zero.
fn may_be_thousands(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let Some((whole, fraction)) = digits.split_once('.') else { return false };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    fraction.len() == 3
        && (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
        && are_digits(whole)
        && are_digits(fraction)
}

/// A number with decimal points, and perhaps signs between thousands.
fn with_points(text: &str) -> Result<Plain<'_>, FaultKind> {
    match field::number(text) {
        Err(FaultKind::Thousands | FaultKind::Comma) => {
            let is_kept = |letter: &char| letter.is_ascii_digit() || "+-.".contains(*letter);
            let plain: String = text.chars().filter(is_kept).collect();
            // Points between thousands are none of decimals.
            if plain.matches('.').count() > 1 {
                Err(FaultKind::Thousands)
            } else {
                Ok(plain.into())
            }
        }
        Err(kind) => Err(kind),
        Ok(_) => Ok(Cow::Borrowed(text)),
    }
}

/// A number with decimal commas, and perhaps signs between thousands.
fn with_commas(text: &str) -> Result<Plain<'_>, FaultKind> {
    match field::number(text) {
        Err(FaultKind::DecimalComma | FaultKind::Comma) => Ok(of_commas(text)),
        Err(FaultKind::Thousands) if !text.contains(',') => {
            let is_kept = |letter: &char| letter.is_ascii_digit() || "+-".contains(*letter);
            Ok(text.chars().filter(is_kept).collect::<String>().into())
        }
        Err(kind) => Err(kind),
        Ok(_) if !text.contains('.') => Ok(Cow::Borrowed(text)),
        Ok(_) if may_be_thousands(text) => Ok(text.replace('.', "").into()),
        Ok(_) => Err(FaultKind::Point),
    }
}

/// With a point in place of the comma, and nothing between thousands.
fn of_commas(text: &str) -> Plain<'static> {
    let plain = text.chars().filter_map(|letter| match letter {
        ',' => Some('.'),
        '+' | '-' | 'e' | 'E' | '0'..='9' => Some(letter),
        _ => None,
    });
    plain.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What numbers are read as, and the kinds of fault that are left.
    fn read(said: Option<Decimal>, texts: &[&str]) -> (Vec<f32>, Vec<FaultKind>) {
        let (mut numbers, mut faults) = (Numbers::new(said), Faults::default());
        let mut values = Vec::new();
        for text in texts {
            match numbers.read(text, 2, "x") {
                Ok((value, plain)) => {
                    assert_eq!(plain.parse::<f32>().unwrap(), value);
                    values.push(value);
                }
                Err(kind) => faults.add(kind, Row::Line(2), "x", text),
            }
        }
        numbers.finish(&mut faults);
        (values, faults.kinds())
    }

    #[test]
    fn commas_are_decimal_where_nothing_speaks_against_it() {
        for (texts, values) in [
            (&["1,5", "-0,25", "3"][..], &[1.5, -0.25, 3.0][..]),
            (&["1,069", "2,5"], &[1.069, 2.5]),
            (&["1.069,5", "12 345,25", "7"], &[1069.5, 12_345.25, 7.0]),
            (&["1,5E+03", "1,069e-1"], &[1500.0, 0.1069]),
            (&["1.069", "2.5"], &[1.069, 2.5]),
        ] {
            assert_eq!(read(None, texts), (values.to_vec(), vec![]), "{texts:?}");
        }
    }

    #[test]
    fn what_is_not_clear_is_left() {
        use FaultKind as K;
        for (texts, kinds) in [
            (&["1,069"][..], &[K::Comma][..]),
            (&["1,069", "2.5"], &[K::Comma]),
            (&["1,5", "2.5"], &[K::DecimalComma]),
            (&["1,5", "1.069"], &[K::Point]),
            (&["1,5", "1,069,000"], &[K::Thousands, K::DecimalComma]),
            (&["1,069.5"], &[K::Thousands]),
        ] {
            assert_eq!(read(None, texts).1, kinds, "{texts:?}");
        }
    }

    #[test]
    fn what_is_said_counts() {
        let both = ["1,069", "1'069", "-12 345 678"];
        let (values, kinds) = read(Some(Decimal::Point), &both);
        assert_eq!((values, kinds), (vec![1069.0, 1069.0, -12_345_678.0], vec![]));
        let (values, kinds) = read(Some(Decimal::Comma), &both);
        assert_eq!((values, kinds), (vec![1.069, 1069.0, -12_345_678.0], vec![]));
        let (values, kinds) = read(Some(Decimal::Comma), &["1.069", "1.069.500", "1.5", "7"]);
        assert_eq!((values, kinds), (vec![1069.0, 1_069_500.0, 7.0], vec![FaultKind::Point]));
        let (values, kinds) = read(Some(Decimal::Point), &["1,069.5", "1,5", "2.5"]);
        assert_eq!((values, kinds), (vec![1069.5, 2.5], vec![FaultKind::DecimalComma]));
    }

    #[test]
    fn times_may_have_a_comma_too() {
        let mut numbers = Numbers::new(None);
        for (text, plain) in [
            ("0,25", "0.25"),
            ("12:00:00,5", "12:00:00,5"),
            ("31.12.2024", "31.12.2024"),
            ("0.5", "0.5"),
            ("noon", "noon"),
        ] {
            assert_eq!(numbers.time(text, 2, "t"), plain);
        }
        assert!(numbers.has_decimal_commas && numbers.has_points);
    }
}
