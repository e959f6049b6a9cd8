//! Files of signals: CSV, plain and packed, NPY and NPZ.
#![no_main]

use std::path::Path;

use ae_data::idx;
use ae_data::signal::{
    Absent, Decimal, Piece, Reading, Signals, Source, SplitSettings, TimeUnit, Understood,
    read_bytes, split, windows,
};
use ae_fuzz::source::Source as Input;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::{arrays, seeds};
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

fuzz_target!(init: begin::begin(seeds::signal), |input: &[u8]| {
    tally::EXECUTED.add();
    // What the rest is and how it is read, and the options.
    let [kind, options, rest @ ..] = input else { return };
    let source = Source { reading: reading(*kind >> 2), ..source(*options) };
    let file = match kind % 4 {
        0 => rest.to_vec(),
        1 => idx::gzip(rest),
        2 => arrays::npy_of(&mut Input::new(rest)),
        _ => arrays::npz_of(&mut Input::new(rest)),
    };
    let Ok(signals) = read_bytes(Path::new("it"), &file, &source) else { return };
    tally::ACCEPTED.add();
    check(&signals);
    write_and_read(&signals);
    divide(&signals);
});

/// A bit for each option, with the names that the seeds use.
fn source(options: u8) -> Source {
    let name = |bit: u8, name: &str| (options >> bit & 1 == 1).then(|| name.to_owned());
    Source {
        files: Vec::new(),
        columns: name(0, "x,y")
            .or_else(|| name(6, "1,0"))
            .map(|names| names.split(',').map(str::to_owned).collect()),
        time: name(5, "d,t").or_else(|| name(1, "t")),
        label: name(2, "what"),
        group: name(3, "who"),
        recording: name(4, "run"),
        ..Source::default()
    }
}

/// What is said of a text that does not say it.
fn reading(options: u8) -> Reading {
    let is = |bit: u8| options >> bit & 1 == 1;
    let absent = match (is(1), is(2)) {
        (false, false) => Absent::Refuse,
        (true, _) => Absent::Hold,
        (false, true) => Absent::Split,
    };
    Reading {
        no_header: is(0),
        absent,
        absent_codes: if is(2) { vec![-127.0] } else { Vec::new() },
        decimal: is(3).then_some(Decimal::Comma).or_else(|| is(4).then_some(Decimal::Point)),
        delimiter: if is(5) { ";".parse().ok() } else { None },
        gap: (is(4) && is(5)).then_some(0.5),
        time_unit: is(3).then_some(TimeUnit::Milliseconds),
        skip_lines: usize::from(is(0) && is(5)),
    }
}

/// All that the types promise.
fn check(signals: &Signals) {
    let mut names = signals.channels.clone();
    names.sort();
    names.dedup();
    assert!(!names.is_empty() && names.len() == signals.channels.len());
    assert!(!signals.recordings.is_empty());
    let understood = Understood::of(signals);
    let samples = (0..signals.recordings.len()).map(|at| signals.len_of(at)).sum::<usize>();
    assert_eq!((understood.samples, understood.channels.len()), (samples, names.len()));
    assert!(understood.lines().iter().all(|line| !line.is_empty()));
    for recording in &signals.recordings {
        assert!(!recording.samples.is_empty());
        assert!(recording.samples.len().is_multiple_of(names.len()));
        assert!(recording.samples.iter().all(|value| value.is_finite()));
        assert!(!recording.origin.to_string().is_empty());
    }
}

/// What was read says the same when it is written as CSV.
fn write_and_read(signals: &Signals) {
    let channels = signals.channels.len();
    let columns: Vec<String> = (0..channels).map(|at| format!("c{at}")).collect();
    let mut text = columns.join(",") + ",run\n";
    for (run, recording) in signals.recordings.iter().enumerate() {
        for sample in recording.samples.chunks(channels) {
            sample.iter().for_each(|value| text += &format!("{value:e},"));
            text += &format!("{run}\n");
        }
    }
    let source =
        Source { columns: Some(columns), recording: Some("run".into()), ..Source::default() };
    let again = read_bytes(Path::new("it.csv"), text.as_bytes(), &source).expect("a good file");
    let bits = |signals: &Signals| -> Vec<Vec<u32>> {
        let of = |samples: &[f32]| samples.iter().map(|value| value.to_bits()).collect();
        signals.recordings.iter().map(|recording| of(&recording.samples)).collect()
    };
    assert_eq!(bits(&again), bits(signals));
}

/// No sample is in two roles, and pieces of different roles are a gap apart. Within one a missing
/// value may lie between them.
fn divide(signals: &Signals) {
    const GAP: usize = 2;
    let normal = signals.runs().find_map(|run| run.label).map(|label| label.to_string());
    let normal = normal.into_iter().collect();
    let roles = SplitSettings { normal, gap: GAP, ..SplitSettings::default() };
    let Ok(split) = split(signals, &roles) else { return };
    let parts = [&split.train, &split.calibrate, &split.test_normal, &split.test_abnormal];
    let in_roles = parts.iter().enumerate();
    let mut pieces: Vec<(usize, &Piece)> =
        in_roles.flat_map(|(role, pieces)| pieces.iter().map(move |piece| (role, piece))).collect();
    pieces.sort_by_key(|(_, piece)| (piece.recording, piece.range.start));
    for pair in pieces.windows(2) {
        let [(role, before), (next, after)] = pair else { continue };
        let gap = match (role, next) {
            // What is abnormal lies between what is normal.
            (3, _) | (_, 3) => 0,
            _ if role == next => 1,
            _ => GAP,
        };
        let is_apart = before.range.end + gap <= after.range.start;
        assert!(before.recording < after.recording || is_apart);
    }
    for tested in split.tested(signals, GAP, 1) {
        assert_eq!(tested.faults.len() + GAP - 1, tested.piece.range.len());
        assert!(tested.piece.range.end <= signals.len_of(tested.piece.recording));
    }
    for pieces in parts {
        for at in windows(signals, pieces, GAP, 1).unwrap_or_default() {
            assert_eq!(signals.window(at, GAP).len(), GAP * signals.channels.len());
        }
    }
}
