//! Texts that are cut off and changed: they are read or refused, and nothing else happens.

use super::{options, read_of};
use crate::signal::{Absent, Decimal, Memory, Reading, Source, TimeUnit, Understood};

const TEXT: &str = "# of a pump\n// 2024\n\nd;t;x;y;\n;ms;(V);1/min;\n2024-05-01;10:00:00,5;1,5;#N/A;\n\
                    # event\n2024-05-01;10:00:01;-127;\"2.069,5\";\n;;;;\n2024-05-02;10:00:01;-1,5E+03;7;\n";

/// Every option, alone and with others.
fn readings() -> Vec<Source> {
    let of = |bits: u8| {
        let is = |bit: u8| bits >> bit & 1 == 1;
        let reading = Reading {
            no_header: is(0),
            absent: [Absent::Refuse, Absent::Hold, Absent::Split][usize::from(bits % 3)],
            absent_codes: if is(1) { vec![-127.0] } else { vec![] },
            decimal: [None, Some(Decimal::Comma), Some(Decimal::Point)][usize::from(bits / 3 % 3)],
            delimiter: if is(2) { ";".parse().ok() } else { None },
            gap: is(3).then_some(0.5),
            time_unit: is(1).then_some(TimeUnit::Milliseconds),
            skip_lines: usize::from(is(2)),
        };
        let time = ["", "t", "d,t", "c0"][usize::from(bits / 4 % 4)];
        Source { reading, memory: Memory(1 << 16), ..options("", time, "", "") }
    };
    (0..16).map(of).collect()
}

fn read(bytes: &[u8], source: &Source) {
    let Ok(signals) = read_of("it.csv", bytes, source) else { return };
    let channels = signals.channels.len();
    assert!(channels > 0 && !signals.recordings.is_empty());
    for recording in &signals.recordings {
        assert!(!recording.samples.is_empty() && recording.samples.len().is_multiple_of(channels));
        assert!(recording.samples.iter().all(|value| value.is_finite()));
    }
    assert!(Understood::of(&signals).lines().iter().all(|line| !line.is_empty()));
    assert!(signals.told().all(|note| !note.is_empty()));
}

#[test]
fn a_text_may_be_cut_anywhere_and_changed_anywhere() {
    let marked: Vec<u16> = "\u{feff}".encode_utf16().chain(TEXT.encode_utf16()).collect();
    let utf16: Vec<u8> = marked.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    for source in readings() {
        for text in [TEXT.as_bytes(), &utf16] {
            for len in (0..text.len()).step_by(3) {
                read(&text[..len], &source);
                let mut changed = text.to_vec();
                changed[len] = b";,\"\n#/.-\0\xff1"[len % 11];
                read(&changed, &source);
                changed.swap(len, text.len() / 2);
                read(&changed, &source);
            }
        }
    }
}

#[test]
fn nothing_that_a_text_says_takes_more_memory_than_it_may() {
    let small = Source { memory: Memory(1 << 14), ..Source::default() };
    for (name, text) in [
        ("a line", "x".repeat(1 << 20)),
        ("fields", ",".repeat(1 << 20)),
        ("a quotation", format!("x\n\"{}", "1\n".repeat(1 << 19))),
        ("rows", format!("x\n{}", "1\n".repeat(1 << 16))),
    ] {
        let refused = super::refusal(&text, &small);
        assert!(refused.contains("of memory, and the limit is 16.4 kB"), "{name}: {refused}");
    }
    // Comments and empty lines are not kept.
    let (comment, empty) = ("#".repeat(1 << 20), "\n".repeat(1 << 16));
    let long = format!("{comment}\n{empty}x\n1\n//{comment}\n2\n");
    assert!(super::read(&long, &small).is_ok());
    let hold = Reading { absent: Absent::Hold, ..Reading::default() };
    let empty = format!("x\n1\n{}2\n", "\n".repeat(1 << 16));
    let refused = super::refusal(&empty, &Source { reading: hold, ..small });
    assert!(refused.contains("of memory, and the limit"), "{refused}");
}
