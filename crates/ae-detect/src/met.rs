//! Held-out recordings as a detector meets them: windows one after the other, and the events in them.

use std::ops::Range;

use ae_data::signal::{Folds, Piece, Signals, Tested, WindowAt};

/// What a recording without a label of its own is called where others have one.
const UNSAID: &str = "abnormal";

/// Held-out recordings as a detector meets them, which knows nothing of labels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Met {
    /// What is played, and of each window the event that it belongs to, as a position in `events`.
    pub pieces: Vec<Tested>,
    /// All that happened, also what lies in no window, in the order of the recordings.
    pub events: Vec<Event>,
    /// Samples of a window.
    pub window: usize,
    /// Samples from one to the next.
    pub stride: usize,
}

/// Abnormal samples of one label that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its recording, as a position.
    pub recording: usize,
    /// Its samples, counted from 0 in the recording.
    pub samples: Range<usize>,
    /// What happened.
    pub label: String,
}

impl Met {
    /// What `folds` have to test on, in windows of a size, one every stride.
    #[must_use]
    pub fn of(signals: &Signals, folds: &Folds, [window, stride]: [usize; 2]) -> Self {
        let event = |Piece { recording, range }: &Piece| {
            let label = signals.recordings[*recording].labels.at(range.start);
            Event {
                recording: *recording,
                samples: range.clone(),
                label: label.map_or_else(|| UNSAID.to_owned(), ToString::to_string),
            }
        };
        let pieces = folds.tested(signals, window, stride);
        let events = folds.test_abnormal.iter().map(event).collect();
        Self { pieces, events, window, stride }
    }

    /// Where the windows are without an abnormal sample, and those with one or more.
    #[must_use]
    pub fn windows(&self) -> [Vec<WindowAt>; 2] {
        let (mut normal, mut abnormal) = (Vec::new(), Vec::new());
        for tested in &self.pieces {
            let Piece { recording, range } = &tested.piece;
            for (at, event) in tested.faults.iter().enumerate() {
                let set = if event.is_some() { &mut abnormal } else { &mut normal };
                set.push(WindowAt { recording: *recording, start: range.start + at * self.stride });
            }
        }
        [normal, abnormal]
    }

    /// The label of each window with an abnormal sample.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let faults = self.pieces.iter().flat_map(|tested| tested.faults.iter().flatten());
        faults.map(|&event| self.events[event].label.clone()).collect()
    }

    /// Figures of all windows as they follow each other in each piece, of those of the windows
    /// without an abnormal sample and those with one.
    ///
    /// # Panics
    /// There are fewer figures than windows.
    #[must_use]
    pub fn in_order<T: Copy>(&self, normal: &[T], abnormal: &[T]) -> Vec<Vec<T>> {
        let (mut normal, mut abnormal) = (normal.iter(), abnormal.iter());
        let mut next = |event: &Option<usize>| {
            let of = if event.is_some() { &mut abnormal } else { &mut normal };
            *of.next().expect("a figure for each window")
        };
        self.pieces.iter().map(|tested| tested.faults.iter().map(&mut next).collect()).collect()
    }

    /// Positions of the events that have samples in a window.
    pub(crate) fn events_in(&self, recording: usize, window: &Range<usize>) -> Range<usize> {
        let before =
            |event: &Event| (event.recording, event.samples.end) <= (recording, window.start);
        let until =
            |event: &Event| (event.recording, event.samples.start) < (recording, window.end);
        self.events.partition_point(before)..self.events.partition_point(until)
    }
}
