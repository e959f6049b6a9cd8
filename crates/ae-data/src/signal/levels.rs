//! Whether values keep their differences as f32, which a detector takes.
//!
//! An f32 has 24 bits. Coordinates times 10⁷, long counters and seconds since 1970 have a large part
//! that stays and a small one that changes, and their small part is rounded away. No reader can keep
//! it, because a board gets f32 too: so it is told, with what a board can be given.

use std::collections::HashSet;
use std::fmt;

use super::missing::is_code;

/// Different values that are looked at, and values: more say nothing new.
const MOST: usize = 512;
const MOST_VALUES: usize = 1 << 16;

/// Different values that there must be: fewer are states.
const LEAST: usize = 8;

/// Steps of f32 from the least value to the largest, below which differences are lost: a detector
/// tells apart as many on each side of the mean.
const STEPS: f64 = 128.0;

/// Digits of a number that f32 keeps but for the last one.
const DIGITS: usize = 7;

/// Values of a channel, before and after they became f32.
#[derive(Debug)]
pub(super) struct Levels {
    exact: HashSet<u64>,
    rounded: HashSet<u32>,
    values: usize,
    least: f64,
    largest: f64,
}

/// A channel whose values lose their differences.
#[derive(Debug, Clone, PartialEq)]
pub struct Collapse {
    /// Name of the file.
    pub file: String,
    /// Name of the channel.
    pub channel: String,
    /// Different values in the file, as far as they were counted.
    pub exact: usize,
    /// Different values that are left of them.
    pub rounded: usize,
    /// The least value.
    pub least: f64,
    /// The step from one f32 to the next there.
    pub step: f64,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            exact: HashSet::new(),
            rounded: HashSet::new(),
            values: 0,
            least: f64::INFINITY,
            largest: f64::NEG_INFINITY,
        }
    }
}

impl Levels {
    /// Takes a number as the file has it, and as it became.
    pub(super) fn take(&mut self, exact: f64, rounded: f32) {
        if !exact.is_finite() || ((exact < self.least || exact > self.largest) && is_code(exact)) {
            return;
        }
        (self.least, self.largest) = (self.least.min(exact), self.largest.max(exact));
        self.values += 1;
        if self.exact.len() < MOST && self.values < MOST_VALUES {
            // Without the last bits, which are often those of a sum that was rounded.
            self.exact.insert((exact.to_bits() + (1 << 9)) >> 10);
            self.rounded.insert(rounded.to_bits());
        }
    }

    /// Takes a text that became a number. Short ones stay what they are.
    pub(super) fn take_text(&mut self, text: &str, rounded: f32) {
        let is_short = text.bytes().filter(u8::is_ascii_digit).count() <= DIGITS;
        let exact = if is_short { rounded.into() } else { text.parse().unwrap_or(f64::NAN) };
        self.take(exact, rounded);
    }

    /// What is lost, if much is.
    pub(super) fn collapse(&self, file: &str, channel: &str) -> Option<Collapse> {
        let (exact, rounded) = (self.exact.len(), self.rounded.len());
        let size = self.least.abs().max(self.largest.abs()) as f32;
        let step = f64::from(size.next_up()) - f64::from(size);
        let is_lost = exact >= LEAST && 2 * rounded <= exact;
        (is_lost && STEPS * step > self.largest - self.least).then(|| Collapse {
            file: file.to_owned(),
            channel: channel.to_owned(),
            exact,
            rounded,
            least: self.least,
            step,
        })
    }
}

impl fmt::Display for Collapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, channel, exact, rounded, least, step } = self;
        write!(
            f,
            "{file}: {exact} different values of `{channel}` became {rounded}, because samples are \
             f32, which near {least} are {step} apart; subtract a constant such as {} from the \
             column, and do the same on the board before a sample becomes f32",
            least.floor()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: impl Iterator<Item = f64>) -> Option<Collapse> {
        let mut levels = Levels::default();
        numbers.for_each(|number| levels.take(number, number as f32));
        levels.collapse("it.csv", "x")
    }

    fn noise(at: usize) -> f64 {
        (at * 7919 % 101) as f64
    }

    #[test]
    fn a_small_change_of_a_large_number_is_lost() {
        let coordinates = of((0..600).map(|at| 473_977_400.0 + noise(at))).unwrap();
        assert_eq!((coordinates.exact, coordinates.rounded, coordinates.step), (101, 4, 32.0));
        assert_eq!(
            coordinates.to_string(),
            "it.csv: 101 different values of `x` became 4, because samples are f32, which near \
             473977400 are 32 apart; subtract a constant such as 473977400 from the column, and do \
             the same on the board before a sample becomes f32"
        );
        assert!(of((0..900).map(|at| 1.7e9 + noise(at) / 10.0)).is_some());
        // A code for what is missing is no part of the range.
        let code = |at| if at % 99 == 5 { -9999.0 } else { -473_977_400.0 - noise(at) };
        assert!(of((0..600).map(code)).is_some());
        let mut texts = Levels::default();
        for at in 0..600 {
            let text = format!("100000.{:03}", noise(at));
            texts.take_text(&text, text.parse().unwrap());
        }
        assert!(texts.collapse("it.csv", "x").is_some());
    }

    #[test]
    fn what_f32_tells_apart_is_kept() {
        for (name, found) in [
            ("whole numbers", of((0..600).map(noise))),
            ("fifteen digits", of((0..600).map(|at| noise(at) / 7.0))),
            ("a long way", of((0..600).map(|at| 473_977_400.0 + 1000.0 * noise(at)))),
            ("a filter that comes to rest", of((0..600).map(|at| 20.0 + 5.0 * 0.9_f64.powi(at)))),
            ("states", of((0..600).map(|at| 1e9 + (at % 7) as f64))),
            ("sums", of((0..600).map(|at| 0.1 * noise(at) + 0.2 + 1e-16 * at as f64))),
            ("nothing", of(std::iter::empty())),
        ] {
            assert_eq!(found, None, "{name}");
        }
    }
}
