//! Files as people have them: what is said of each kind.

use super::{options, source};
use crate::signal::{SignalError, Source};

/// What is said of a file that is refused, as a colleague would who saw it.
#[test]
fn every_kind_of_file_is_answered_with_what_helps() {
    let time = || options("", "time", "", "");
    for (text, source, words) in [
        (
            // Decimal points elsewhere: these commas are none.
            "power_W,volt\n\"900\",231.7\n\"1,069\",231.5\n\"1,070\",2\n",
            source(),
            &[
                "line 3, column `power_W`: `1,069`",
                "looks like one with a separator between \
              thousands (one of 2",
                "the next: line 4",
                "say that points are the decimal ones, or write 1069 in place of 1,069",
            ][..],
        ),
        (
            "p\n\"1,069\"\n",
            source(),
            &["between thousands (1069), or with a decimal comma (1.069)"],
        ),
        (
            "p;q\n1,069;2,5\n3.5;1\n",
            source(),
            &["line 2, column `p`: `1,069`", "a decimal comma (one of 2", "write all in one way"],
        ),
        (
            "p;q\n1.069;2,5\n",
            source(),
            &["`1.069` has a point", "it may be 1.069, or 1069", "say whether commas or points"],
        ),
        (
            "x\n1,5\n2,5\n",
            source(),
            &["line 2 has 2 fields", "if these are decimal commas, say so"],
        ),
        ("a;b,c\nx;y,z\n", source(), &["`,` or `;` may stand between the columns; say which"]),
        (
            "x,y\n1,5,2,5\n2,5,3,5\n",
            source(),
            &["line 2 has 4 fields", "are these decimal commas?"],
        ),
        (
            "time,x\n2024-01-01 00:00,1.5\n2024-01-01 00:01,2\n",
            source(),
            &[
                "column `time`: `2024-01-01 00:00`",
                "looks like a date",
                "name the column as the time",
            ],
        ),
        ("time,x\n31/31/2024 12:00 AM,1\n", time(), &["is not a time", "as 2024-12-31 23:59:59"]),
        ("2024-01-01 00:00,1.5\n", source(), &["line 1 holds values and no names", "header line"]),
        (
            "x,state\n1,ok\n2,bad\n",
            source(),
            &["`ok` is not a number; nothing in column state is one"],
        ),
        ("x,y\n°C,%\n", source(), &["line 2, column `x`: `°C` is not a number"]),
        ("x\na\nb\nc\n1\n", source(), &["line 2, column `x`: `a` is not a number (one of 3"]),
        ("x,y\n1,2\n,\n2,3\n", source(), &["line 3: the row has no values; delete the line"]),
        ("x,y\n1,2\nx,y\n2,3\n", source(), &["line 3: the header stands here once more"]),
        ("x,y\n23.5 °C,2\n24 °C,3\n", source(), &["`23.5 °C`", "with its unit (one of 2"]),
        (
            "x,y,\n1,2,3\n",
            source(),
            &["line 2 has 3 fields", "its last column has values and no name"],
        ),
        ("x,y\n1,2,3\n2,3,\n", source(), &["line 2: it has 3 fields, and the header has 2"]),
        (
            "Logger 7\nSerial,123\n\nx,y,z\n1,2,3\n2,3,4\n4,5,6\n",
            source(),
            &[
                "line 4 has 3 fields, as 4 of 5 lines have",
                "delete or skip the lines above the names",
            ],
        ),
        ("x y\n1 2\n", source(), &["several with spaces between them", "write commas"]),
        ("x,y\n1;2\n", source(), &["line 2 has 1 field", "use one delimiter"]),
        ("x,y\n1;2\n3;4\n5;6\n", source(), &["line 2 has 2 fields", "use one delimiter"]),
        ("x,y\n\"1,2\n3,4\n", source(), &["quotation mark in it has no second one"]),
        ("x,y\n1,2\n3\n4,5\n6,7\n", source(), &["line 3: it has 1 field, and the header has 2"]),
        (
            "x,y\nNaN,1\n-,2\n",
            source(),
            &["missing (`NaN`) (one of 2", "column x has no value at all"],
        ),
        ("x,y\ntrue,1\nfalse,2\n", source(), &["`true` is not a number", "write 1 and 0"]),
        ("x,y\n1,#N/A\n", source(), &["line 2, column `y`: the value is missing (`#N/A`)"]),
        (
            "x,y\n1,NaN\nabc,2\ninf,\n",
            source(),
            &[
                "line 2, column `y`: the value is missing",
                "(one of 2",
                "; also texts (1, the first: \
              line 3, column `x`)",
                "; also infinite values (1, the first: line 4",
            ],
        ),
    ] {
        let message = super::refusal(text, &source);
        for words in words {
            assert!(message.contains(words), "{words}\n  {text:?}\n  {message}");
        }
    }
}

#[test]
fn a_date_and_a_time_are_named_in_their_order() {
    let of = |text: &str| match super::read(text, &source()) {
        Err(SignalError::Faults(report)) => {
            report.date_and_time().map(|names| names.map(str::to_owned))
        }
        other => panic!("{other:?}"),
    };
    let names = |date: &str, time: &str| Some([date, time].map(str::to_owned));
    let rows = "12:00:00,2024-05-01,1\n12:00:01,2024-05-01,2\n";
    assert_eq!(of(&format!("clock,day,x\n{rows}")), names("day", "clock"));
    assert_eq!(of(&format!("t,a day,x\n{rows}")), names("a day", "t"));
    assert_eq!(of("from,x\n2024-05-01 12:00,1\n2024-05-01 12:01,1\n"), None);
    let both = "2024-05-01 12:00,2024-05-01 12:01\n".repeat(2);
    assert_eq!(of(&format!("from,to\n{both}")), None);
}

#[test]
fn faults_of_all_files_are_counted_together() {
    let folder = tempfile::tempdir().unwrap();
    let files =
        [("a.csv", "x,y\n1,2\nNaN,1\n"), ("b.csv", "x,y\n,2\n"), ("c.csv", "x,y\n1,\n2,\n")];
    let files = files.map(|(name, text)| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    });
    let source = Source { files: files.into(), ..Source::default() };
    let message = crate::signal::read(&source).unwrap_err().to_string();
    for words in [
        "a.csv: line 3, column `x`: ",
        "one of 4 missing values in 3 files",
        "b.csv: line 2",
        "c.csv: line 2",
    ] {
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn what_can_be_read_without_a_doubt_is_read() {
    let samples = |text: &str, source: &Source| {
        let signals = super::read(text, source).unwrap();
        signals.recordings.iter().map(|recording| recording.samples.clone()).collect::<Vec<_>>()
    };
    assert_eq!(samples("sep=;\r\nx;y\r\n1;2\r\n", &source()), [[1.0, 2.0]]);
    assert_eq!(samples("x;y, °C;z\n1;2;3\n", &source()), [[1.0, 2.0, 3.0]]);
    // A clock of twelve hours, and an offset that changes.
    let time = options("", "time", "", "");
    let noon =
        "time,x\n2024-10-25 11:59:00 AM,1\n2024-10-25 12:00:00 PM,2\n2024-10-25 01:00 PM,3\n";
    assert_eq!(samples(noon, &time), [[1.0, 2.0, 3.0]]);
    let autumn = "time,x\n2024-10-27T02:59:00+02:00,1\n2024-10-27T02:00:00+01:00,2\n";
    assert_eq!(samples(autumn, &time), [[1.0, 2.0]]);
}
