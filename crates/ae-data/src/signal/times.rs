//! What the times of samples say: which way they run, and where nothing was recorded.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use super::file_error::FileError;
use super::time::{Order, Orders, Time, seconds};
use super::time_unit::TimeUnit;
use super::{ReadNote, Signals};

/// Steps that there must be to say how long one usually is.
const STEPS: usize = 8;

/// A gap is so many usual steps long …
const MEDIANS: f64 = 5.0;

/// … and so many of those that nine of ten are shorter than: where steps differ, long ones are none.
const NINE_OF_TEN: f64 = 3.0;

/// A step is near the median if it is so many times as long …
const NEAR: [f64; 2] = [0.5, 1.5];

/// … and steps are regular if so many of them are.
const REGULAR: f64 = 0.95;

/// Rates that differ by so much are the same.
const SAME: f64 = 0.01;

/// Steps back for each one forth where the newest sample comes first.
const BACK: usize = 9;

/// Times at which nothing was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaps {
    /// Name of the file.
    pub file: String,
    /// How many there are.
    pub found: usize,
    /// The longest.
    pub longest: f64,
    /// The usual step, the median.
    pub step: f64,
    /// Whether both are seconds; else they are what the column of times counts.
    pub are_seconds: bool,
}

impl fmt::Display for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, found, longest, step, are_seconds } = self;
        let s = if *are_seconds { " s" } else { "" };
        let gaps = if *found == 1 { "gap" } else { "gaps" };
        write!(
            f,
            "{file}: {found} {gaps} in time of up to {longest}{s}, where a step is usually \
             {step}{s}; a recording ends at each"
        )
    }
}

/// How samples follow each other in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Name of the file.
    pub file: String,
    /// The usual step: the mean of those near the median, where steps are [regular](Self::is_regular);
    /// else the median, or the mean of all where most samples have the time of the one before.
    pub step: f64,
    /// Whether nearly all steps are near the median; `None` where there are too few to say.
    pub is_regular: Option<bool>,
    /// Whether it is in seconds; else it is what the column of times counts.
    pub are_seconds: bool,
    /// Gaps in time.
    pub gaps: usize,
}

impl Steps {
    /// Samples a second, where that is known.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.are_seconds.then(|| short(1.0 / self.step))
    }
}

/// Such as `100 samples a second, no gaps`.
impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { gaps, .. } = self;
        let step = short(self.step);
        let is_irregular = self.is_regular == Some(false);
        if is_irregular {
            f.write_str("about ")?;
        }
        match self.rate() {
            Some(1.0) => f.write_str("1 sample a second")?,
            Some(rate) if rate > 1.0 => write!(f, "{rate} samples a second")?,
            Some(_) => write!(f, "a sample every {step} s")?,
            None => write!(f, "a sample every {step} of unknown unit")?,
        }
        if is_irregular {
            f.write_str(" at irregular times")?;
        }
        match gaps {
            0 => f.write_str(", no gaps"),
            1 => f.write_str(", 1 gap"),
            _ => write!(f, ", {gaps} gaps"),
        }
    }
}

impl Signals {
    /// Samples a second, if all files say so: in themselves, as WAV does, or by times at regular steps,
    /// which are the same in all of them.
    #[must_use]
    pub fn rate_of_files(&self) -> Option<f64> {
        if self.rate.is_some() {
            return self.rate;
        }
        let steps = self.notes.iter().filter_map(|note| match note {
            ReadNote::Steps(steps) => Some(steps),
            _ => None,
        });
        let mut files: HashSet<&str> = HashSet::new();
        let mut first = None;
        for steps in steps {
            let rate = steps.rate().filter(|_| steps.is_regular == Some(true))?;
            files.insert(&steps.file);
            let first: &mut f64 = first.get_or_insert(rate);
            if !are_same_rate(*first, rate) {
                return None;
            }
        }
        let all = self.recordings.iter().all(|recording| files.contains(recording.origin.file()));
        first.filter(|_| all)
    }
}

/// Whether two rates differ by no more than files do that were sampled alike.
#[must_use]
pub fn are_same_rate(one: f64, other: f64) -> bool {
    (one - other).abs() <= SAME * one.abs().min(other.abs())
}

/// Six digits, without the noise of floats.
fn short(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

/// The times of a file's samples.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// In the order of the file: what the column counts, or of dates the seconds since the first.
    of: Vec<f64>,
    /// Seconds of what it counts, if that is known.
    unit: Option<f64>,
}

