//! Emulated boards watch signals as the host does, decision by decision, and a board that does not is
//! found out.
//!
//! These need QEMU, and firmware that `cargo xtask firmware` has built.

use std::io::Write;
use std::process::Stdio;

use ae_boards::equivalence::Emulators;
use ae_boards::monitor::{Decided, Watched, watch_on_board, watch_on_host};
use ae_boards::{Board, Firmware, Session, SessionError};
use ae_core::{
    Contract, Debounce, Detection, Int8Model, PartSelection, SampleKind, Samples, arrange,
    select_parts, with_detection,
};
use ae_model::Activation;
use ae_protocol::{Answer, DecisionRecord, DetectorInfo, FrameReader, Request};
use ae_testkit::signal::Signal;
use ae_tests::line::{frame, head};
use ae_tests::models::{Output, float, network, noise, quantised, small_blobs};
use ae_tests::signals::{recording, with_extremes};
use ae_tests::watching::{Watching, watching};

fn elf(board: &'static Board, blob: &[u8]) -> Vec<u8> {
    let firmware = Firmware::read(&Firmware::default_folder(), board, "monitor").unwrap();
    firmware.with_model(blob).unwrap().0
}

fn session(board: &str, blob: &[u8]) -> Session {
    let board = Board::find(board).unwrap();
    Session::emulate(board, &elf(board, blob)).unwrap()
}

fn watch(board: &'static Board, blob: &[u8], recordings: &[Samples<'_>]) -> Vec<Watched> {
    let emulators = Emulators { board, elf: &elf(board, blob) };
    watch_on_board(&emulators, blob, recordings, &|_| ()).unwrap().1
}

/// Windows that touch, overlap or leave gaps, of one channel or many.
fn cases() -> Vec<(Vec<usize>, Watching)> {
    let debounce = |hits, of| Debounce { hits, of };
    let case = |kind, window, stride, weighted, debounce| Watching {
        kind,
        curves: window > 30,
        window,
        stride,
        weighted,
        smoothing: u8::from(stride == 16),
        debounce,
    };
    vec![
        (vec![12, 7, 3], case(SampleKind::Counts, 4, 1, true, debounce(2, 3))),
        (vec![37, 9, 5], case(SampleKind::Values, 37, 37, false, Debounce::NONE)),
        (vec![60, 11, 4], case(SampleKind::Pixels, 10, 13, true, debounce(3, 32))),
        (vec![13, 2], case(SampleKind::Values, 1, 3, true, debounce(1, 4))),
        (vec![384, 24, 8], case(SampleKind::Counts, 64, 16, true, debounce(2, 2))),
    ]
}

