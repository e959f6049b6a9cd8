//! Where one recording ends and the next begins.

use super::Recording;

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
        origin: impl FnOnce() -> String,
    ) -> &mut Vec<f32> {
        let goes_on = !self.is_cut
            && time >= self.time
            && self.recordings.last().is_some_and(|last| {
                let recording = self.name.as_deref();
                let (label, group) = (last.label.as_deref(), last.group.as_deref());
                Tags { label, group, recording } == tags
            });
        self.time = time;
        if !goes_on {
            self.is_cut = false;
            self.name = tags.recording.map(str::to_owned);
            self.recordings.push(Recording {
                samples: Vec::new(),
                label: tags.label.map(str::to_owned),
                group: tags.group.map(str::to_owned),
                origin: origin(),
            });
        }
        let last = self.recordings.len() - 1;
        &mut self.recordings[last].samples
    }

    /// Ends the recording.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    pub(super) fn finish(self) -> Vec<Recording> {
        self.recordings
    }
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
            cutter.sample(tags, time, || format!("row {row}")).push(row as f32);
        }
        cutter.cut();
        cutter.sample(tags("b", "2", "y"), Some(Time::Number(9.0)), || "cut".into()).push(7.0);
        let recordings = cutter.finish();
        let parts: Vec<&[f32]> = recordings.iter().map(|r| &r.samples[..]).collect();
        assert_eq!(parts, [&[0.0, 1.0][..], &[2.0], &[3.0], &[4.0, 5.0], &[6.0], &[7.0]]);
        assert_eq!(recordings[3].origin, "row 4");
        assert_eq!(recordings[5].origin, "cut");
        assert_eq!(
            (recordings[2].label.as_deref(), recordings[2].group.as_deref()),
            (Some("b"), Some("2"))
        );
    }
}
