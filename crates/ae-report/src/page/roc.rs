//! How well abnormal windows are detected.

use ae_detect::report::{DetectReport, DetectionFigures, PARTIAL_LIMIT, Separation};
use maud::{Markup, html};

use super::numbers::{counted, percent, table};
use crate::picture::axis::Axis;

const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 428.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 352.0;

pub(super) fn section(report: &DetectReport) -> Markup {
    let Some(detection) = &report.detection else {
        return html! {
            p {
                "There were no abnormal windows, so nothing is known about what the detector \
                 detects: no ROC curve, no AUROC, no detection rate."
            }
        };
    };
    let models = models(detection);
    let rows: Vec<Vec<Markup>> = models
        .iter()
        .map(|(name, class, of)| {
            vec![
                html! { i.key.(class) {} (name) },
                html! { (format_args!("{:.4}", of.auroc)) },
                html! { (format_args!("{:.4}", of.partial_auroc)) },
                html! { (percent(of.detected.rate)) },
                html! { (counted(&of.detected)) },
            ]
        })
        .collect();
    let head = ["Model", "AUROC", "Partial AUROC", "Detection rate", "Windows"];
    html! {
        figure { (chart(report, &models)) }
        (table(&head, &rows))
        p.note {
            "Each false alarm rate on held-out normal windows has a detection rate on abnormal \
             ones. AUROC is the area below that curve; partial AUROC the shaded part up to a false \
             alarm rate of " (format_args!("{PARTIAL_LIMIT}")) ", standardised after McClish \
             (1989). Of both 0.5 is chance and 1 perfect. The dot is where the int8 threshold \
             lies. Each model has the threshold that the same calibration windows give it. Windows \
             are those that a detector meets; they overlap, so there is no interval of the \
             detection rate."
        }
        (labels(detection))
    }
}

/// The models that have a curve, and the class of their colour.
fn models(detection: &DetectionFigures) -> Vec<(&'static str, &'static str, &Separation)> {
    let mut models = vec![
        ("int8, as on the board", "int8", &detection.int8),
        ("float", "float", &detection.float),
    ];
    models.extend(detection.pca.as_ref().map(|pca| ("PCA", "pca", pca)));
    models
}

fn chart(report: &DetectReport, models: &[(&str, &str, &Separation)]) -> Markup {
    let rates = || [0.0, 1.0].into_iter();
    let axes = Axis::of_values(rates(), LEFT, RIGHT).zip(Axis::of_values(rates(), BOTTOM, TOP));
    let Some((x_axis, y_axis)) = axes else { return html! {} };
    let limit = x_axis.place(PARTIAL_LIMIT);
    let (middle, height) = ((LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0);
    let dot = report.model.detected.as_ref().map(|detected| {
        (x_axis.place(report.model.false_alarms.rate), y_axis.place(detected.rate))
    });
    html! {
        svg.chart viewBox=(format_args!("0 0 {WIDTH} {HEIGHT}")) role="img"
            aria-label="ROC curves" {
            path.shade d=(format_args!("M{LEFT} {TOP}H{limit:.1}V{BOTTOM}H{LEFT}z")) {}
            @for (y, label) in y_axis.ticks() {
                path.grid d=(format_args!("M{LEFT} {y:.1}H{RIGHT}")) {}
                text.end x=(LEFT - 8.0) y=(format_args!("{:.1}", y + 4.0)) { (label) }
            }
            @for (x, label) in x_axis.ticks() {
                path.grid d=(format_args!("M{x:.1} {TOP}V{BOTTOM}")) {}
                text.middle x=(format_args!("{x:.1}")) y=(BOTTOM + 18.0) { (label) }
            }
            path.chance d=(format_args!("M{LEFT} {BOTTOM}L{RIGHT} {TOP}")) {}
            // The float model's line is broken, so that of int8 shows through it.
            @for (_, class, separation) in [2, 0, 1].iter().filter_map(|&i| models.get(i)) {
                path.line.(class) d=(curve(separation, &x_axis, &y_axis)) {}
            }
            @if let Some((x, y)) = dot {
                circle.dot cx=(format_args!("{x:.1}")) cy=(format_args!("{y:.1}")) r="5" {}
            }
            text.middle x=(middle) y=(BOTTOM + 40.0) { "false alarm rate" }
            text.middle transform=(format_args!("translate(14 {height}) rotate(-90)")) {
                "detection rate"
            }
        }
    }
}

/// The path of a ROC curve, without points that fall on the one before.
fn curve(separation: &Separation, x_axis: &Axis, y_axis: &Axis) -> String {
    let mut path = String::new();
    let mut last = String::new();
    for [x, y] in &separation.roc {
        let point = format!("{:.1} {:.1}", x_axis.place(*x), y_axis.place(*y));
        if point != last {
            path += if path.is_empty() { "M" } else { "L" };
            path += &point;
            last = point;
        }
    }
    path
}

/// The labels one by one, where there are several.
fn labels(detection: &DetectionFigures) -> Markup {
    if detection.by_label.len() < 2 {
        return html! {};
    }
    let rows: Vec<Vec<String>> = detection
        .by_label
        .iter()
        .map(|of| {
            vec![
                of.label.clone(),
                format!("{:.4}", of.auroc),
                format!("{:.4}", of.partial_auroc),
                percent(of.detected.rate),
                counted(&of.detected),
            ]
        })
        .collect();
    let head = ["Abnormal label", "AUROC", "Partial AUROC", "Detection rate", "Windows"];
    html! { h3 { "By label, int8" } (table(&head, &rows)) }
}
