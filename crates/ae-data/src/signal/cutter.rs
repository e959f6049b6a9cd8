//! Where one recording ends and the next begins.

use std::collections::HashSet;
use std::sync::Arc;

use super::budget::{BYTES_PER_RECORDING, Budget};
use super::file_error::FileError;
use super::signals::Place;
use super::time::Time;
use super::{Origin, Recording};

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
    /// Labels and groups so far, each once.
    tags: HashSet<Arc<str>>,
    /// The `recording` tag of the last one.
    name: Option<String>,
    time: Option<Time>,
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
            tags: HashSet::new(),
            name: None,
            time: None,
            is_cut: false,
            samples: 0,
        }
    }

    /// Takes a sample, and says whether it begins a recording. A recording ends where a tag changes
    /// and where time goes backwards.
    pub(super) fn sample(
        &mut self,
        tags: Tags<'_>,
        time: Option<Time>,
        place: Place,
    ) -> Result<bool, FileError> {
        let goes_on = !self.is_cut
            && time >= self.time
            && self.recordings.last().is_some_and(|last| {
                let recording = self.name.as_deref();
                let (label, group) = (last.label.as_deref(), last.group.as_deref());
                Tags { label, group, recording } == tags
            });
        self.time = time;
        if goes_on {
            let (last, start) = (self.recordings.last_mut(), self.starts.last());
            if let (Some(last), Some(start)) = (last, start)
                && last.origin.jumps_to(self.samples - start, place)
            {
                self.budget.take(JUMP_BYTES)?;
            }
        } else {
            check_count(self.recordings.len() + 1)?;
            self.budget.take(BYTES_PER_RECORDING)?;
            self.is_cut = false;
            self.name = tags.recording.map(str::to_owned);
            let label = tags.label.map(|tag| self.shared(tag)).transpose()?;
            let group = tags.group.map(|tag| self.shared(tag)).transpose()?;
            let origin = Origin::new(self.file.clone(), place);
            self.recordings.push(Recording { samples: Vec::new(), label, group, origin });
            self.starts.push(self.samples);
        }
        self.samples += 1;
        Ok(!goes_on)
    }

    /// Says when the sample was taken that was last, as the file has it.
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

    /// Recordings of the values of all samples, `width` of each.
    pub(super) fn finish(self, mut values: Vec<f32>, width: usize) -> Vec<Recording> {
        let mut recordings = self.recordings;
        if let [only] = &mut recordings[..] {
            values.shrink_to_fit();
            only.samples = values;
            return recordings;
        }
        let ends = self.starts.iter().skip(1).copied().chain([self.samples]);
        for ((recording, &start), end) in recordings.iter_mut().zip(&self.starts).zip(ends) {
            recording.samples = values[start * width..end * width].to_vec();
        }
        recordings
    }
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
    fn a_recording_ends_where_a_tag_changes_or_time_goes_back() {
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
            cutter.sample(tags, Some(Time::Number(time)), Place::Sample(row)).unwrap();
        }
        cutter.cut();
        let time = Some(Time::Number(9.0));
        assert!(cutter.sample(tags("b", "2", "y"), time, Place::Line(8)).unwrap());
        let values = (0..8).map(|value| value as f32).collect();
        let recordings = cutter.finish(values, 1);
        let parts: Vec<&[f32]> = recordings.iter().map(|r| &r.samples[..]).collect();
        assert_eq!(parts, [&[0.0, 1.0][..], &[2.0], &[3.0], &[4.0, 5.0], &[6.0], &[7.0]]);
        assert_eq!(recordings[3].origin.to_string(), "it, sample 4");
        assert_eq!(recordings[3].origin.at(1).to_string(), "it, sample 5");
        assert_eq!(recordings[5].origin.to_string(), "it, line 8");
        assert_eq!(
            (recordings[2].label.as_deref(), recordings[2].group.as_deref()),
            (Some("b"), Some("2"))
        );
        let shared = |at: usize| recordings[at].label.as_ref().unwrap().as_ptr();
        assert_eq!(shared(1), shared(5), "one text for all");
    }

    #[test]
    fn every_sample_has_its_line() {
        let budget = Budget::new(1 << 20);
        let mut cutter = Cutter::new("it", &budget);
        for line in [2, 3, 7, 8, 12] {
            cutter.sample(Tags::default(), None, Place::Line(line)).unwrap();
        }
        let [recording] = &cutter.finish(vec![0.0; 10], 2)[..] else { panic!() };
        let lines: Vec<String> = (0..5).map(|at| recording.origin.at(at).to_string()).collect();
        assert_eq!(lines, ["it, line 2", "it, line 3", "it, line 7", "it, line 8", "it, line 12"]);
    }

    #[test]
    fn recordings_are_limited() {
        let budget = Budget::new(1 << 30);
        let mut cutter = Cutter::new("it", &budget);
        let mut sample = || {
            cutter.cut();
            cutter.sample(Tags::default(), None, Place::Sample(0)).map(drop)
        };
        assert!((0..MAX_RECORDINGS).all(|_| sample().is_ok()));
        let message = sample().unwrap_err().to_string();
        assert!(message.contains("more than 1048576 recordings"), "{message}");
    }
}
