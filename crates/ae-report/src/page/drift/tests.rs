//! What a reader sees of the drawings is what a board would tell of each recording by itself.

use ae_data::signal::{Labels, Origin, Piece, Recording, Signals, Tested};
use ae_detect::met::Met;
use ae_detect::report::DriftCourses;
use ae_infer::Drift;

use super::those;

/// 1 / δ.
const LIMIT: f64 = 100.0;
const WINDOW: usize = 8;
const STRIDE: usize = 4;

/// A drawing, as a reader sees it.
#[derive(Debug, Clone, PartialEq)]
struct Drawing {
    /// The line, from left to right.
    line: Vec<(f64, f64)>,
    /// Where the line of what tells of a drift lies.
    limit: f64,
    /// Where what is marked begins and ends, if anything is.
    marked: Option<(f64, f64)>,
    /// What is said above it.
    words: String,
}

/// The text between two others.
fn between<'t>(text: &'t str, before: &str, behind: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(behind)?.0)
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// The drawings of a page, one below the other.
fn drawings(page: &str) -> Vec<Drawing> {
    let rows = page.split("<p class=\"channel\">").skip(1);
    let drawing = |row: &str| {
        let path = |class: &str| between(row, &format!("<path class=\"{class}\" d=\""), "\"");
        let line = path("line signal").expect("a line").trim_start_matches('M');
        let point = |point: &str| {
            let (x, y) = point.split_once(' ').expect("two numbers");
            (number(x), number(y))
        };
        let mark = |path: &str| {
            let begin = between(path, "M", " ").expect("where it begins");
            (number(begin), number(between(path, "H", "V").expect("where it ends")))
        };
        Drawing {
            line: line.split('L').map(point).collect(),
            limit: number(between(path("limit").expect("a limit"), "M0 ", "H").expect("a height")),
            marked: path("alarm").map(mark),
            words: between(row, "<small>", "</small>").expect("words").to_owned(),
        }
    };
    rows.map(drawing).collect()
}

/// Whether a drawing shows this evidence, and its mark begins where the evidence reaches 1 / δ.
fn shows(drawing: &Drawing, evidence: &[f64]) -> Result<(), String> {
    let Drawing { line, limit, marked, .. } = drawing;
    if line.len() != evidence.len() {
        return Err(format!("{} points of {}", line.len(), evidence.len()));
    }
    for (at, (&(x, y), &evidence)) in line.iter().zip(evidence).enumerate() {
        // Heights are those of logarithms, 1 at the foot, written to a tenth.
        let expected = 94.0 + (limit - 94.0) * evidence.ln() / LIMIT.ln();
        if x != at as f64 || (y - expected.max(6.0)).abs() > 0.16 {
            return Err(format!("point {at} of {evidence} lies at {x}, {y}, not {expected}"));
        }
    }
    let crossed = evidence.iter().position(|&evidence| evidence >= LIMIT);
    let expected = crossed.map(|at| (at as f64, (evidence.len() - 1) as f64));
    match *marked == expected {
        true => Ok(()),
        false => Err(format!("marked is {marked:?}, and it is crossed at {expected:?}")),
    }
}

/// What a board has of a recording's scores: the evidence of each window that overlaps none before, and
/// at which of them it tells.
fn on_a_board(scores: &[u64], drift: &mut Drift<11>) -> (Vec<f64>, Option<usize>) {
    let mut told = None;
    let apart = scores.iter().step_by(WINDOW / STRIDE).enumerate();
    let evidence = apart.map(|(at, &score)| {
        drift.take(score);
        if drift.has_drifted() {
            told = told.or(Some(at));
        }
        (drift.wealth() as f64 / Drift::<11>::UNIT as f64).max(1.0)
    });
    (evidence.collect(), told)
}

/// Scores of three recordings: one that shifts, one that is higher throughout, one that shifts late.
fn recordings() -> [Vec<u64>; 3] {
    let noise = |at: u64| at * 0x9e37_79b9 % 1000;
    let scores = |len: u64, base: u64, shifts: u64| {
        (0..len).map(|at| base + noise(at) + if at < shifts { 0 } else { 900 }).collect()
    };
    [scores(400, 0, 200), scores(360, 5000, 360), scores(320, 20_000, 220)]
}

