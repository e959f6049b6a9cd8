//! What is told of a recording.

use ae_data::signal::{Piece, Signals};
use ae_protocol::DecisionRecord;
use serde::Serialize;

/// Stretches of alarm that a line is written for; the rest is counted.
const SHOWN: usize = 5;

/// What a recording gave.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    pub(super) recording: String,
    pub(super) label: Option<String>,
    pub(super) group: Option<String>,
    /// Windows decided.
    pub(super) windows: usize,
    /// Those of them that were alarms.
    pub(super) alarms: usize,
    /// Alarms of windows that follow each other.
    pub(super) stretches: Vec<Stretch>,
}

/// Alarms of windows that follow each other.
#[derive(Debug, Serialize)]
pub(super) struct Stretch {
    /// The first sample of the first window, counted from 0 in its recording.
    from: usize,
    /// The sample behind the last window.
    to: usize,
    windows: usize,
    /// The largest score of them.
    score: u64,
    threshold: u64,
    /// What contributes most to that score.
    channel: String,
}

impl Told {
    /// Of the decisions on a piece of signal, a window of `window` samples every `stride`.
    pub(super) fn of(
        signals: &Signals,
        piece: &Piece,
        decisions: &[DecisionRecord],
        [window, stride]: [usize; 2],
    ) -> Self {
        let recording = &signals.recordings[piece.recording];
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut goes_on = false;
        for (index, decision) in decisions.iter().enumerate() {
            let from = piece.range.start + index * stride;
            let to = from + window;
            let channel = || signals.channels[decision.channel as usize].clone();
            match stretches.last_mut() {
                Some(last) if goes_on && decision.is_alarm => {
                    (last.to, last.windows) = (to, last.windows + 1);
                    if decision.score > last.score {
                        (last.score, last.channel) = (decision.score, channel());
                    }
                }
                _ if decision.is_alarm => {
                    let (score, threshold) = (decision.score, decision.threshold);
                    let channel = channel();
                    stretches.push(Stretch { from, to, windows: 1, score, threshold, channel });
                }
                _ => {}
            }
            goes_on = decision.is_alarm;
        }
        Self {
            recording: recording.origin.to_string(),
            label: recording.label.as_deref().map(str::to_owned),
            group: recording.group.as_deref().map(str::to_owned),
            windows: decisions.len(),
            alarms: decisions.iter().filter(|decision| decision.is_alarm).count(),
            stretches,
        }
    }

    /// A line for each stretch.
    pub(super) fn lines(&self) -> Vec<String> {
        let tags: Vec<&str> =
            [&self.label, &self.group].into_iter().flatten().map(|tag| &**tag).collect();
        let tags = if tags.is_empty() { String::new() } else { format!(" ({})", tags.join(", ")) };
        let mut lines: Vec<String> = self
            .stretches
            .iter()
            .take(SHOWN)
            .map(|Stretch { from, to, windows, score, threshold, channel }| {
                format!(
                    "alarm  {}{tags}: samples {from} to {}, {windows} windows, score up to {score} \
                     over {threshold}, most from {channel}",
                    self.recording,
                    to - 1
                )
            })
            .collect();
        if let Some(more) = self.stretches.len().checked_sub(SHOWN).filter(|&more| more > 0) {
            lines.push(format!("alarm  {}{tags}: {more} stretches more", self.recording));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Origin, Recording};

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
        let decision = |score, channel| DecisionRecord {
            is_alarm: score > 10,
            score,
            threshold: 10,
            channel,
            channel_score: score,
        };
        let decisions =
            [decision(3, 0), decision(11, 0), decision(40, 1), decision(2, 0), decision(12, 0)];
        let piece = Piece { recording: 0, range: 20..80 };
        let told = Told::of(&signals, &piece, &decisions, [8, 4]);
        assert_eq!((told.windows, told.alarms), (5, 3));
        assert_eq!(
            told.lines(),
            [
                "alarm  file.csv, line 2 (odd): samples 24 to 35, 2 windows, score up to 40 over \
                 10, most from y",
                "alarm  file.csv, line 2 (odd): samples 36 to 43, 1 windows, score up to 12 over \
                 10, most from x",
            ]
        );
    }
}
