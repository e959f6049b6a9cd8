//! The devices in numbers.

use maud::{Markup, html};

use super::figures::{DELTA, Figures};
use super::numbers::{grouped, percent};

pub(super) fn section(figures: &Figures) -> Markup {
    let about = &figures.about;
    html! {
        p {
            "Each device's own threshold is that of its " (about.unit) " here, for a false-alarm rate of "
            (about.alpha) ". It means what it says where they are normal and do not overlap. A drift is \
            told of a device that has none with a probability of at most " (DELTA) "."
        }
        div.wide {
            table {
                thead {
                    tr {
                        th scope="col" { "device" }
                        th scope="col" { (about.unit) }
                        th scope="col" { "exceed" }
                        th scope="col" { "of all" }
                        @if about.has_alarms { th scope="col" { "alarms" } }
                        th scope="col" { "largest score" }
                        th scope="col" { "own threshold" }
                        th scope="col" { "of the model's" }
                        th scope="col" { "drifts since" }
                    }
                }
                tbody {
                    @for device in &figures.shown {
                        tr {
                            th scope="row" { (device.name) }
                            td { (grouped(device.windows)) }
                            td { (grouped(device.exceeding)) }
                            td { (percent(device.exceeding, device.windows)) }
                            @if about.has_alarms { td { (grouped(device.alarms)) } }
                            td { (grouped(device.largest)) }
                            td { (device.threshold.map_or("too few".to_owned(), grouped)) }
                            td {
                                (device.threshold.map_or("–".to_owned(), |own| percent(own, about.threshold)))
                            }
                            td { (device.drifted.as_deref().unwrap_or("–")) }
                        }
                    }
                }
            }
        }
    }
}
