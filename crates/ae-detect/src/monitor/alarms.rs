//! The alarms of a recording.

use ae_data::signal::{Piece, Signals};
use ae_infer::Decision;
use serde::Serialize;

use super::Input;

/// What a detector says of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordingAlarms {
    /// Where it begins.
    pub recording: String,
    /// What was recorded.
    pub label: Option<String>,
    /// Of whom or of what.
    pub group: Option<String>,
    /// Windows decided.
    pub windows: usize,
    /// Those of them that were alarms.
    pub alarms: usize,
    /// Alarms of windows that follow each other.
    pub stretches: Vec<Stretch>,
}

/// Alarms of windows that follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// The first sample of the first window, counted from 0 in its recording.
    pub from: usize,
    /// The sample behind the last window.
    pub to: usize,
    /// Number of windows.
    pub windows: usize,
    /// The largest score of them.
    pub score: u64,
    /// What that score is compared with.
    pub threshold: u64,
    /// What contributes most to that score.
    pub channel: String,
}

impl RecordingAlarms {
    /// Of the decisions on a piece of signal, by a detector that takes `input`.
    pub(super) fn of(
        signals: &Signals,
        piece: &Piece,
        decisions: &[Decision],
        &Input { window, stride, .. }: &Input,
    ) -> Self {
        let recording = &signals.recordings[piece.recording];
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut goes_on = false;
        for (index, decision) in decisions.iter().enumerate() {
            let from = piece.range.start + index * stride;
            let to = from + window;
            let (is_alarm, evidence) = (decision.is_alarm(), decision.evidence());
            let channel = || signals.channels[evidence.channel].clone();
            match stretches.last_mut() {
                Some(last) if goes_on && is_alarm => {
                    (last.to, last.windows) = (to, last.windows + 1);
                    if evidence.score > last.score {
                        (last.score, last.channel) = (evidence.score, channel());
                    }
                }
                _ if is_alarm => {
                    let (score, threshold) = (evidence.score, evidence.threshold);
                    let channel = channel();
                    stretches.push(Stretch { from, to, windows: 1, score, threshold, channel });
                }
                _ => {}
            }
            goes_on = is_alarm;
        }
        Self {
            recording: recording.origin.to_string(),
            label: recording.label.as_deref().map(str::to_owned),
            group: recording.group.as_deref().map(str::to_owned),
            windows: decisions.len(),
            alarms: decisions.iter().filter(|decision| decision.is_alarm()).count(),
            stretches,
        }
    }
}

#[cfg(test)]
mod tests {
    use ae_core::SampleKind;
    use ae_data::signal::{Origin, Recording};
    use ae_infer::Evidence;

    use super::*;

    #[test]
    fn alarms_that_follow_each_other_are_one_stretch() {
        let signals = Signals {
            channels: vec!["x".into(), "y".into()],
            recordings: vec![Recording {
                samples: vec![0.0; 200],
                label: Some("odd".into()),
                group: None,
                origin: Origin::line("file.csv".into(), 2),
            }],
        };
        let decision = |score, channel| {
            let evidence = Evidence { score, threshold: 10, channel, channel_score: score };
            if score > 10 { Decision::Alarm(evidence) } else { Decision::Normal(evidence) }
        };
        let decisions =
            [decision(3, 0), decision(11, 0), decision(40, 1), decision(2, 0), decision(12, 0)];
        let piece = Piece { recording: 0, range: 20..80 };
        let input = Input { kind: SampleKind::Values, channels: 2, window: 8, stride: 4 };
        let found = RecordingAlarms::of(&signals, &piece, &decisions, &input);
        assert_eq!((found.windows, found.alarms), (5, 3));
        assert_eq!((&*found.recording, found.label.as_deref()), ("file.csv, line 2", Some("odd")));
        let stretch = |from, to, windows, score, channel: &str| {
            let channel = channel.to_owned();
            Stretch { from, to, windows, score, threshold: 10, channel }
        };
        assert_eq!(found.stretches, [stretch(24, 36, 2, 40, "y"), stretch(36, 44, 1, 12, "x")]);
    }
}
