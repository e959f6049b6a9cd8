//! Values that are missing: what becomes of a sample that holds one, where that is said.

use std::fmt;

use super::file_error::list;
use super::{Absent, Reading, Source};

/// Fills samples, or says that they are left out.
#[derive(Debug)]
pub(super) struct Filler {
    how: Absent,
    codes: Vec<f32>,
    /// The last value of each channel in the recording.
    last: Vec<Option<f32>>,
    /// Values filled of each channel, all of them and those that follow each other now.
    filled: Vec<usize>,
    run: Vec<usize>,
    longest: usize,
    left_out: usize,
}

/// What becomes of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// It is whole.
    Whole,
    /// It is left out, and the recording goes on behind it.
    LeftOut,
    /// It is left out, and the recording ends.
    Ends,
}

/// What was done with values that are missing.
#[derive(Debug, Clone, PartialEq)]
pub struct AbsentFound {
    /// Name of the file.
    pub file: String,
    /// Channels, and how many of their values are those before them.
    pub held: Vec<(String, usize)>,
    /// Most of them that follow each other.
    pub longest: usize,
    /// Samples that were left out.
    pub left_out: usize,
    /// Whether recordings end at these.
    pub splits: bool,
}

impl Filler {
    /// Of samples of so many channels.
    pub(super) fn new(source: &Source, channels: usize) -> Self {
        let Reading { absent, absent_codes, .. } = &source.reading;
        Self {
            how: *absent,
            codes: absent_codes.clone(),
            last: vec![None; channels],
            filled: vec![0; channels],
            run: vec![0; channels],
            longest: 0,
            left_out: 0,
        }
    }

    /// Whether a value that is missing is no fault.
    pub(super) fn takes_missing(&self) -> bool {
        self.how != Absent::Refuse
    }

    /// Whether a number says that a value is missing.
    pub(super) fn is_code(&self, value: f32) -> bool {
        self.takes_missing() && self.codes.contains(&value)
    }

    /// Fills a sample, in which a missing value is no number. `goes_on` says that it belongs to the
    /// recording of the sample before it.
    pub(super) fn fill(&mut self, sample: &mut [f32], goes_on: bool) -> Filled {
        if !goes_on {
            self.last.fill(None);
            self.run.fill(0);
        }
        let is_missing = |value: &f32| value.is_nan() || self.is_code(*value);
        if self.how != Absent::Hold {
            if !self.takes_missing() || !sample.iter().any(is_missing) {
                return Filled::Whole;
            }
            self.left_out += 1;
            return Filled::Ends;
        }
        let has_value = |(value, last): (&f32, &Option<f32>)| !is_missing(value) || last.is_some();
        let is_whole = sample.iter().zip(&self.last).all(has_value);
        let states = self.last.iter_mut().zip(&mut self.filled).zip(&mut self.run);
        for (value, ((last, filled), run)) in sample.iter_mut().zip(states) {
            if !(value.is_nan() || self.codes.contains(value)) {
                (*last, *run) = (Some(*value), 0);
            } else if let Some(last) = last.filter(|_| is_whole) {
                *value = last;
                (*filled, *run) = (*filled + 1, *run + 1);
                self.longest = self.longest.max(*run);
            }
        }
        if is_whole {
            return Filled::Whole;
        }
        // Only at the beginning of a recording, so nothing of it was kept.
        self.left_out += 1;
        Filled::LeftOut
    }

    /// What was done, if something was.
    pub(super) fn told(self, file: &str, channels: &[String]) -> Option<AbsentFound> {
        let of = channels.iter().zip(&self.filled).filter(|(_, filled)| **filled > 0);
        let held: Vec<(String, usize)> = of.map(|(name, count)| (name.clone(), *count)).collect();
        (self.left_out > 0 || !held.is_empty()).then(|| AbsentFound {
            file: file.to_owned(),
            held,
            longest: self.longest,
            left_out: self.left_out,
            splits: self.how == Absent::Split,
        })
    }
}

impl fmt::Display for AbsentFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, held, longest, left_out, splits } = self;
        write!(f, "{file}: ")?;
        let samples = if *left_out == 1 { "sample" } else { "samples" };
        let are = if *left_out == 1 { "is" } else { "are" };
        if *splits {
            return write!(
                f,
                "{left_out} {samples} with a missing value {are} left out, and a recording ends at each"
            );
        }
        if !held.is_empty() {
            let of: Vec<String> =
                held.iter().map(|(name, count)| format!("{count} of `{name}`")).collect();
            write!(
                f,
                "missing values became the last value before them: {}, at most {longest} in a row; a \
                 board must do the same",
                list(&of)
            )?;
        }
        if *left_out > 0 {
            let and = if held.is_empty() { "" } else { "; " };
            write!(
                f,
                "{and}{left_out} {samples} {are} left out, because a channel has had no value before"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filler(absent: Absent, codes: &[f32]) -> Filler {
        let reading = Reading { absent, absent_codes: codes.to_vec(), ..Reading::default() };
        Filler::new(&Source { reading, ..Source::default() }, 2)
    }

    #[test]
    fn a_missing_value_is_the_last_of_its_channel() {
        let mut filler = filler(Absent::Hold, &[-127.0]);
        let mut fill = |mut sample: [f32; 2], goes_on| (filler.fill(&mut sample, goes_on), sample);
        assert_eq!(fill([f32::NAN, 1.0], false).0, Filled::LeftOut);
        assert_eq!(fill([5.0, -127.0], true), (Filled::Whole, [5.0, 1.0]));
        assert_eq!(fill([-127.0, f32::NAN], true), (Filled::Whole, [5.0, 1.0]));
        assert_eq!(fill([f32::NAN, 2.0], false).0, Filled::LeftOut, "of another recording");
        let names = ["x", "y"].map(String::from);
        assert_eq!(
            filler.told("it.csv", &names).unwrap().to_string(),
            "it.csv: missing values became the last value before them: 1 of `x`, 2 of `y`, at most 2 \
             in a row; a board must do the same; 2 samples are left out, because a channel has had no \
             value before"
        );
    }

    #[test]
    fn a_sample_with_a_missing_value_ends_its_recording_or_is_a_fault() {
        let mut split = filler(Absent::Split, &[-127.0]);
        assert_eq!(split.fill(&mut [1.0, 2.0], false), Filled::Whole);
        assert_eq!(split.fill(&mut [1.0, f32::NAN], true), Filled::Ends);
        assert_eq!(split.fill(&mut [-127.0, 2.0], true), Filled::Ends);
        let told = split.told("it.csv", &[]).unwrap().to_string();
        assert!(told.starts_with("it.csv: 2 samples with a missing value are left out"), "{told}");
        let mut refuse = filler(Absent::Refuse, &[-127.0]);
        assert_eq!(refuse.fill(&mut [-127.0, f32::NAN], false), Filled::Whole);
        assert!(!refuse.takes_missing() && !refuse.is_code(-127.0));
        assert_eq!(refuse.told("it.csv", &[]), None);
    }
}
