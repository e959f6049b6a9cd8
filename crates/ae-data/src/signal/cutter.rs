//! Where one recording ends and the next begins.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::budget::{BYTES_PER_RECORDING, Budget};
use super::file_error::FileError;
use super::signals::Place;
use super::time::Orders;
use super::times::Times;
use super::{Labels, Origin, ReadNote, Recording};

/// Bytes for each place where lines do not follow each other.
const JUMP_BYTES: u64 = 32;

/// Recordings that a file may have. A file of a few MB could hold more, each a hundred bytes here.
const MAX_RECORDINGS: usize = 1 << 20;

/// What stands beside the values of a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tags<'a> {
    pub(super) label: Option<&'a str>,
    pub(super) group: Option<&'a str>,
    pub(super) recording: Option<&'a str>,
}

/// Says where recordings end in samples that come one after the other.
#[derive(Debug)]
pub(super) struct Cutter<'a> {
    budget: &'a Budget,
    file: Arc<str>,
    /// Recordings whose samples are still with those of all others.
    recordings: Vec<Recording>,
    /// The first sample of each.
    starts: Vec<usize>,
    /// Runs of one label so far, at least one of each recording.
    runs: usize,
    /// Labels and groups so far, each once.
    tags: HashSet<Arc<str>>,
    /// The `recording` tag of the last one.
    name: Option<String>,
    /// Whether the next sample belongs to a new recording in any case.
    is_cut: bool,
    samples: usize,
}

impl<'a> Cutter<'a> {
    /// Of a file of this name.
    pub(super) fn new(file: &str, budget: &'a Budget) -> Self {
        Self {
            budget,
            file: file.into(),
            recordings: Vec::new(),
            starts: Vec::new(),
            runs: 0,
            tags: HashSet::new(),
            name: None,
            is_cut: false,
            samples: 0,
        }
    }

    /// Whether a sample would belong to the recording of the one before.
    pub(super) fn goes_on(&self, tags: &Tags<'_>) -> bool {
        let is_same = |last: &Recording| {
            (last.group.as_deref(), self.name.as_deref()) == (tags.group, tags.recording)
        };
        !self.is_cut && self.recordings.last().is_some_and(is_same)
    }

    /// Takes a sample, and says whether it begins a recording or another label. A recording ends where
    /// group or recording change; where times end one is known at the end.
    pub(super) fn sample(&mut self, tags: Tags<'_>, place: Place) -> Result<bool, FileError> {
        let goes_on = self.goes_on(&tags);
        let before = self.recordings.last().and_then(|last| last.labels.last());
        let begins = !goes_on || before.map(|label| &**label) != tags.label;
        let label = match tags.label {
            Some(label) if begins => Some(self.shared(label)?),
            _ => None,
        };
        if begins {
            self.runs += 1;
            check_count(self.runs)?;
            self.budget.take(BYTES_PER_RECORDING)?;
        }
        if goes_on {
            let (last, start) = (self.recordings.last_mut(), self.starts.last());
            if let (Some(last), Some(start)) = (last, start)
                && last.origin.jumps_to(self.samples - start, place)
            {
                self.budget.take(JUMP_BYTES)?;
            }
            if let (Some(last), Some(start), Some(label)) =
                (self.recordings.last_mut(), self.starts.last(), label)
            {
                last.labels.change(self.samples - start, label);
            }
        } else {
            self.is_cut = false;
            self.name = tags.recording.map(str::to_owned);
            let labels = label.map(Labels::of).unwrap_or_default();
            let group = tags.group.map(|tag| self.shared(tag)).transpose()?;
            let origin = Origin::new(self.file.clone(), place);
            self.recordings.push(Recording { samples: Vec::new(), labels, group, origin });
            self.starts.push(self.samples);
        }
        self.samples += 1;
        Ok(begins)
    }

    /// Says when the sample was taken that was last, as the file has it: a text that [`Orders`] took
    /// for a time.
    pub(super) fn was_taken_at(&mut self, time: &str) -> Result<(), FileError> {
        let Some(last) = self.recordings.last_mut() else { return Ok(()) };
        // Twice as much while the list grows.
        self.budget.take(2 * last.origin.takes_at(time) as u64)
    }

