//! What CSV files say, and how they are refused.

use super::{options, read, refusal, source};
use crate::signal::{Labels, Source};

#[test]
fn channels_are_the_columns_that_are_nothing_else() {
    let source = options("", "t", "what", "who");
    let signals = read("t,x,what,y,who\n0,1,ok,2,a\n1,3,ok,4,a\n", &source).unwrap();
    assert_eq!(signals.channels, ["x", "y"]);
    let [recording] = &signals.recordings[..] else { panic!("{signals:?}") };
    assert_eq!(recording.samples, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(recording.labels, Labels::of("ok"));
    assert_eq!(recording.group.as_deref(), Some("a"));
    assert_eq!(recording.origin.to_string(), "it.csv, line 2");
}

#[test]
fn chosen_columns_keep_their_order_and_the_rest_may_be_text() {
    let signals = read("a,note,b\n1,first,2\n3,,4\n", &options("b,a", "", "", "")).unwrap();
    assert_eq!(signals.channels, ["b", "a"]);
    assert_eq!(signals.recordings[0].samples, [2.0, 1.0, 4.0, 3.0]);
}

#[test]
fn recordings_end_where_group_or_recording_change_and_time_goes_back() {
    let text = "t,x,what,who,run\n\
                0,1,ok,a,1\n1,2,ok,a,1\n2,3,bad,a,1\n3,4,bad,b,1\n4,5,bad,b,2\n0,6,bad,b,2\n";
    let source = Source { recording: Some("run".into()), ..options("", "t", "what", "who") };
    let signals = read(text, &source).unwrap();
    let parts: Vec<_> = signals.recordings.iter().map(|r| &r.samples[..]).collect();
    assert_eq!(parts, [&[1.0, 2.0, 3.0][..], &[4.0], &[5.0], &[6.0]]);
    assert_eq!(signals.recordings[3].origin.to_string(), "it.csv, line 7");
    assert_eq!(signals.recordings[0].labels, Labels::of("ok").then(2, "bad"));
    // None of these columns ends a recording if it is not named.
    let one = read(text, &options("x", "", "", "")).unwrap();
    assert_eq!(one.recordings.len(), 1);
}

#[test]
fn delimiters_line_ends_and_marks_do_not_matter() {
    let expected = read("a,b\n1,2\n3,4\n", &source()).unwrap();
    for text in [
        "a,b\r\n1,2\r\n3,4\r\n",
        "\u{feff}a,b\r\n1,2\r\n3,4",
        "a;b\n1;2\n3;4\n",
        "a\tb\n1\t2\n3\t4\n\n\n",
        "\na, b\n\n 1,2\n\"3\",4\n",
    ] {
        let mut signals = read(text, &source()).unwrap();
        // Where it was is different where there are lines above it.
        signals.recordings[0].origin = expected.recordings[0].origin.clone();
        signals.notes.clone_from(&expected.notes);
        assert_eq!(signals, expected, "{text:?}");
    }
}

#[test]
fn labels_may_be_called_none() {
    let signals = read("x,what\n1,none\n2,NaN\n", &options("", "", "what", "")).unwrap();
    assert_eq!(signals.recordings[0].labels, Labels::of("none").then(1, "NaN"));
}

#[test]
fn every_wrong_turn_is_named_with_line_and_column() {
    let plain = source();
    for (text, words) in [
        ("", "it.csv: the file is empty; expected a header line"),
        ("\n\n", "the file is empty"),
        ("a,b\n", "there are no samples"),
        (
            "1,2\n3,4\n",
            "line 1 holds values and no names; put a header line above it that names the",
        ),
        ("1,2\n3,4\n", "such as c0,c1"),
        ("\n\n1,2,3,4\n", "line 3 holds values and no names"),
        ("1.5,ok\n2.5,ok\n", "line 1 holds values and no names"),
        ("1.5,,NaN\n2.5,1,2\n", "line 1 holds values and no names"),
        (",0,1\n0,1.5,2\n", "line 1: column 1 has no name"),
        ("# of 2024-05-01\nmore\n", "there are no samples"),
        (",a\n0,1\n", "line 1: column 1 has no name"),
        ("a,b,a\n1,2,3\n", "columns 1 and 3 are both called `a`; rename one"),
        ("a,b\n1,2\n3\n", "line 3: it has 1 field, and the header has 2; complete the line"),
        ("a,b\n1,2\n3,4,5\n", "line 3: it has 3 fields, and the header has 2"),
        ("a,b\n1,\n", "line 2, column `b`: the value is missing; fill it in"),
        ("a,b\n1,2\n\nNaN,4\n", "line 4, column `a`: the value is missing (`NaN`)"),
        ("a\n1\n\n2\n", "line 3, column `a`: the value is missing"),
        ("a,b\r\n1,2\r\n3,x\r\n", "line 3, column `b`: `x` is not a number"),
        (
            "a;b\n1.5;2,5\n",
            "line 2, column `b`: `2,5` is not a number; it looks like one with a decimal comma",
        ),
        ("a,b\n1,inf\n", "line 2, column `b`: `inf` is infinite"),
        ("a,b\n\"1\n2\",x\n3,4\n", "line 2, column `a`"),
        ("a,b\n1,\"2\n3,4\n", "line 2, column `b`"),
    ] {
        let message = refusal(text, &plain);
        assert!(message.contains(words), "{text:?}: {message}");
    }
}

#[test]
fn options_that_do_not_fit_are_named() {
    let text = "t,x,what\nnoon,1,\n";
    for (source, words) in [
        (
            options("x,z", "", "", ""),
            "`z` is named as a channel, and is not there; there are: t, x, wh",
        ),
        (options("x,x", "", "", ""), "`x` is named twice as a channel"),
        (options("x,what", "", "what", ""), "`what` is named both as a channel and as the label"),
        (options("x", "when", "", ""), "`when` is named as the time, and is not there"),
        (options("x", "", "", "who"), "`who` is named as the group, and is not there"),
        (options("x", "t", "", ""), "line 2, column `t`: `noon` is not a time"),
        (options("x", "", "what", ""), "line 2, column `what`: the value is missing"),
        (options("", "t", "x", "what"), "no column is left for a channel; there are: t, x, what"),
    ] {
        let message = refusal(text, &source);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn other_encodings_are_named_with_the_place() {
    let latin = b"a,b\r\n1,2\r\n3,\xb5\r\n";
    let message = super::refusal_of_bytes("it.csv", latin, &source());
    assert!(message.contains("line 3, column 2: `\u{fffd}` is not UTF-8"), "{message}");
}

/// Rows of these columns, the header above them.
fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).fold(format!("{header}\n"), |text, at| text + &row(at) + "\n")
}

#[test]
fn a_column_that_only_rises_is_refused() {
    let wave = |at: usize| at * 7 % 5;
    let fine = rows("t,x,y", 8, |at| format!("{at},{},{}", wave(at), wave(at + 1)));
    assert_eq!(
        refusal(&fine, &source()),
        "`t` only rises, as a time or a counter does; name it as the time, or choose the channels \
         x,y"
    );
    let remedies = [options("", "t", "", ""), options("x,y", "", "", ""), options("t", "", "", "")];
    for remedy in remedies {
        assert!(read(&fine, &remedy).is_ok());
    }
    // Seconds since 1970, which f32 rounds to minutes; and one that begins again with each group.
    let since = rows("x,t", 8, |at| format!("{},{}.5", wave(at), 1_700_000_000 + at));
    assert!(refusal(&since, &source()).contains("`t` only rises"));
    let again = rows("x,t,who", 12, |at| format!("{},{},{}", wave(at), at % 4, at / 4));
    assert!(refusal(&again, &options("", "", "", "who")).contains("`t` only rises"));
    let alone = refusal(&rows("t", 8, |at| at.to_string()), &source());
    assert!(alone.ends_with("the channels t"), "{alone}");
}

#[test]
fn a_column_that_runs_as_a_clock_is_refused() {
    let wave = |at: usize| at * 7 % 5;
    let restarts = |at: usize| format!("{}.{},{}", at % 90 / 10, at % 10, wave(at));
    for (text, words) in [
        // A logger that begins again, the newest line first, a counter that ends, one hour twice.
        (
            rows("Time (seconds),x", 360, restarts),
            "`Time (seconds)` rises but for 3 steps back, as",
        ),
        (rows("n,x", 300, |at| format!("{},{}", at % 75, wave(at))), "`n` rises but for 3 steps"),
        (rows("n,x", 20, |at| format!("{},{}", 1_700_000_000 - at, wave(at))), "`n` only falls,"),
        (rows("n,x", 120, |at| format!("{},{}", 60 - at % 60, wave(at))), "falls but for 1 step "),
        (
            rows("x,time", 40, |at| format!("{},{}", wave(at), at - at / 20 * 4)),
            "`time` rises but for 1 step back",
        ),
        // Seconds, ten samples in each.
        (rows("s,x", 2000, |at| format!("{},{}", at % 1000 / 10, wave(at))), "`s` rises but for 1"),
    ] {
        let message = refusal(&text, &source());
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_second_clock_is_refused_too_and_one_in_an_array() {
    let text = rows("t,uptime,x", 20, |at| format!("{at},{},{}", 3 * at, at * 7 % 5));
    assert_eq!(
        refusal(&text, &options("", "t", "", "")),
        "`uptime` only rises, as a time or a counter does; choose the channels x"
    );
    let bytes: Vec<u8> = (0..20).flat_map(|at| [at, at * 7 % 5]).collect();
    let file = super::npy("|u1", "(20, 2)", &bytes);
    let message = super::refusal_of_bytes("it.npy", &file, &source());
    assert!(
        message.ends_with("`0` only rises, as a time or a counter does; choose the channels 1")
    );
    let chosen = options("0,1", "", "", "");
    assert!(crate::signal::read_bytes("it.npy".as_ref(), &file, &chosen).is_ok());
}

#[test]
fn what_may_be_a_signal_is_none_that_runs_as_a_clock() {
    let noise = |at: usize| at * 7919 % 13;
    for text in [
        // A turn of twenty samples; a room that warms up; a battery; a level with a wave on it.
        rows("angle", 400, |at| (at % 20).to_string()),
        rows("x", 400, |at| (at / 10 + noise(at) % 2).to_string()),
        rows("x", 400, |at| if at == 200 { 98 } else { at / 2 }.to_string()),
        rows("response time", 400, |at| noise(at).to_string()),
        rows("x", 400, |at| (at + 3 * noise(at)).to_string()),
        rows("x", 7, |at| at.to_string()),
        rows("x", 20, |at| (at / 10).to_string()),
        rows("x", 20, |_| "3".into()),
        rows("x", 20, |at| if at == 19 { "-1".into() } else { at.to_string() }),
    ] {
        assert!(read(&text, &source()).is_ok(), "{text}");
    }
    let by_group = options("", "", "", "who");
    for text in [
        // Flat in one recording; no recording of more than one sample.
        rows("x,who", 20, |at| format!("{},{}", at.min(10), at / 10)),
        rows("x,who", 20, |at| format!("{at},{at}")),
    ] {
        assert!(read(&text, &by_group).is_ok(), "{text}");
    }
}
