//! The model beside its float original and beside PCA.

use ae_detect::report::{
    DetectReport, Flips, ModelFigures, ReconstructionErrors, pca_does_as_well, pca_error,
};
use maud::{Markup, html};

use super::numbers::{change, counted, grouped, percent, rate_or_dash, table};

/// A cell of a model's column.
type Figure = fn(&ModelFigures) -> String;

pub(super) fn float_section(report: &DetectReport) -> Markup {
    let agreement = &report.float_agreement;
    let separation = report.detection.as_ref().map(|detection| {
        let (float, int8) = (&detection.float, &detection.int8);
        let row = |name: &str, float: f64, int8: f64, by: f64| {
            vec![name.to_owned(), format!("{float:.4}"), format!("{int8:.4}"), change(by)]
        };
        let auroc = agreement.auroc_change.unwrap_or(int8.auroc - float.auroc);
        let partial =
            agreement.partial_auroc_change.unwrap_or(int8.partial_auroc - float.partial_auroc);
        let f32_blob = detection.f32_blob.auroc;
        let rows = [
            row("AUROC", float.auroc, int8.auroc, auroc),
            row("AUROC, float on the board's pixels", f32_blob, int8.auroc, int8.auroc - f32_blob),
            row("Partial AUROC", float.partial_auroc, int8.partial_auroc, partial),
            vec![
                "Detection rate".to_owned(),
                percent(float.detected.rate),
                percent(int8.detected.rate),
                change(int8.detected.rate - float.detected.rate),
            ],
        ];
        table(&["Figure", "Float", "int8", "Change"], &rows)
    });
    let row = |name: &str, flips: &Flips| {
        let counts = [flips.of, flips.to_alarm, flips.to_normal, flips.all()];
        let counts = counts.map(|count| grouped(count as u64));
        [name.to_owned()].into_iter().chain(counts).collect::<Vec<_>>()
    };
    let mut rows = vec![row("Held-out normal", &agreement.held_out)];
    if agreement.abnormal.of > 0 {
        rows.push(row("Abnormal", &agreement.abnormal));
    }
    let flips = table(&["Decisions", "Windows", "Normal → alarm", "Alarm → normal", "All"], &rows);
    html! {
        @if let Some(separation) = separation { (separation) }
        (flips)
        @if let Some(ReconstructionErrors { model, int8, .. }) = report.reconstruction {
            p.note {
                "Mean squared error on held-out normal windows: float " (format!("{model:.6}"))
                ", int8 " (format!("{int8:.6}")) "."
            }
        }
        p.note {
            "The blob computes in 8-bit integers what was trained in floating point. Each of the \
             two has the threshold that the same calibration windows give it. A decision flips \
             where float says one thing and int8 another; all windows are counted. Float gets the \
             samples neither rounded nor clipped, with the weights of int8; on the board's pixels \
             it is the f32 blob, with weights of its own."
        }
    }
}

/// How well held-out normal windows are reconstructed, which needs no abnormal ones.
fn errors(report: &DetectReport) -> Markup {
    let Some(errors) = &report.reconstruction else { return html! {} };
    let rows = [
        [report.model.name.clone(), format!("{:.6}", errors.int8)],
        ["the same, float".to_owned(), format!("{:.6}", errors.model)],
        ["PCA, int8".to_owned(), pca_error(errors)],
        ["The mean training window".to_owned(), format!("{:.6}", errors.mean)],
    ];
    html! {
        (table(&["Held-out normal windows", "Mean squared error"], &rows.map(Vec::from)))
    }
}

pub(super) fn pca_section(report: &DetectReport) -> Markup {
    let Some(pca) = &report.pca else {
        return html! {
            p { "PCA was not fitted, so it is not known whether a linear model would do." }
            (errors(report))
        };
    };
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.4}"));
    let figures: [(&str, Figure); 6] = [
        ("Detection rate at the same α", |model| {
            model.detected.as_ref().map_or("–".to_owned(), |rate| percent(rate.rate))
        }),
        ("False alarm rate", |model| {
            format!("{} ({})", rate_or_dash(&model.false_alarms), counted(&model.false_alarms))
        }),
        ("Flash, bytes", |model| grouped(model.flash_bytes)),
        ("RAM, bytes", |model| grouped(model.ram_bytes)),
        ("Multiply-adds of a window", |model| grouped(model.multiply_adds)),
        ("Instructions of a window", |model| model.instructions.map_or("–".to_owned(), grouped)),
    ];
    let models = [&report.model, pca];
    let mut rows = vec![
        ["AUROC".to_owned()].into_iter().chain(models.map(|m| number(m.auroc))).collect(),
        ["Partial AUROC".to_owned()]
            .into_iter()
            .chain(models.map(|m| number(m.partial_auroc)))
            .collect(),
    ];
    for (name, figure) in figures {
        rows.push([name.to_owned()].into_iter().chain(models.map(figure)).collect::<Vec<_>>());
    }
    let says = match pca_does_as_well(&report.model, pca) {
        Some(true) => {
            "PCA does as well here: a linear model tells these windows apart, and the smaller one is the one to ship."
        }
        Some(false) if are_prototypes(report) => {
            "The prototypes tell these windows apart better than PCA."
        }
        Some(false) => "The autoencoder tells these windows apart better than PCA.",
        None => {
            "Without abnormal windows nothing is known about detection, so neither can be called better."
        }
    };
    html! {
        p { b { (says) } }
        (table(&["Figure", &report.model.name, &pca.name], &rows))
        (errors(report))
        p.note {
            (reduced(report)) " Both are calibrated on the same windows."
            @for model in models {
                " Costs of " (model.name) ": " (model.cost_basis.trim_end_matches('.')) "."
            }
        }
    }
}

fn are_prototypes(report: &DetectReport) -> bool {
    report.model.name.starts_with("prototypes")
}

/// To how many numbers the models reduce a window.
fn reduced(report: &DetectReport) -> String {
    let DetectReport { network, latent, .. } = report;
    match are_prototypes(report) {
        true => format!("The blob's model replaces a window by the nearest of {network}."),
        false => format!("Both reduce a window to {latent} numbers."),
    }
}