    /// A text that all recordings share that have it.
    fn shared(&mut self, tag: &str) -> Result<Arc<str>, FileError> {
        if let Some(tag) = self.tags.get(tag) {
            return Ok(tag.clone());
        }
        self.budget.take(tag.len() as u64 + BYTES_PER_RECORDING)?;
        let tag: Arc<str> = tag.into();
        self.tags.insert(tag.clone());
        Ok(tag)
    }

    /// Ends the recording.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Recordings of the values of all samples, `width` of each. `orders` is what was seen of their
    /// times. A recording also ends where time goes backwards, and at a gap in time.
    pub(super) fn finish(
        self,
        mut values: Vec<f32>,
        width: usize,
        orders: Option<Orders>,
    ) -> Result<(Vec<Recording>, Vec<ReadNote>), FileError> {
        let Self { budget, file, mut recordings, starts, runs, samples, .. } = self;
        let ends = starts.iter().skip(1).copied().chain([samples]);
        let mut ranges: Vec<Range<usize>> =
            starts.iter().zip(ends).map(|(&start, end)| start..end).collect();
        let mut notes = Vec::new();
        if let Some(orders) = orders.filter(|_| !recordings.is_empty()) {
            // Two readings, and the steps in ascending order.
            budget.take(32 * samples as u64)?;
            let texts = || recordings.iter().flat_map(|recording| recording.origin.times());
            let mut times = Times::parse(texts, orders, &ranges);
            if times.are_newest_first(&ranges) {
                budget.take(JUMP_BYTES * samples as u64)?;
                times.reverse();
                values = values.chunks(width).rev().flatten().copied().collect();
                recordings.reverse();
                ranges =
                    ranges.iter().rev().map(|of| samples - of.end..samples - of.start).collect();
                for (recording, range) in recordings.iter_mut().zip(&ranges) {
                    recording.origin = recording.origin.part(0..range.len(), true);
                    recording.labels = recording.labels.part(0..range.len(), true);
                }
                notes.push(ReadNote::NewestFirst { file: file.to_string() });
            }
            let (cuts, gaps) = times.cuts(&ranges, orders.gap)?;
            check_count(runs + cuts.len())?;
            budget.take(BYTES_PER_RECORDING * cuts.len() as u64)?;
            notes.extend(times.told(&file, &ranges, &gaps).map(ReadNote::Gaps));
            (recordings, ranges) = divide(recordings, ranges, &cuts);
            notes.extend(times.usual(&file, &ranges, gaps.len()).map(ReadNote::Steps));
        }
        if let [only] = &mut recordings[..] {
            values.shrink_to_fit();
            only.samples = values;
            return Ok((recordings, notes));
        }
        for (recording, range) in recordings.iter_mut().zip(ranges) {
            recording.samples = values[range.start * width..range.end * width].to_vec();
        }
        Ok((recordings, notes))
    }
}

/// Recordings that also end before the samples `cuts`, which are in ascending order.
fn divide(
    recordings: Vec<Recording>,
    ranges: Vec<Range<usize>>,
    cuts: &[usize],
) -> (Vec<Recording>, Vec<Range<usize>>) {
    let (mut parts, mut part_ranges) = (Vec::new(), Vec::new());
    for (recording, range) in recordings.into_iter().zip(ranges) {
        let first = cuts.partition_point(|&cut| cut <= range.start);
        let inside = &cuts[first..cuts.partition_point(|&cut| cut < range.end)];
        if inside.is_empty() {
            parts.push(recording);
            part_ranges.push(range);
            continue;
        }
        let starts = [range.start].into_iter().chain(inside.iter().copied());
        for (start, end) in starts.zip(inside.iter().copied().chain([range.end])) {
            let part = start - range.start..end - range.start;
            let origin = recording.origin.part(part.clone(), false);
            let labels = recording.labels.part(part, false);
            parts.push(Recording { origin, labels, ..recording.clone() });
            part_ranges.push(start..end);
        }
    }
    (parts, part_ranges)
}

