//! Texts as loggers write them.

use super::{options, read, read_of, refusal, source};
use crate::signal::{Decimal, Reading, Signals, Source, TimeUnit, Understood};

/// The samples of a text of one recording, with these channels.
fn samples(text: &str, source: &Source, channels: &[&str]) -> Vec<f32> {
    let signals = read(text, source).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!(signals.channels, channels, "{text:?}");
    let [recording] = &signals.recordings[..] else { panic!("{text:?}: {signals:?}") };
    recording.samples.clone()
}

fn with(reading: Reading) -> Source {
    Source { reading, ..source() }
}

fn lines(signals: &Signals) -> [String; 2] {
    Understood::of(signals).lines()
}

#[test]
fn every_delimiter_with_decimal_commas_and_trailing_ones() {
    for text in [
        "x,y\n1.5,-2\n3,4\n",
        "x;y\n1,5;-2\n3;4\n",
        "x\ty\r\n1,5\t-2\r\n3\t4",
        "x|y\n1.5|-2\n3|4\n",
        "x,y\n\"1,5\",\"-2\"\n\"3\",\"4\"\n",
        "x;y;\n1,5;-2;\n3;4;\n",
        "x;y\n1,5;-2;;\n3;4;;\n",
        "x,y,,\n1.5,-2\n3,4,\n",
        "sep=|\nx|y\n1.5|-2\n3|4\n",
        "\u{feff}sep=;\r\n\r\n# of a pump\r\nx;y\r\n1,5;-2\r\n// later\r\n3;4\r\n",
    ] {
        assert_eq!(samples(text, &source(), &["x", "y"]), [1.5, -2.0, 3.0, 4.0], "{text:?}");
    }
}

#[test]
fn utf16_is_read_as_other_text() {
    let text = "temp °C;x\n1,5;-2\n3;4\n";
    let plain = read(text, &source()).unwrap();
    for mark in ["", "\u{feff}"] {
        let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [&little, &big, &crate::idx::gzip(&little)] {
            let signals = read_of("it.csv", bytes, &source()).unwrap();
            assert_eq!(signals.channels, plain.channels);
            assert_eq!(signals.recordings, plain.recordings);
            assert!(lines(&signals)[0].contains("decimal commas, UTF-16, names in line 1"));
        }
        let cut = super::refusal_of_bytes("it.csv", &little[..little.len() - 1], &source());
        assert!(cut.contains("begins no letter of UTF-16, as the file begins"), "{cut}");
    }
    let page: Vec<u8> = "\u{feff}<html>\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = super::refusal_of_bytes("it.csv", &page, &source());
    assert!(refused.contains("a web page (HTML)"), "{refused}");
}

#[test]
fn comments_units_and_lines_to_skip_are_told() {
    let text = "# logger 7\n// of 2024\n\nt;temp;flow\nms;(°C);[l/min]\n;Avg;Smp\n0;1,5;2\n\
                # event\n10;2,5;3\n20;1,5;2\n";
    let signals = read(text, &options("", "t", "", "")).unwrap();
    assert_eq!(signals.recordings[0].samples, [1.5, 2.0, 2.5, 3.0, 1.5, 2.0]);
    assert_eq!(signals.recordings[0].origin.at(1).to_string(), "it.csv, line 9");
    assert_eq!(
        lines(&signals),
        [
            "read it.csv: 3 samples; `;` between the columns, decimal commas, names in line 4, words \
             in lines 5 and 6 taken for units; 3 lines of comments skipped",
            "temp 1.5 to 2.5 °C, flow 2 to 3 l/min; 100 samples a second, no gaps; 1 recording of 3 \
             samples"
        ]
    );
    assert_eq!(signals.told().count(), 0, "nothing is wrong");
    let preamble = "Logger 7\nSerial;4\nx;y\n1;2\n3;4\n5;6\n7;8\n";
    let refused = refusal(preamble, &source());
    assert!(refused.contains("delete or skip the lines above"), "{refused}");
    let skipping = with(Reading { skip_lines: 2, ..Reading::default() });
    assert_eq!(samples(preamble, &skipping, &["x", "y"]).len(), 8);
    let [read_line, _] = lines(&read(preamble, &skipping).unwrap());
    assert!(read_line.ends_with("names in line 3; 2 lines skipped"), "{read_line}");
    let refused = refusal("x\n1\n", &with(Reading { skip_lines: 9, ..Reading::default() }));
    assert!(refused.contains("9 lines are to be skipped, and the file has 2"), "{refused}");
}

