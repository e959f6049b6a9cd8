//! What went in: problems first, then channels, recordings, groups, and what was used for what.

mod drawings;
mod uses;

use std::collections::HashSet;

use ae_detect::report::{ChannelProfile, DetectReport, Profile};
use maud::{Markup, html};

use super::numbers::{grouped, value};

/// Problems that are shown; of more, the rest are counted.
const MOST_PROBLEMS: usize = 40;

pub(super) fn section(report: &DetectReport) -> Markup {
    let Some(profile) = &report.profile else {
        return html! { p { "Images have neither channels nor times." } };
    };
    let Profile { samples, recordings, lengths: [shortest, median, longest], .. } = profile;
    html! {
        (problems(profile))
        h3 { "Channels" }
        (channels(profile))
        h3 { "Recordings and groups" }
        p {
            (grouped(*samples as u64)) " samples of all channels in "
            (counted(*recordings, "recording"))
            @if *recordings > 1 && shortest == longest {
                " of " (grouped(*longest as u64)) " samples each"
            } @else if *recordings > 1 {
                " of " (grouped(*shortest as u64)) " to " (grouped(*longest as u64))
                " samples, " (grouped(*median as u64)) " in the median"
            }
            (duration(*samples, report.data.samples_per_second)) "."
        }
        (uses::bar(profile))
        (uses::table_of(profile, report.choice.as_ref()))
        (uses::groups(profile))
    }
}

/// How long so many samples are, in words.
fn duration(samples: usize, per_second: Option<f64>) -> String {
    let seconds = per_second.filter(|&rate| rate > 0.0).map(|rate| samples as f64 / rate);
    seconds.map_or_else(String::new, |seconds| match seconds {
        ..120.0 => format!(", {seconds:.1} seconds in all"),
        ..7_200.0 => format!(", {:.1} minutes in all", seconds / 60.0),
        ..172_800.0 => format!(", {:.1} hours in all", seconds / 3_600.0),
        _ => format!(", {:.1} days in all", seconds / 86_400.0),
    })
}

/// `1 recording`, `2 recordings`.
fn counted(count: usize, of: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {of}{s}", grouped(count as u64))
}

/// The warnings that are no problems of the data: these have their section.
pub(super) fn other_warnings(report: &DetectReport) -> impl Iterator<Item = &String> {
    let problems = report.profile.iter().flat_map(|profile| &profile.problems);
    let problems: HashSet<&String> = problems.collect();
    report.warnings.iter().filter(move |warning| !problems.contains(warning))
}

/// Says at the top of the page that there are problems.
pub(super) fn mention(report: &DetectReport) -> Markup {
    let count = report.profile.as_ref().map_or(0, |profile| profile.problems.len());
    html! {
        @if count > 0 {
            p.warning {
                b { "The data." } " " (counted(count, "note"))
                " on what went in: read the first section below before you ship this."
            }
        }
    }
}

fn problems(profile: &Profile) -> Markup {
    let Profile { problems, .. } = profile;
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    html! {
        @if problems.is_empty() {
            p { "Nothing stands out in what was read." }
        } @else {
            ul.problems {
                @for problem in problems.iter().take(MOST_PROBLEMS) { li { (problem) } }
                @if more > 0 {
                    li { (grouped(more as u64)) " more are in report.json, beside this page." }
                }
            }
        }
    }
}

/// A row of each channel.
fn channels(profile: &Profile) -> Markup {
    let Profile { channels, more_channels, left_out, borders, .. } = profile;
    let has_units = channels.iter().any(|channel| !channel.unit.is_empty());
    let is_clipped = channels.iter().any(|channel| channel.beyond != [0, 0]);
    html! {
        div.wide {
            table.channels {
                thead {
                    tr {
                        th scope="col" { "Channel" }
                        @if has_units { th scope="col" { "Unit" } }
                        th scope="col" { "Range" }
                        th scope="col" { "Median" }
                        th scope="col" { "Middle half" }
                        th scope="col" { "Histogram" }
                        th scope="col" { "All samples in their order" }
                    }
                }
                tbody { @for channel in channels { (row(channel, has_units, borders)) } }
            }
        }
        @if *more_channels > 0 {
            p.note {
                "Shown are " (channels.len()) " channels of "
                (grouped((channels.len() + more_channels) as u64))
                ": those that a note above names, then the first."
            }
        }
        @if !left_out.is_empty() {
            p {
                "Left out, because they stay the same in training: "
                @for (at, constant) in left_out.channels.iter().take(MOST_PROBLEMS).enumerate() {
                    @if at > 0 { ", " }
                    (constant.channel) " (" (constant.value) ")"
                }
                @if left_out.channels.len() > MOST_PROBLEMS {
                    ", and " (grouped((left_out.channels.len() - MOST_PROBLEMS) as u64)) " more"
                }
                ". Nothing watches them."
            }
        }
        p.note {
            "A histogram has 32 bins from end to end of what is drawn. A strip has the least and the \
             largest value of each of 200 parts of all samples"
            @if !borders.is_empty() { "; lines part the recordings" } "."
            @if channels.iter().any(|channel| channel.is_told) {
                " A mark stands before channels that a note above names."
            }
            @if is_clipped {
                " Values far from all others are counted beside the histogram, and stand at the edge of \
                 the strip."
            }
        }
    }
}

fn row(channel: &ChannelProfile, has_units: bool, borders: &[f64]) -> Markup {
    let ChannelProfile { least, largest, median, quartiles, beyond, .. } = channel;
    html! {
        tr {
            th scope="row" {
                @if channel.is_told { i.told title="named in a note above" { "!" } " " }
                (channel.channel)
            }
            @if has_units { td { (channel.unit) } }
            @if least == largest {
                td { "always " (value(*least)) } td { } td { }
            } @else {
                td { (value(*least)) " to " (value(*largest)) }
                td { (value(*median)) }
                td { (value(quartiles[0])) " to " (value(quartiles[1])) }
            }
            td.drawn {
                (drawings::histogram(channel))
                @if *beyond != [0, 0] { small { (far(*beyond)) } }
            }
            td.drawn { (drawings::strip(channel, borders)) }
        }
    }
}

/// How many values lie beyond the histogram.
fn far([below, above]: [usize; 2]) -> String {
    let words = [(below, "far below"), (above, "far above")];
    let words = words.into_iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> =
        words.map(|(count, of)| format!("{} {of}", grouped(count as u64))).collect();
    words.join(", ")
}
