//! What was recorded while samples follow each other.

use std::ops::Range;
use std::sync::Arc;

use super::{Piece, Signals};

/// What was recorded, such as an exercise or a fault, and from which sample on. A label may change
/// while samples follow each other: a detector that watches them knows nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels(Vec<(usize, Arc<str>)>);

/// Samples of one recording and of one label that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Where they are.
    pub piece: Piece,
    /// What was recorded; `None` where there are no labels.
    pub label: Option<Arc<str>>,
}

impl Labels {
    /// One from the first sample on.
    #[must_use]
    pub fn of(label: impl Into<Arc<str>>) -> Self {
        Self(vec![(0, label.into())])
    }

    /// Says that samples from `at` on have another label.
    #[must_use]
    pub fn then(mut self, at: usize, label: impl Into<Arc<str>>) -> Self {
        self.change(at, label.into());
        self
    }

    pub(super) fn change(&mut self, at: usize, label: Arc<str>) {
        self.0.push((at, label));
    }

    /// That of the last sample.
    pub(super) fn last(&self) -> Option<&Arc<str>> {
        self.0.last().map(|(_, label)| label)
    }

    /// That of a sample.
    #[must_use]
    pub fn at(&self, sample: usize) -> Option<&Arc<str>> {
        let before = self.0.partition_point(|(start, _)| *start <= sample);
        before.checked_sub(1).map(|at| &self.0[at].1)
    }

    /// Labels of a recording of `len` samples, and which of them have it.
    pub fn runs(
        &self,
        len: usize,
    ) -> impl DoubleEndedIterator<Item = (Range<usize>, Option<&Arc<str>>)> {
        let unsaid = self.0.is_empty().then_some((0..len, None));
        let said = self.0.iter().enumerate().map(move |(at, (start, label))| {
            let end = self.0.get(at + 1).map_or(len, |(end, _)| *end);
            (*start..end, Some(label))
        });
        unsaid.into_iter().chain(said)
    }

    /// Those of a part, from its first or from its last sample on.
    pub(super) fn part(&self, range: Range<usize>, is_turned: bool) -> Self {
        let inside = self.runs(range.end.max(self.0.last().map_or(0, |(start, _)| *start)));
        let mut part: Vec<(usize, Arc<str>)> = inside
            .filter_map(|(run, label)| {
                let (start, end) = (run.start.max(range.start), run.end.min(range.end));
                let new =
                    if is_turned { range.end - end.min(range.end) } else { start - range.start };
                (start < end).then(|| label.map(|label| (new, label.clone()))).flatten()
            })
            .collect();
        part.sort_by_key(|(start, _)| *start);
        Self(part)
    }
}

impl Signals {
    /// All recordings, a run for each label that follows another one.
    pub fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        self.recordings.iter().enumerate().flat_map(|(recording, it)| {
            it.labels.runs(self.len_of(recording)).map(move |(range, label)| Run {
                piece: Piece { recording, range },
                label: label.cloned(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(labels: &Labels, len: usize) -> Vec<(Range<usize>, Option<&str>)> {
        labels.runs(len).map(|(range, label)| (range, label.map(|label| &**label))).collect()
    }

    #[test]
    fn each_label_lasts_until_the_next() {
        assert_eq!(told(&Labels::default(), 5), [(0..5, None)]);
        let labels = Labels::of("ok").then(3, "fault").then(5, "ok");
        let all = [(0..3, Some("ok")), (3..5, Some("fault")), (5..9, Some("ok"))];
        assert_eq!(told(&labels, 9), all);
    }

    #[test]
    fn a_part_has_the_labels_of_its_samples() {
        let labels = Labels::of("a").then(3, "b").then(5, "c");
        let part = |range: Range<usize>, is_turned| {
            let part = labels.part(range.clone(), is_turned);
            part.runs(range.len()).map(|(at, label)| (at, label.unwrap().to_string())).collect()
        };
        let named = |runs: &[(Range<usize>, &str)]| -> Vec<(Range<usize>, String)> {
            runs.iter().map(|(range, label)| (range.clone(), (*label).to_owned())).collect()
        };
        let check = |range, is_turned, expected: &[(Range<usize>, &str)]| {
            let found: Vec<(Range<usize>, String)> = part(range, is_turned);
            assert_eq!(found, named(expected));
        };
        check(0..9, false, &[(0..3, "a"), (3..5, "b"), (5..9, "c")]);
        check(0..9, true, &[(0..4, "c"), (4..6, "b"), (6..9, "a")]);
        check(3..4, false, &[(0..1, "b")]);
        check(1..4, true, &[(0..1, "b"), (1..3, "a")]);
        check(6..9, false, &[(0..3, "c")]);
        assert_eq!(Labels::default().part(2..4, true), Labels::default());
    }
}
