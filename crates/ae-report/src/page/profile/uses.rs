//! How much was used for training, calibration and holding out.

use ae_detect::report::{ChoiceFigures, GroupProfile, Profile, Use, percent};
use maud::{Markup, html};

use super::super::numbers::{grouped, table};

/// The class of a use's colour.
fn class(of: Use) -> &'static str {
    match of {
        Use::Training => "training",
        Use::Calibration => "calibration",
        Use::HeldOut => "held-out",
        Use::Abnormal => "abnormal",
        Use::Unused => "unused",
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

/// One bar of so many samples of each use.
fn stacked(samples: [usize; 5]) -> Markup {
    let all = samples.iter().sum::<usize>();
    let parts = Use::ALL.into_iter().zip(samples).filter(|(_, samples)| *samples > 0);
    html! {
        div.stacked {
            @for (of, samples) in parts {
                i.(class(of)) style=(format_args!("flex:{:.5} 1 0", share(samples, all))) {}
            }
        }
    }
}

/// All samples of the files by their use, with a key.
pub(super) fn bar(profile: &Profile) -> Markup {
    let samples = Use::ALL.map(|of| {
        let own = profile.uses.iter().filter(|it| it.of == of && !it.of_other_files);
        own.map(|it| it.samples).sum::<usize>()
    });
    let there = Use::ALL.into_iter().zip(samples).filter(|(_, samples)| *samples > 0);
    html! {
        (stacked(samples))
        p.set {
            @for (of, count) in there {
                span.key-of {
                    i.key.(class(of)) {} (of.name()) ", " (percent(share(count, profile.samples)))
                } " "
            }
        }
    }
}

/// The same in numbers.
pub(super) fn table_of(profile: &Profile, choice: Option<&ChoiceFigures>) -> Markup {
    let number = |count: usize| grouped(count as u64);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for it in profile.uses.iter().filter(|it| it.samples > 0) {
        let windows = it.windows.map_or("–".to_owned(), number);
        let of = match it.of_other_files {
            true => "other files".to_owned(),
            false => percent(share(it.samples, profile.samples)),
        };
        rows.push(vec![it.of.name().to_owned(), number(it.samples), of, windows]);
        if let (Use::Training, Some(choice)) = (it.of, choice) {
            for (name, windows) in [
                ("of these, tried models were trained on", choice.trained),
                ("and were compared on", choice.validated),
            ] {
                let none = || "–".to_owned();
                rows.push(vec![name.to_owned(), none(), none(), number(windows)]);
            }
        }
    }
    table(&["Used for", "Samples", "Share", "Windows"], &rows)
}

/// The groups, each with its own bar.
pub(super) fn groups(profile: &Profile) -> Markup {
    let Profile { groups, more_groups, samples, .. } = profile;
    let used = |group: &GroupProfile| {
        let of = Use::ALL.into_iter().zip(group.by_use).filter(|(_, samples)| *samples > 0);
        of.map(|(of, _)| of.name()).collect::<Vec<_>>().join("; ")
    };
    html! {
        @if !groups.is_empty() {
            div.wide {
                table {
                    thead {
                        tr {
                            @for name in ["Group", "Recordings", "Samples", "Share", "Used for"] {
                                th scope="col" { (name) }
                            }
                        }
                    }
                    tbody {
                        @for group in groups {
                            tr {
                                th scope="row" { (group.group) }
                                td { (grouped(group.recordings as u64)) }
                                td { (grouped(group.samples as u64)) }
                                td { (percent(share(group.samples, *samples))) }
                                td { (stacked(group.by_use)) small { (used(group)) } }
                            }
                        }
                    }
                }
            }
            @if *more_groups > 0 {
                p.note { (grouped(*more_groups as u64)) " more groups are not shown." }
            }
        }
    }
}