#[test]
fn without_a_header_columns_are_numbered() {
    let reading = Reading { no_header: true, ..Reading::default() };
    let text = "1,2\n3,4\n";
    assert_eq!(samples(text, &with(reading.clone()), &["c0", "c1"]), [1.0, 2.0, 3.0, 4.0]);
    let timed = Source { reading: reading.clone(), ..options("", "c0", "c2", "") };
    assert_eq!(samples("0;1,5;ok;\n1;2,5;ok;\n", &timed, &["c1"]), [1.5, 2.5]);
    let [read_line, _] = lines(&read(text, &with(reading)).unwrap());
    assert!(read_line.ends_with("no header"), "{read_line}");
    // NumPy's savetxt makes a comment of it.
    assert_eq!(samples("# x, y\n1,2\n3,4\n", &source(), &["x", "y"]), [1.0, 2.0, 3.0, 4.0]);
    let [read_line, _] = lines(&read("# x, y\n1,2\n3,4\n", &source()).unwrap());
    assert!(read_line.contains("names in the comment in line 1"), "{read_line}");
    for comment in ["# x\n", "# x,y\n\n", "# 1,2\n", "# x,y,z\n"] {
        let refused = refusal(&format!("{comment}1,2\n3,4\n"), &source());
        assert!(refused.contains("holds values and no names"), "{refused}");
    }
    // As pandas writes an array. Two of them, and a ramp, may be samples: the message says both.
    let pandas = "0,1,2\n0.5,1.5,-2\n3,4,5.5\n";
    let values = [0.5, 1.5, -2.0, 3.0, 4.0, 5.5];
    assert_eq!(samples(pandas, &source(), &["0", "1", "2"]), values);
    let [read_line, _] = lines(&read(pandas, &source()).unwrap());
    assert!(read_line.contains("the numbers in line 1, from 0 on, taken for names"), "{read_line}");
    let sample = with(Reading { no_header: true, ..Reading::default() });
    assert_eq!(samples(pandas, &sample, &["c0", "c1", "c2"]).len(), 9);
    for text in ["0,1\n0.5,1.5\n", "0\n7\n", "0,1,2\n1,2,3\n2,3,4\n", "0,1,2\n"] {
        let refused = refusal(text, &source());
        assert!(refused.contains("may also be the names that pandas gives"), "{text}: {refused}");
    }
    for text in ["1,2,3\n0.5,1.5,2\n", "0,1,3\n0.5,1.5,2\n", "0.0,1.0,2.0\n3,5,9\n"] {
        let refused = refusal(text, &source());
        assert!(refused.ends_with("or say that there is none"), "{text}: {refused}");
    }
    // Names that are numbers above texts.
    assert_eq!(samples("0,1,note\n1,2,a\n", &options("0,1", "", "", ""), &["0", "1"]), [1.0, 2.0]);
}

#[test]
fn what_is_said_of_numbers_counts() {
    let of = |decimal| with(Reading { decimal: Some(decimal), ..Reading::default() });
    let text = "power_W,volt\n\"900\",231.7\n\"1,069\",231.5\n";
    let values = samples(text, &of(Decimal::Point), &["power_W", "volt"]);
    assert_eq!(values, [900.0, 231.7, 1069.0, 231.5]);
    assert_eq!(samples("x\n1,5\n1.069\n", &of(Decimal::Comma), &["x"]), [1.5, 1069.0]);
    let delimiter = Reading { delimiter: "^".parse().ok(), ..Reading::default() };
    assert_eq!(samples("x^y\n1^2\n", &with(delimiter), &["x", "y"]), [1.0, 2.0]);
    let refused = refusal("x;y\n1;1.5\n", &of(Decimal::Comma));
    assert!(refused.contains("`1.5` has a point, and commas are the decimal"), "{refused}");
}

