//! The distributions of scores.

use ae_detect::report::DetectReport;

use super::numbers::grouped;
use crate::picture::log_axis::{LogAxis, short};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 12.0;
const RIGHT: f64 = 708.0;
/// From the top of one histogram to that of the next.
const ADVANCE: f64 = 92.0;
/// Room above the bars for the name of the set.
const HEAD: f64 = 26.0;
const BARS: usize = 48;

pub(super) fn section(report: &DetectReport) -> String {
    let (scores, threshold) = (&report.scores, report.threshold.threshold);
    let mut sets = vec![
        ("Calibration, normal", "calibration", &scores.calibration),
        ("Held out, normal", "held-out", &scores.held_out),
    ];
    if !scores.abnormal.is_empty() {
        sets.push(("Abnormal", "abnormal", &scores.abnormal));
    }
    let all = sets.iter().flat_map(|(.., scores)| scores.iter().copied()).chain([threshold]);
    let Some(axis) = LogAxis::of(all, LEFT, RIGHT) else {
        return "<p>No scores.</p>\n".to_owned();
    };
    // Charts of fixed proportions would have letters too small on a phone, so names are HTML.
    let mut body = String::from("<div class=\"histograms\">\n");
    for (name, class, scores) in sets {
        let above = scores.iter().filter(|&&score| score > threshold).count();
        body += &format!(
            "<p class=\"set\"><i class=\"key {class}\"></i>{name} <small>{} windows, {} above the threshold</small></p>\n{}",
            grouped(scores.len() as u64),
            grouped(above as u64),
            histogram(scores, class, &axis, threshold)
        );
    }
    body += &ticks(&axis, threshold);
    body += "</div>\n";
    if scores.abnormal.is_empty() {
        body += "<p>There were no abnormal windows, so nothing is known about their scores.</p>\n";
    }
    body + &format!(
        "<p class=\"note\">Score of a window, on a logarithmic axis; the height of a bar is a share \
         of its own set. The line is the threshold, {}.</p>\n",
        grouped(threshold)
    )
}

fn histogram(scores: &[u64], class: &str, axis: &LogAxis, threshold: u64) -> String {
    let mut counts = [0_usize; BARS];
    for &score in scores {
        counts[axis.bin(score, BARS)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let height = ADVANCE - HEAD;
    let width = (RIGHT - LEFT) / BARS as f64;
    let mut bars = String::new();
    for (index, count) in counts.into_iter().enumerate().filter(|&(_, count)| count > 0) {
        // Even a single score is to be seen.
        let bar = (height * count as f64 / most).max(1.5);
        let x = LEFT + width * index as f64;
        bars += &format!("<path d=\"M{x:.1} {height}v-{bar:.1}h{:.1}v{bar:.1}z\"/>", width - 1.0);
    }
    let line = axis.place(threshold);
    format!(
        "<svg class=\"stretch\" style=\"height:{height}px\" viewBox=\"0 0 {WIDTH} {height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <g class=\"fill {class}\">{bars}</g><path class=\"axis\" d=\"M{LEFT} {height}H{RIGHT}\"/>\
         <path class=\"limit\" d=\"M{line:.1} 0V{height}\"/></svg>\n"
    )
}

/// The axis' numbers, placed by their share of the width.
fn ticks(axis: &LogAxis, threshold: u64) -> String {
    let mark = |x: f64, class: &str, label: &str| {
        format!("<span class=\"{class}\" style=\"left:{:.2}%\">{label}</span>", 100.0 * x / WIDTH)
    };
    let ticks: String = axis.ticks().iter().map(|(x, label)| mark(*x, "", label)).collect();
    let limit = mark(
        // The label of a threshold near an end stays on the page.
        axis.place(threshold).clamp(0.1 * WIDTH, 0.9 * WIDTH),
        "limit",
        &format!("threshold {}", short(threshold as f64)),
    );
    format!("<div class=\"ticks\">{ticks}</div>\n<div class=\"ticks\">{limit}</div>\n")
}
