//! How what is held out speaks of a drift, as a detector meets it.

use std::cmp::Reverse;

use ae_data::signal::{Signals, Tested};
use ae_infer::Drift;
use serde::Serialize;

use crate::met::Met;
use crate::moment::{Moment, Span};

/// The probability that a drift is told where there is none, in parts per million.
const DELTA_PPM: u32 = 10_000;
/// Scores that a drift begins with, and nothing is said of.
const EDGES: usize = 11;
/// Pieces that are drawn, and points of each.
const MOST: usize = 8;
const MOST_POINTS: usize = 400;

/// What [`Drift`] says of each piece that is held out, begun anew with each: two recordings may be of
/// different machines, and that is no drift.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftCourses {
    /// The probability that it is ever told of a piece where there is none.
    pub delta: f64,
    /// Pieces with windows enough that do not overlap.
    pub pieces: usize,
    /// Those of which a drift is told.
    pub drifted: usize,
    /// Of a few pieces how it came: those of which it is told, then the longest.
    pub drawn: Vec<DriftCourse>,
}

/// The course of a piece.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftCourse {
    /// Its recording.
    pub recording: String,
    /// Its samples.
    pub place: Span,
    /// The last sample of the window at which it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Moment>,
    /// Windows that do not overlap.
    pub windows: usize,
    /// The evidence as it grows, of windows that follow each other the most: 1 is none, and 1 / δ tells
    /// of a drift.
    #[serde(skip)]
    pub evidence: Vec<f64>,
}

impl DriftCourses {
    /// Of the scores of all windows that are met, normal or not; `None` where no piece has enough.
    #[must_use]
    pub fn of(signals: &Signals, met: &Met, normal: &[u64], abnormal: &[u64]) -> Option<Self> {
        let scores = met.in_order(normal, abnormal);
        let pairs = met.pieces.iter().zip(&scores);
        let courses = pairs.filter_map(|(tested, scores)| course(signals, met, tested, scores));
        let mut courses: Vec<DriftCourse> = courses.collect();
        let drifted = courses.iter().filter(|course| course.told.is_some()).count();
        let pieces = courses.len();
        courses.sort_by_key(|course| (course.told.is_none(), Reverse(course.windows)));
        courses.truncate(MOST);
        let delta = f64::from(DELTA_PPM) / 1e6;
        (pieces > 0).then_some(Self { delta, pieces, drifted, drawn: courses })
    }
}

fn course(signals: &Signals, met: &Met, tested: &Tested, scores: &[u64]) -> Option<DriftCourse> {
    // As a board counts along: each window that shares no sample with the one before that counted.
    let step = met.window.div_ceil(met.stride);
    let windows = scores.len().div_ceil(step);
    if windows <= EDGES {
        return None;
    }
    let mut drift = Drift::<EDGES>::new(DELTA_PPM).ok()?;
    let piece = &tested.piece;
    let recording = &signals.recordings[piece.recording];
    let (mut told, mut evidence) = (None, Vec::new());
    for (at, &score) in scores.iter().enumerate().step_by(step) {
        drift.take(score);
        if drift.has_drifted() && told.is_none() {
            let end = piece.range.start + at * met.stride + met.window;
            told = Some(Moment::of(recording, end - 1));
        }
        evidence.push((drift.wealth() as f64 / Drift::<EDGES>::UNIT as f64).max(1.0));
    }
    let most = |part: &[f64]| part.iter().copied().fold(1.0, f64::max);
    let evidence = evidence.chunks(windows.div_ceil(MOST_POINTS)).map(most).collect();
    Some(DriftCourse {
        recording: recording.origin.to_string(),
        place: Span::of(recording, piece.range.clone()),
        told,
        windows,
        evidence,
    })
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Piece, Recording};

    use super::*;

    fn signals(recordings: usize) -> Signals {
        let recording = |_| Recording {
            samples: vec![0.0; 10_000],
            labels: Labels::default(),
            group: None,
            origin: Origin::default(),
        };
        let recordings = (0..recordings).map(recording).collect();
        Signals { channels: vec!["x".into()], recordings, notes: vec![], rate: None }
    }

    /// Pieces of so many windows of 8 samples, one every 4.
    fn met(windows: &[usize]) -> Met {
        let tested = |(recording, &windows): (usize, &usize)| Tested {
            piece: Piece { recording, range: 4..4 + 4 * windows + 4 },
            faults: vec![None; windows],
        };
        let pieces = windows.iter().enumerate().map(tested).collect();
        Met { pieces, events: Vec::new(), window: 8, stride: 4 }
    }

    #[test]
    fn a_shift_is_told_where_it_comes_and_a_piece_begins_anew() {
        let noise = |at: u64| at * 0x9e37_79b9 % 1000;
        let calm = (0..400).map(noise);
        // Twice as high as the other piece throughout, which is no drift, and then it shifts.
        let shifted = (0..400).map(|at| 2000 + noise(at) + if at < 200 { 0 } else { 900 });
        let scores: Vec<u64> = calm.chain(shifted).chain([5; 20]).collect();
        let courses = DriftCourses::of(&signals(3), &met(&[400, 400, 20]), &scores, &[]).unwrap();
        // The third has ten windows that do not overlap, one too few.
        assert_eq!((courses.pieces, courses.drifted, courses.drawn.len()), (2, 1, 2));
        let [first, second] = &courses.drawn[..] else { unreachable!() };
        assert_eq!((first.place.first.sample, first.windows), (4, 200));
        let told = first.told.as_ref().unwrap().sample;
        assert!((4 + 4 * 200..4 + 4 * 300).contains(&told), "{told}");
        assert_eq!(second.told, None);
        assert!(first.evidence.iter().any(|it| *it >= 100.0));
        assert!(second.evidence.iter().all(|it| *it < 100.0));
        // As a board would with the same scores.
        let mut drift = Drift::<EDGES>::new(DELTA_PPM).unwrap();
        let at = scores[400..800].iter().step_by(2).position(|&score| {
            drift.take(score);
            drift.has_drifted()
        });
        assert_eq!(told, 4 + 4 * 2 * at.unwrap() + 7);
    }

    #[test]
    fn without_windows_enough_nothing_is_said() {
        assert_eq!(DriftCourses::of(&signals(1), &met(&[21]), &[7; 21], &[]), None);
        let one = DriftCourses::of(&signals(1), &met(&[23]), &[7; 23], &[]).unwrap();
        assert_eq!((one.drifted, one.drawn[0].windows), (0, 12));
    }

    #[test]
    fn of_many_windows_few_points_are_drawn() {
        let scores: Vec<u64> = (0..2400).map(|at| at * 0x9e37_79b9 % 1000).collect();
        let courses = DriftCourses::of(&signals(1), &met(&[2400]), &scores, &[]).unwrap();
        assert_eq!((courses.drawn[0].windows, courses.drawn[0].evidence.len()), (1200, 400));
    }
}
