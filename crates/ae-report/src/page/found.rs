//! How the model was chosen, and the smallest faults that it notices.

use ae_detect::planted::Unit;
use ae_detect::report::{DetectReport, percent, strength};
use maud::{Markup, html};

use super::numbers::{grouped, table};

pub(super) fn section(report: &DetectReport) -> Markup {
    let Some(figures) = &report.sensitivity else {
        return html! {
            p { "No faults were planted: there are too few held-out normal windows, or they are images." }
        };
    };
    let channels = report.data.channels.iter().map(String::as_str);
    let header: Vec<&str> = ["Fault"].into_iter().chain(channels).collect();
    let rows = figures.faults.iter().map(|fault| {
        let name = match fault.unit {
            Unit::None => format!("{}, share found", fault.fault.name()),
            _ => fault.fault.name().to_owned(),
        };
        let cells = (0..fault.channels.len()).map(|channel| strength(fault, channel));
        [name].into_iter().chain(cells).collect::<Vec<_>>()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    html! {
        (table(&header, &rows))
        p.note {
            "The smallest fault of each kind that " (percent(figures.found_share)) " of windows show at \
             the threshold, planted in " (grouped(figures.windows as u64)) " held-out normal windows. \
             σ is the standard deviation of the channel. A factor is of the deviation from the \
             channel's mean, or of the frequency. Phase and dropped samples are shares of a window. \
             Half of the faults last for all of the window. “>” stands before the \
             largest that was tried, where not even that is noticed. These faults are made by hand: a real one may be easier or harder."
        }
    }
}

pub(super) fn choice_section(report: &DetectReport) -> Markup {
    let Some(choice) = &report.choice else {
        return html! { p { "The model is the one that was asked for." } };
    };
    let header = [
        "Model",
        "Chosen",
        "Planted faults, AUROC",
        "Validation MSE",
        "Steps",
        "Flash, bytes",
        "Instructions of a window",
    ];
    let rows: Vec<Vec<String>> = choice
        .candidates
        .iter()
        .map(|it| {
            vec![
                it.network.clone(),
                if it.chosen { "yes" } else { "" }.to_owned(),
                format!("{:.3}", it.noticed),
                format!("{:.6}", it.validation_mse),
                grouped(it.steps),
                grouped(it.flash_bytes),
                grouped(it.instructions),
            ]
        })
        .collect();
    html! {
        (table(&header, &rows))
        p.note {
            "Each model was trained on " (grouped(choice.trained as u64)) " training windows, ever \
             longer, until its error on " (grouped(choice.validated as u64)) " others fell no more; \
             prototypes are centres of k-means, which take no steps. Then faults were planted in those others. The model that takes fewest instructions is \
             chosen among those that notice as much as the best, within one standard error. It is \
             trained again on all training windows. Calibration and held-out windows have no part in \
             this."
        }
    }
}
