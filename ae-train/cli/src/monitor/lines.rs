//! What is printed of alarms: a line each, then sums.

use std::collections::BTreeMap;

use ae_detect::monitor::{RecordingAlarms, ranked};

/// Stretches of alarm that a line is written for, unless all are asked for.
const SHOWN: usize = 10;

/// A line for each stretch, the longest and highest first, then what is hidden, then sums by label.
pub(super) fn of(recordings: &[RecordingAlarms], all: bool) -> Vec<String> {
    let stretches = ranked(recordings);
    let shown = if all { stretches.len() } else { SHOWN.min(stretches.len()) };
    let mut lines = Vec::new();
    if stretches.len() > 1 {
        let count = stretches.len();
        lines.push(format!("{count} stretches of alarm, the longest and highest first:"));
    }
    for (of, stretch) in &stretches[..shown] {
        let RecordingAlarms { file, group, .. } = of;
        let tags: Vec<&str> =
            [&stretch.label, group].into_iter().flatten().map(|tag| &**tag).collect();
        let tags = if tags.is_empty() { String::new() } else { format!(" ({})", tags.join(", ")) };
        lines.push(format!(
            "alarm  {file}{tags}: {}, {}, score up to {} over {}, most from {}",
            stretch.span,
            counted(stretch.windows, "window"),
            stretch.score,
            stretch.threshold,
            stretch.channel
        ));
    }
    if let [(_, longest), ..] = &stretches[shown..] {
        let windows: usize = stretches[shown..].iter().map(|(_, hidden)| hidden.windows).sum();
        lines.push(format!(
            "{} not shown, of at most {}, {windows} together; --all shows them, --out FILE writes \
             them",
            counted(stretches.len() - shown, "stretch"),
            counted(longest.windows, "window"),
        ));
    }
    lines.extend(sums(recordings));
    lines
}

/// A line for each label, and one for what was too short.
fn sums(recordings: &[RecordingAlarms]) -> Vec<String> {
    let mut sums: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for of in recordings.iter().flat_map(|of| &of.by_label) {
        let label = of.label.as_deref().unwrap_or("all");
        let [recordings, alarmed, windows, alarms] = sums.entry(label).or_default();
        *recordings += 1;
        *alarmed += usize::from(of.alarms > 0);
        *windows += of.windows;
        *alarms += of.alarms;
    }
    let line = |(label, [recordings, alarmed, windows, alarms]): (&str, [usize; 4])| {
        format!(
            "{label}: {alarmed} of {recordings} recordings with an alarm, in {alarms} of {windows} \
             windows"
        )
    };
    let mut lines: Vec<String> = sums.into_iter().map(line).collect();
    let short = recordings.iter().filter(|of| of.windows == 0).count();
    if short > 0 {
        let recordings = counted(short, "recording");
        lines.push(format!("{recordings} shorter than a window: nothing is known of them"));
    }
    lines
}

/// `1 window`, `2 windows`, `2 stretches`.
fn counted(count: usize, thing: &str) -> String {
    let plural = match (count, thing.ends_with("ch")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use ae_detect::moment::{Moment, Span};
    use ae_detect::monitor::{LabelAlarms, Stretch};

    use super::*;

    fn recording(stretches: &[(usize, usize, u64)]) -> RecordingAlarms {
        let moment = |sample| Moment { sample, line: Some(sample + 2), row: None, time: None };
        let stretch = |&(from, windows, score): &(usize, usize, u64)| Stretch {
            span: Span { first: moment(from), last: moment(from + 4 * windows + 3) },
            label: Some("odd".into()),
            windows,
            score,
            threshold: 10,
            channel: "y".into(),
        };
        let alarms = stretches.iter().map(|stretch| stretch.1).sum();
        RecordingAlarms {
            recording: "file.csv, line 2".into(),
            file: "file.csv".into(),
            label: Some("odd".into()),
            group: None,
            windows: 2000,
            alarms,
            by_label: vec![LabelAlarms { label: Some("odd".into()), windows: 2000, alarms }],
            stretches: stretches.iter().map(stretch).collect(),
        }
    }

    #[test]
    fn the_fault_comes_before_single_windows_and_what_is_hidden_is_counted() {
        // Fifteen blips, then what is wrong.
        let mut stretches: Vec<_> = (0..15).map(|at| (24 * at, 1, 11 + at as u64)).collect();
        stretches.extend([(1000, 90, 40), (3000, 90, 70)]);
        let recordings = [recording(&stretches)];
        let lines = of(&recordings, false);
        assert_eq!(lines[0], "17 stretches of alarm, the longest and highest first:");
        assert_eq!(
            lines[1],
            "alarm  file.csv (odd): lines 3002 to 3365, samples 3000 to 3363, 90 windows, score up \
             to 70 over 10, most from y"
        );
        assert!(lines[2].contains("samples 1000 to 1363, 90 windows"), "{}", lines[2]);
        assert!(lines[3].contains("1 window, score up to 25"), "{}", lines[3]);
        assert_eq!(
            lines[11..],
            [
                "7 stretches not shown, of at most 1 window, 7 together; --all shows them, --out \
                 FILE writes them",
                "odd: 1 of 1 recordings with an alarm, in 195 of 2000 windows",
            ]
        );
        let all = of(&recordings, true);
        assert_eq!(all.len(), 1 + 17 + 1);
        assert!(all.iter().all(|line| !line.contains("not shown")));
    }

    #[test]
    fn one_stretch_is_one_line_and_short_recordings_are_told() {
        let mut short = recording(&[]);
        (short.windows, short.by_label) = (0, vec![]);
        let lines = of(&[recording(&[(8, 2, 12)]), short], false);
        assert!(lines[0].starts_with("alarm  file.csv (odd): lines 10 to 21"), "{}", lines[0]);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert_eq!(lines[2], "1 recording shorter than a window: nothing is known of them");
    }
}
