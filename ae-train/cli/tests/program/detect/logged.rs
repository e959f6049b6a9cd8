//! Files as loggers write them give the detector that a plain file gives, and are read so again.

use std::fmt::Write;

use crate::machines::{QUICK, csv, normal};
use crate::workshop::Workshop;

/// Comments, units, decimal commas, a time in two columns, delimiters at the ends, UTF-16. Without
/// `x`, its last value holds.
fn logged(samples: &[[f64; 2]], is_missing: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut text = String::from("# of a logger\r\n\r\nday;clock;x;y;\r\n;;(g);(g);\r\n");
    for (at, [x, y]) in samples.iter().enumerate() {
        let (hour, minute, second) = (at / 3600, at / 60 % 60, at % 60);
        let x = if is_missing(at) { String::new() } else { format!("{x:.3}").replace('.', ",") };
        let y = format!("{y:.3}").replace('.', ",");
        write!(text, "01.05.2024;{hour:02}:{minute:02}:{second:02};{x};{y};\r\n").unwrap();
    }
    let marked = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    marked.flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_logged_file_gives_the_detector_of_a_plain_one() {
    let workshop = Workshop::new();
    let is_missing = |at: usize| at > 0 && at.is_multiple_of(700);
    let mut held = normal();
    (1..held.len()).filter(|&at| is_missing(at)).for_each(|at| held[at][0] = held[at - 1][0]);
    workshop.write("plain.csv", &csv(&held));
    workshop.write("logged.csv", &logged(&normal(), is_missing));
    let line = |data: &str| format!("detect --data {data} {QUICK} --no-pca");
    workshop.refused(
        &format!("{} --out run", line("logged.csv --time day,clock")),
        &["line 705, column `x`: the value is missing (one of 11", "--missing hold takes the last"],
    );
    workshop.refused(
        &format!("{} --out run", line("logged.csv --missing hold")),
        &["column `day`: `01.05.2024` is not a number", "give --time day,clock"],
    );
    let reading = "--time day,clock --missing hold";
    let made = workshop.ok(&format!("{} {reading} --out run", line("logged.csv")));
    for words in [
        "read logged.csv: 8000 samples; `;` between the columns, decimal commas, UTF-16, names in line \
         3, words in line 4 taken for units; 1 line of comments skipped",
        " g; 1 sample a second, no gaps; 1 recording of 8000 samples",
        "note: logged.csv: missing values became the last value before them: 11 of `x`, at most 1 in a \
         row",
    ] {
        assert!(made.stderr.contains(words), "{words}: {}", made.stderr);
    }
    let config = workshop.read_text("run/config.toml");
    assert!(config.contains("[detect.reading]\nabsent = \"hold\""), "{config}");
    let blob = workshop.read("run/model.int8.aeb");
    workshop.ok(&format!("{} --out plain", line("plain.csv")));
    assert!(workshop.read("plain/model.int8.aeb") == blob, "another detector");
    // It is read so again.
    workshop.ok("detect --resume run");
    workshop.ok("calibrate run --data logged.csv");
    let played = workshop.ok("monitor run/model.int8.aeb --data logged.csv --time day,clock");
    for words in ["as the detector's run read its own", "missing values became the last"] {
        assert!(played.stderr.contains(words), "{words}: {}", played.stderr);
    }
    let as_said = "monitor run/model.int8.aeb --data logged.csv --missing split";
    assert!(workshop.ok(as_said).stderr.contains("and a recording ends at each"));
}

#[test]
fn what_a_file_does_not_say_is_asked_for_by_the_name_of_the_option() {
    let workshop = Workshop::new();
    for (text, more, words) in [
        ("1,2\n3,4\n", "", &["values and no names", "--no-header says so"][..]),
        ("0,1\n3,4\n", "", &["names that pandas gives", "--skip-lines 1 --no-header skips them"]),
        ("a;b,c\nx;y,z\n", "", &["`,` or `;` may stand", "--delimiter ';'"]),
        ("x;y\n1,069;2\n", "", &["`1,069`", "--decimal comma or --decimal point"]),
        ("x;y\n1,069;2,5\n1.069;2\n", "", &["`1.069` has a point", "--decimal comma or"]),
        ("x\n1,5\n2,5\n", "", &["if these are decimal commas", "--decimal comma says so"]),
        ("a title\nx;y\n1;2\n3;4\n5;6\n", "", &["skip the lines above", "--skip-lines 1 skips"]),
        ("t,x\n1,2\n2,3\n", "--time t --gap 5", &["do not say what they count", "--time-unit s"]),
        ("x\n1\n2\n", "--gap 5", &["a gap is given", "--time, or leave --gap out"]),
        ("x\n1\n", "--skip-lines 9", &["9 lines are to be skipped", "change --skip-lines"]),
        ("x,y\n1,\n", "", &["the value is missing", "--missing hold", "--missing split"]),
    ] {
        workshop.write("it.csv", text.as_bytes());
        workshop.refused(&format!("detect --data it.csv {QUICK} {more} --out run"), words);
        assert!(!workshop.exists("run"), "{text}");
    }
}
