//! The threshold, and the false alarms it raises.

use ae_detect::report::DetectReport;
use maud::{Markup, html};

use super::numbers::{counted, grouped, interval, percent, rate_or_dash, table, wanted};

pub(super) fn section(report: &DetectReport) -> Markup {
    let (threshold, alarms) = (&report.threshold, &report.model.false_alarms);
    let scores = grouped(threshold.scores as u64);
    let rows: Vec<Vec<String>> = [
        ("Threshold", grouped(threshold.threshold)),
        ("Wanted false alarm rate α", wanted(threshold.alpha)),
        ("Calibration windows n", scores.clone()),
        ("Rank ⌈(n + 1)(1 − α)⌉", format!("{} of {scores}", grouped(threshold.rank as u64))),
        ("False alarms on held-out normal windows", counted(alarms)),
        ("Rate", rate_or_dash(alarms)),
        ("95 % interval (Clopper–Pearson)", interval(alarms)),
        ("Alarm", debounce(threshold.hits, threshold.of)),
    ]
    .into_iter()
    .map(|(name, value)| vec![name.to_owned(), value])
    .collect();
    html! {
        (table(&["Figure", "Value"], &rows))
        p {
            "A window is taken for abnormal if its score is above the threshold. A new normal \
             window exceeds it with a probability of at most " (wanted(threshold.alpha)) ", over \
             the choice of calibration windows (split conformal prediction). A single calibration \
             on " (scores) " windows has a rate of its own: " (percent(threshold.law_mean)) " on \
             average, and between " (percent(threshold.law_low)) " and "
            (percent(threshold.law_high)) " in nine of ten."
        }
        p.note {
            b { "This assumes" } " that windows are exchangeable: the calibration windows do not \
             overlap, and they come from recordings like those met later. The interval assumes \
             that held-out windows are independent; windows of one recording are so only in part, \
             so the true interval is wider. Both speak of single windows, before alarms are \
             debounced."
        }
        p.digest { "SHA-256 of the calibration scores: " code { (threshold.digest) } }
    }
}

fn debounce(hits: u32, of: u32) -> String {
    match (hits, of) {
        (1, 1) => "every window above the threshold".to_owned(),
        (hits, of) => format!("{hits} of the last {of} windows above the threshold"),
    }
}
