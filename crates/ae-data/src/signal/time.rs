//! Moments, which order samples.

use super::Reading;
use super::time_unit::TimeUnit;

/// A moment: a number, or nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Time {
    Number(f64),
    Date(i128),
}

/// Which of two numbers before the year is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// How the dates of a column may be read: `03/04/2024` says nothing by itself, `13/04/2024` does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Orders {
    left: [Option<Order>; 2],
    /// Whether a date was another day in another order.
    differ: bool,
    /// What numbers count, as somebody said.
    said: Option<TimeUnit>,
    /// The same as the name of the column says.
    named: Option<TimeUnit>,
    /// Seconds that a gap is longer than, as somebody said.
    pub(super) gap: Option<f64>,
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            left: [Some(Order::DayFirst), Some(Order::MonthFirst)],
            differ: false,
            said: None,
            named: None,
            gap: None,
        }
    }
}

impl Orders {
    /// Of a column of times that is read so.
    pub(super) fn of(reading: &Reading) -> Self {
        Self { said: reading.time_unit, gap: reading.gap, ..Self::default() }
    }

    /// Says what numbers count by what the column is called.
    pub(super) fn may_count(&mut self, named: Option<TimeUnit>) {
        self.named = named;
    }

    /// What numbers count, of which one is given. Where the name and the number say different units,
    /// nobody knows.
    pub(super) fn unit(self, number: f64) -> Option<TimeUnit> {
        match (self.said, self.named, TimeUnit::since_1970(number)) {
            (Some(said), ..) => Some(said),
            (None, Some(named), Some(found)) => (named == found).then_some(named),
            (None, named, found) => named.or(found),
        }
    }

    /// Takes the next text, and says whether it is a time as those before were.
    pub(super) fn see(&mut self, text: &str) -> bool {
        let read = |order: Option<Order>| Time::parse(text, order?);
        let times = match read(self.left[0]) {
            // Nothing in it can be in another order.
            time @ Some(Time::Number(_)) => [time, time.filter(|_| self.left[1].is_some())],
            time => [time, read(self.left[1])],
        };
        let is_time = times.iter().any(Option::is_some);
        if is_time {
            self.differ |= times[0] != times[1];
            let orders = self.left.into_iter().zip(times);
            let mut left = orders.map(|(order, time)| order.filter(|_| time.is_some()));
            self.left = [left.next().flatten(), left.next().flatten()];
        }
        is_time
    }

    /// The orders that are left; one, if it makes no difference.
    pub(super) fn left(self) -> impl Iterator<Item = Order> {
        let most = if self.differ { 2 } else { 1 };
        self.left.into_iter().flatten().take(most)
    }
}

impl Time {
    /// Of a finite number, or of a date, a time of day or both, as they are commonly written:
    /// `2024-12-31 23:59:59.5`, `2024/1/5 06:00 PM`, `2024-12-31T23:59:59+02:00`, `20241231T235959Z`,
    /// `31.12.2024 23:59`, `12/31/2024`, `31-Dec-2024`, `Tue, 31 Dec 2024 23:59:59 GMT`, `23:59:59`.
    /// Without an offset it is UTC, without a date the first day of 1970.
    pub(super) fn parse(text: &str, order: Order) -> Option<Self> {
        if let Some(date) = compact(text) {
            return Some(Self::Date(date));
        }
        if let Ok(number) = text.parse::<f64>() {
            return number.is_finite().then_some(Self::Number(number));
        }
        let (date, clock) = parts(text.trim());
        let days = if date.is_empty() { 0 } else { days(date, order)? };
        let of_day = if clock.is_empty() { 0 } else { nanoseconds_of_day(clock)? };
        let is_something = !date.is_empty() || !clock.is_empty();
        is_something.then_some(Self::Date(i128::from(days) * DAY + of_day))
    }

    /// Whether a text that is no number is a date or a time of day.
    pub(super) fn is_date(text: &str) -> bool {
        matches!(Self::parse(text, Order::DayFirst), Some(Self::Date(_)))
            || matches!(Self::parse(text, Order::MonthFirst), Some(Self::Date(_)))
    }
}

