//! A piece of signal as the detector saw it.

use std::fmt::Write;

use ae_detect::report::{DetectReport, Strip, StripSpan};

use super::numbers::grouped;
use crate::picture::escape::escape;
use crate::picture::log_axis::{LogAxis, short};

/// Height of a drawing in its own units; the page stretches it.
const HEIGHT: f64 = 100.0;
/// From the edge of a drawing to its least and largest value.
const MARGIN: f64 = 6.0;

pub(super) fn section(report: &DetectReport) -> String {
    let Some(strip) = &report.strip else {
        return "<p>No piece of signal was kept.</p>\n".to_owned();
    };
    let samples = strip.signal.iter().map(Vec::len).max().unwrap_or(0);
    if samples < 2 {
        return "<p>The recording is too short to be drawn.</p>\n".to_owned();
    }
    let alarms = shades(strip, samples);
    let crowded = if strip.signal.len() > 6 { " crowded" } else { "" };
    let key = |class: &str, name: &str| {
        format!("<span class=\"key-of\"><i class=\"key {class}\"></i>{name}</span> ")
    };
    let mut keys = ["signal", "reconstruction", "alarm"].map(|name| key(name, name)).concat();
    if !strip.truth.is_empty() {
        keys += &key("truth", "known to be abnormal");
    }
    let mut body = format!(
        "<p>{}, samples {} to {}.</p>\n<p class=\"set\">{keys}</p>\n\
         <div class=\"strip{crowded}\">\n",
        escape(&strip.recording),
        grouped(strip.first_sample as u64),
        grouped((strip.first_sample + samples - 1) as u64),
    );
    for (channel, signal) in strip.signal.iter().enumerate() {
        let reconstruction = strip.reconstruction.get(channel).map_or(&[][..], Vec::as_slice);
        let name = report.data.channels.get(channel).map_or("", String::as_str);
        body += &row(name, signal, reconstruction, samples, &alarms);
    }
    body += &score_row(strip, samples, report.threshold.threshold, &alarms);
    body += &time(strip, samples, report.data.samples_per_second);
    body += "</div>\n";
    let mut labels: Vec<&str> = strip.truth.iter().map(|truth| &*truth.label).collect();
    labels.dedup();
    if !labels.is_empty() {
        body += &format!("<p class=\"note\">Abnormal: {}.</p>\n", escape(&labels.join(", ")));
    }
    body + "<p class=\"note\">A score is drawn over the samples that came in since the one before. \
            An alarm covers those of its decision.</p>\n"
}

/// One channel with its range in numbers.
fn row(name: &str, signal: &[f32], reconstruction: &[f32], samples: usize, alarms: &str) -> String {
    let values = signal.iter().chain(reconstruction).copied().filter(|value| value.is_finite());
    let range = values.fold(None, |range: Option<(f32, f32)>, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    });
    let (low, high) = range.unwrap_or((0.0, 0.0));
    let lines =
        line("signal", signal, low, high) + &line("reconstruction", reconstruction, low, high);
    let range = format!("{} to {}", value(low), value(high));
    drawing(&escape(name), &range, samples, alarms, &lines)
}

fn score_row(strip: &Strip, samples: usize, threshold: u64, alarms: &str) -> String {
    let scores = strip.decisions.iter().map(|decision| decision.score);
    let Some(axis) = LogAxis::of(scores.chain([threshold]), HEIGHT - MARGIN, MARGIN) else {
        return String::new();
    };
    let mut path = String::new();
    for (span, decision) in new_samples(strip).zip(&strip.decisions) {
        // Writing to a String cannot fail.
        let _ = write!(path, "M{} {:.1}H{}", span.from, axis.place(decision.score), span.to);
    }
    let limit = axis.place(threshold);
    let lines = format!(
        "<path class=\"score\" d=\"{path}\"/><path class=\"limit\" d=\"M0 {limit:.1}H{samples}\"/>"
    );
    let range = format!("logarithmic, threshold {}", short(threshold as f64));
    drawing("score", &range, samples, alarms, &lines)
}

fn drawing(name: &str, range: &str, samples: usize, alarms: &str, lines: &str) -> String {
    format!(
        "<p class=\"channel\">{name} <small>{range}</small></p>\n\
         <svg class=\"stretch\" viewBox=\"0 0 {} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         {alarms}{lines}</svg>\n",
        samples - 1
    )
}

/// A line that is broken where a value is no number.
fn line(class: &str, values: &[f32], low: f32, high: f32) -> String {
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
    format!("<path class=\"line {class}\" d=\"{path}\"/>")
}

/// Alarms and what is known to be abnormal, for the back of every drawing.
fn shades(strip: &Strip, samples: usize) -> String {
    let shade = |class: &str, span: StripSpan, top: f64| {
        let (from, to) = (span.from.min(samples), span.to.min(samples));
        format!("<path class=\"{class}\" d=\"M{from} {top}H{to}V{HEIGHT}H{from}z\"/>")
    };
    let mut shades = String::new();
    for (span, _) in new_samples(strip).zip(&strip.decisions).filter(|(_, of)| of.alarm) {
        shades += &shade("alarm", span, 0.0);
    }
    for truth in &strip.truth {
        // A bar at the foot, so that it does not hide what the detector says.
        shades += &shade("truth", truth.span, HEIGHT - 5.0);
    }
    shades
}

/// The samples of each decision's window that were in none before.
fn new_samples(strip: &Strip) -> impl Iterator<Item = StripSpan> {
    let before = [0].into_iter().chain(strip.decisions.iter().map(|decision| decision.span.to));
    strip.decisions.iter().zip(before).map(|(decision, before)| StripSpan {
        from: decision.span.from.max(before).min(decision.span.to),
        to: decision.span.to,
    })
}

/// First, middle and last sample below the drawings, in seconds where those are known.
fn time(strip: &Strip, samples: usize, per_second: Option<f64>) -> String {
    let places = [0, (samples - 1) / 2, samples - 1].map(|sample| strip.first_sample + sample);
    let labels = places.map(|sample| match per_second.filter(|&rate| rate > 0.0) {
        Some(rate) => format!("<span>{:.2} s</span>", sample as f64 / rate),
        None => format!("<span>{}</span>", grouped(sample as u64)),
    });
    format!("<p class=\"time\">{}</p>\n", labels.concat())
}

/// Three significant digits, without a tail of zeros for large numbers.
fn value(value: f32) -> String {
    let size = value.abs();
    if size >= 1e6 || (size > 0.0 && size < 1e-3) {
        format!("{value:.2e}")
    } else if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}