fn courses(recordings: &[Vec<u64>]) -> DriftCourses {
    let recording = |scores: &Vec<u64>| Recording {
        samples: vec![0.0; STRIDE * scores.len() + WINDOW],
        labels: Labels::default(),
        group: None,
        origin: Origin::default(),
    };
    let signals = Signals {
        channels: vec!["x".to_owned()],
        recordings: recordings.iter().map(recording).collect(),
        notes: vec![],
        rate: None,
    };
    let tested = |(recording, scores): (usize, &Vec<u64>)| Tested {
        piece: Piece { recording, range: 0..STRIDE * (scores.len() - 1) + WINDOW },
        faults: vec![None; scores.len()],
    };
    let pieces = recordings.iter().enumerate().map(tested).collect();
    let met = Met { pieces, events: vec![], window: WINDOW, stride: STRIDE };
    DriftCourses::of(&signals, &met, &recordings.concat(), &[]).expect("windows enough")
}

fn page(courses: &DriftCourses) -> String {
    those(courses).into_string()
}

#[test]
fn each_recording_is_drawn_by_itself_and_marked_where_it_crosses() {
    let recordings = recordings();
    let drawn = drawings(&page(&courses(&recordings)));
    // Those of which a drift is told, the longest first; then the others.
    let [first, calm, late] = &recordings;
    let expected = [first, late, calm];
    assert_eq!(drawn.len(), expected.len());
    let mut marked = 0;
    for (drawing, scores) in drawn.iter().zip(expected) {
        let (evidence, told) = on_a_board(scores, &mut Drift::new(10_000).unwrap());
        assert_eq!(shows(drawing, &evidence), Ok(()));
        // The mark begins with the window that tells, and the words name that window's last sample.
        assert_eq!(drawing.marked.map(|(begin, _)| begin), told.map(|at| at as f64));
        let words = told.map_or("none told".to_owned(), |at| {
            format!("told with sample {}", at * WINDOW + WINDOW - 1)
        });
        assert!(drawing.words.contains(&words), "no `{words}` in: {}", drawing.words);
        marked += usize::from(told.is_some());
    }
    assert_eq!(marked, 2);
}

#[test]
fn of_many_windows_the_mark_begins_with_the_point_that_holds_the_crossing() {
    let scores: Vec<u64> =
        (0..5000).map(|at| at * 0x9e37_79b9 % 1000 + if at < 3000 { 0 } else { 900 }).collect();
    let drawn = drawings(&page(&courses(std::slice::from_ref(&scores))));
    let (evidence, told) = on_a_board(&scores, &mut Drift::new(10_000).unwrap());
    // 2,500 windows are 358 points of 7.
    let most = |part: &[f64]| part.iter().copied().fold(1.0, f64::max);
    let points: Vec<f64> = evidence.chunks(7).map(most).collect();
    assert_eq!(shows(&drawn[0], &points), Ok(()));
    assert_eq!(drawn[0].marked, Some(((told.unwrap() / 7) as f64, 357.0)));
}

#[test]
fn a_mark_in_another_place_and_a_recording_that_goes_on_would_be_seen() {
    let recordings = recordings();
    let drawn = drawings(&page(&courses(&recordings)));
    let [first, calm, _] = &recordings;
    let (evidence, told) = on_a_board(first, &mut Drift::new(10_000).unwrap());
    let told = told.unwrap();
    for wrong in [None, Some(told - 1), Some(told + 1), Some(0)] {
        let marked = wrong.map(|at| (at as f64, 199.0));
        let error = shows(&Drawing { marked, ..drawn[0].clone() }, &evidence).unwrap_err();
        assert!(error.contains("it is crossed at"), "{error}");
    }
    let mut moved = drawn[0].clone();
    moved.line[told].1 += 0.5;
    assert!(shows(&moved, &evidence).unwrap_err().contains(&format!("point {told} of")));

    // A drift that is not begun anew with a recording: it takes the second's level for a change.
    let mut goes_on = Drift::new(1).unwrap();
    on_a_board(&first[..200], &mut goes_on);
    let (evidence, _) = on_a_board(calm, &mut goes_on);
    assert!(evidence.iter().any(|&evidence| evidence >= LIMIT));
    assert!(shows(&drawn[2], &evidence).is_err());
}