impl Times {
    /// Of texts that `orders` has seen. Where the day may stand first or second, that counts under
    /// which samples are nearer to each other.
    pub(super) fn parse<I: Iterator<Item = String>>(
        texts: impl Fn() -> I,
        orders: Orders,
        recordings: &[Range<usize>],
    ) -> Self {
        let read = |order: Order| {
            let times = texts().map(|text| Time::parse(&text, order));
            // Since 1970 there are too many seconds for an f64 to tell microseconds apart.
            let mut first_date = None;
            let of = times.map(|time| match time {
                Some(Time::Number(number)) => number,
                Some(Time::Date(date)) => seconds(date - *first_date.get_or_insert(date)),
                None => f64::NAN,
            });
            let of: Vec<f64> = of.collect();
            let counted = || orders.unit(*of.get(of.len() / 2)?).map(TimeUnit::seconds);
            let unit = first_date.map_or_else(counted, |_| Some(1.0));
            Self { of, unit }
        };
        let mut readings = orders.left().map(read);
        let Some(first) = readings.next() else { return Self::default() };
        let Some(second) = readings.next() else { return first };
        // Read wrongly, the next day is a month away.
        let way = |times: &Self| -> f64 {
            times.steps(recordings).map(f64::abs).filter(|step| step.is_finite()).sum()
        };
        if way(&second) < way(&first) { second } else { first }
    }

    fn steps<'t>(&'t self, recordings: &'t [Range<usize>]) -> impl Iterator<Item = f64> + 't {
        let of = recordings.iter().flat_map(|range| self.of[range.clone()].windows(2));
        of.map(|pair| pair[1] - pair[0])
    }

    /// Whether the newest sample comes first.
    pub(super) fn are_newest_first(&self, recordings: &[Range<usize>]) -> bool {
        let count = |is: fn(&f64) -> bool| self.steps(recordings).filter(is).count();
        let (forth, back) = (count(|step| *step > 0.0), count(|step| *step < 0.0));
        back >= STEPS && back >= BACK * forth
    }

    /// The same times, the last sample first.
    pub(super) fn reverse(&mut self) {
        self.of.reverse();
    }

    /// The samples in `recordings` that a recording begins with, because time goes back to them or
    /// there is a gap before them; and the gaps. `gap` are the seconds that one is longer than, as
    /// somebody said.
    pub(super) fn cuts(
        &self,
        recordings: &[Range<usize>],
        gap: Option<f64>,
    ) -> Result<(Vec<usize>, Vec<f64>), FileError> {
        let mut forth: Vec<f64> = self.steps(recordings).filter(|step| *step > 0.0).collect();
        forth.sort_unstable_by(f64::total_cmp);
        let limit = match (gap, forth.len()) {
            (Some(gap), _) => match self.unit {
                Some(unit) => gap / unit,
                None => return Err(FileError::TimeUnit { column: String::new() }),
            },
            (None, 0..STEPS) => f64::INFINITY,
            (None, count) => (MEDIANS * forth[count / 2]).max(NINE_OF_TEN * forth[count * 9 / 10]),
        };
        let (mut cuts, mut gaps) = (Vec::new(), Vec::new());
        for range in recordings {
            for at in range.start + 1..range.end {
                let step = self.of[at] - self.of[at - 1];
                if !(0.0..=limit).contains(&step) {
                    cuts.push(at);
                    gaps.extend((step > limit).then_some(step));
                }
            }
        }
        Ok((cuts, gaps))
    }

    /// How samples follow each other, of these recordings between the gaps.
    pub(super) fn usual(
        &self,
        file: &str,
        recordings: &[Range<usize>],
        gaps: usize,
    ) -> Option<Steps> {
        let mut steps: Vec<f64> = self.steps(recordings).filter(|step| step.is_finite()).collect();
        steps.sort_unstable_by(f64::total_cmp);
        let median = steps.get(steps.len() / 2).copied()?;
        let mean = |steps: &[f64]| steps.iter().sum::<f64>() / steps.len() as f64;
        // Times that are written in whole milliseconds step by 3, 3 and 4 at 300 a second.
        let first = steps.partition_point(|&step| step < NEAR[0] * median);
        let near = &steps[first..steps.partition_point(|&step| step <= NEAR[1] * median)];
        let is_near = median > 0.0 && near.len() as f64 >= REGULAR * steps.len() as f64;
        let is_regular = (steps.len() >= STEPS).then_some(is_near);
        let step = match median > 0.0 {
            true if is_regular == Some(true) => mean(near),
            true => median,
            false => mean(&steps),
        };
        let (file, step) = (file.to_owned(), step * self.unit.unwrap_or(1.0));
        let are_seconds = self.unit.is_some();
        (step > 0.0).then_some(Steps { file, step, is_regular, are_seconds, gaps })
    }

    /// What to tell of gaps, if there are any.
    pub(super) fn told(
        &self,
        file: &str,
        recordings: &[Range<usize>],
        gaps: &[f64],
    ) -> Option<Gaps> {
        let longest = gaps.iter().copied().reduce(f64::max)?;
        let mut forth: Vec<f64> = self.steps(recordings).filter(|step| *step > 0.0).collect();
        forth.sort_unstable_by(f64::total_cmp);
        let unit = self.unit.unwrap_or(1.0);
        Some(Gaps {
            file: file.to_owned(),
            found: gaps.len(),
            longest: short(longest * unit),
            step: short(forth[forth.len() / 2] * unit),
            are_seconds: self.unit.is_some(),
        })
    }
}
