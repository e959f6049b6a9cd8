//! What numbers in a column of times count.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What numbers in a column of times count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeUnit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanoseconds,
    /// Minutes.
    #[serde(rename = "min")]
    Minutes,
    /// Hours.
    #[serde(rename = "h")]
    Hours,
    /// Days, as sheets count them.
    #[serde(rename = "d")]
    Days,
}

/// How units are called, in small letters.
const NAMES: [(&str, TimeUnit); 27] = [
    ("s", TimeUnit::Seconds),
    ("sec", TimeUnit::Seconds),
    ("secs", TimeUnit::Seconds),
    ("second", TimeUnit::Seconds),
    ("seconds", TimeUnit::Seconds),
    ("ms", TimeUnit::Milliseconds),
    ("msec", TimeUnit::Milliseconds),
    ("millis", TimeUnit::Milliseconds),
    ("millisecond", TimeUnit::Milliseconds),
    ("milliseconds", TimeUnit::Milliseconds),
    ("us", TimeUnit::Microseconds),
    ("µs", TimeUnit::Microseconds),
    ("μs", TimeUnit::Microseconds),
    ("usec", TimeUnit::Microseconds),
    ("micros", TimeUnit::Microseconds),
    ("microsecond", TimeUnit::Microseconds),
    ("microseconds", TimeUnit::Microseconds),
    ("ns", TimeUnit::Nanoseconds),
    ("nanos", TimeUnit::Nanoseconds),
    ("nanosecond", TimeUnit::Nanoseconds),
    ("nanoseconds", TimeUnit::Nanoseconds),
    ("minute", TimeUnit::Minutes),
    ("minutes", TimeUnit::Minutes),
    ("hour", TimeUnit::Hours),
    ("hours", TimeUnit::Hours),
    ("day", TimeUnit::Days),
    ("days", TimeUnit::Days),
];

/// Seconds since 1970 at the beginning of 2000 and of 2100: numbers between them are moments.
const EPOCH: std::ops::Range<f64> = 946_684_800.0..4_102_444_800.0;

impl TimeUnit {
    /// How many seconds it has.
    #[must_use]
    pub fn seconds(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Milliseconds => 1e-3,
            Self::Microseconds => 1e-6,
            Self::Nanoseconds => 1e-9,
            Self::Minutes => 60.0,
            Self::Hours => 3600.0,
            Self::Days => 86_400.0,
        }
    }

    /// What the name of a column says, such as `Time (seconds)` and `t_ms`, or a unit under it.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let words = name.split(|letter: char| !letter.is_alphanumeric());
        let mut units = words.filter_map(|word| {
            let word = word.to_lowercase();
            NAMES.iter().find(|(name, _)| *name == word).map(|(_, unit)| *unit)
        });
        let unit = units.next()?;
        units.all(|other| other == unit).then_some(unit)
    }

    /// What a number counts, if it is a moment of our years since 1970.
    pub(super) fn since_1970(number: f64) -> Option<Self> {
        [Self::Seconds, Self::Milliseconds, Self::Microseconds, Self::Nanoseconds]
            .into_iter()
            .find(|unit| EPOCH.contains(&(number * unit.seconds())))
    }
}

impl FromStr for TimeUnit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "min" => Ok(Self::Minutes),
            "h" => Ok(Self::Hours),
            "d" => Ok(Self::Days),
            _ => Self::of_name(text).ok_or("expected s, ms, us, ns, min, h or d"),
        }
    }
}

/// `s`, `ms` and so on.
impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Nanoseconds => "ns",
            Self::Minutes => "min",
            Self::Hours => "h",
            Self::Days => "d",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_say_units() {
        for (name, unit) in [
            ("Time (seconds)", Some(TimeUnit::Seconds)),
            ("t_ms", Some(TimeUnit::Milliseconds)),
            ("[µs]", Some(TimeUnit::Microseconds)),
            ("millis", Some(TimeUnit::Milliseconds)),
            ("t", None),
            ("time", None),
            ("s or ms", None),
        ] {
            assert_eq!(TimeUnit::of_name(name), unit, "{name}");
        }
        for (number, unit) in [
            (1_700_000_000.5, Some(TimeUnit::Seconds)),
            (1.7e12, Some(TimeUnit::Milliseconds)),
            (1.7e15, Some(TimeUnit::Microseconds)),
            (1.7e18, Some(TimeUnit::Nanoseconds)),
            (45_000.0, None),
            (-1.7e9, None),
            (1e11, None),
        ] {
            assert_eq!(TimeUnit::since_1970(number), unit, "{number}");
        }
        for unit in ["s", "ms", "us", "ns", "min", "h", "d"] {
            assert_eq!(unit.parse::<TimeUnit>().unwrap().to_string(), unit);
        }
        assert!("fortnight".parse::<TimeUnit>().is_err());
    }
}
