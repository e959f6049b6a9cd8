//! The distributions of scores.

use ae_detect::report::DetectReport;
use maud::{Markup, html};

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

pub(super) fn section(report: &DetectReport) -> Markup {
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
        return html! { p { "No scores." } };
    };
    let above = |scores: &[u64]| scores.iter().filter(|&&score| score > threshold).count() as u64;
    html! {
        // Charts of fixed proportions would have letters too small on a phone, so names are HTML.
        div.histograms {
            @for (name, class, scores) in sets {
                p.set {
                    i.key.(class) {} (name) " "
                    small {
                        (grouped(scores.len() as u64)) " windows, "
                        (grouped(above(scores))) " above the threshold"
                    }
                }
                (histogram(scores, class, &axis, threshold))
            }
            (ticks(&axis, threshold))
        }
        @if scores.abnormal.is_empty() {
            p { "There were no abnormal windows, so nothing is known about their scores." }
        }
        p.note {
            "Score of a window, on a logarithmic axis; the height of a bar is a share of its own \
             set. The line is the threshold, " (grouped(threshold)) "."
        }
    }
}

fn histogram(scores: &[u64], class: &str, axis: &LogAxis, threshold: u64) -> Markup {
    let mut counts = [0_usize; BARS];
    for &score in scores {
        counts[axis.bin(score, BARS)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let height = ADVANCE - HEAD;
    let width = (RIGHT - LEFT) / BARS as f64;
    let bars = counts.into_iter().enumerate().filter(|&(_, count)| count > 0);
    let bars = bars.map(|(index, count)| {
        // Even a single score is to be seen.
        let bar = (height * count as f64 / most).max(1.5);
        let x = LEFT + width * index as f64;
        format!("M{x:.1} {height}v-{bar:.1}h{:.1}v{bar:.1}z", width - 1.0)
    });
    let line = axis.place(threshold);
    html! {
        svg.stretch style=(format_args!("height:{height}px"))
            viewBox=(format_args!("0 0 {WIDTH} {height}")) preserveAspectRatio="none"
            aria-hidden="true" {
            g.fill.(class) { @for bar in bars { path d=(bar) {} } }
            path.axis d=(format_args!("M{LEFT} {height}H{RIGHT}")) {}
            path.limit d=(format_args!("M{line:.1} 0V{height}")) {}
        }
    }
}

/// The axis' numbers, placed by their share of the width.
fn ticks(axis: &LogAxis, threshold: u64) -> Markup {
    let left = |x: f64| format!("left:{:.2}%", 100.0 * x / WIDTH);
    // The label of a threshold near an end stays on the page.
    let limit = axis.place(threshold).clamp(0.1 * WIDTH, 0.9 * WIDTH);
    html! {
        div.ticks {
            @for (x, label) in axis.ticks() { span style=(left(x)) { (label) } }
        }
        div.ticks {
            span.limit style=(left(limit)) { "threshold " (short(threshold as f64)) }
        }
    }
}
