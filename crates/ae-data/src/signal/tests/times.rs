//! What a column of times does to recordings.

use super::{options, read, source};
use crate::signal::{Signals, Source};

/// A file whose times are these, and whose only channel counts from 0.
fn file(times: impl IntoIterator<Item = String>) -> String {
    let rows = times.into_iter().enumerate().map(|(at, time)| format!("{at};{time}\n"));
    format!("x;t\n{}", rows.collect::<String>())
}

fn timed(text: &str) -> Signals {
    read(text, &options("x", "t", "", "")).unwrap()
}

fn lengths(signals: &Signals) -> Vec<usize> {
    (0..signals.recordings.len()).map(|at| signals.len_of(at)).collect()
}

fn notes(signals: &Signals) -> Vec<String> {
    signals.told().collect()
}

#[test]
fn dates_are_one_recording_however_they_are_written() {
    let half = |hour: usize| ((hour + 11) % 12 + 1, hour / 12 % 2);
    let clock = |at: usize| {
        let (hour, half) = half(at / 60);
        format!("2024-10-25 {hour:02}:{:02}:00 {}", at % 60, ["AM", "PM"][half])
    };
    // Wall clocks at the end of summer time, with the offset beside them.
    let offset = |at: usize| {
        let (hour, zone) = if at < 180 { (at / 60, 2) } else { (at / 60 - 1, 1) };
        format!("2024-10-27T{hour:02}:{:02}:00+0{zone}:00", at % 60)
    };
    let unpadded = |at: usize| format!("{}.{}.2024 {}:{}", 1 + at / 31 % 2, 9, at / 31, at % 31);
    // Neither says by itself where the day stands: the 9th to the 12th, and then the next month.
    let british = |at: usize| format!("{}/{}/2024 12:00", 1 + at % 12, 1 + at / 12);
    let american = |at: usize| format!("{}/{}/2024 12:00", 1 + at / 12, 1 + at % 12);
    for times in [
        (0..1440).map(clock).collect::<Vec<_>>(),
        (0..400).map(offset).collect(),
        (0..31).map(unpadded).collect(),
        (0..12).map(british).collect(),
        (0..12).map(american).collect(),
        (0..90).map(|at| format!("20241025T10{:02}{:02}Z", at / 60, at % 60)).collect(),
        (0..90).map(|at| format!("2024102510{:02}{:02}", at / 60, at % 60)).collect(),
        (0..50)
            .map(|at| format!("Oct {}, 2024 8:{at}:00 pm", 5))
            .map(|it| it.replace(":0:", ":00:"))
            .collect(),
    ] {
        let signals = timed(&file(times.clone()));
        assert_eq!(lengths(&signals), [times.len()], "{}", times[0]);
        assert_eq!(notes(&signals), [""; 0], "{}", times[0]);
    }
}

#[test]
fn the_newest_sample_may_come_first() {
    let time = |at: usize| format!("2024-10-25 10:{:02}:00", 59 - at);
    let signals = timed(&file((0..60).map(time)));
    let [recording] = &signals.recordings[..] else { panic!("{signals:?}") };
    assert_eq!(recording.samples[..3], [59.0, 58.0, 57.0]);
    assert_eq!(recording.origin.to_string(), "it.csv, line 61");
    let (line, time) = (recording.origin.line_of(59), recording.origin.time_of(59));
    assert_eq!((line, time.as_deref()), (Some(2), Some("2024-10-25 10:59:00")));
    let [note] = &notes(&signals)[..] else { panic!() };
    assert!(note.contains("it.csv: the newest samples come first"), "{note}");
    // With recordings, the last of them is the first.
    let rows = (0..40).map(|at| format!("{at};{};{}\n", 40 - at, at / 25));
    let text = format!("x;t;run\n{}", rows.collect::<String>());
    let by_run = Source { recording: Some("run".into()), ..options("x", "t", "", "") };
    let signals = read(&text, &by_run).unwrap();
    assert_eq!(lengths(&signals), [15, 25]);
    assert_eq!((signals.recordings[0].samples[0], signals.recordings[1].samples[24]), (39.0, 0.0));
}

