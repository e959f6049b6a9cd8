//! Alarms and scores as CSV, for spreadsheets and scripts.

use std::borrow::Cow;
use std::fmt::Write;

use ae_files::text;
use ae_infer::Observation;

use super::{Monitor, RecordingAlarms, ranked};
use crate::moment::{Moment, Span};

/// Columns that say of which samples a row is.
const PLACE: &str = "recording,label,group,first_sample,last_sample,first_line,last_line,\
                     first_row,last_row,first_time,last_time";

/// A header, and a row for each stretch of alarms, the longest and highest first.
#[must_use]
pub fn alarms_csv(recordings: &[RecordingAlarms]) -> String {
    let mut csv = format!("{PLACE},windows,score,threshold,channel\n");
    for (of, stretch) in ranked(recordings) {
        let (windows, score, threshold) = (stretch.windows, stretch.score, stretch.threshold);
        place(&mut csv, of, &stretch.label, &stretch.span);
        let channel = cell(&stretch.channel);
        // Writing to a String cannot fail.
        let _ = writeln!(csv, ",{windows},{score},{threshold},{channel}");
    }
    csv
}

/// A header, and a row for each window, as they were played. `above` is 1 where the score is above
/// the threshold, `alarm` is 1 where the detector raised one, debounced.
#[must_use]
pub fn scores_csv(
    monitor: &Monitor,
    recordings: &[RecordingAlarms],
    observed: &[Vec<Observation>],
) -> String {
    let mut csv = format!("{PLACE},score,threshold,above,alarm,channel\n");
    for (index, (of, observed)) in recordings.iter().zip(observed).enumerate() {
        for (window, Observation { decision, .. }) in observed.iter().enumerate() {
            let evidence = decision.evidence();
            let (score, threshold) = (evidence.score, evidence.threshold);
            let [above, alarm] = [score > threshold, decision.is_alarm()].map(u8::from);
            place(&mut csv, of, &monitor.label(index, window), &monitor.span(index, window));
            let channel = cell(monitor.name(evidence.channel));
            // Writing to a String cannot fail.
            let _ = writeln!(csv, ",{score},{threshold},{above},{alarm},{channel}");
        }
    }
    csv
}

/// The columns of [`PLACE`].
fn place(
    csv: &mut String,
    of: &RecordingAlarms,
    label: &Option<String>,
    Span { first, last }: &Span,
) {
    let number = |number: Option<usize>| number.map_or_else(String::new, |it| it.to_string());
    let both = |of: fn(&Moment) -> Option<usize>| [of(first), of(last)].map(number).join(",");
    let tag = |tag: &Option<String>| cell(tag.as_deref().unwrap_or_default()).into_owned();
    let cells = [
        cell(&of.recording).into_owned(),
        tag(label),
        tag(&of.group),
        both(|moment| Some(moment.sample)),
        both(|moment| moment.line),
        both(|moment| moment.row),
        tag(&first.time),
        tag(&last.time),
    ];
    *csv += &cells.join(",");
}

/// A text as a cell. What a file says must not become a formula in whoever's spreadsheet: such a
/// beginning gets an apostrophe, also behind what another program might divide cells at. Numbers
/// stay, and what cannot be seen is written out.
fn cell(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ._:".contains(&byte);
    if text.parse().is_ok_and(f64::is_finite) || text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut cell = String::from("\"");
    let mut begins = true;
    for letter in text::line(text).to_string().chars() {
        if begins && matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
            cell.push('\'');
        }
        begins = matches!(letter, ',' | ';' | '|' | '\t')
            || begins && matches!(letter, ' ' | '"' | '\'');
        if letter == '"' {
            cell.push('"');
        }
        cell.push(letter);
    }
    cell.push('"');
    Cow::Owned(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        for (text, expected) in [
            ("", ""),
            ("worn", "worn"),
            ("-1.5e3", "-1.5e3"),
            ("2024-01-01 00:00:00.5", "\"2024-01-01 00:00:00.5\""),
            ("file.csv, line 2", "\"file.csv, line 2\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("-1+cmd|' /C calc'!A0", "\"'-1+cmd|' /C calc'!A0\""),
            ("+inf", "\"'+inf\""),
            (" @SUM(A1)", "\" '@SUM(A1)\""),
            ("\"=1\"", "\"\"\"'=1\"\"\""),
            ("a;=1,  -x", "\"a;'=1,  '-x\""),
            ("＝1", "\"'＝1\""),
            ("a\n=1\u{1b}[31m", "\"a\\n=1\\u{1b}[31m\""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
