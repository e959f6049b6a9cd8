//! The fleet's map: a row for each device, a column for each stretch of time.

use std::fmt::Write;

use maud::{Markup, html};

use super::figures::{Device, Figures, MAP, Stretch};
use super::numbers::percent;

/// How a stretch is coloured: by its largest score where none exceeds, else by the share that does.
const LEVELS: [(&str, &str); 7] = [
    ("calm-1", "largest score below a quarter of the threshold"),
    ("calm-2", "below a half"),
    ("calm-3", "below three quarters"),
    ("calm-4", "up to the threshold"),
    ("over-1", "up to 1 % exceed"),
    ("over-2", "up to 10 %"),
    ("over-3", "more"),
];

pub(super) fn section(figures: &Figures) -> Markup {
    let about = &figures.about;
    html! {
        p.set {
            @for (class, meaning) in LEVELS {
                span.key-of { i.key.(class) {} (meaning) } " "
            }
        }
        div.wide {
            table.map {
                thead {
                    tr {
                        th scope="col" { "device" }
                        th scope="col" {
                            div.time { span { (figures.span.from) } span { (figures.span.to) } }
                        }
                        th scope="col" { "exceed" }
                    }
                }
                tbody {
                    @for device in &figures.shown {
                        tr {
                            th scope="row" { (device.name) }
                            td.drawn { (row(device, about.threshold)) }
                            td { (percent(device.exceeding, device.windows)) }
                        }
                    }
                }
            }
        }
        @if figures.devices > figures.shown.len() as u64 {
            p.note {
                "Shown are the " (figures.shown.len()) " devices with the most alarms, of "
                (figures.devices) "."
            }
        }
        p.note { "A stretch without " (about.unit) " is left empty." }
    }
}

fn row(device: &Device, threshold: u64) -> Markup {
    let mut paths = [const { String::new() }; LEVELS.len()];
    for (at, stretch) in device.stretches.iter().enumerate() {
        if let Some(path) = stretch.and_then(|of| paths.get_mut(level(&of, threshold))) {
            // Writing to a String cannot fail.
            let _ = write!(path, "M{at} 0h1v1h-1z");
        }
    }
    html! {
        svg viewBox=(format_args!("0 0 {MAP} 1")) preserveAspectRatio="none" aria-hidden="true" {
            @for ((class, _), path) in LEVELS.iter().zip(&paths).filter(|(_, path)| !path.is_empty()) {
                path class=(class) d=(path) {}
            }
        }
    }
}

/// The place of a stretch's level.
fn level(of: &Stretch, threshold: u64) -> usize {
    if of.exceeding > 0 {
        let share = of.exceeding as f64 / of.windows.max(1) as f64;
        return if share <= 0.01 {
            4
        } else if share <= 0.1 {
            5
        } else {
            6
        };
    }
    let share = of.largest as f64 / threshold.max(1) as f64;
    ((4.0 * share) as usize).min(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_by_hand() {
        let of =
            |exceeding, largest| Stretch { windows: 100, exceeding, least: 0, mean: 0.0, largest };
        let levels = [(0, 10), (0, 25), (0, 60), (0, 100), (1, 200), (10, 200), (11, 200)];
        let found = levels.map(|(exceeding, largest)| level(&of(exceeding, largest), 100));
        assert_eq!(found, [0, 1, 2, 3, 4, 5, 6]);
    }
}
