//! Files of signals that are no text: Parquet, Arrow, WAV, and text packed by zstd, as they come, or whole
//! ones of which something is changed.
#![no_main]

use std::path::Path;

use ae_data::signal::{Memory, Signals, Source, read_bytes};
use ae_fuzz::source::Source as Input;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::edits::edited;
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::models;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const FILES: &[&[u8]] = &[
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/plain.parquet"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/polars.parquet"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/lz4.parquet"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/version-2.parquet"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/deltas.parquet"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/split.parquet"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/missing.parquet"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/polars.arrow"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/polars-stream.arrow"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/dictionary.arrow"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/zstd.arrow"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/missing.arrow"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/table.csv.zst"),
    include_bytes!("../../../../crates/ae-data/src/signal/tests/tables/two.wav"),
];

fuzz_target!(init: begin::begin(|| models::seeds(FILES)), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((&kind, rest)) = input.split_first() else { return };
    let (file, options) = match usize::from(kind).checked_sub(1) {
        None => (rest.to_vec(), 0b111),
        Some(kind) => {
            let mut input = Input::new(rest);
            // Mostly with all options, because a text is no channel.
            let options = if input.byte().is_multiple_of(4) { input.byte() } else { 0b111 };
            (edited(FILES[kind % FILES.len()], &mut input), options)
        }
    };
    let name = |bit: u8, name: &str| (options >> bit & 1 == 1).then(|| name.to_owned());
    let is_wav = file.starts_with(b"RIFF");
    let source = Source {
        time: name(0, "t").filter(|_| !is_wav),
        label: name(1, "what").filter(|_| !is_wav),
        group: name(2, "who").filter(|_| !is_wav),
        memory: Memory(1 << 23),
        ..Source::default()
    };
    match read_bytes(Path::new("it"), &file, &source) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(signals) => {
            tally::ACCEPTED.add();
            check(&signals);
        }
    }
});

/// All that the types promise.
fn check(signals: &Signals) {
    assert!(!signals.channels.is_empty() && !signals.recordings.is_empty());
    assert!(signals.rate.is_none_or(|rate| rate >= 1.0));
    for recording in &signals.recordings {
        assert!(!recording.samples.is_empty());
        assert!(recording.samples.len().is_multiple_of(signals.channels.len()));
        assert!(recording.samples.iter().all(|value| value.is_finite()));
    }
}
