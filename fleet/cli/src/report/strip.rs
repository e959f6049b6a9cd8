//! One device's history.

use std::fmt::Write;

use maud::{Markup, html};

use super::figures::{Figures, STRIP, Stretch};
use super::numbers::grouped;

const HEIGHT: f64 = 100.0;
const MARGIN: f64 = 6.0;

pub(super) fn section(figures: &Figures) -> Markup {
    let Some(strip) = &figures.strip else {
        return html! { p { "There is no device." } };
    };
    let threshold = figures.about.threshold;
    let Some(axis) = Axis::of(&strip.stretches, threshold) else {
        return html! { p { "The device has no scores." } };
    };
    let limit = axis.place(threshold as f64);
    html! {
        p.channel {
            (strip.device) " "
            small {
                "scores from " (grouped(axis.least as u64)) " to " (grouped(axis.largest as u64))
                ", logarithmic; the threshold is " (grouped(threshold))
            }
        }
        p.set {
            span.key-of { i.key.int8 {} "mean of a stretch, and from its least score to its largest" }
            " " span.key-of { i.key.alarm {} "a window exceeds" }
        }
        div.history {
            svg viewBox=(format_args!("0 0 {STRIP} {HEIGHT}")) preserveAspectRatio="none"
                aria-hidden="true" {
                path.over d=(over(&strip.stretches)) {}
                path.band d=(band(&strip.stretches, &axis)) {}
                path.score d=(means(&strip.stretches, &axis)) {}
                path.limit d=(format_args!("M0 {limit:.1}H{STRIP}")) {}
            }
        }
        p.time { span { (strip.span.from) } span { (strip.span.to) } }
    }
}

/// A logarithmic axis of scores.
struct Axis {
    least: f64,
    largest: f64,
}

impl Axis {
    fn of(stretches: &[Option<Stretch>], threshold: u64) -> Option<Self> {
        let there = || stretches.iter().flatten();
        let least = there().map(|of| of.least).min()?.min(threshold).max(1) as f64;
        let largest = there().map(|of| of.largest).max()?.max(threshold).max(1) as f64;
        Some(Self { least, largest })
    }

    fn place(&self, score: f64) -> f64 {
        let range = (self.largest / self.least).ln();
        let share =
            if range > 0.0 { (score.max(self.least) / self.least).ln() / range } else { 0.5 };
        HEIGHT - MARGIN - share * (HEIGHT - 2.0 * MARGIN)
    }
}

/// Writing to a String cannot fail.
fn path(
    stretches: &[Option<Stretch>],
    mut write: impl FnMut(&mut String, usize, &Stretch),
) -> String {
    let mut path = String::new();
    for (at, stretch) in stretches.iter().enumerate() {
        if let Some(of) = stretch {
            write(&mut path, at, of);
        }
    }
    path
}

fn over(stretches: &[Option<Stretch>]) -> String {
    path(stretches, |path, at, of| {
        if of.exceeding > 0 {
            let _ = write!(path, "M{at} 0h1v{HEIGHT}h-1z");
        }
    })
}

fn band(stretches: &[Option<Stretch>], axis: &Axis) -> String {
    path(stretches, |path, at, of| {
        let [low, high] = [of.least, of.largest].map(|score| axis.place(score as f64));
        let _ = write!(path, "M{at} {high:.1}h1V{low:.1}h-1z");
    })
}

fn means(stretches: &[Option<Stretch>], axis: &Axis) -> String {
    path(stretches, |path, at, of| {
        let _ = write!(path, "M{at} {:.1}h1", axis.place(of.mean));
    })
}
