//! What happened in held-out recordings, and which of it raised an alarm.

use std::collections::BTreeMap;

use ae_core::Debounce;
use serde::Serialize;

use crate::conformal::Threshold;
use crate::met::{Event, Met};

/// Events, and alarms where there is none. An event is what is abnormal of one label, from its first
/// sample to its last. It is found if there is an alarm, debounced, at a window that holds one of its
/// samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventFigures {
    /// All that happened in what was held out.
    pub events: usize,
    /// Those with samples in a window; the others are too near to the ends of a short recording.
    pub judged: usize,
    /// Those that raised an alarm.
    pub found: usize,
    /// How long the found ones took; `None` without any.
    pub delay: Option<Delay>,
    /// The same of each label, in the order of their names.
    pub by_label: Vec<LabelEvents>,
    /// Alarms that follow each other, none of which holds an abnormal sample, count once.
    pub false_alarms: usize,
    /// Windows without an abnormal sample, one every stride.
    pub normal_windows: usize,
    /// False alarms in an hour of them; `None` where it is not known how many samples a second has.
    pub false_alarms_per_hour: Option<f64>,
}

/// From the first sample of an event to the last of the first window that raised an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Delay {
    /// Of half of the events it is no longer, in samples.
    pub median: usize,
    /// The longest, in samples.
    pub largest: usize,
    /// The median in seconds, where it is known how many samples one has.
    pub median_seconds: Option<f64>,
    /// The longest in seconds.
    pub largest_seconds: Option<f64>,
}

/// The events of one label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelEvents {
    /// The label.
    pub label: String,
    /// All.
    pub events: usize,
    /// Those with samples in a window.
    pub judged: usize,
    /// Those that raised an alarm.
    pub found: usize,
}

/// What a detector says of one event.
#[derive(Clone, Copy, Default)]
struct Judged {
    /// It has samples in a window.
    is_met: bool,
    /// Samples from its first to the last of the window that raised an alarm.
    delay: Option<usize>,
}

impl EventFigures {
    /// Of what was `met`, by the scores of its windows without and with an abnormal sample. The
    /// detector begins each piece without a past.
    ///
    /// # Panics
    /// There are fewer scores than windows.
    #[must_use]
    pub fn of(
        met: &Met,
        [normal, abnormal]: [&[u64]; 2],
        threshold: &Threshold,
        debounce: Debounce,
        samples_per_second: Option<f64>,
    ) -> Self {
        let mut judged = vec![Judged::default(); met.events.len()];
        let mut false_alarms = 0;
        for (tested, scores) in met.pieces.iter().zip(met.in_order(normal, abnormal)) {
            let mut stretch: Option<bool> = None;
            for (at, is_alarm) in alarms(&scores, threshold.threshold, debounce).enumerate() {
                let start = tested.piece.range.start + at * met.stride;
                let window = start..start + met.window;
                let events = met.events_in(tested.piece.recording, &window);
                let is_normal = events.is_empty();
                for event in events {
                    let (event, it) = (&met.events[event], &mut judged[event]);
                    it.is_met = true;
                    if is_alarm && it.delay.is_none() {
                        it.delay = Some(window.end - 1 - event.samples.start);
                    }
                }
                stretch = match (is_alarm, stretch) {
                    (true, before) => Some(before.unwrap_or(true) && is_normal),
                    (false, before) => {
                        false_alarms += usize::from(before == Some(true));
                        None
                    }
                };
            }
            false_alarms += usize::from(stretch == Some(true));
        }
        let count = |is: fn(&Judged) -> bool| judged.iter().filter(|it| is(it)).count();
        let seconds = |samples: usize| samples_per_second.map(|rate| samples as f64 / rate);
        let hours = seconds(normal.len() * met.stride).map(|seconds| seconds / 3600.0);
        Self {
            events: met.events.len(),
            judged: count(|it| it.is_met),
            found: count(|it| it.delay.is_some()),
            delay: Delay::of(judged.iter().filter_map(|it| it.delay).collect(), seconds),
            by_label: by_label(&met.events, &judged),
            false_alarms,
            normal_windows: normal.len(),
            false_alarms_per_hour: hours
                .filter(|&hours| hours > 0.0)
                .map(|hours| false_alarms as f64 / hours),
        }
    }

    /// False alarms in a thousand windows without an abnormal sample; `None` without any.
    #[must_use]
    pub fn false_alarms_per_thousand(&self) -> Option<f64> {
        let windows = self.normal_windows;
        (windows > 0).then(|| 1000.0 * self.false_alarms as f64 / windows as f64)
    }
}

impl Delay {
    fn of(mut delays: Vec<usize>, seconds: impl Fn(usize) -> Option<f64>) -> Option<Self> {
        delays.sort_unstable();
        let (median, largest) = (*delays.get(delays.len().checked_sub(1)? / 2)?, *delays.last()?);
        let [median_seconds, largest_seconds] = [median, largest].map(seconds);
        Some(Self { median, largest, median_seconds, largest_seconds })
    }
}

