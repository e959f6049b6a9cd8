//! A piece of signal as the detector saw it.

use std::cmp::Reverse;
use std::fmt::Write;

use ae_detect::moment::Moment;
use ae_detect::report::{DetectReport, Strip, StripPiece, StripSpan};
use maud::{Markup, html};

use super::drift;
use super::numbers::{grouped, value};
use crate::picture::log_axis::{LogAxis, short};

/// Height of a drawing in its own units; the page stretches it.
const HEIGHT: f64 = 100.0;
/// Channels that are drawn; of more, the rest are counted.
const MOST_CHANNELS: usize = 8;
/// From the edge of a drawing to its least and largest value.
const MARGIN: f64 = 6.0;

pub(super) fn section(report: &DetectReport) -> Markup {
    let Some(strip) = &report.strip else {
        return html! { p { "No piece of signal was kept." } };
    };
    let samples = strip.signal.iter().map(Vec::len).max().unwrap_or(0);
    if samples < 2 {
        return html! { p { "The recording is too short to be drawn." } };
    }
    let alarms = shades(strip, samples);
    let crowded = strip.signal.len() > 6;
    let known = (!strip.truth.is_empty()).then_some(("truth", "known to be abnormal"));
    let keys = ["signal", "reconstruction", "alarm"].map(|name| (name, name));
    let mut labels: Vec<&str> = strip.truth.iter().map(|truth| &*truth.label).collect();
    labels.dedup();
    let drawn = drawn(strip);
    let more = strip.signal.len() - drawn.len();
    html! {
        @for (index, StripPiece { recording, place, .. }) in strip.pieces.iter().enumerate() {
            p { @if index > 0 { "Then " } (recording) ": " (place) "." }
        }
        p.set {
            @for (class, name) in keys.into_iter().chain(known) {
                span.key-of { i.key.(class) {} (name) } " "
            }
        }
        div.strip.crowded[crowded] {
            @for channel in drawn {
                (row(
                    report.data.channels.get(channel).map_or("", String::as_str),
                    &strip.signal[channel],
                    strip.reconstruction.get(channel).map_or(&[], Vec::as_slice),
                    samples,
                    &alarms,
                ))
            }
            (score_row(strip, samples, report.threshold.threshold, &alarms))
            (times(strip, report.data.samples_per_second))
        }
        @if more > 0 {
            p.note {
                "Drawn are " (MOST_CHANNELS) " channels of " (strip.signal.len()) ": those that \
                 contribute most to the alarms' scores, then the first. " (more) " more are not \
                 drawn."
            }
        }
        @if !labels.is_empty() {
            p.note { "Abnormal: " (labels.join(", ")) "." }
        }
        p.note {
            "A score is drawn over the samples that came in since the one before. An alarm covers \
             those of its decision."
        }
        (drift::drawings(report))
    }
}

/// The channels that are drawn, in their order: those that most alarms name, and of as many the
/// first.
fn drawn(strip: &Strip) -> Vec<usize> {
    let alarms = |channel: usize| {
        strip.decisions.iter().filter(|of| of.alarm && of.channel == channel).count()
    };
    let mut channels: Vec<usize> = (0..strip.signal.len()).collect();
    channels.sort_by_cached_key(|&channel| Reverse(alarms(channel)));
    channels.truncate(MOST_CHANNELS);
    channels.sort_unstable();
    channels
}

/// One channel with its range in numbers.
fn row(
    name: &str,
    signal: &[f32],
    reconstruction: &[f32],
    samples: usize,
    alarms: &Markup,
) -> Markup {
    let values = signal.iter().chain(reconstruction).copied().filter(|value| value.is_finite());
    let range = values.fold(None, |range: Option<(f32, f32)>, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    });
    let (low, high) = range.unwrap_or((0.0, 0.0));
    let lines = html! {
        path.line.signal d=(line(signal, low, high)) {}
        path.line.reconstruction d=(line(reconstruction, low, high)) {}
    };
    drawing(name, &format!("{} to {}", value(low), value(high)), samples, alarms, &lines)
}

