//! Where samples are, and when they were taken.

use std::path::Path;

use super::{npy, npz};
use crate::signal::{Signals, Source, read_bytes};

fn timed(file: &str, bytes: &[u8]) -> Signals {
    let source = Source { time: Some("t".into()), ..Source::default() };
    read_bytes(Path::new(file), bytes, &source).unwrap()
}

/// Line, row and time of every sample.
fn places(signals: &Signals) -> Vec<(Option<usize>, Option<usize>, Option<String>)> {
    let of = |recording: usize| {
        let origin = &signals.recordings[recording].origin;
        (0..signals.len_of(recording))
            .map(|at| (origin.line_of(at), origin.row_of(at), origin.time_of(at)))
    };
    (0..signals.recordings.len()).flat_map(of).collect()
}

#[test]
fn a_csv_file_tells_line_and_time_of_every_sample() {
    let text = "t,x,y\n2024-01-01 00:00:00Z,1,2\n\n\r\n2024-01-01 00:00:01Z,3,4\n\
                2024-01-01 00:00:00.5Z,5,6\n\n2024-01-01 00:00:09Z,7,8\n";
    let signals = timed("it.csv", text.as_bytes());
    assert_eq!(signals.recordings.len(), 2, "time goes back");
    let place = |line, time: &str| (Some(line), None, Some(format!("2024-01-01 00:00:{time}Z")));
    let expected = [place(2, "00"), place(5, "01"), place(6, "00.5"), place(8, "09")];
    assert_eq!(places(&signals), expected);
    // Numbers are told as they stand there.
    let signals = timed("it.csv", b"t,x\n 1e3 ,1\n+1001.50,2\n");
    let times: Vec<Option<String>> = places(&signals).into_iter().map(|place| place.2).collect();
    assert_eq!(times, [Some("1e3".to_owned()), Some("+1001.50".to_owned())]);
    // Without a column of times there are none.
    let source = Source { columns: Some(vec!["x".into()]), ..Source::default() };
    let untimed = read_bytes(Path::new("it.csv"), text.as_bytes(), &source).unwrap();
    assert_eq!(places(&untimed)[1], (Some(5), None, None));
}

#[test]
fn arrays_tell_row_and_time() {
    let numbers = |numbers: &[f64]| -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    };
    let samples = npy("<f8", "(4, 1)", &numbers(&[1.0, 2.0, 3.0, 4.0]));
    let times = npy("<f8", "(4,)", &numbers(&[0.0, 0.5, 0.25, 1e-9]));
    let signals = timed("it.npz", &npz(&[("samples", samples.clone()), ("t", times)]));
    assert_eq!(signals.recordings.len(), 3, "time goes back twice");
    let place = |row, time: &str| (None, Some(row), Some(time.to_owned()));
    let expected = [place(0, "0"), place(1, "0.5"), place(2, "0.25"), place(3, "1e-9")];
    assert_eq!(places(&signals), expected);
    let alone = read_bytes(Path::new("it.npy"), &samples, &Source::default()).unwrap();
    assert_eq!(places(&alone)[3], (None, Some(3), None));
}
