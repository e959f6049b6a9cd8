//! Parquet and Arrow files, as pyarrow, pandas and polars write them.
//!
//! `tables.py` beside the files wrote them. All hold the same table: a clock, three channels, labels and
//! groups; of the third channel no value is missing, but it may be.

use std::path::Path;

use crate::signal::{Memory, Signals, Source, read_bytes};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("tables/", $name)))),*]
    };
}

/// All of them.
const FILES: &[(&str, &[u8])] = files![
    "pandas.parquet",
    "polars.parquet",
    "plain.parquet",
    "gzip.parquet",
    "lz4.parquet",
    "version-2.parquet",
    "deltas.parquet",
    "split.parquet",
    "pandas.feather",
    "polars.arrow",
    "polars-stream.arrow",
    "zstd.arrow",
    "dictionary.arrow",
    "table.csv.zst",
];

fn source() -> Source {
    let name = |name: &str| Some(name.to_owned());
    Source { time: name("t"), label: name("what"), group: name("who"), ..Source::default() }
}

fn read(bytes: &[u8], source: &Source) -> Result<Signals, String> {
    read_bytes(Path::new("it"), bytes, source).map_err(|error| error.to_string())
}

/// The table as CSV: a tenth of a second a row, labels that change after the thirtieth.
fn csv() -> String {
    let row = |at: u32| {
        let (x, y, z) =
            (f64::from(at * 7 % 40) * 0.25 - 2.0, at * at % 17, 1.0 / f64::from(at * 3 % 40 + 1));
        let (what, who) = (if at < 30 { "ok" } else { "bad" }, if at < 20 { "a" } else { "b" });
        let (second, tenth) = (at / 10, at % 10);
        format!("2024-05-01 00:00:{second:02}.{tenth},{x},{y},{z},{what},{who}\n")
    };
    "t,x,y,z,what,who\n".to_owned() + &(0..40).map(row).collect::<String>()
}

fn file(name: &str) -> &'static [u8] {
    FILES.iter().find(|(other, _)| *other == name).unwrap().1
}

#[test]
fn every_file_says_what_the_table_says() {
    let expected = read(csv().as_bytes(), &source()).unwrap();
    for (name, bytes) in FILES {
        let found = read(bytes, &source()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.channels, expected.channels, "{name}");
        assert_eq!(found.recordings.len(), 2, "{name}");
        for (found, expected) in found.recordings.iter().zip(&expected.recordings) {
            assert_eq!(found.samples, expected.samples, "{name}");
            assert_eq!(
                (&found.labels, &found.group),
                (&expected.labels, &expected.group),
                "{name}"
            );
            let seconds = |time: Option<String>| time.unwrap().trim_end_matches(".0").to_owned();
            for at in [0, 7, 19] {
                let [found, expected] =
                    [found, expected].map(|recording| seconds(recording.origin.time_of(at)));
                assert_eq!(found, expected, "{name}");
            }
        }
        assert_eq!(found.digest(), expected.digest(), "{name}");
    }
}

#[test]
fn every_cut_gives_an_error() {
    for (name, bytes) in FILES {
        // Cuts in all files together are at every place of a message.
        for end in (0..bytes.len()).step_by(7) {
            assert!(read(&bytes[..end], &source()).is_err(), "{name}: {end}");
        }
    }
}

#[test]
fn changed_bytes_and_enlarged_lengths_take_no_more_than_the_budget() {
    let source = Source { memory: Memory(1 << 20), ..source() };
    for (at, (_, bytes)) in FILES.iter().enumerate() {
        // The fuzzer takes the others.
        for at in (at % 11..bytes.len() - 8).step_by(11) {
            for large in [&[!bytes[at]][..], &[0xff, 0xff, 0xff, 0x7f], &[0xff; 8]] {
                let mut other = bytes.to_vec();
                other[at..at + large.len()].copy_from_slice(large);
                drop(read(&other, &source));
            }
        }
    }
}

#[test]
fn columns_are_what_the_options_say() {
    for name in ["pandas.parquet", "polars.arrow"] {
        let bytes = file(name);
        let chosen = Source { columns: Some(vec!["z".into(), "x".into()]), ..source() };
        let found = read(bytes, &chosen).unwrap();
        assert_eq!(found.channels, ["z", "x"]);
        assert_eq!(found.recordings[0].samples[..4], [1.0, -2.0, 0.25, -0.25], "{name}");
        let message = read(bytes, &Source::default()).unwrap_err();
        for words in ["t (moments), what (texts), who (texts)", "leave them out of the channels"] {
            assert!(message.contains(words), "{message}");
        }
        let other = Source { label: Some("where".into()), ..source() };
        let message = read(bytes, &other).unwrap_err();
        assert!(message.contains("there are: t, x, y, z, what, who"), "{message}");
        let as_channel = Source { columns: Some(vec!["what".into()]), ..Source::default() };
        assert!(read(bytes, &as_channel).unwrap_err().contains("what (texts)"));
    }
}

#[test]
fn missing_values_are_told_with_their_places() {
    for bytes in
        [&include_bytes!("tables/missing.parquet")[..], include_bytes!("tables/missing.arrow")]
    {
        let message = read(bytes, &Source::default()).unwrap_err();
        for words in [
            "the table, sample 1, column `x`: the value is missing",
            "one of 3 missing values, the next: the table, sample 2, column `z`; the table, sample 3",
        ] {
            assert!(message.contains(words), "{message}");
        }
    }
}

#[test]
fn python_writes_wav_files_as_they_are_read() {
    let found = read(include_bytes!("tables/two.wav"), &Source::default()).unwrap();
    assert_eq!(
        (found.rate, &found.channels[..]),
        (Some(16_000.0), &["ch0", "ch1"].map(str::to_owned)[..])
    );
    let expected: Vec<f32> = (-40_i16..40).map(f32::from).collect();
    assert_eq!(found.recordings[0].samples, expected);
}

#[test]
fn packings_that_are_not_read_are_named() {
    let message = read(include_bytes!("tables/brotli.parquet"), &source()).unwrap_err();
    for words in ["the packing Brotli of a Parquet file is not read", "\"snappy\", \"zstd\""] {
        assert!(message.contains(words), "{message}");
    }
}