/// The blob with a threshold that some of the recordings' windows exceed.
fn with_threshold(blob: &[u8], of: &Watching, seed: u64, recordings: &[Samples<'_>]) -> Vec<u8> {
    let scored = watch_on_host(&watching(blob, of, 0, seed), recordings).unwrap();
    let mut scores: Vec<u64> = scored.concat().iter().map(|decision| decision.score).collect();
    scores.sort_unstable();
    watching(blob, of, scores[scores.len() / 2], seed)
}

#[test]
fn every_emulated_core_decides_as_the_host() {
    for (seed, (widths, of)) in (0..).zip(cases()) {
        let network = network(&widths, Activation::Gelu, Output::Sigmoid, seed);
        let images = noise(widths[0], 12, seed);
        let channels = widths[0] / of.window as usize;
        // The last ends in the middle of a window.
        let lens = [of.window * 2, of.window + of.stride * 9, of.window + of.stride * 5 + 1];
        let signals: Vec<Signal> = lens
            .iter()
            .map(|&len| with_extremes(of.kind, len as usize * channels, seed + 50))
            .collect();
        let recordings: Vec<Samples<'_>> = signals.iter().map(recording).collect();
        for blob in [
            quantised(&network, &images, PartSelection::Both),
            float(&network, &images, PartSelection::Both),
        ] {
            let blob = with_threshold(&blob, &of, seed, &recordings);
            let is_f32 = ae_core::Header::read(&blob).unwrap().contract == Contract::F32;
            let takes_f32 = is_f32 || of.kind == SampleKind::Values;
            let host = watch_on_host(&blob, &recordings).unwrap().concat();
            let alarms = host.iter().filter(|decision| decision.is_alarm).count();
            assert!(alarms > 0 && alarms < host.len(), "{of:?}: {alarms} of {}", host.len());
            for board in Board::all().iter().filter(|board| board.emulator.is_some()) {
                if takes_f32 && !board.f32 {
                    continue;
                }
                let blob =
                    if is_f32 { blob.clone() } else { arrange(&blob, board.layout()).unwrap() };
                let watched = watch(board, &blob, &recordings);
                let decided = Decided::of(&watched);
                assert!(decided.is_complete(), "{}, {of:?}: {decided}", board.name);
                assert_eq!(decided.windows.of, host.len());
                assert_eq!(decided.alarms, alarms);
            }
        }
    }
}

/// Computes features of frames of 32 samples, 16 apart, of one channel of counts; windows of two frames.
const FEATURES: &[u8] = include_bytes!("../../golden/tiny.features.int8.aeb");

#[test]
fn features_of_a_signal_are_computed_as_on_the_host() {
    let signals = [31, 32, 47, 48, 500].map(|len| with_extremes(SampleKind::Counts, len, 7));
    let recordings = signals.each_ref().map(recording);
    let scores = watch_on_host(FEATURES, &recordings).unwrap().concat();
    let mut scores: Vec<u64> = scores.iter().map(|decision| decision.score).collect();
    scores.sort_unstable();
    // Some windows are above the threshold, and some are not.
    let threshold = scores[scores.len() / 2];
    let blob = changed(FEATURES, |detection| detection.threshold = threshold);
    let host = watch_on_host(&blob, &recordings).unwrap();
    // The first window ends with the sample 48, each other one 16 later.
    let windows: Vec<usize> = host.iter().map(Vec::len).collect();
    assert_eq!(windows, [0, 0, 0, 1, 29]);
    let host = host.concat();
    let alarms = host.iter().filter(|decision| decision.is_alarm).count();
    assert!(alarms > 0 && alarms < host.len(), "{alarms} of {}", host.len());
    let emulated = Board::all().iter().filter(|board| board.emulator.is_some());
    for board in emulated.filter(|board| board.name != "microbit") {
        let blob = arrange(&blob, board.layout()).unwrap();
        let decided = Decided::of(&watch(board, &blob, &recordings));
        assert!(decided.is_complete(), "{}: {decided}", board.name);
        assert_eq!((decided.windows.of, decided.alarms), (host.len(), alarms));
    }
    // A hop of 15 in place of 16 is found.
    let other = changed(&blob, |detection| {
        detection.features.as_mut().expect("features").hop = 15;
    });
    let board = watch_on_host(&other, &recordings).unwrap().remove(4);
    let host = watch_on_host(&blob, &recordings).unwrap().remove(4);
    assert!(!Decided::of(&[Watched { host, board }]).is_complete());
}

/// A blob for two channels of counts with windows of six samples, and a signal for it.
fn counts() -> (Vec<u8>, Signal) {
    let of = Watching {
        kind: SampleKind::Counts,
        curves: false,
        window: 6,
        stride: 2,
        weighted: true,
        smoothing: 0,
        debounce: Debounce::NONE,
    };
    let signal = with_extremes(SampleKind::Counts, 2 * 30, 3);
    let blob = with_threshold(&small_blobs(PartSelection::Both)[0], &of, 4, &[recording(&signal)]);
    (blob, signal)
}

/// The blob with its detection section changed.
fn changed(blob: &[u8], change: impl FnOnce(&mut Detection<'_>)) -> Vec<u8> {
    let model = Int8Model::parse(blob).unwrap();
    let mut detection = model.detection().unwrap().unwrap();
    change(&mut detection);
    with_detection(blob, &detection).unwrap()
}

#[test]
fn a_changed_weight_or_threshold_on_the_board_is_found() {
    let (blob, signal) = counts();
    let host = watch_on_host(&blob, &[recording(&signal)]).unwrap().remove(0);
    let board = |blob: &[u8]| {
        let mut session = session("mps2-an386", blob);
        session.reset().unwrap();
        let board = session.push(&signal.to_bytes()).unwrap();
        session.leave().unwrap();
        Decided::of(&[Watched { host: host.clone(), board }])
    };
    assert!(board(&blob).is_complete());
    let heavier: Vec<u8> = {
        let model = Int8Model::parse(&blob).unwrap();
        let mut weights = model.detection().unwrap().unwrap().weights.to_vec();
        weights[5] ^= 1;
        weights
    };
    // One of twelve pixels weighs one more or less; the threshold is one less.
    let weight = board(&with_weights(&blob, &heavier));
    assert!(!weight.is_complete() && weight.to_string().contains("DIFFERENT: "), "{weight}");
    let threshold = board(&changed(&blob, |detection| detection.threshold -= 1));
    assert_eq!(threshold.windows.equal, 0, "{threshold}");
    let first = threshold.first.unwrap();
    assert_eq!((first.recording, first.window), (0, 0));
    let stride = board(&changed(&blob, |detection| detection.stride = 3));
    assert!(stride.first.is_some_and(|first| first.window == 1), "{stride}");
}

fn with_weights(blob: &[u8], weights: &[u8]) -> Vec<u8> {
    let model = Int8Model::parse(blob).unwrap();
    let detection = model.detection().unwrap().unwrap();
    with_detection(blob, &Detection { weights, ..detection }).unwrap()
}

#[test]
fn what_a_board_holds_beside_the_model_is_compared_too() {
    let (blob, signal) = counts();
    let other = changed(&blob, |detection| detection.threshold += 1);
    let board = Board::find("mps2-an385").unwrap();
    let emulators = Emulators { board, elf: &elf(board, &other) };
    let error = watch_on_board(&emulators, &blob, &[recording(&signal)], &|_| ()).unwrap_err();
    assert!(error.to_string().contains("holds another model"), "{error}");
    let emulators = Emulators { board, elf: &elf(board, &blob) };
    let error = watch_on_board(&emulators, &blob, &[], &|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "there is no recording to watch");
    for (recording, words) in [
        (Samples::Values(&[1.0, 2.0]), "the sample has f32 values, but the blob's map takes i16"),
        (Samples::Counts(&[1, 2, 3]), "the sample has 1 values, but the blob has 2 channels"),
    ] {
        let error = watch_on_board(&emulators, &blob, &[recording], &|_| ()).unwrap_err();
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn samples_one_by_one_give_the_same_and_a_reset_begins_anew() {
    let (blob, signal) = counts();
    let host = watch_on_host(&blob, &[recording(&signal)]).unwrap().remove(0);
    for board in ["microbit", "netduinoplus2", "rv32"] {
        let mut session = session(board, &blob);
        let info = session.detector().unwrap();
        let expected = DetectorInfo { kind: SampleKind::Counts, channels: 2, window: 6, stride: 2 };
        assert_eq!(info, expected);
        let error = session.push(&signal.to_bytes()).unwrap_err();
        assert!(matches!(error, SessionError::Interrupted), "{error}");
        for pieces in [4, 8, 20, 1000] {
            session.reset().unwrap();
            // What was pushed before leaves no trace.
            session.push(&signal.to_bytes()[..4 * 7]).unwrap();
            session.reset().unwrap();
            let bytes = signal.to_bytes();
            let decisions = bytes.chunks(pieces).map(|piece| session.push(piece).unwrap());
            let decisions: Vec<DecisionRecord> = decisions.flatten().collect();
            assert_eq!(decisions, host, "{board}, pieces of {pieces} bytes");
        }
        let error = session.push(&[0; 6]).unwrap_err().to_string();
        assert_eq!(error, "6 bytes are not a whole number of samples of 4 bytes");
        session.leave().unwrap();
    }
}

#[test]
fn a_board_without_a_detector_says_why() {
    let [int8, f32] = small_blobs(PartSelection::Both);
    let (counts, _) = counts();
    let of = Watching {
        kind: SampleKind::Values,
        curves: false,
        window: 3,
        stride: 1,
        weighted: false,
        smoothing: 3,
        debounce: Debounce::NONE,
    };
    let values = watching(&int8, &of, 9, 1);
    let refused = |board: &str, blob: &[u8], words: &str| {
        let mut session = session(board, blob);
        for error in [session.identify().unwrap_err(), session.detector().unwrap_err()] {
            let told = matches!(&error, SessionError::Refused(why) if why.contains(words));
            assert!(told, "{board}: no `{words}` in: {error}");
        }
        session.leave().unwrap();
    };
    for board in ["mps2-an386", "netduinoplus2", "rv32"] {
        refused(board, &int8, "the blob has no detection section");
        refused(board, &f32, "the blob has no detection section");
        let encoder = select_parts(&counts, PartSelection::Encoder).unwrap();
        refused(board, &encoder, "the blob has no detection section");
        let mut damaged = counts.clone();
        damaged[200] ^= 1;
        refused(board, &damaged, "the model is refused: the checksum is ");
        refused(board, &unsound(&counts), "the model cannot watch a signal: ");
    }
    refused("microbit", &int8, "it has no detection section");
    refused("microbit", &unsound(&counts), "its detection section is refused");
    refused("microbit", FEATURES, "this firmware has no features of signals");
    refused("microbit", &values, "this firmware is built without f32 samples");
}

/// The blob with a stride of 0, sealed again.
fn unsound(blob: &[u8]) -> Vec<u8> {
    let other = changed(blob, |detection| detection.stride = 3);
    // Where the two differ is the stride; the header has sums of the rest.
    let at = (ae_core::Header::LEN..blob.len()).find(|&at| blob[at] != other[at]).unwrap();
    let mut blob = blob.to_vec();
    blob[at] = 0;
    ae_testkit::seal::seal(&mut blob);
    blob
}

/// Kind, number and payload.
type AnswerOf = (u8, u8, Vec<u8>);

/// Exit code of the program, the text that it shows, and its answers.
fn answers(board: &str, blob: &[u8], line: &[u8]) -> (Option<i32>, String, Vec<AnswerOf>) {
    let board = Board::find(board).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("monitor.elf");
    std::fs::write(&path, elf(board, blob)).unwrap();
    let mut command = board.emulator.as_ref().unwrap().command(&path, false);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("QEMU is there");
    child.stdin.take().unwrap().write_all(line).unwrap();
    let output = child.wait_with_output().unwrap();
    let mut rest = &output.stdout[..];
    let (mut text, mut answers) = (Vec::new(), Vec::new());
    while let Ok(mut frame) = FrameReader::begin(&mut rest, |byte| text.push(byte)) {
        let mut payload = vec![0; frame.left() as usize];
        let (kind, number) = (frame.kind(), frame.number());
        frame.take(&mut payload).unwrap();
        frame.finish().unwrap();
        answers.push((kind, number, payload));
    }
    (output.status.code(), String::from_utf8(text).unwrap(), answers)
}

#[test]
fn wrong_and_damaged_requests_are_refused_and_leave_a_known_state() {
    let (blob, signal) = counts();
    let bytes = signal.to_bytes();
    let host = watch_on_host(&blob, &[recording(&signal)]).unwrap().remove(0);
    let push = |number, samples: &[u8]| frame(Request::Push as u8, number, samples);
    let mut damaged = push(6, &bytes[..24]);
    damaged[13] ^= 2;
    let endless = head(Request::Push as u8, 0, u32::MAX);
    let line = [
        // Half a sample, a sample too many, another program's request, and one that nobody knows:
        // the detector takes nothing of them.
        push(1, &bytes[..8]),
        push(2, &bytes[..6]),
        push(3, &bytes[8..28]),
        frame(Request::Encode as u8, 4, &bytes[..12]),
        frame(99, 5, &bytes[..5]),
        push(5, &bytes[8..24]),
        // It is behind a window's end now. Damage lets it begin anew.
        damaged,
        push(7, &bytes[..24]),
        push(8, &[]),
        push(9, &bytes[24..28]),
        push(10, &bytes[28..32]),
        frame(Request::Reset as u8, 11, &[]),
        push(12, &bytes[..24]),
        // Broken off behind its first sample, which the next request is told; and a head that
        // announces four gigabytes, which are not waited for.
        push(13, &bytes[24..32])[..18].to_vec(),
        push(14, &bytes[..4]),
        endless,
        push(15, &bytes[..24]),
        frame(Request::Leave as u8, 16, &[]),
    ]
    .concat();
    let of = |windows: &[usize]| -> Vec<u8> {
        windows.iter().flat_map(|&window| host[window].to_bytes()).collect()
    };
    for board in ["mps2-an505", "rv32", "microbit"] {
        let (code, text, found) = answers(board, &blob, &line);
        assert_eq!(code, Some(0), "{board}: {text}");
        let refused = Answer::Refused as u8;
        let decided = Answer::Decided as u8;
        let words = |index: usize| String::from_utf8_lossy(&found[index].2).into_owned();
        let kinds: Vec<(u8, u8)> = found.iter().map(|&(kind, number, _)| (kind, number)).collect();
        let expected = [
            (decided, 1),
            (refused, 2),
            (refused, 3),
            (refused, 4),
            (refused, 5),
            (decided, 5),
            (Answer::Damaged as u8, 6),
            (decided, 7),
            (decided, 8),
            (decided, 9),
            (decided, 10),
            (decided, 11),
            (decided, 12),
            (Answer::Damaged as u8, 14),
            (decided, 15),
        ];
        assert_eq!(kinds, expected, "{board}");
        assert_eq!(
            words(1),
            "the request has 6 bytes, which is no whole number of samples of 4 bytes"
        );
        assert_eq!(words(2), "the request has 5 samples, but the window ends after 4");
        assert_eq!(words(3), "unknown request 2");
        assert_eq!(words(4), "unknown request 99");
        for (index, windows) in [
            (0, &[][..]),
            (5, &[0]),
            (7, &[0]),
            (8, &[]),
            (9, &[]),
            (10, &[1]),
            (11, &[]),
            (12, &[0]),
            (14, &[0]),
        ] {
            assert_eq!(found[index].2, of(windows), "{board}, answer {index}");
        }
        // A line for each alarm.
        let shown = [0, 0, 1, 0, 0].map(|window| host[window]);
        let alarms = shown.iter().filter(|decision| decision.is_alarm).map(|decision| {
            let DecisionRecord { score, threshold, channel, .. } = decision;
            format!("alarm: score {score} over {threshold}, most from channel {channel}\n")
        });
        assert_eq!(text, alarms.collect::<String>(), "{board}");
    }
}

#[test]
fn an_alarm_whose_own_window_is_below_the_threshold_says_so() {
    let (blob, signal) = counts();
    let blob = changed(&blob, |detection| detection.debounce = Debounce { hits: 1, of: 32 });
    let host = watch_on_host(&blob, &[recording(&signal)]).unwrap().remove(0);
    assert!(host.iter().any(|it| it.is_alarm && it.score <= it.threshold));
    let bytes = signal.to_bytes();
    let mut line = frame(Request::Push as u8, 0, &bytes[..24]);
    for samples in bytes[24..].chunks(8) {
        line.extend(frame(Request::Push as u8, 1, samples));
    }
    line.extend(frame(Request::Leave as u8, 2, &[]));
    let (code, text, _) = answers("mps2-an386", &blob, &line);
    assert_eq!(code, Some(0));
    let alarms = host.iter().filter(|decision| decision.is_alarm).map(|decision| {
        let DecisionRecord { score, threshold, channel, .. } = decision;
        let of = if score > threshold { "over" } else { "of" };
        format!("alarm: score {score} {of} {threshold}, most from channel {channel}\n")
    });
    assert_eq!(text, alarms.collect::<String>());
}
