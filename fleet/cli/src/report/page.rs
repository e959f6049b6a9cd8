//! The page for a person.

use ae_files::text;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::figures::Figures;
use super::numbers::{grouped, percent};
use super::{devices, map, strip};

/// The look of all pages of the project.
const STYLE: &str = include_str!("../../../../crates/ae-report/src/page/style.css");
/// What the map needs more.
const MAP_STYLE: &str = include_str!("page.css");
/// A browser that keeps to this fetches nothing, whatever stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// One page with all figures. It needs nothing else: no script, no font, no picture.
pub(super) fn html(figures: &Figures) -> String {
    let about = &figures.about;
    let sections = [
        ("Map of scores", map::section(figures)),
        ("One device", strip::section(figures)),
        ("Devices", devices::section(figures)),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(PreEscaped(POLICY));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Fleet: " (about.model) }
                // Our own files: in a style element nothing is escaped.
                style { (PreEscaped(STYLE)) (PreEscaped(MAP_STYLE)) }
            }
            body {
                main {
                    header {
                        p.kind { "Fleet" }
                        h1 { (about.model) }
                        p.verdict { (verdict(figures)) }
                        (tiles(figures))
                    }
                    @for (title, body) in &sections {
                        section { h2 { (title) } (body) }
                    }
                    footer {
                        p.digest { "Model " code { (about.digest) } }
                        p { "Made by ae-fleet " (env!("CARGO_PKG_VERSION")) "." }
                    }
                }
            }
        }
    };
    text::lines(page.into_string()).to_string()
}

fn verdict(figures: &Figures) -> String {
    let drifted = figures.shown.iter().filter(|device| device.drifted.is_some()).count();
    let of = if figures.devices > figures.shown.len() as u64 { " of those shown" } else { "" };
    format!(
        "From {} to {}, {} of {} {} exceed the threshold. Of {drifted} devices{of} a drift is told.",
        figures.span.from,
        figures.span.to,
        grouped(figures.exceeding),
        grouped(figures.windows),
        figures.about.unit
    )
}

fn tiles(figures: &Figures) -> Markup {
    let about = &figures.about;
    let s = if about.files == 1 { "" } else { "s" };
    let files = format!("in {} file{s}", grouped(about.files as u64));
    let share = percent(figures.exceeding, figures.windows);
    html! {
        dl.tiles {
            (tile("Devices", &grouped(figures.devices), "in the archive"))
            (tile(if about.has_alarms { "Decisions" } else { "Windows" }, &grouped(figures.windows), &files))
            (tile("Above the threshold", &share, &format!("of all {}", about.unit)))
            @if about.has_alarms {
                (tile("Alarms", &grouped(figures.alarms), "decisions, debounced"))
            }
            (tile("Threshold", &grouped(about.threshold), "of the model"))
        }
    }
}

fn tile(name: &str, figure: &str, note: &str) -> Markup {
    html! { div { dt { (name) } dd { b { (figure) } small { (note) } } } }
}
