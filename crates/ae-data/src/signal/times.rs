//! What the times of samples say: which way they run, and where nothing was recorded.

use std::fmt;
use std::ops::Range;

use super::time::{Order, Orders, Time};

/// Steps that there must be to say how long one usually is.
const STEPS: usize = 8;

/// A gap is so many usual steps long …
const MEDIANS: f64 = 5.0;

/// … and so many of those that nine of ten are shorter than: where steps differ, long ones are none.
const NINE_OF_TEN: f64 = 3.0;

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

/// The times of a file's samples.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// In the order of the file, in seconds or what the column counts.
    of: Vec<f64>,
    are_dates: bool,
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
            let mut are_dates = false;
            let of = times.map(|time| {
                are_dates |= matches!(time, Some(Time::Date(_)));
                time.map_or(f64::NAN, Time::seconds)
            });
            let of: Vec<f64> = of.collect();
            Self { of, are_dates }
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
    /// there is a gap before them; and the gaps.
    pub(super) fn cuts(&self, recordings: &[Range<usize>]) -> (Vec<usize>, Vec<f64>) {
        let mut forth: Vec<f64> = self.steps(recordings).filter(|step| *step > 0.0).collect();
        forth.sort_unstable_by(f64::total_cmp);
        let limit = match forth.len() {
            0..STEPS => f64::INFINITY,
            count => (MEDIANS * forth[count / 2]).max(NINE_OF_TEN * forth[count * 9 / 10]),
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
        (cuts, gaps)
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
        // Without the noise of floats.
        let short = |number: f64| (1e6 * number).round() / 1e6;
        Some(Gaps {
            file: file.to_owned(),
            found: gaps.len(),
            longest: short(longest),
            step: short(forth[forth.len() / 2]),
            are_seconds: self.are_dates,
        })
    }
}