#[test]
fn a_time_may_be_two_columns() {
    let text = "date;time;x\n2024-05-01;23:59:59,5;1\n2024-05-02;00:00:00,0;2\n\
                2024-05-02;00:00:00,5;3\n";
    let source = options("", "date,time", "", "");
    assert_eq!(samples(text, &source, &["x"]), [1.0, 2.0, 3.0]);
    let signals = read(text, &source).unwrap();
    let time = signals.recordings[0].origin.time_of(1);
    assert_eq!(time.as_deref(), Some("2024-05-02 00:00:00,0"));
    assert!(lines(&signals)[1].contains("2 samples a second, no gaps"));
    for (time, words) in [
        ("date,clock", "`clock` is named as the time, and is not there"),
        ("time,date", "column `time,date`: `23:59:59,5 2024-05-01` is not a time"),
        ("date,date", "column `date,date`"),
    ] {
        let refused = refusal(text, &options("", time, "", ""));
        assert!(refused.contains(words), "{refused}");
    }
    let refused = refusal("date,time,x\n2024-05-01,,1\n", &source);
    assert!(refused.contains("line 2, column `time`: the value is missing"), "{refused}");
}

#[test]
fn times_in_every_unit_give_the_rate() {
    let text = |name: &str, first: f64, step: f64| {
        let rows = (0..20).map(|at| format!("{};{}\n", first + step * f64::from(at), at % 3));
        format!("{name};x\n{}", rows.collect::<String>())
    };
    for (name, first, step, words) in [
        ("t", 1_700_000_000.0, 1.0, "1 sample a second"),
        ("t", 1.7e12, 10.0, "100 samples a second"),
        ("t", 1.7e15, 500.0, "2000 samples a second"),
        ("millis", 5.0, 10.0, "100 samples a second"),
        ("Time (seconds)", 0.0, 0.25, "4 samples a second"),
        ("time s", 0.0, 60.0, "a sample every 60 s"),
        ("t", 0.0, 10.0, "a sample every 10 of unknown unit"),
        // A name that the numbers speak against.
        ("t_s", 1.7e12, 10.0, "a sample every 10 of unknown unit"),
    ] {
        let signals = read(&text(name, first, step), &options("", name, "", "")).unwrap();
        let [_, line] = lines(&signals);
        assert!(line.contains(words), "{name} {first}: {line}");
    }
    let reading = Reading { time_unit: Some(TimeUnit::Minutes), ..Reading::default() };
    let said = Source { reading, ..options("", "t", "", "") };
    let [_, line] = lines(&read(&text("t", 0.0, 1.0), &said).unwrap());
    assert!(line.contains("a sample every 60 s"), "{line}");
    // Ten samples have each second.
    let rows = (0..100).fold("t;x\n".to_owned(), |rows, at| rows + &format!("{};1\n", at / 10));
    let reading = Reading { time_unit: Some(TimeUnit::Seconds), ..Reading::default() };
    let [_, line] = lines(&read(&rows, &Source { reading, ..said }).unwrap());
    assert!(line.contains("11 samples a second"), "{line}");
}

#[test]
fn a_gap_may_be_said_in_seconds() {
    let rows = |unit: &str| {
        let times = [0, 10, 20, 30, 530, 540, 3540, 3550];
        times.iter().fold(format!("t {unit},x\n"), |rows, time| rows + &format!("{time},1\n"))
    };
    let of = |unit: &str, gap| {
        let reading = Reading { gap: Some(gap), ..Reading::default() };
        let source = Source { reading, ..options("x", &format!("t {unit}"), "", "") };
        read(&rows(unit), &source)
            .map(|signals| (0..signals.recordings.len()).map(|at| signals.len_of(at)).collect())
    };
    let lengths = |unit, gap| -> Vec<usize> { of(unit, gap).unwrap() };
    assert_eq!(lengths("ms", 1.0), [6, 2]);
    assert_eq!(lengths("ms", 0.1), [4, 2, 2]);
    assert_eq!(lengths("s", 10_000.0), [8]);
    let refused = of("x", 1.0).unwrap_err().to_string();
    assert!(refused.contains("the numbers in `t x` do not say what they count"), "{refused}");
    let reading = Reading { gap: Some(1.0), ..Reading::default() };
    let refused = refusal("x\n1\n", &Source { reading, ..source() });
    assert!(refused.contains("a gap is given, and no column of times is named"), "{refused}");
}
