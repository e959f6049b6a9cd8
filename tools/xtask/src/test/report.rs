//! The summary of all steps.

use std::fmt::Write;
use std::time::Duration;

use anyhow::Result;

/// A step that has run.
pub(super) struct Row {
    pub(super) step: String,
    time: Duration,
    /// What the step found, or the first line of what went wrong.
    result: Result<String, String>,
}

impl Row {
    pub(super) fn new(step: String, time: Duration, result: Result<String>) -> Self {
        let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
        Self { step, time, result: result.map_err(|error| first_line(error.to_string())) }
    }

    pub(super) fn passed(&self) -> bool {
        self.result.is_ok()
    }

    pub(super) fn verdict(&self) -> &'static str {
        if self.passed() { "ok" } else { "FAILED" }
    }

    pub(super) fn seconds(&self) -> String {
        format!("{:.1} s", self.time.as_secs_f64())
    }
}

/// A line a step, and one for all.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut line = |step: &str, verdict: &str, seconds: String, note: &str| {
        let line = format!("{step:<12} {verdict:<6} {seconds:>9}  {note}");
        writeln!(text, "{}", line.trim_end()).expect("writing to a string does not fail");
    };
    for row in rows {
        let (Ok(note) | Err(note)) = &row.result;
        line(&row.step, row.verdict(), row.seconds(), note);
    }
    let failed = rows.iter().filter(|row| !row.passed()).count();
    let total = rows.iter().map(|row| row.time).sum::<Duration>();
    let all = Row { step: "all".into(), time: total, result: Ok(String::new()) };
    let note = format!("{failed} of {} steps failed", rows.len());
    match failed {
        0 => line(&all.step, "ok", all.seconds(), ""),
        _ => line(&all.step, "FAILED", all.seconds(), &note),
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyhow::anyhow;

    use super::{Row, table};

    #[test]
    fn every_step_is_shown_and_failures_are_counted() {
        let good = || Row::new("format".into(), Duration::from_millis(1250), Ok("9 files".into()));
        assert_eq!(
            table(&[good()]),
            "format       ok         1.2 s  9 files\n\
             all          ok         1.2 s\n"
        );
        let error = anyhow!("exit status 101\nand more");
        let bad = Row::new("lint".into(), Duration::from_secs(100), Err(error));
        assert_eq!(
            table(&[good(), bad]),
            "format       ok         1.2 s  9 files\n\
             lint         FAILED   100.0 s  exit status 101\n\
             all          FAILED   101.2 s  1 of 2 steps failed\n"
        );
    }
}
