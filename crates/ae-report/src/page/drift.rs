//! How what is held out speaks of a drift.

use std::fmt::Write;

use ae_detect::report::{DetectReport, DriftCourse, DriftCourses};
use maud::{Markup, html};

const HEIGHT: f64 = 100.0;
const MARGIN: f64 = 6.0;

/// A drawing for each piece; nothing where none is long enough.
pub(super) fn drawings(report: &DetectReport) -> Markup {
    html! {
        @if let Some(courses) = &report.drift_courses {
            (those(courses))
        }
    }
}

fn those(courses: &DriftCourses) -> Markup {
    let DriftCourses { delta, pieces, drifted, drawn } = courses;
    html! {
        p {
            "Drift, by the windows that do not overlap of each piece that was held out: told of "
            (drifted) " of " (pieces) ". Where the order of windows says nothing, it is ever told of a \
            piece with a probability of at most " (delta) ". Faults that last are told, too."
        }
        div.drift {
            @for course in drawn {
                (row(course, 1.0 / delta))
            }
        }
        @if pieces > &drawn.len() {
            p.note { (pieces - drawn.len()) " more pieces are not drawn." }
        }
    }
}

fn row(course: &DriftCourse, limit: f64) -> Markup {
    let DriftCourse { recording, place, told, windows, evidence } = course;
    // No evidence lies at the foot, and what tells of a drift at three quarters of the height.
    let place_of = |evidence: f64| {
        let share = (0.75 * evidence.max(1.0).ln() / limit.ln()).min(1.0);
        HEIGHT - MARGIN - share * (HEIGHT - 2.0 * MARGIN)
    };
    let mut path = String::new();
    for (at, &value) in evidence.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(path, "{}{at} {:.1}", if at == 0 { 'M' } else { 'L' }, place_of(value));
    }
    let crossed = evidence.iter().position(|&value| value >= limit);
    let (width, limit) = (evidence.len().max(2) - 1, place_of(limit));
    html! {
        p.channel {
            (recording) ", " (place) " "
            small {
                (windows) " windows, "
                @match told {
                    Some(told) => {
                        "told with sample " (told.sample)
                        @if let Some(line) = told.line { ", line " (line) }
                        @if let Some(time) = &told.time { ", time " (time) }
                    }
                    None => "none told",
                }
            }
        }
        svg.stretch viewBox=(format_args!("0 0 {width} {HEIGHT}")) preserveAspectRatio="none"
            aria-hidden="true" {
            @if let Some(at) = crossed {
                path.alarm d=(format_args!("M{at} 0H{width}V{HEIGHT}H{at}z")) {}
            }
            path.line.signal d=(path) {}
            path.limit d=(format_args!("M0 {limit:.1}H{width}")) {}
        }
    }
}

#[cfg(test)]
mod tests;