/// Seconds of nanoseconds.
pub(super) fn seconds(nanoseconds: i128) -> f64 {
    nanoseconds as f64 / SECOND as f64
}

/// Nanoseconds.
const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

/// Months by the first letters of their English names.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Days of the week likewise.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let is_one = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { text.parse().ok() } else { None }
}

/// `20241231235959` and `20241231T235959`, perhaps with `Z`, an offset or a fraction behind them.
fn compact(text: &str) -> Option<i128> {
    let (date, rest) = text.split_at_checked(8)?;
    let day = days(date, Order::DayFirst).filter(|_| number(date, 8..=8).is_some())?;
    let clock = rest.strip_prefix(['T', 't', '_', ' ']).unwrap_or(rest);
    let (clock, rest) = clock.split_at_checked(6)?;
    number(clock, 6..=6)?;
    let year: i64 = date[..4].parse().ok()?;
    // A number of as many digits is seldom a moment of these years.
    let is_one = (1970..2100).contains(&year) && !rest.starts_with(|c: char| c.is_ascii_digit());
    let clock = format!("{}:{}:{}{rest}", &clock[..2], &clock[2..4], &clock[4..]);
    let of_day = nanoseconds_of_day(&clock).filter(|_| is_one)?;
    Some(i128::from(day) * DAY + of_day)
}

/// The date and the time of day in a text.
fn parts(text: &str) -> (&str, &str) {
    let text = match text.split_once([' ', ',']) {
        Some((first, rest)) if is_name(first, &WEEKDAYS).is_some() => {
            rest.trim_start_matches([' ', ','])
        }
        _ => text,
    };
    let Some(colon) = text.find(':') else { return (text, "") };
    let hour = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    // Between a year and an hour there may be a colon too.
    let (date, clock) = match colon - hour {
        4 => (&text[..colon], &text[colon + 1..]),
        _ => text.split_at(hour),
    };
    let date = date.trim_end_matches([' ', ',', '_']);
    let is_day = |date: &str| date.ends_with(|c: char| c.is_ascii_digit());
    let date = date.strip_suffix(['T', 't']).filter(|date| is_day(date)).unwrap_or(date);
    (date.trim_end_matches('-'), clock)
}

/// Which name a word begins with, if it goes on with letters alone.
fn is_name(word: &str, names: &[&str]) -> Option<usize> {
    let is_word = word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let start = word.get(..3).filter(|_| is_word)?;
    names.iter().position(|name| name.eq_ignore_ascii_case(start))
}

