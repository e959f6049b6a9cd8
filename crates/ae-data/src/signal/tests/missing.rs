//! Values that are missing, and what was said of them.

use super::{options, read, refusal};
use crate::signal::{Absent, Reading, Signals, Source};

fn source(absent: Absent, codes: &[f32]) -> Source {
    let reading = Reading { absent, absent_codes: codes.to_vec(), ..Reading::default() };
    Source { reading, ..Source::default() }
}

fn parts(signals: &Signals) -> Vec<&[f32]> {
    signals.recordings.iter().map(|recording| &recording.samples[..]).collect()
}

const TEXT: &str = "x,y\n,1\n1,2\n,3\n4,-127\nNaN,\n5,6\n";

#[test]
fn they_are_refused_with_their_places_and_their_number() {
    let message = refusal(TEXT, &source(Absent::Refuse, &[-127.0]));
    for words in ["line 2, column `x`: the value is missing (one of 4 missing", "line 4", "line 6"]
    {
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn the_last_value_stands_for_them() {
    let signals = read(TEXT, &source(Absent::Hold, &[-127.0])).unwrap();
    let expected = [1.0, 2.0, 1.0, 3.0, 4.0, 3.0, 4.0, 3.0, 5.0, 6.0];
    assert_eq!(parts(&signals), [&expected[..]]);
    let origin = &signals.recordings[0].origin;
    assert_eq!((origin.line_of(0), origin.line_of(4)), (Some(3), Some(7)));
    let told: Vec<String> = signals.told().collect();
    assert_eq!(
        told,
        [
            "it.csv: missing values became the last value before them: 2 of `x`, 2 of `y`, at most 2 \
             in a row; a board must do the same; 1 sample is left out, because a channel has had no \
             value before"
        ]
    );
    // Not of another recording.
    let by_group = Source { group: Some("who".into()), ..source(Absent::Hold, &[]) };
    let signals = read("x,who\n1,a\n,a\n,b\n2,b\n", &by_group).unwrap();
    assert_eq!(parts(&signals), [&[1.0, 1.0][..], &[2.0]]);
    // A code that nobody names is a value.
    let signals = read("x\n1\n-127\n", &source(Absent::Hold, &[])).unwrap();
    assert_eq!(parts(&signals), [&[1.0, -127.0][..]]);
}

#[test]
fn a_recording_ends_at_them() {
    let signals = read(TEXT, &source(Absent::Split, &[-127.0])).unwrap();
    assert_eq!(parts(&signals), [&[1.0, 2.0][..], &[5.0, 6.0]]);
    let told: Vec<String> = signals.told().collect();
    assert!(told[0].starts_with("it.csv: 4 samples with a missing value are left out"), "{told:?}");
    let nothing = refusal("x\n-\n\n?\n", &source(Absent::Split, &[]));
    assert!(nothing.contains("there are no samples"), "{nothing}");
}

#[test]
fn arrays_do_the_same() {
    let numbers = [f32::NAN, 1.0, 2.0, -127.0, 5.0, 6.0];
    let file = super::npy("<f4", "(3, 2)", &super::f32s(&numbers));
    let of = |absent| super::read_of("it.npy", &file, &source(absent, &[-127.0]));
    assert!(of(Absent::Refuse).unwrap_err().to_string().contains("say whether the channel's last"));
    let held = of(Absent::Hold);
    assert!(held.as_ref().is_ok_and(|held| held.recordings.len() == 1), "{held:?}");
    let numbers = [1.0, f32::NAN, 2.0, 3.0, -127.0, 4.0, f32::NAN, 5.0];
    let file = super::npy("<f4", "(4, 2)", &super::f32s(&numbers));
    let of = |absent| super::read_of("it.npy", &file, &source(absent, &[-127.0])).unwrap();
    let held = of(Absent::Hold);
    assert_eq!(parts(&held), [&[2.0, 3.0, 2.0, 4.0, 2.0, 5.0][..]]);
    assert_eq!(held.recordings[0].origin.row_of(0), Some(1));
    assert_eq!(parts(&of(Absent::Split)), [&[2.0, 3.0][..]]);
    // What is infinite is no missing value, and has its place.
    let numbers = [f32::NAN, 1.0, f32::INFINITY, 1.0];
    let file = super::npy("<f4", "(2, 2)", &super::f32s(&numbers));
    let refused = super::refusal_of_bytes("it.npy", &file, &source(Absent::Split, &[]));
    assert!(refused.contains("the array, sample 1, column `0`: `inf` is infinite"), "{refused}");
}

#[test]
fn lines_without_any_value_are_missing_values() {
    for text in ["x\n1\n\n\n2\n", "x,y\n1,1\n,\n,\n2,2\n"] {
        let held = read(text, &source(Absent::Hold, &[])).unwrap();
        let first: Vec<f32> = held.recordings[0]
            .samples
            .chunks(held.channels.len())
            .map(|sample| sample[0])
            .collect();
        assert_eq!(first, [1.0, 1.0, 1.0, 2.0], "{text:?}");
        let origin = &held.recordings[0].origin;
        let lines: Vec<_> = (0..4).map(|at| origin.line_of(at)).collect();
        assert_eq!(lines, [Some(2), Some(3), Some(4), Some(5)]);
        let split = read(text, &source(Absent::Split, &[])).unwrap();
        assert_eq!(split.recordings.len(), 2, "{text:?}");
    }
    // Where something should stand beside them, it is missing too.
    let timed = Source { time: Some("t".into()), ..source(Absent::Hold, &[]) };
    let refused = refusal("t,x\n0,1\n,\n2,2\n", &timed);
    assert!(refused.contains("line 3: the row has no values"), "{refused}");
    let refused = refusal("t,x\n0,1\n,2\n", &timed);
    assert!(refused.contains("line 3, column `t`: the value is missing"), "{refused}");
    let label = Source { reading: timed.reading.clone(), ..options("", "", "what", "") };
    let refused = refusal("what,x\nok,1\n,2\n", &label);
    assert!(refused.contains("column `what`: the value is missing"), "{refused}");
}
