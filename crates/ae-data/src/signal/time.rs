//! Moments, which order samples.

/// A moment: a number, or nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Time {
    Number(f64),
    Date(i128),
}

impl Time {
    /// Of a finite number, or of a date with the year first, such as `2024-12-31 23:59:59.5`,
    /// `2024/1/5 06:00 PM` or `2024-12-31T23:59:59+02:00`. What names no offset is taken as UTC.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse::<f64>() {
            return number.is_finite().then_some(Self::Number(number));
        }
        let (date, time) = match text.split_once(['T', ' ']) {
            Some((date, time)) => (date, time.trim_start()),
            None => (text, ""),
        };
        let of_day = if time.is_empty() { 0 } else { nanoseconds_of_day(time)? };
        Some(Self::Date(i128::from(days(date)?) * 86_400 * SECOND + of_day))
    }
}

/// Nanoseconds.
const SECOND: i128 = 1_000_000_000;

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let is_one = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { text.parse().ok() } else { None }
}

/// Days since 1970-01-01 in the Gregorian calendar. Source: H. Hinnant, chrono-compatible
/// low-level date algorithms, `days_from_civil`.
fn days(date: &str) -> Option<i64> {
    let separator = if date.contains('/') { '/' } else { '-' };
    let mut parts = date.split(separator);
    let year = number(parts.next()?, 4..=4)?;
    let (month, day) = (number(parts.next()?, 1..=2)?, number(parts.next()?, 1..=2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// `23:59`, `23:59:59.5`, `11:59:59 PM`, each perhaps with `Z` or an offset.
fn nanoseconds_of_day(text: &str) -> Option<i128> {
    let text = text.trim().strip_suffix(['Z', 'z']).unwrap_or(text).trim();
    let (text, offset) = match text.rfind(['+', '-']) {
        Some(at) => (text[..at].trim(), offset_minutes(&text[at..])?),
        None => (text, 0),
    };
    let half = |suffix: &str| {
        let at = text.len().checked_sub(2)?;
        let is_it = text.get(at..)?.eq_ignore_ascii_case(suffix);
        is_it.then(|| text[..at].trim_end())
    };
    let (clock, half_day) = match (half("am"), half("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (text, None),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?, 1..=2)?, number(parts.next()?, 1..=2)?);
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(second) => {
            let (second, fraction) = second.split_once(['.', ',']).unwrap_or((second, "0"));
            number(fraction, 1..=18)?;
            // Nine digits, whatever is behind them.
            let fraction = format!("{fraction:0<9}");
            (number(second, 1..=2)?, number(&fraction[..9], 9..=9)?)
        }
    };
    let hour = match half_day {
        None if hour <= 24 => hour,
        Some(later) if (1..=12).contains(&hour) => hour % 12 + later,
        _ => return None,
    };
    if parts.next().is_some() || minute > 59 || second > 60 {
        return None;
    }
    let seconds = i128::from((hour * 60 + minute - offset) * 60 + second);
    Some(seconds * SECOND + i128::from(fraction))
}

/// `+02:00`, `-0530` or `+01`.
fn offset_minutes(text: &str) -> Option<i64> {
    let (sign, digits) = text.split_at_checked(1)?;
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(2)?,
    };
    let minutes = if minutes.is_empty() { 0 } else { number(minutes, 2..=2)? };
    let offset = number(hours, 1..=2)? * 60 + minutes;
    Some(if sign == "-" { -offset } else { offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_numbers_or_dates() {
        for [earlier, later] in [
            ["-1.5", "0"],
            ["9", "10"],
            ["2024-01-01 00:00:00", "2024-01-01 00:00:00.5"],
            ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z"],
            ["2023-12-31", "2024-01-01"],
            ["2024-2-28", "2024-02-29"],
            ["2024-02-29 23:59", "2024-03-01"],
            ["2024/9/30", "2024/10/01"],
            ["2024-10-25 11:59:00 AM", "2024-10-25 12:00:00 PM"],
            ["2024-10-25 12:59:59 AM", "2024-10-25 01:00:00 AM"],
            ["2024-10-25 12:59 pm", "2024-10-25 1:00 pm"],
            ["2024-10-27T02:59:59+02:00", "2024-10-27T02:00:00+01:00"],
            ["2024-10-25T08:00:00+0200", "2024-10-25T08:00:00+01"],
            ["2024-10-25T08:00:00-05:30", "2024-10-25T08:00:00-06:00"],
            ["1969-12-31 23:59:59.999999999", "1970-01-01"],
        ] {
            let (earlier, later) = (Time::parse(earlier).unwrap(), Time::parse(later).unwrap());
            assert!(earlier < later, "{earlier:?} {later:?}");
        }
        let day = |text| Time::parse(text).unwrap();
        assert_eq!(day("1970-01-02"), Time::Date(86_400 * SECOND));
        assert_eq!(day("2000-03-01 00:00:01Z"), Time::Date(951_868_801 * SECOND));
        for text in [
            "",
            "noon",
            "NaN",
            "inf",
            "12:30:00",
            "31/12/2024",
            "12-31-2024",
            "2024-13-01",
            "2024-10-25 25:00",
            "2024-10-25 13:00 PM",
            "2024-10-25 noon",
            "2024-1",
            "2024-10-25 é",
            "2024-10-25 08:00+",
            "2024-10-25 08:00:00.",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }
}