/// Days since 1970-01-01 in the Gregorian calendar. Source: H. Hinnant, chrono-compatible
/// low-level date algorithms, `days_from_civil`.
fn days(date: &str, order: Order) -> Option<i64> {
    let (year, month, day) = civil(date, order)?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Year, month and day.
fn civil(date: &str, order: Order) -> Option<(i64, i64, i64)> {
    if number(date, 8..=8).is_some() {
        return Some((date[..4].parse().ok()?, date[4..6].parse().ok()?, date[6..].parse().ok()?));
    }
    let separators = ['-', '/', '.', ' ', ','];
    let parts: Vec<&str> = date.split(separators).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts[..] else { return None };
    let month = |text| is_name(text, &MONTHS).map(|at| at as i64 + 1);
    let short = |text| number(text, 1..=2);
    if let Some(year) = number(first, 4..=4) {
        return Some((year, month(second).or_else(|| short(second))?, short(third)?));
    }
    let year = number(third, 4..=4).or_else(|| number(third, 2..=2).map(|year| 2000 + year))?;
    if let Some(month) = month(first) {
        return Some((year, month, short(second)?));
    }
    if let Some(month) = month(second) {
        return Some((year, month, short(first)?));
    }
    let (first, second) = (short(first)?, short(second)?);
    // With points between them the day stands first everywhere.
    Some(match order {
        Order::MonthFirst if !date.contains('.') => (year, first, second),
        _ => (year, second, first),
    })
}

/// `23:59`, `23:59:59.5`, `11:59:59 PM`, each perhaps with `Z`, `UTC` or an offset.
fn nanoseconds_of_day(text: &str) -> Option<i128> {
    let text = text.trim();
    let zone = ["Z", "z", "UTC", "GMT"].iter().find_map(|zone| text.strip_suffix(zone));
    let text = zone.unwrap_or(text).trim();
    let (text, offset) = match text.rfind(['+', '-']) {
        Some(at) => (text[..at].trim(), offset_minutes(&text[at..])?),
        None => (text, 0),
    };
    let half = |suffix: &str| {
        let at = text.len().checked_sub(suffix.len())?;
        let is_it = text.get(at..)?.eq_ignore_ascii_case(suffix);
        is_it.then(|| text[..at].trim_end())
    };
    let (clock, half_day) =
        match (half("am").or_else(|| half("a.m.")), half("pm").or_else(|| half("p.m."))) {
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

    fn day(text: &str) -> Option<Time> {
        Time::parse(text, Order::DayFirst)
    }

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
            ["2024-10-25 12:59 pm", "2024-10-25 1:00 p.m."],
            ["2024-10-27T02:59:59+02:00", "2024-10-27T02:00:00+01:00"],
            ["2024-10-25T08:00:00+0200", "2024-10-25T08:00:00+01"],
            ["2024-10-25T08:00:00-05:30", "2024-10-25T08:00:00-06:00"],
            ["1969-12-31 23:59:59.999999999", "1970-01-01"],
            ["9:59", "10:00:01"],
            ["31/12/2024 23:59", "1/1/2025 0:00"],
        ] {
            let (earlier, later) = (day(earlier).unwrap(), day(later).unwrap());
            assert!(earlier < later, "{earlier:?} {later:?}");
        }
        assert_eq!(day("1970-01-02"), Some(Time::Date(DAY)));
        assert_eq!(day("2000-03-01 00:00:01Z"), Some(Time::Date(951_868_801 * SECOND)));
        for text in [
            "",
            "noon",
            "NaN",
            "inf",
            "2024-13-01",
            "13-13-2024",
            "2024-10-25 25:00",
            "2024-10-25 13:00 PM",
            "2024-10-25 noon",
            "2024-1",
            "2024-10-25 é",
            "2024-10-25 08:00+",
            "2024-10-25 08:00:00.",
            "25 Foo 2024",
            "10:15 é",
            "sat",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_the_same_however_it_is_written() {
        let moment = day("2024-10-05T20:07:09Z");
        for text in [
            "2024-10-05 20:07:09",
            "2024/10/5 8:07:09 PM",
            "20241005T200709Z",
            "20241005200709",
            "20241005 200709",
            "05.10.2024 20:07:09",
            "5/10/2024, 20:07:09",
            "5/10/24 20:07:09",
            "05-10-2024 20:07:09",
            "5-Oct-2024 20:07:09",
            "05 OCT 2024 20:07:09",
            "Oct 5, 2024 8:07:09 pm",
            "October 5 2024 20:07:09",
            "Sat, 05 Oct 2024 20:07:09 GMT",
            "2024-Oct-05 20:07:09 UTC",
            "05/Oct/2024:22:07:09 +0200",
            "2024-10-06T01:37:09+05:30",
        ] {
            assert_eq!(day(text), moment, "{text}");
        }
        let american = Time::parse("10/05/2024 20:07:09", Order::MonthFirst);
        assert_eq!(american, moment);
        assert_eq!(Time::parse("05.10.2024 20:07:09", Order::MonthFirst), moment);
    }

    #[test]
    fn one_date_may_say_how_all_are_read() {
        let left = |texts: &[&str]| {
            let mut orders = Orders::default();
            assert!(texts.iter().all(|text| orders.see(text)));
            orders.left().collect::<Vec<_>>()
        };
        let both = [Order::DayFirst, Order::MonthFirst];
        assert_eq!(left(&["03/04/2024", "04/04/2024"]), both);
        assert_eq!(left(&["03/04/2024", "13/04/2024"]), [Order::DayFirst]);
        assert_eq!(left(&["03/04/2024", "04/13/2024"]), [Order::MonthFirst]);
        assert_eq!(left(&["2024-04-13", "7.5"]), [Order::DayFirst]);
        let mut orders = Orders::default();
        assert!(orders.see("13/04/2024") && !orders.see("04/13/2024") && orders.see("14/04/2024"));
    }
}
