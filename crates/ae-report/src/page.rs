//! The page for a person.

use ae_detect::report::{DetectReport, verdict};

use crate::picture::escape::escape;

mod compared;
mod numbers;
mod origin;
mod roc;
mod scores;
mod strip;
mod threshold;

/// Colours of light and dark, widths of phones and screens, paper.
const STYLE: &str = include_str!("page/style.css");

/// A browser that keeps to this fetches nothing, whatever stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// One page with all figures of the report. It needs nothing else: no script, no font, no picture.
///
/// It follows the browser's choice of light or dark, and what stands in it of others' text (labels,
/// channels, files) is escaped.
pub fn html(report: &DetectReport) -> String {
    let warnings: String = report
        .warnings
        .iter()
        .map(|warning| format!("<p class=\"warning\"><b>Warning.</b> {}</p>\n", escape(warning)))
        .collect();
    let sections = [
        ("Scores", scores::section(report)),
        ("Threshold and false alarms", threshold::section(report)),
        ("Detection", roc::section(report)),
        ("Signal, reconstruction and alarms", strip::section(report)),
        ("Float against int8", compared::float_section(report)),
        ("PCA beside the autoencoder", compared::pca_section(report)),
        ("What was trained", origin::section(report)),
    ];
    let sections: String = sections
        .into_iter()
        .map(|(title, body)| format!("<section>\n<h2>{title}</h2>\n{body}</section>\n"))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Anomaly detector: {source}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<header>\n<p class=\"kind\">Anomaly detector</p>\n<h1>{source}</h1>\n\
         <p class=\"verdict\">{verdict}</p>\n{warnings}{tiles}</header>\n{sections}\
         <footer>Made by {tool}.</footer>\n</main>\n</body>\n</html>\n",
        source = escape(&report.data.source),
        verdict = escape(&verdict(report)),
        tiles = tiles(report),
        tool = escape(&report.tool),
    )
}

/// The few figures that everybody looks for.
fn tiles(report: &DetectReport) -> String {
    let model = &report.model;
    let mut tiles = String::from("<dl class=\"tiles\">\n");
    let mut tile = |name: &str, figure: String, note: String| {
        tiles +=
            &format!("<div><dt>{name}</dt><dd><b>{figure}</b><small>{note}</small></dd></div>\n");
    };
    if let Some(auroc) = model.auroc {
        tile("AUROC", format!("{auroc:.3}"), "0.5 is chance, 1 perfect".to_owned());
    }
    if let Some(detected) = &model.detected {
        tile("Detection rate", numbers::percent(detected.rate), numbers::counted(detected));
    }
    tile(
        "False alarm rate",
        numbers::rate_or_dash(&model.false_alarms),
        format!(
            "{}, wanted at most {}",
            numbers::counted(&model.false_alarms),
            numbers::wanted(report.threshold.alpha)
        ),
    );
    tile(
        "Size",
        numbers::bytes(model.flash_bytes),
        format!("flash, and {} of RAM", numbers::bytes(model.ram_bytes)),
    );
    tiles + "</dl>\n"
}
