//! Where one recording ends and the next begins.

use std::collections::HashSet;
use std::sync::Arc;

use super::file_error::FileError;
use super::{Origin, Recording};

/// Recordings that a file may have. A file of a few MB could hold more, each a hundred bytes here.
const MAX_RECORDINGS: usize = 1 << 20;

/// What stands beside the values of a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tags<'a> {
    pub(super) label: Option<&'a str>,
    pub(super) group: Option<&'a str>,
    pub(super) recording: Option<&'a str>,
}

/// A moment: a number, or a date and time as ISO 8601 writes it, which sorts as text.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(super) enum Time {
    Number(f64),
    Date(String),
}

impl Time {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse::<f64>() {
            return number.is_finite().then_some(Self::Number(number));
        }
        let digits = |range: std::ops::Range<usize>| {
            text.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let is_date = digits(0..4)
            && digits(5..7)
            && digits(8..10)
            && text.get(4..5) == Some("-")
            && text.get(7..8) == Some("-");
        // Without the Z, which would sort behind a fraction of a second.
        is_date.then(|| Self::Date(text.trim_end_matches('Z').to_owned()))
    }
}

/// Makes recordings of samples that come one after the other.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    recordings: Vec<Recording>,
    /// Labels and groups so far, each once.
    tags: HashSet<Arc<str>>,
    /// The `recording` tag of the last one.
    name: Option<String>,
    time: Option<Time>,
    /// Whether the next sample belongs to a new recording in any case.
    is_cut: bool,
}

impl Cutter {
    /// Where the next sample's values go. A recording ends where a tag changes and where time goes
    /// backwards. `origin` names the place of a recording's first sample.
    pub(super) fn sample(
        &mut self,
        tags: Tags<'_>,
        time: Option<Time>,
        origin: impl FnOnce() -> Origin,
    ) -> Result<&mut Vec<f32>, FileError> {
        let goes_on = !self.is_cut
            && time >= self.time
            && self.recordings.last().is_some_and(|last| {
                let recording = self.name.as_deref();
                let (label, group) = (last.label.as_deref(), last.group.as_deref());
                Tags { label, group, recording } == tags
            });
        self.time = time;
        if !goes_on {
            check_count(self.recordings.len() + 1)?;
            self.is_cut = false;
            self.name = tags.recording.map(str::to_owned);
            let [label, group] = [tags.label, tags.group].map(|tag| Some(self.shared(tag?)));
            let (samples, origin) = (Vec::new(), origin());
            self.recordings.push(Recording { samples, label, group, origin });
        }
        let last = self.recordings.len() - 1;
        Ok(&mut self.recordings[last].samples)
    }

    /// A text that all recordings share that have it.
    fn shared(&mut self, tag: &str) -> Arc<str> {
        if let Some(tag) = self.tags.get(tag) {
            return tag.clone();
        }
        let tag: Arc<str> = tag.into();
        self.tags.insert(tag.clone());
        tag
    }

    /// Ends the recording.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Number of recordings so far.
    pub(super) fn count(&self) -> usize {
        self.recordings.len()
    }

    pub(super) fn finish(self) -> Vec<Recording> {
        self.recordings
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
    fn times_are_numbers_or_dates() {
        for [earlier, later] in [
            ["-1.5", "0"],
            ["9", "10"],
            ["2024-01-01 00:00:00", "2024-01-01 00:00:00.5"],
            ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z"],
            ["2023-12-31", "2024-01-01"],
        ] {
            let (earlier, later) = (Time::parse(earlier).unwrap(), Time::parse(later).unwrap());
            assert!(earlier < later, "{earlier:?} {later:?}");
        }
        for text in ["", "noon", "NaN", "inf", "12:30:00", "31/12/2024", "2024/12/31", "2024-1-1"] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }

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
        let mut cutter = Cutter::default();
        for (row, (tags, time)) in rows.into_iter().enumerate() {
            let time = Some(Time::Number(time));
            let origin = || Origin::sample("it".into(), row);
            cutter.sample(tags, time, origin).unwrap().push(row as f32);
        }
        cutter.cut();
        let origin = || Origin::line("it".into(), 8);
        cutter.sample(tags("b", "2", "y"), Some(Time::Number(9.0)), origin).unwrap().push(7.0);
        assert_eq!(cutter.count(), 6);
        let recordings = cutter.finish();
        let parts: Vec<&[f32]> = recordings.iter().map(|r| &r.samples[..]).collect();
        assert_eq!(parts, [&[0.0, 1.0][..], &[2.0], &[3.0], &[4.0, 5.0], &[6.0], &[7.0]]);
        assert_eq!(recordings[3].origin.to_string(), "it, sample 4");
        assert_eq!(recordings[5].origin.to_string(), "it, line 8");
        assert_eq!(
            (recordings[2].label.as_deref(), recordings[2].group.as_deref()),
            (Some("b"), Some("2"))
        );
        let shared = |at: usize| recordings[at].label.as_ref().unwrap().as_ptr();
        assert_eq!(shared(1), shared(5), "one text for all");
    }

    #[test]
    fn recordings_are_limited() {
        let mut cutter = Cutter::default();
        let mut sample = || {
            cutter.cut();
            cutter.sample(Tags::default(), None, Origin::default).map(drop)
        };
        assert!((0..MAX_RECORDINGS).all(|_| sample().is_ok()));
        let message = sample().unwrap_err().to_string();
        assert!(message.contains("more than 1048576 recordings"), "{message}");
    }
}
