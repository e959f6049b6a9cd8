//! A recording's alarms in lines.

use ae_detect::monitor::{RecordingAlarms, Stretch};

/// Stretches of alarm that a line is written for; the rest is counted.
const SHOWN: usize = 5;

/// A line for each stretch.
pub(super) fn of(alarms: &RecordingAlarms) -> Vec<String> {
    let RecordingAlarms { recording, label, group, stretches, .. } = alarms;
    let tags: Vec<&str> = [label, group].into_iter().flatten().map(|tag| &**tag).collect();
    let tags = if tags.is_empty() { String::new() } else { format!(" ({})", tags.join(", ")) };
    let line = |stretch: &Stretch| {
        let Stretch { from, to, windows, score, threshold, channel } = stretch;
        format!(
            "alarm  {recording}{tags}: samples {from} to {}, {windows} windows, score up to {score} \
             over {threshold}, most from {channel}",
            to - 1
        )
    };
    let mut lines: Vec<String> = stretches.iter().take(SHOWN).map(line).collect();
    if let Some(more) = stretches.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        lines.push(format!("alarm  {recording}{tags}: {more} stretches more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_a_line_and_those_behind_the_fifth_are_counted() {
        let stretch = |from| Stretch {
            from,
            to: from + 12,
            windows: 2,
            score: 40,
            threshold: 10,
            channel: "y".into(),
        };
        let mut alarms = RecordingAlarms {
            recording: "file.csv, line 2".into(),
            label: Some("odd".into()),
            group: None,
            windows: 20,
            alarms: 14,
            stretches: (0..7).map(|at| stretch(24 * at)).collect(),
        };
        let lines = of(&alarms);
        assert_eq!(
            lines[1],
            "alarm  file.csv, line 2 (odd): samples 24 to 35, 2 windows, score up to 40 over 10, \
             most from y"
        );
        assert_eq!(lines[5..], ["alarm  file.csv, line 2 (odd): 2 stretches more"]);
        alarms.label = None;
        alarms.stretches.truncate(1);
        let [line] = &of(&alarms)[..] else { panic!("one line") };
        assert!(line.starts_with("alarm  file.csv, line 2: samples 0 to 11"), "{line}");
    }
}
