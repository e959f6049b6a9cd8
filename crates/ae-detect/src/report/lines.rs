//! What the figures of detection say, in lines.

use super::events::{Delay, EventFigures};
use super::figures::{DetectReport, ReconstructionErrors, WithoutPca};
use super::judge::PARTIAL_LIMIT;
use super::verdict::percent;

/// Labels that a line is written for: of more, those that are told worst.
const SHOWN: usize = 12;

/// How well the models tell windows apart, in all and by label; nothing without abnormal windows.
pub fn detection_lines(report: &DetectReport) -> Vec<String> {
    let Some(detection) = &report.detection else { return Vec::new() };
    let (int8, float) = (&detection.int8, &detection.float);
    let pca = |of: fn(&super::Separation) -> f64| {
        detection.pca.as_ref().map_or(String::new(), |pca| format!(", PCA {:.4}", of(pca)))
    };
    let mut lines = vec![
        format!("AUROC: int8 {:.4}, float {:.4}{}", int8.auroc, float.auroc, pca(|of| of.auroc)),
        format!(
            "partial AUROC, up to a false-alarm rate of {PARTIAL_LIMIT}: int8 {:.4}, float {:.4}{}",
            int8.partial_auroc,
            float.partial_auroc,
            pca(|of| of.partial_auroc)
        ),
    ];
    if detection.by_label.len() > 1 {
        let mut labels: Vec<_> = detection.by_label.iter().collect();
        labels.sort_by(|a, b| a.auroc.total_cmp(&b.auroc));
        lines.extend(labels.iter().take(SHOWN).map(|of| {
            format!(
                "  {}: AUROC {:.4}, partial AUROC {:.4}, {} of {} windows above the threshold",
                of.label, of.auroc, of.partial_auroc, of.detected.hits, of.detected.of
            )
        }));
        if let Some(more) = labels.len().checked_sub(SHOWN).filter(|&more| more > 0) {
            lines.push(format!("  {more} labels with a higher AUROC are in the report"));
        }
    }
    lines
}

/// What happened and was found, and the false alarms.
pub fn event_lines(figures: &EventFigures) -> Vec<String> {
    let EventFigures { events, judged, found, delay, .. } = figures;
    let mut lines = Vec::new();
    if *events > 0 {
        let delay = delay.map_or(String::new(), |delay| format!(", {}", delay_words(&delay)));
        lines.push(format!("events: {found} of {events} found{delay}"));
    }
    let unjudged = events - judged;
    if unjudged > 0 {
        let (events, lie) = if unjudged == 1 { ("event", "lies") } else { ("events", "lie") };
        lines.push(format!(
            "{unjudged} {events} {lie} in no window, since the recording or the stride leaves none: \
             not judged"
        ));
    }
    lines.extend(false_alarm_words(figures).map(|words| format!("false alarms: {words}")));
    lines
}

/// How long it took until events were found.
pub fn delay_words(delay: &Delay) -> String {
    let seconds =
        |seconds: Option<f64>| seconds.map_or(String::new(), |it| format!(" ({it:.2} s)"));
    format!(
        "{} samples{} after they began in the median, {}{} at most",
        delay.median,
        seconds(delay.median_seconds),
        delay.largest,
        seconds(delay.largest_seconds)
    )
}

/// How often there is an alarm without an event; `None` where there was nothing to count on.
pub fn false_alarm_words(figures: &EventFigures) -> Option<String> {
    let EventFigures { false_alarms, normal_windows, .. } = figures;
    let thousand = figures.false_alarms_per_thousand()?;
    let often = match figures.false_alarms_per_hour {
        Some(hourly) => format!("{hourly:.2} an hour"),
        None => format!("{thousand:.2} in 1000 windows"),
    };
    let stretches = if *false_alarms == 1 { "stretch" } else { "stretches" };
    Some(format!("{false_alarms} {stretches} in {normal_windows} normal windows, {often}"))
}

/// How well held-out normal windows are reconstructed, by the autoencoder and by what is simpler.
pub fn reconstruction_line(errors: &ReconstructionErrors) -> String {
    let ReconstructionErrors { model, int8, mean, .. } = errors;
    format!(
        "MSE of held-out normal windows: int8 {int8:.6}, float {model:.6}, PCA {}, mean window \
         {mean:.6}",
        pca_error(errors)
    )
}

/// PCA's mean squared error, or why there is none.
pub fn pca_error(errors: &ReconstructionErrors) -> String {
    match (errors.pca, errors.without_pca) {
        (Some(pca), _) => format!("{pca:.6}"),
        (None, Some(WithoutPca::TooLarge { values, most })) => {
            format!("not fitted: a window has {values} values, more than {most}")
        }
        (None, _) => "not fitted, as was asked".to_owned(),
    }
}

impl DetectReport {
    /// A warning for each label whose windows score lower than normal ones, beyond what chance does,
    /// unless all of them do: then it is said of all.
    pub(super) fn inverted_labels(&self) -> Vec<String> {
        let Some(detection) = &self.detection else { return Vec::new() };
        if detection.int8.auroc < 0.5 && detection.by_label.len() < 2 {
            return Vec::new();
        }
        let (window, stride) = (self.data.window.max(1), self.data.stride.max(1));
        // Windows that overlap are not several.
        let apart =
            |windows: usize| (windows as f64 * stride.min(window) as f64 / window as f64).max(1.0);
        let normal = self.model.false_alarms.of.max(1) as f64;
        let inverted = detection.by_label.iter().filter(|of| {
            let abnormal = apart(of.detected.of);
            // Of labels that differ in nothing from what is normal, one in forty is lower: Mann and
            // Whitney, 1947.
            let spread = ((normal + abnormal + 1.0) / (12.0 * normal * abnormal)).sqrt();
            of.auroc < 0.5 - 1.96 * spread
        });
        let warning = |of: &super::LabelFigures| {
            format!(
                "`{}` scores below normal: AUROC {:.3}, {} of its {} windows are above the threshold \
                 ({}); all abnormal windows together have {:.3}. It is quieter than normal, or easier \
                 to reconstruct, so this score cannot find it: watch it by a rule of its own, such as \
                 a least variation.",
                of.label,
                of.auroc,
                of.detected.hits,
                of.detected.of,
                percent(of.detected.rate),
                detection.int8.auroc,
            )
        };
        inverted.map(warning).collect()
    }
}
