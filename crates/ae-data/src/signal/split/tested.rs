//! What is tested on, as a detector meets it.

use super::{Folds, Piece};
use crate::signal::Signals;

/// Samples that a detector is played, and what is true of each window of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// The samples: from the first of the first window to the last of the last.
    pub piece: Piece,
    /// Of each window, one every stride, the fault that it belongs to, as a position in
    /// [`Folds::test_abnormal`]: of those that it holds the one of the label that has most samples in
    /// it, of as many the first. `None` of a window that holds none: it is normal.
    pub faults: Vec<Option<usize>>,
}

impl Folds {
    /// What is tested on as a detector meets it, which knows nothing of labels: pieces run on where a
    /// label changes. Each window of them either holds abnormal samples to test on, whatever the others
    /// are, or is of normal samples to test on alone.
    ///
    /// Without abnormal samples these are the pieces of `test_normal`.
    #[must_use]
    pub fn tested(&self, signals: &Signals, window: usize, stride: usize) -> Vec<Tested> {
        if window == 0 || stride == 0 {
            return Vec::new();
        }
        let mut tested: Vec<Tested> = Vec::new();
        for piece in self.around(signals, window, stride) {
            let Piece { recording, range } = piece;
            let last = range.end.checked_sub(window);
            let starts = last.into_iter().flat_map(|last| (range.start..=last).step_by(stride));
            let mut goes_on = false;
            for start in starts {
                let samples = Piece { recording, range: start..start + window };
                let truth = self.truth(signals, &samples);
                if let Some(fault) = truth {
                    match tested.last_mut() {
                        Some(last) if goes_on => {
                            last.piece.range.end = samples.range.end;
                            last.faults.push(fault);
                        }
                        _ => tested.push(Tested { piece: samples, faults: vec![fault] }),
                    }
                }
                goes_on = truth.is_some();
            }
        }
        tested
    }

    /// Pieces that hold all windows that could count, none of them touching another.
    fn around(&self, signals: &Signals, window: usize, stride: usize) -> Vec<Piece> {
        // Whoever watches the recording from its beginning meets windows at these places.
        let around = |Piece { recording, range }: &Piece| {
            let first = (range.start + 1).saturating_sub(window).next_multiple_of(stride);
            let end = (range.end + window - 1).min(signals.len_of(*recording));
            Piece { recording: *recording, range: first..end.max(first) }
        };
        let abnormal = self.test_abnormal.iter().map(around);
        let mut all: Vec<Piece> = self.test_normal.iter().cloned().chain(abnormal).collect();
        all.sort_by_key(|piece| (piece.recording, piece.range.start));
        let mut joined: Vec<Piece> = Vec::new();
        for piece in all {
            match joined.last_mut() {
                Some(last)
                    if last.recording == piece.recording && last.range.end >= piece.range.start =>
                {
                    last.range.end = last.range.end.max(piece.range.end);
                }
                _ => joined.push(piece),
            }
        }
        joined
    }

    /// The fault that a window belongs to, or `Some(None)` of one that is normal; `None` of one that
    /// is not tested on.
    fn truth(&self, signals: &Signals, window: &Piece) -> Option<Option<usize>> {
        let overlaps = |pieces: &[Piece]| -> Vec<(usize, usize)> {
            // Pieces of a fold are in order, and do not overlap.
            let key = |piece: &Piece| (piece.recording, piece.range.end);
            let first =
                pieces.partition_point(|it| key(it) <= (window.recording, window.range.start));
            let of = pieces[first..].iter().enumerate().take_while(|(_, it)| {
                it.recording == window.recording && it.range.start < window.range.end
            });
            of.map(|(at, it)| {
                let start = it.range.start.max(window.range.start);
                (first + at, it.range.end.min(window.range.end) - start)
            })
            .collect()
        };
        let faults = overlaps(&self.test_abnormal);
        if faults.is_empty() {
            let normal: usize =
                overlaps(&self.test_normal).iter().map(|(_, samples)| samples).sum();
            return (normal == window.range.len()).then_some(None);
        }
        let label = |fault: usize| {
            let Piece { recording, range } = &self.test_abnormal[fault];
            signals.recordings[*recording].labels.at(range.start)
        };
        let of_label = |wanted: usize| -> usize {
            let same = faults.iter().filter(|(fault, _)| label(*fault) == label(wanted));
            same.map(|(_, samples)| samples).sum()
        };
        let mut most = faults[0].0;
        for &(fault, _) in &faults[1..] {
            if of_label(fault) > of_label(most) {
                most = fault;
            }
        }
        Some(Some(most))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Groups, SplitSettings, split};
    use super::*;
    use crate::signal::{Labels, Origin, Recording};

