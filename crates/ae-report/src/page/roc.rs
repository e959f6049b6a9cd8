//! How well abnormal windows are detected.

use ae_detect::report::{DetectReport, DetectionFigures, PARTIAL_LIMIT, Separation};

use super::numbers::{counted, percent, table};
use crate::picture::axis::Axis;
use crate::picture::escape::escape;

const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 428.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 352.0;

pub(super) fn section(report: &DetectReport) -> String {
    let Some(detection) = &report.detection else {
        return "<p>There were no abnormal windows, so nothing is known about what the detector \
                detects: no ROC curve, no AUROC, no detection rate.</p>\n"
            .to_owned();
    };
    let models = models(detection);
    let rows: Vec<Vec<String>> = models
        .iter()
        .map(|(name, class, of)| {
            vec![
                format!("<i class=\"key {class}\"></i>{name}"),
                format!("{:.4}", of.auroc),
                format!("{:.4}", of.partial_auroc),
                percent(of.detected.rate),
                counted(&of.detected),
            ]
        })
        .collect();
    let head = ["Model", "AUROC", "Partial AUROC", "Detection rate", "Windows"];
    format!(
        "<figure>{}</figure>\n{}<p class=\"note\">Each false alarm rate on held-out normal windows has \
         a detection rate on abnormal ones. AUROC is the area below that curve; partial AUROC the \
         shaded part up to a false alarm rate of {PARTIAL_LIMIT}, standardised after McClish (1989). \
         Of both 0.5 is chance and 1 perfect. The dot is where the int8 threshold lies. Each model has the \
         threshold that the same calibration windows give it. Windows are those that a detector \
         meets; they overlap, so there is no interval of the detection rate.</p>\n{}",
        chart(report, &models),
        table(&head, &rows),
        labels(detection),
    )
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

fn chart(report: &DetectReport, models: &[(&str, &str, &Separation)]) -> String {
    let rates = || [0.0, 1.0].into_iter();
    let axes = Axis::of_values(rates(), LEFT, RIGHT).zip(Axis::of_values(rates(), BOTTOM, TOP));
    let Some((x_axis, y_axis)) = axes else { return String::new() };
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"ROC curves\">\n\
         <path class=\"shade\" d=\"M{LEFT} {TOP}H{:.1}V{BOTTOM}H{LEFT}z\"/>\n",
        x_axis.place(PARTIAL_LIMIT)
    );
    for (y, label) in y_axis.ticks() {
        svg += &format!("<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>");
        svg += &format!(
            "<text class=\"end\" x=\"{}\" y=\"{:.1}\">{label}</text>\n",
            LEFT - 8.0,
            y + 4.0
        );
    }
    for (x, label) in x_axis.ticks() {
        svg += &format!("<path class=\"grid\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/>");
        svg += &format!(
            "<text class=\"middle\" x=\"{x:.1}\" y=\"{}\">{label}</text>\n",
            BOTTOM + 18.0
        );
    }
    svg += &format!("<path class=\"chance\" d=\"M{LEFT} {BOTTOM}L{RIGHT} {TOP}\"/>\n");
    // The float model's line is broken, so that of int8 shows through it.
    for (_, class, separation) in [2, 0, 1].iter().filter_map(|&index| models.get(index)) {
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
        svg += &format!("<path class=\"line {class}\" d=\"{path}\"/>\n");
    }
    if let Some(detected) = &report.model.detected {
        let (x, y) = (x_axis.place(report.model.false_alarms.rate), y_axis.place(detected.rate));
        svg += &format!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>\n");
    }
    let (middle, height) = ((LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0);
    svg + &format!(
        "<text class=\"middle\" x=\"{middle}\" y=\"{}\">false alarm rate</text>\n\
         <text class=\"middle\" transform=\"translate(14 {height}) rotate(-90)\">detection rate</text>\n</svg>",
        BOTTOM + 40.0
    )
}

/// The labels one by one, where there are several.
fn labels(detection: &DetectionFigures) -> String {
    if detection.by_label.len() < 2 {
        return String::new();
    }
    let rows: Vec<Vec<String>> = detection
        .by_label
        .iter()
        .map(|of| {
            vec![
                escape(&of.label),
                format!("{:.4}", of.auroc),
                percent(of.detected.rate),
                counted(&of.detected),
            ]
        })
        .collect();
    let head = ["Abnormal label", "AUROC", "Detection rate", "Windows"];
    format!("<h3>By label, int8</h3>\n{}", table(&head, &rows))
}
