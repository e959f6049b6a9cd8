//! Small drawings of a channel. Whole numbers keep a page of many channels short.

use std::fmt::Write;

use ae_detect::report::ChannelProfile;
use maud::{Markup, html};

/// Height of a drawing in its own units; the page stretches it.
const HEIGHT: f64 = 40.0;
/// From the edge of a strip to its least and largest value.
const MARGIN: f64 = 2.0;

/// How often each value is there. Even a single value is to be seen.
pub(super) fn histogram(channel: &ChannelProfile) -> Markup {
    let bins = &channel.histogram;
    let most = bins.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mut bars = String::new();
    for (at, &count) in bins.iter().enumerate().filter(|&(_, &count)| count > 0) {
        let height = (HEIGHT * count as f64 / most).max(2.0);
        let _ = write!(bars, "M{} {HEIGHT}v-{height:.0}h3v{height:.0}z", 4 * at);
    }
    let width = 4 * bins.len();
    html! {
        svg.histogram viewBox=(format_args!("0 0 {width} {HEIGHT}")) preserveAspectRatio="none"
            aria-hidden="true" {
            g.fill.data { path d=(bars) {} }
            path.axis d=(format_args!("M0 {HEIGHT}H{width}")) {}
        }
    }
}

/// From the least to the largest value of each part of all samples.
pub(super) fn strip(channel: &ChannelProfile, borders: &[f64]) -> Markup {
    let columns = channel.envelope.len().max(1);
    let [low, high] = channel.shown.map(f64::from);
    let place = |value: f32| {
        let share = (f64::from(value) - low) / (high - low);
        let share = if high > low { share.clamp(0.0, 1.0) } else { 0.5 };
        HEIGHT - MARGIN - share * (HEIGHT - 2.0 * MARGIN)
    };
    // A part goes on from the one before, but for a new recording.
    let is_new =
        |at: usize| borders.iter().any(|border| (border * columns as f64 - at as f64).abs() < 1.0);
    let mut bars = String::new();
    let mut before = None;
    for (at, &[least, largest]) in channel.envelope.iter().enumerate() {
        let [from, to]: [f32; 2] =
            before.filter(|_| !is_new(at)).unwrap_or([f32::NEG_INFINITY, f32::INFINITY]);
        before = Some([least, largest]);
        let (bottom, top) = (place(least.min(to)), place(largest.max(from)));
        // What does not change within a part is a line.
        let (bottom, top) =
            if bottom - top < 1.0 { (bottom + 0.5, bottom - 0.5) } else { (bottom, top) };
        let _ = write!(bars, "M{at} {top:.0}V{:.0}h1V{top:.0}z", bottom.max(top.round() + 1.0));
    }
    html! {
        svg.envelope viewBox=(format_args!("0 0 {columns} {HEIGHT}")) preserveAspectRatio="none"
            aria-hidden="true" {
            g.fill.data { path d=(bars) {} }
            @for border in borders {
                path.border d=(format_args!("M{:.1} 0V{HEIGHT}", border * columns as f64)) {}
            }
        }
    }
}