    /// A recording of `len` samples that are `ok` but for these labels.
    fn recording(len: usize, group: &str, faults: &[(usize, usize, &str)]) -> Recording {
        let labels = faults.iter().fold(Labels::of("ok"), |labels, &(start, end, label)| {
            labels.then(start, label).then(end, "ok")
        });
        let group = (!group.is_empty()).then(|| group.into());
        Recording { samples: vec![0.0; len], labels, group, origin: Origin::default() }
    }

    fn signals(recordings: Vec<Recording>) -> Signals {
        Signals { channels: vec!["a".into()], recordings, notes: vec![], rate: None }
    }

    fn folds(signals: &Signals, groups: Groups, gap: usize) -> Folds {
        let normal = vec!["ok".to_owned()];
        split(signals, &SplitSettings { normal, groups, gap, ..SplitSettings::default() }).unwrap()
    }

    fn three() -> Groups {
        let [train, calibrate, test] = ["1", "2", "3"].map(|name| vec![name.to_owned()]);
        Groups::Named { train, calibrate, test }
    }

    fn of_three(test: Recording) -> (Signals, Folds) {
        let signals = signals(vec![recording(40, "1", &[]), recording(40, "2", &[]), test]);
        let folds = folds(&signals, three(), 8);
        (signals, folds)
    }

    /// First sample and fault of each window.
    fn windows(tested: &[Tested], stride: usize) -> Vec<(usize, Option<usize>)> {
        let of = |it: &Tested| {
            let start = it.piece.range.start;
            let faults = it.faults.clone().into_iter().enumerate();
            faults.map(move |(at, fault)| (start + at * stride, fault)).collect::<Vec<_>>()
        };
        tested.iter().flat_map(of).collect()
    }

    #[test]
    fn a_recording_of_the_test_is_played_whole() {
        // Shorter than a window.
        let (signals, folds) = of_three(recording(40, "3", &[(20, 23, "hot")]));
        let tested = folds.tested(&signals, 8, 4);
        assert_eq!(tested.len(), 1);
        assert_eq!(tested[0].piece, Piece { recording: 2, range: 0..40 });
        let expected = [None, None, None, None, Some(0), Some(0), None, None, None];
        assert_eq!(tested[0].faults, expected);
    }

    #[test]
    fn without_abnormal_samples_nothing_changes() {
        let (signals, folds) = of_three(recording(41, "3", &[]));
        let tested = folds.tested(&signals, 8, 4);
        let windows = crate::signal::windows(&signals, &folds.test_normal, 8, 4).unwrap();
        assert_eq!(tested[0].faults, vec![None; windows.len()]);
    }

    #[test]
    fn a_window_belongs_to_the_label_that_has_most_of_it() {
        let faults = [(20, 22, "a"), (23, 25, "b"), (26, 27, "a")];
        let (signals, folds) = of_three(recording(60, "3", &faults));
        let of = windows(&folds.tested(&signals, 8, 1), 1);
        let fault = |start: usize| of.iter().find(|(at, _)| *at == start).unwrap().1;
        // 20 to 27: three of a, two of b. 21 to 28: two of each, and a is first. 22 to 29: b.
        assert_eq!([19, 20, 21, 22, 25].map(fault), [0, 0, 0, 1, 2].map(Some));
        assert_eq!([12, 27].map(fault), [None, None]);
    }

    #[test]
    fn no_window_holds_what_was_trained_on_but_beside_a_fault() {
        // Runs of normal samples that are drawn, between faults that are shorter than a window.
        let faults: Vec<(usize, usize, &str)> =
            (1..12).map(|at| (40 * at, 40 * at + 3, "hot")).collect();
        let signals = signals(vec![recording(480, "", &faults)]);
        for seed in 0..5 {
            let folds = folds(&signals, Groups::Automatic { seed }, 8);
            for stride in [1, 3, 8, 11] {
                let tested = folds.tested(&signals, 8, stride);
                let mut seen = std::collections::BTreeSet::new();
                for (start, fault) in windows(&tested, stride) {
                    assert!(seen.insert(start), "no window twice");
                    let holds = |pieces: &[Piece]| {
                        pieces.iter().any(|it| it.range.start < start + 8 && start < it.range.end)
                    };
                    assert_eq!(fault.is_some(), holds(&folds.test_abnormal));
                    let used = holds(&folds.train) || holds(&folds.calibrate);
                    assert!(fault.is_some() || !used, "{start}");
                }
                let faulty = seen.len();
                assert!(faulty > 0, "{stride}");
                if stride <= 8 {
                    let judged: std::collections::BTreeSet<_> =
                        tested.iter().flat_map(|it| it.faults.iter().flatten()).collect();
                    assert_eq!(judged.len(), 11, "every fault");
                }
            }
        }
    }
}
