//! The alarms of a recording.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use ae_data::signal::{Piece, Recording};
use ae_infer::{Decision, Observation};
use serde::Serialize;

use super::{Input, Monitor};
use crate::moment::Span;

/// What a detector says of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordingAlarms {
    /// Where it begins.
    pub recording: String,
    /// Name of its file.
    #[serde(skip)]
    pub file: String,
    /// What was recorded, each label once.
    pub label: Option<String>,
    /// Of whom or of what.
    pub group: Option<String>,
    /// Windows decided.
    pub windows: usize,
    /// Those of them that were alarms.
    pub alarms: usize,
    /// The windows by what was recorded in them; one that a label changes in has both.
    pub by_label: Vec<LabelAlarms>,
    /// Alarms of windows that follow each other, as they came.
    pub stretches: Vec<Stretch>,
}

/// The windows of one label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelAlarms {
    /// What was recorded in them, each label once.
    pub label: Option<String>,
    /// Windows decided.
    pub windows: usize,
    /// Those of them that were alarms.
    pub alarms: usize,
}

/// Alarms of windows that follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// From the first sample of the first window to the last of the last.
    #[serde(flatten)]
    pub span: Span,
    /// What was recorded meanwhile, each label once.
    pub label: Option<String>,
    /// Number of windows.
    pub windows: usize,
    /// The largest score of them.
    pub score: u64,
    /// What that score is compared with.
    pub threshold: u64,
    /// What contributes most to that score.
    pub channel: String,
}

/// The stretches of all recordings, with their recordings: those of most windows first, and of as
/// many windows those of the highest score.
#[must_use]
pub fn ranked<'a>(recordings: &'a [RecordingAlarms]) -> Vec<(&'a RecordingAlarms, &'a Stretch)> {
    let of = |of: &'a RecordingAlarms| of.stretches.iter().map(move |stretch| (of, stretch));
    let mut all: Vec<_> = recordings.iter().flat_map(of).collect();
    all.sort_by_key(|(_, stretch)| Reverse((stretch.windows, stretch.score)));
    all
}

/// A stretch in the making.
struct Run<'a> {
    samples: Range<usize>,
    windows: usize,
    /// The decision of the largest score.
    highest: &'a Decision,
}

impl RecordingAlarms {
    /// Of what was said of the windows of a piece of what a monitor plays.
    pub(super) fn of(monitor: &Monitor, piece: &Piece, observed: &[Observation]) -> Self {
        let signals = &monitor.recordings.signals;
        let recording = &signals.recordings[piece.recording];
        let runs = runs(piece.range.start, observed, &monitor.input);
        let stretch = |Run { samples, windows, highest }: Run<'_>| {
            let evidence = highest.evidence();
            Stretch {
                label: labels(recording, &samples),
                span: Span::of(recording, samples),
                windows,
                score: evidence.score,
                threshold: evidence.threshold,
                channel: monitor.name(evidence.channel).to_owned(),
            }
        };
        Self {
            recording: recording.origin.to_string(),
            file: recording.origin.file().to_owned(),
            label: labels(recording, &piece.range),
            group: recording.group.as_deref().map(str::to_owned),
            windows: observed.len(),
            alarms: observed.iter().filter(|it| it.decision.is_alarm()).count(),
            by_label: by_label(recording, piece.range.start, observed, &monitor.input),
            stretches: runs.into_iter().map(stretch).collect(),
        }
    }
}

/// The labels of some samples of a recording, each once, as they came.
pub(super) fn labels(recording: &Recording, samples: &Range<usize>) -> Option<String> {
    let runs = recording.labels.runs(samples.end);
    let inside = runs.filter(|(run, _)| run.start < samples.end && run.end > samples.start);
    let mut labels: Vec<&str> = Vec::new();
    for label in inside.filter_map(|(_, label)| label) {
        if !labels.contains(&&**label) {
            labels.push(label);
        }
    }
    (!labels.is_empty()).then(|| labels.join(", "))
}

/// What was said of windows from the sample `start` on, by what was recorded in them.
fn by_label(
    recording: &Recording,
    start: usize,
    observed: &[Observation],
    input: &Input,
) -> Vec<LabelAlarms> {
    let mut of_label: BTreeMap<Option<String>, [usize; 2]> = BTreeMap::new();
    for (index, Observation { decision, .. }) in observed.iter().enumerate() {
        let from = start + index * input.stride;
        let [windows, alarms] =
            of_label.entry(labels(recording, &(from..from + input.window))).or_default();
        *windows += 1;
        *alarms += usize::from(decision.is_alarm());
    }
    let figures =
        |(label, [windows, alarms]): (_, [usize; 2])| LabelAlarms { label, windows, alarms };
    of_label.into_iter().map(figures).collect()
}

/// Alarms that follow each other, of windows from the sample `start` on.
fn runs<'a>(start: usize, observed: &'a [Observation], input: &Input) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    let mut goes_on = false;
    for (index, Observation { decision, .. }) in observed.iter().enumerate() {
        let from = start + index * input.stride;
        let to = from + input.window;
        let is_alarm = decision.is_alarm();
        match runs.last_mut() {
            Some(last) if goes_on && is_alarm => {
                (last.samples.end, last.windows) = (to, last.windows + 1);
                if decision.evidence().score > last.highest.evidence().score {
                    last.highest = decision;
                }
            }
            _ if is_alarm => {
                runs.push(Run { samples: from..to, windows: 1, highest: decision });
            }
            _ => {}
        }
        goes_on = is_alarm;
    }
    runs
}

