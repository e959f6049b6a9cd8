//! What happened, what of it was found, and how often there was an alarm without a reason.

use ae_detect::report::{DetectReport, EventFigures, delay_words, false_alarm_words};
use maud::{Markup, html};

use super::numbers::{grouped, table};

pub(super) fn section(report: &DetectReport) -> Markup {
    let Some(figures) = &report.events else {
        return html! { p { "Images do not follow each other, so there are no events." } };
    };
    let EventFigures { events, judged, found, delay, .. } = figures;
    let count = |count: usize| grouped(count as u64);
    html! {
        @if *events == 0 {
            p { "Nothing abnormal happened in what was held out." }
        } @else {
            p { b { (count(*found)) " of " (count(*events)) " events were found." } }
            @if let Some(delay) = delay { p { "An alarm came " (delay_words(delay)) "." } }
        }
        @if events > judged {
            p {
                (count(events - judged)) " of them lie in no window, since their recording is too \
                 short or the stride leaves them out. They were not judged."
            }
        }
        @if let Some(words) = false_alarm_words(figures) {
            p { "Alarms without an event: " (words) "." }
        }
        @if figures.by_label.len() > 1 { (by_label(figures)) }
        p.note {
            "An event is what is abnormal of one label, from its first sample to its last. It is found \
             if there is an alarm at a window that holds one of its samples, and the alarm comes with \
             the last sample of that window. Windows are those that the detector meets, also where a \
             label changes. Alarms that follow each other count once."
        }
    }
}

fn by_label(figures: &EventFigures) -> Markup {
    let row = |of: &ae_detect::report::LabelEvents| {
        let counts = [of.events, of.judged, of.found].map(|count| grouped(count as u64));
        [of.label.clone()].into_iter().chain(counts).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = figures.by_label.iter().map(row).collect();
    table(&["Label", "Events", "In a window", "Found"], &rows)
}
