//! What the detector was made from.

use ae_detect::report::DetectReport;
use maud::{Markup, html};

use super::numbers::{bytes, grouped, table};

/// Groups that are named one by one; of more, the rest are counted.
const MOST_GROUPS: usize = 12;

pub(super) fn section(report: &DetectReport) -> Markup {
    let data = &report.data;
    let mut facts = vec![
        ("Data", data.source.clone()),
        ("Channels", data.channels.join(", ")),
        ("Window", samples(data.window, data.samples_per_second)),
        ("Stride", samples(data.stride, data.samples_per_second)),
        ("Network", report.network.clone()),
        ("Latent size", report.latent.to_string()),
        ("Score", score(report)),
        (
            "Flash, RAM",
            format!("{}, {}", bytes(report.model.flash_bytes), bytes(report.model.ram_bytes)),
        ),
        ("Costs", report.model.cost_basis.clone()),
    ];
    if !data.normal_labels.is_empty() {
        facts.insert(1, ("Normal", data.normal_labels.join(", ")));
    }
    let rows: Vec<Vec<String>> = data
        .roles
        .iter()
        .map(|role| {
            let overlap = if role.stride < data.window { "yes" } else { "no" };
            vec![
                role.name.clone(),
                grouped(role.windows as u64),
                overlap.to_owned(),
                groups(&role.groups),
            ]
        })
        .collect();
    let roles = table(&["Windows for", "Number", "Overlap", "Groups"], &rows);
    html! {
        dl.facts { @for (name, fact) in &facts { dt { (name) } dd { (fact) } } }
        (roles)
    }
}

fn samples(samples: usize, per_second: Option<f64>) -> String {
    let seconds = per_second.filter(|&rate| rate > 0.0).map(|rate| samples as f64 / rate);
    let seconds = seconds.map(|seconds| format!(" ({seconds:.2} s)")).unwrap_or_default();
    format!("{} samples{seconds}", grouped(samples as u64))
}

fn groups(groups: &[String]) -> String {
    let named = groups[..groups.len().min(MOST_GROUPS)].join(", ");
    match groups.len().checked_sub(MOST_GROUPS) {
        Some(more @ 1..) => format!("{named} and {more} more"),
        _ => named,
    }
}

/// How errors become the score.
fn score(report: &DetectReport) -> String {
    let mut parts = vec!["squared error of the window".to_owned()];
    if report.smoothing != 0 {
        let samples = 2 * report.smoothing + 1;
        parts.push(format!("errors added over {samples} samples before they are squared"));
    }
    if report.weighted {
        parts.push("each feature weighted by the inverse of its residual variance".to_owned());
    }
    parts.join(", ")
}