fn score_row(strip: &Strip, samples: usize, threshold: u64, alarms: &Markup) -> Markup {
    let scores = strip.decisions.iter().map(|decision| decision.score);
    let Some(axis) = LogAxis::of(scores.chain([threshold]), HEIGHT - MARGIN, MARGIN) else {
        return html! {};
    };
    let mut path = String::new();
    for (span, decision) in new_samples(strip).zip(&strip.decisions) {
        // Writing to a String cannot fail.
        let _ = write!(path, "M{} {:.1}H{}", span.from, axis.place(decision.score), span.to);
    }
    let limit = axis.place(threshold);
    let lines = html! {
        path.score d=(path) {}
        path.limit d=(format_args!("M0 {limit:.1}H{samples}")) {}
    };
    let range = format!("logarithmic, threshold {}", short(threshold as f64));
    drawing("score", &range, samples, alarms, &lines)
}

fn drawing(name: &str, range: &str, samples: usize, alarms: &Markup, lines: &Markup) -> Markup {
    html! {
        p.channel { (name) " " small { (range) } }
        svg.stretch viewBox=(format_args!("0 0 {} {HEIGHT}", samples - 1))
            preserveAspectRatio="none" aria-hidden="true" {
            (alarms) (lines)
        }
    }
}

/// The path of a line that is broken where a value is no number.
fn line(values: &[f32], low: f32, high: f32) -> String {
    let (low, high) = (f64::from(low), f64::from(high));
    let mut path = String::new();
    let mut command = 'M';
    for (sample, &value) in values.iter().enumerate() {
        if value.is_finite() {
            let share = if high > low { (f64::from(value) - low) / (high - low) } else { 0.5 };
            let y = HEIGHT - MARGIN - share * (HEIGHT - 2.0 * MARGIN);
            // Writing to a String cannot fail.
            let _ = write!(path, "{command}{sample} {y:.1}");
            command = 'L';
        } else {
            command = 'M';
        }
    }
    path
}

/// Alarms and what is known to be abnormal, for the back of every drawing.
fn shades(strip: &Strip, samples: usize) -> Markup {
    let outline = |span: StripSpan, top: f64| {
        let (from, to) = (span.from.min(samples), span.to.min(samples));
        format!("M{from} {top}H{to}V{HEIGHT}H{from}z")
    };
    html! {
        @for (span, _) in new_samples(strip).zip(&strip.decisions).filter(|(_, of)| of.alarm) {
            path.alarm d=(outline(span, 0.0)) {}
        }
        @for piece in strip.pieces.iter().skip(1) {
            path.divider d=(format_args!("M{} 0V{HEIGHT}", piece.span.from)) {}
        }
        // A bar at the foot, so that it does not hide what the detector says.
        @for truth in &strip.truth {
            path.truth d=(outline(truth.span, HEIGHT - 5.0)) {}
        }
    }
}

/// The samples of each decision's window that were in none before.
fn new_samples(strip: &Strip) -> impl Iterator<Item = StripSpan> {
    let before = [0].into_iter().chain(strip.decisions.iter().map(|decision| decision.span.to));
    strip.decisions.iter().zip(before).map(|(decision, before)| StripSpan {
        from: decision.span.from.max(before).min(decision.span.to),
        to: decision.span.to,
    })
}

/// Below the drawings, first and last sample of each piece: when they were taken, as the file or
/// the rate has it, or else their numbers.
fn times(strip: &Strip, per_second: Option<f64>) -> Markup {
    let label = |moment: &Moment| match (&moment.time, per_second.filter(|&rate| rate > 0.0)) {
        (Some(time), _) => time.clone(),
        (None, Some(rate)) => format!("{:.2} s", moment.sample as f64 / rate),
        (None, None) => grouped(moment.sample as u64),
    };
    html! {
        div.times {
            @for StripPiece { place, span, .. } in &strip.pieces {
                p.time style=(format_args!("flex:{} 1 0", span.to - span.from)) {
                    span { (label(&place.first)) } span { (label(&place.last)) }
                }
            }
        }
    }
}