#[cfg(test)]
mod tests {
    use ae_core::SampleKind;
    use ae_data::signal::{Labels, Origin, Signals};
    use ae_infer::{Evidence, Findings, ThresholdSource};

    use super::super::{Recordings, alarms_csv, scores_csv};
    use super::*;

    fn observation(score: u64, channel: usize) -> Observation {
        let evidence = Evidence { score, threshold: 10, channel, channel_score: score };
        let is_above = score > 10;
        let decision =
            if is_above { Decision::Alarm(evidence) } else { Decision::Normal(evidence) };
        Observation { decision, source: ThresholdSource::Blob, findings: Findings::default() }
    }

    /// A recording of 60 samples from line 22 of a file on, as a piece of a longer one.
    fn monitor() -> (Monitor, Vec<Vec<Observation>>) {
        let recording = Recording {
            samples: vec![0.0; 200],
            labels: Labels::of("=odd"),
            group: None,
            origin: Origin::line("file.csv".into(), 2),
        };
        let signals = Signals {
            channels: vec!["x".into(), "y".into()],
            recordings: vec![recording],
            notes: vec![],
            rate: None,
        };
        let pieces = vec![Piece { recording: 0, range: 20..80 }];
        let input = Input { kind: SampleKind::Values, channels: 2, window: 8, stride: 4 };
        let observed = [(12, 0), (3, 0), (11, 0), (40, 1), (2, 0), (30, 0)];
        let observed = observed.map(|(score, channel)| observation(score, channel)).to_vec();
        (Monitor::new(Recordings { signals, pieces }, input).unwrap(), vec![observed])
    }

    #[test]
    fn alarms_that_follow_each_other_are_one_stretch() {
        let (monitor, observed) = monitor();
        let [found] = &monitor.alarms(&observed)[..] else { panic!("a recording") };
        assert_eq!((found.windows, found.alarms), (6, 4));
        assert_eq!((&*found.recording, found.label.as_deref()), ("file.csv, line 2", Some("=odd")));
        let told = |stretch: &Stretch| {
            let Stretch { span, label, windows, score, threshold, channel } = stretch;
            let label = label.as_deref().unwrap_or_default();
            format!("{span}, {label}: {windows}, {score} over {threshold}, {channel}")
        };
        assert_eq!(
            found.stretches.iter().map(told).collect::<Vec<_>>(),
            [
                "lines 22 to 29, samples 20 to 27, =odd: 1, 12 over 10, x",
                "lines 30 to 41, samples 28 to 39, =odd: 2, 40 over 10, y",
                "lines 42 to 49, samples 40 to 47, =odd: 1, 30 over 10, x",
            ]
        );
    }

    #[test]
    fn windows_and_stretches_have_the_labels_of_their_samples() {
        let (mut monitor, observed) = monitor();
        let recording = &mut monitor.recordings.signals.recordings[0];
        recording.labels = Labels::of("before").then(25, "ok").then(34, "odd").then(150, "later");
        let [found] = &monitor.alarms(&observed)[..] else { panic!("a recording") };
        assert_eq!(found.label.as_deref(), Some("before, ok, odd"));
        let of = |it: &LabelAlarms| (it.label.clone().unwrap(), it.windows, it.alarms);
        assert_eq!(
            found.by_label.iter().map(of).collect::<Vec<_>>(),
            [
                ("before, ok".to_owned(), 2, 1),
                ("odd".to_owned(), 2, 1),
                ("ok, odd".to_owned(), 2, 2)
            ]
        );
        let labels: Vec<_> =
            found.stretches.iter().map(|stretch| stretch.label.as_deref().unwrap()).collect();
        assert_eq!(labels, ["before, ok", "ok, odd", "odd"]);
        let scores = scores_csv(&monitor, &monitor.alarms(&observed), &observed);
        assert!(scores.lines().nth(6).unwrap().contains(",odd,"), "{scores}");
    }

    #[test]
    fn tables_have_every_stretch_the_longest_first_and_every_window() {
        let (monitor, observed) = monitor();
        let alarms = monitor.alarms(&observed);
        let head = "recording,label,group,first_sample,last_sample,first_line,last_line,first_row,\
                    last_row,first_time,last_time";
        let place = "\"file.csv, line 2\",\"'=odd\",";
        assert_eq!(
            alarms_csv(&alarms),
            format!(
                "{head},windows,score,threshold,channel\n\
                 {place},28,39,30,41,,,,,2,40,10,y\n\
                 {place},40,47,42,49,,,,,1,30,10,x\n\
                 {place},20,27,22,29,,,,,1,12,10,x\n"
            )
        );
        let scores = scores_csv(&monitor, &alarms, &observed);
        let lines: Vec<&str> = scores.lines().collect();
        assert_eq!(lines.len(), 7);
        assert_eq!(lines[0], format!("{head},score,threshold,above,alarm,channel"));
        assert_eq!(lines[1], format!("{place},20,27,22,29,,,,,12,10,1,1,x"));
        assert_eq!(lines[2], format!("{place},24,31,26,33,,,,,3,10,0,0,x"));
    }
}