#[test]
fn a_gap_in_time_ends_a_recording() {
    let gap = |at: usize| at as f64 / 10.0 + if at >= 60 { 7.5 } else { 0.0 };
    let signals = timed(&file((0..100).map(|at| format!("{:.1}", gap(at)))));
    assert_eq!(lengths(&signals), [60, 40]);
    assert_eq!(signals.recordings[1].origin.to_string(), "it.csv, line 62");
    assert_eq!(signals.recordings[1].origin.time_of(39).as_deref(), Some("17.4"));
    assert_eq!(
        notes(&signals),
        [
            "it.csv: 1 gap in time of up to 7.6, where a step is usually 0.1; a recording ends at each"
        ]
    );
    // A sample that is lost, several samples in a second, steps of all lengths, and few steps.
    for times in [
        (0..99).map(|at| at + usize::from(at > 40) * 3).collect::<Vec<_>>(),
        (0..99).map(|at| at / 10).collect(),
        (0..99).map(|at| at * at).collect(),
        vec![0, 1, 2, 900, 901, 902, 903, 904],
    ] {
        let signals = timed(&file(times.iter().map(ToString::to_string)));
        assert_eq!(lengths(&signals), [times.len()], "{times:?}");
    }
    // A second's burst each minute, and dates.
    let burst = |at: usize| format!("2024-10-25 10:{:02}:00.{:02}", at / 20, at % 20 * 5);
    let signals = timed(&file((0..200).map(burst)));
    assert_eq!(lengths(&signals), [20; 10]);
    assert!(
        notes(&signals)[0].contains("9 gaps in time of up to 59.05 s"),
        "{:?}",
        notes(&signals)
    );
}

#[test]
fn large_numbers_that_lose_their_differences_are_told() {
    let rows = |of: fn(usize) -> String| {
        (0..300).fold("x,y\n".to_owned(), |text, at| text + &of(at) + "\n")
    };
    let large = |at: usize| format!("{},{}", 473_977_400 + at * 7919 % 98, at * 7919 % 13);
    let signals = read(&rows(large), &source()).unwrap();
    let [note] = &notes(&signals)[..] else { panic!("{:?}", notes(&signals)) };
    assert!(note.starts_with("it.csv: 98 different values of `x` became 4, because"), "{note}");
    let fine = |at: usize| format!("0.{:015},{}", at * 7919 % 98, 100_000 + at % 7);
    assert_eq!(notes(&read(&rows(fine), &source()).unwrap()), [""; 0]);
    let numbers: Vec<u8> =
        (0..300_i64).flat_map(|at| (1_700_000_000_000 + at * 7919 % 98).to_le_bytes()).collect();
    let file = super::npy("<i8", "(300, 1)", &numbers);
    let signals = crate::signal::read_bytes("it.npy".as_ref(), &file, &source()).unwrap();
    assert!(notes(&signals)[0].contains("98 different values of `0` became 1"));
}

#[test]
fn regular_times_say_the_rate_and_irregular_ones_do_not() {
    let timed = |text: &str| read(text, &options("x", "t_ms", "", "")).unwrap();
    let rate = |times: Vec<f64>| {
        let text = file(times.iter().map(ToString::to_string)).replace("x;t\n", "x;t_ms\n");
        let signals = timed(&text);
        let [_, line] = crate::signal::Understood::of(&signals).lines();
        (signals.rate_of_files(), line)
    };
    let (found, line) = rate((0..99).map(|at| f64::from(at) * 10.0).collect());
    assert_eq!(found, Some(100.0), "{line}");
    // In whole milliseconds at 300 a second, where the median step would say 333.
    let (found, line) = rate((0..600).map(|at| (f64::from(at) / 0.3).floor()).collect());
    assert!(found.is_some_and(|rate| (rate - 300.0).abs() < 0.5), "{found:?}: {line}");
    // Steps that grow, ten samples of each time, and too few.
    for times in [
        (0..99).map(|at| f64::from(at * at)).collect::<Vec<_>>(),
        (0..99).map(|at| f64::from(at / 10)).collect(),
    ] {
        let (found, line) = rate(times);
        assert!(found.is_none() && line.contains("; about "), "{found:?}: {line}");
        assert!(line.contains(" at irregular times, no gaps"), "{line}");
    }
    let (found, line) = rate(vec![0.0, 10.0, 20.0]);
    assert!(found.is_none() && line.contains("; 100 samples a second"), "{found:?}: {line}");
    // A count of an unknown unit says no rate.
    let counted = file((0..99).map(|at| at.to_string()));
    assert_eq!(self::timed(&counted).rate_of_files(), None);
    // All files must say so, and the same.
    let steps = |file: &str, step| crate::signal::Steps {
        file: file.into(),
        step,
        is_regular: Some(true),
        are_seconds: true,
        gaps: 0,
    };
    let mut two = timed(&file((0..9).map(|at| (at * 10).to_string())).replace("x;t\n", "x;t_ms\n"));
    two.notes.push(crate::signal::ReadNote::Steps(steps("b", 0.010_05)));
    assert_eq!(two.rate_of_files(), Some(100.0));
    two.notes.push(crate::signal::ReadNote::Steps(steps("c", 0.02)));
    assert_eq!(two.rate_of_files(), None);
    two.notes.clear();
    assert_eq!(two.rate_of_files(), None);
    two.rate = Some(16_000.0);
    assert_eq!(two.rate_of_files(), Some(16_000.0));
}
