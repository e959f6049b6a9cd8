//! The page for a person.

use ae_detect::report::{DetectReport, verdict};
use ae_files::text;
use maud::{DOCTYPE, Markup, PreEscaped, html};

mod compared;
mod drift;
mod events;
mod found;
mod numbers;
mod origin;
mod profile;
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
/// It follows the browser's choice of light or dark. What stands in it of others' text (labels,
/// channels, files) is escaped by the template, and characters that cannot be seen are replaced by
/// U+FFFD.
pub fn html(report: &DetectReport) -> String {
    let source = &report.data.source;
    let sections = [
        ("The data", profile::section(report)),
        ("Scores", scores::section(report)),
        ("Threshold and false alarms", threshold::section(report)),
        ("Detection", roc::section(report)),
        ("Events", events::section(report)),
        ("What it notices", found::section(report)),
        ("How the model was chosen", found::choice_section(report)),
        ("Float against int8", compared::float_section(report)),
        ("PCA beside the autoencoder", compared::pca_section(report)),
        ("What was trained", origin::section(report)),
        // Drawings of many channels are long: all figures stand above them.
        ("Signal, reconstruction and alarms", strip::section(report)),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(PreEscaped(POLICY));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Anomaly detector: " (source) }
                // Our own file: in a style element nothing is escaped.
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header {
                        p.kind { "Anomaly detector" }
                        h1 { (source) }
                        p.verdict { (verdict(report)) }
                        @for warning in profile::other_warnings(report) {
                            (paragraph(warning))
                        }
                        (profile::mention(report))
                        (tiles(report))
                    }
                    @for (title, body) in &sections {
                        section { h2 { (title) } (body) }
                    }
                    footer { "Made by " (report.tool) "." }
                }
            }
        }
    };
    text::lines(page.into_string()).to_string()
}

/// A warning at the top of the page.
fn paragraph(warning: &str) -> Markup {
    html! { p.warning { b { "Warning." } " " (warning) } }
}

/// A finished page with one more warning at its top, in the place of the one that begins with
/// `replaced` if there is one; `None` if it is no page of [`html()`].
#[must_use]
pub fn with_warning(page: &str, warning: &str, replaced: &str) -> Option<String> {
    let mut page = page.to_owned();
    let mark = paragraph(replaced).into_string();
    let opening = mark.strip_suffix(END)?;
    if let Some(start) = page.find(opening) {
        let end = start + page[start..].find(END)? + END.len();
        page.replace_range(start..end, "");
    }
    let (before, after) = page.split_once(VERDICT)?;
    let page = format!("{before}{}{VERDICT}{after}", paragraph(warning).into_string());
    Some(text::lines(page).to_string())
}

/// How a warning ends in the page.
const END: &str = "</p>";

/// How the verdict begins in the page.
const VERDICT: &str = "<p class=\"verdict\">";

/// The few figures that everybody looks for.
fn tiles(report: &DetectReport) -> Markup {
    let model = &report.model;
    html! {
        dl.tiles {
            @if let Some(auroc) = model.auroc {
                (tile("AUROC", &format!("{auroc:.3}"), "0.5 is chance, 1 perfect"))
            }
            @if let Some(detected) = &model.detected {
                (tile(
                    "Detection rate",
                    &numbers::percent(detected.rate),
                    &numbers::counted(detected),
                ))
            }
            (tile(
                "False alarm rate",
                &numbers::rate_or_dash(&model.false_alarms),
                &format!(
                    "{}, wanted at most {}",
                    numbers::counted(&model.false_alarms),
                    numbers::wanted(report.threshold.alpha)
                ),
            ))
            (tile(
                "Size",
                &numbers::bytes(model.flash_bytes),
                &format!("flash, and {} of RAM", numbers::bytes(model.ram_bytes)),
            ))
        }
    }
}

fn tile(name: &str, figure: &str, note: &str) -> Markup {
    html! { div { dt { (name) } dd { b { (figure) } small { (note) } } } }
}
