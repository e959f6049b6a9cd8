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

#[cfg(test)]
mod tests {
    use ae_data::signal::{Groups, Labels, Origin, Recording, SplitSettings, split};
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    use crate::windows::{Cutting, Spacing, WindowSets};

    use super::*;

    /// Far beyond the ends of a map that was fitted to what is normal.
    const FAULT: f32 = 1e4;

    /// A recording of normal samples, from 0 to 4, with faults of any length in it.
    fn recording(rng: &mut ChaCha8Rng, group: Option<usize>) -> Recording {
        let mut up_to = |most: usize| 1 + rng.next_u32() as usize % most;
        let (mut samples, mut labels) = (Vec::new(), Labels::of("ok"));
        while samples.len() < 600 {
            let normal = up_to(200);
            samples.extend((0..normal).map(|at| ((at * at) % 5) as f32));
            let label = ["hot", "off"][up_to(2) - 1];
            labels = labels.then(samples.len(), label);
            samples.resize(samples.len() + up_to(12), FAULT);
            labels = labels.then(samples.len(), "ok");
        }
        samples.extend((0..100).map(|at| ((at * at) % 5) as f32));
        let group = group.map(|group| group.to_string().into());
        Recording { samples, labels, group, origin: Origin::default() }
    }

    #[test]
    fn no_window_of_what_is_normal_holds_an_abnormal_sample() {
        let mut rng = ChaCha8Rng::seed_from_u64(15);
        for seed in 0..30 {
            let has_groups = seed % 2 == 0;
            let count = if has_groups { 6 } else { 1 + seed as usize % 3 };
            let recordings =
                (0..count).map(|at| recording(&mut rng, has_groups.then_some(at))).collect();
            let signals =
                Signals { channels: vec!["a".into()], recordings, notes: vec![], rate: None };
            let groups = Groups::Automatic { seed };
            let normal = vec!["ok".to_owned()];
            let settings = SplitSettings { normal, groups, gap: 8, ..SplitSettings::default() };
            let folds = split(&signals, &settings).unwrap();
            let spacing = Spacing { window: 8, stride: 1 + seed as usize % 5, train_stride: 2 };
            let cutting = Cutting { spacing, counts: false, curves: true, trim: seed % 3 == 0 };
            let sets = WindowSets::of_signals(&signals, &folds, cutting).unwrap();
            for windows in [&sets.train, &sets.calibration, &sets.held_out, &sets.normal] {
                assert!(!windows.is_empty());
                assert!(windows.codes.pixels().iter().all(|&code| code != 255), "{seed}");
            }
            assert!(sets.abnormal.codes.iter().all(|window| window.contains(&255)), "{seed}");
            assert_eq!(sets.abnormal.labels.len(), sets.abnormal.len());
            // Each event of what is held out is judged: a stride is shorter than a window.
            let judged: std::collections::BTreeSet<usize> =
                sets.met.pieces.iter().flat_map(|it| it.faults.iter().flatten().copied()).collect();
            let shadowed = sets.met.events.len() - judged.len();
            assert!(judged.len() > 4 * shadowed, "{} of {}", judged.len(), sets.met.events.len());
        }
    }
}