/// Refuses more recordings than a file may have.
pub(super) fn check_count(count: usize) -> Result<(), FileError> {
    let limit = MAX_RECORDINGS;
    if count > limit { Err(FileError::TooManyRecordings { limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_ends_where_group_or_recording_change_or_time_goes_back() {
        let tags = |label, group, recording| Tags {
            label: Some(label),
            group: Some(group),
            recording: Some(recording),
        };
        let rows = [
            (tags("a", "1", "x"), 0.0),
            (tags("a", "1", "x"), 0.0),
            (tags("b", "1", "x"), 1.0),
            (tags("b", "2", "x"), 2.0),
            (tags("b", "2", "y"), 3.0),
            (tags("b", "2", "y"), 4.0),
            (tags("b", "2", "y"), 3.5),
        ];
        let budget = Budget::new(1 << 20);
        let mut cutter = Cutter::new("it", &budget);
        for (row, (tags, time)) in rows.into_iter().enumerate() {
            cutter.sample(tags, Place::Sample(row)).unwrap();
            cutter.was_taken_at(&f64::to_string(&time)).unwrap();
        }
        cutter.cut();
        assert!(cutter.sample(tags("b", "2", "y"), Place::Line(8)).unwrap());
        cutter.was_taken_at("9").unwrap();
        let values = (0..8).map(|value| value as f32).collect();
        let recordings = cutter.finish(values, 1, Some(Orders::default())).unwrap().0;
        let parts: Vec<&[f32]> = recordings.iter().map(|r| &r.samples[..]).collect();
        assert_eq!(parts, [&[0.0, 1.0, 2.0][..], &[3.0], &[4.0, 5.0], &[6.0], &[7.0]]);
        assert_eq!(recordings[2].origin.to_string(), "it, sample 4");
        assert_eq!(recordings[2].origin.at(1).to_string(), "it, sample 5");
        assert_eq!(recordings[4].origin.to_string(), "it, line 8");
        assert_eq!(recordings[0].labels, Labels::of("a").then(2, "b"), "no end of a recording");
        assert_eq!(recordings[1].labels, Labels::of("b"));
        assert_eq!(recordings[1].group.as_deref(), Some("2"));
        let shared = |at: usize| recordings[at].labels.last().unwrap().as_ptr();
        assert_eq!(shared(0), shared(4), "one text for all");
    }

    #[test]
    fn a_part_between_two_gaps_keeps_its_labels() {
        let budget = Budget::new(1 << 20);
        let mut cutter = Cutter::new("it", &budget);
        for (row, label) in ["a", "a", "b", "b", "a"].into_iter().enumerate() {
            let tags = Tags { label: Some(label), ..Tags::default() };
            assert_eq!(cutter.sample(tags, Place::Sample(row)).unwrap(), [0, 2, 4].contains(&row));
        }
        let recordings = cutter.finish(vec![0.0; 5], 1, None).unwrap().0;
        let all = 0..5;
        let parts = divide(recordings, vec![all], &[3]).0;
        let labels: Vec<&Labels> = parts.iter().map(|part| &part.labels).collect();
        assert_eq!(labels, [&Labels::of("a").then(2, "b"), &Labels::of("b").then(1, "a")]);
    }

    #[test]
    fn every_sample_has_its_line() {
        let budget = Budget::new(1 << 20);
        let mut cutter = Cutter::new("it", &budget);
        for line in [2, 3, 7, 8, 12] {
            cutter.sample(Tags::default(), Place::Line(line)).unwrap();
        }
        let recordings = cutter.finish(vec![0.0; 10], 2, None).unwrap().0;
        let [recording] = &recordings[..] else { panic!() };
        let lines: Vec<String> = (0..5).map(|at| recording.origin.at(at).to_string()).collect();
        assert_eq!(lines, ["it, line 2", "it, line 3", "it, line 7", "it, line 8", "it, line 12"]);
    }

    #[test]
    fn recordings_are_limited() {
        let budget = Budget::new(1 << 30);
        let mut cutter = Cutter::new("it", &budget);
        let mut sample = || {
            cutter.cut();
            cutter.sample(Tags::default(), Place::Sample(0)).map(drop)
        };
        assert!((0..MAX_RECORDINGS).all(|_| sample().is_ok()));
        let message = sample().unwrap_err().to_string();
        assert!(message.contains("more than 1048576 recordings"), "{message}");
    }
}