fn by_label(events: &[Event], judged: &[Judged]) -> Vec<LabelEvents> {
    let mut of_label: BTreeMap<&str, LabelEvents> = BTreeMap::new();
    for (event, judged) in events.iter().zip(judged) {
        let of = of_label.entry(&event.label).or_insert_with(|| LabelEvents {
            label: event.label.clone(),
            events: 0,
            judged: 0,
            found: 0,
        });
        of.events += 1;
        of.judged += usize::from(judged.is_met);
        of.found += usize::from(judged.delay.is_some());
    }
    of_label.into_values().collect()
}

/// Whether each window that follows the one before raises an alarm.
fn alarms(
    scores: &[u64],
    threshold: u64,
    Debounce { hits, of }: Debounce,
) -> impl Iterator<Item = bool> + '_ {
    scores.iter().enumerate().map(move |(at, _)| {
        let last = &scores[(at + 1).saturating_sub(of.into())..=at];
        last.iter().filter(|&&score| score > threshold).count() >= usize::from(hits)
    })
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Piece, Tested};

    use super::*;

    const ONE: Debounce = Debounce { hits: 1, of: 1 };

    /// Above 8 is an alarm.
    fn threshold() -> Threshold {
        let threshold = Threshold::calibrate(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 200_000).unwrap();
        assert_eq!(threshold.threshold, 8);
        threshold
    }

    fn event(recording: usize, samples: std::ops::Range<usize>, label: &str) -> Event {
        Event { recording, samples, label: label.to_owned() }
    }

    /// Windows of 4 samples, one every 2, in a recording of 24; a fault of 2 samples, one of a
    /// sample, and one in a recording that is too short.
    fn met() -> Met {
        let of = |at: usize| match 2 * at {
            6..=10 => Some(0),
            18..=20 => Some(1),
            _ => None,
        };
        let piece = Piece { recording: 0, range: 0..24 };
        Met {
            pieces: vec![Tested { piece, faults: (0..11).map(of).collect() }],
            events: vec![event(0, 9..11, "hot"), event(0, 21..22, "off"), event(1, 0..3, "off")],
            window: 4,
            stride: 2,
        }
    }

    fn figures(scores: [u64; 11], debounce: Debounce, rate: Option<f64>) -> EventFigures {
        let met = met();
        let is_normal = |at: &usize| met.pieces[0].faults[*at].is_none();
        let (normal, abnormal): (Vec<usize>, Vec<usize>) = (0..11).partition(is_normal);
        let of = |at: Vec<usize>| at.into_iter().map(|at| scores[at]).collect::<Vec<_>>();
        let (normal, abnormal) = (of(normal), of(abnormal));
        assert_eq!(met.in_order(&normal, &abnormal), [scores]);
        EventFigures::of(&met, [&normal, &abnormal], &threshold(), debounce, rate)
    }

    #[test]
    fn events_and_false_alarms_by_hand() {
        // Windows 0 to 2 and 6 to 8 are normal. One false alarm of two windows, and one that runs
        // into the first event is none.
        let scores = [9, 9, 0, 0, 0, 9, 9, 0, 9, 0, 0];
        let found = figures(scores, ONE, Some(0.5));
        assert_eq!((found.events, found.judged, found.found), (3, 2, 1));
        // Window 5 ends with sample 13; the event begins with sample 9.
        let delay = found.delay.unwrap();
        assert_eq!((delay.median, delay.largest, delay.median_seconds), (4, 4, Some(8.0)));
        assert_eq!((found.false_alarms, found.normal_windows), (2, 6));
        // Six windows of two samples, two seconds each.
        assert_eq!(found.false_alarms_per_hour, Some(2.0 * 3600.0 / 24.0));
        assert_eq!(found.false_alarms_per_thousand(), Some(2000.0 / 6.0));
        let of: Vec<_> =
            found.by_label.iter().map(|l| (&*l.label, l.events, l.judged, l.found)).collect();
        assert_eq!(of, [("hot", 1, 1, 1), ("off", 2, 1, 0)]);
    }

    #[test]
    fn alarms_are_debounced() {
        let twice = Debounce { hits: 2, of: 3 };
        let found = figures([9, 0, 0, 9, 0, 9, 0, 0, 0, 0, 0], twice, None);
        // Windows 3 and 5 make the alarm at 5; neither does alone.
        assert_eq!((found.found, found.delay.unwrap().largest, found.false_alarms), (1, 4, 0));
        let alone = figures([9, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0], twice, None);
        assert_eq!((alone.found, alone.delay, alone.false_alarms), (0, None, 0));
        assert_eq!(alone.false_alarms_per_hour, None);
    }
}
