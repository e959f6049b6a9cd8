//! A detector that has learnt where it is goes on after its power was cut, with the same threshold and
//! scores: the program `monitor-kept`, whose emulator keeps the flash in a file.

use std::process::Command;
use std::thread;
use std::time::Duration;

use ae_boards::monitor::BoardCompanions;
use ae_boards::{Board, FlashFile, Session};
use ae_core::{Samples, arrange};
use ae_detect::play::{HostDetector, detection};
use ae_infer::{CompanionPlan, Observation, ThresholdSource};
use ae_protocol::{CompanionsRecord, DecisionRecord, ThresholdKind};
use ae_testkit::random::SplitMix64;

use crate::companions::{PLAN, blob_and_recordings, elf_of};

/// Cuts within a recording, and how many with `AE_TEST_ALL`.
const CUTS: usize = 1;
const ALL_CUTS: usize = 20;

/// What is kept shows in these.
type Decided = (bool, u64, u64, bool, bool, bool);

fn on_board(decisions: &[DecisionRecord]) -> Vec<Decided> {
    let decided = |it: &DecisionRecord| {
        let (is_own, found) = (it.kind == ThresholdKind::Own, &it.findings);
        (it.is_alarm, it.score, it.threshold, is_own, found.is_low, found.has_drifted)
    };
    decisions.iter().map(decided).collect()
}

fn on_host(blob: &[u8], counts: &[i16], companions: &mut BoardCompanions) -> Vec<Decided> {
    let detector = HostDetector::new(blob).unwrap();
    let observed = detector.observe(Samples::Counts(counts), companions).unwrap();
    let decided = |it: &Observation| {
        let evidence = it.decision.evidence();
        let (is_own, found) = (it.source == ThresholdSource::Own, it.findings);
        let of_window = (it.decision.is_alarm(), evidence.score, evidence.threshold);
        (of_window.0, of_window.1, of_window.2, is_own, found.is_low, found.has_drifted)
    };
    observed.iter().map(decided).collect()
}

fn bytes(counts: &[i16]) -> Vec<u8> {
    counts.iter().flat_map(|count| count.to_le_bytes()).collect()
}

/// Cuts the power: nobody takes leave.
fn cut(process: u32) {
    assert!(Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap().success());
}

#[test]
fn a_detector_goes_on_after_its_power_was_cut() {
    let board = Board::find("rv32").unwrap();
    let (blob, recordings) = blob_and_recordings();
    let blob = arrange(&blob, board.layout()).unwrap();
    let elf = elf_of(board, "monitor-kept", &blob);
    let folder = tempfile::tempdir().unwrap();
    let flash = FlashFile::make(board, &folder.path().join("rv32.flash"), &[]).unwrap();
    let power_on = || Session::emulate_with_flash(board, &elf, &flash).unwrap();

    let CompanionPlan { scores, alarm_ppm, low_ppm, constant, drift_ppm, .. } = PLAN;
    let asked = CompanionsRecord {
        scores,
        alarm_ppm,
        is_silent: PLAN.is_silent,
        low_ppm,
        constant,
        drift_ppm,
        ..CompanionsRecord::default()
    };
    let section = detection(&blob).unwrap();
    let mut host = BoardCompanions::of(&PLAN, &section).unwrap();
    let mut session = power_on();
    session.accompany(&asked).unwrap();
    // A cut within the calibration, in the middle of a window, and one behind it.
    let (begun, rest) = recordings[0].split_at(2 * 61);
    for counts in [begun, rest] {
        session.reset().unwrap();
        let decided = on_board(&session.push(&bytes(counts)).unwrap());
        assert_eq!(decided, on_host(&blob, counts, &mut host));
        assert!(!decided.is_empty());
        cut(session.process().unwrap());
        session = power_on();
    }
    assert!(host.calibration.unwrap().threshold().is_none(), "it goes on");

    // A cut at any moment: the board goes on as behind some window of the recording.
    let cuts = if std::env::var_os("AE_TEST_ALL").is_some() { ALL_CUTS } else { CUTS };
    let mut random = SplitMix64::new(17);
    for _ in 0..cuts {
        let process = session.process().unwrap();
        let delay = Duration::from_micros(random.below(60_000) as u64);
        let killer = thread::spawn(move || {
            thread::sleep(delay);
            cut(process);
        });
        let reset = session.reset();
        let pushed = reset.and_then(|()| session.push(&bytes(&recordings[2])));
        let answered = pushed.map_or(0, |all| all.len());
        killer.join().unwrap();
        session = power_on();
        session.reset().unwrap();
        let found = on_board(&session.push(&bytes(&recordings[1])).unwrap());
        // What comes of so many samples more, whole windows or not.
        let ends = (0..=recordings[2].len() / 2).map(|samples| 2 * samples);
        let behind = ends.map(|end| {
            let mut companions = host;
            let windows = on_host(&blob, &recordings[2][..end], &mut companions).len();
            (windows, on_host(&blob, &recordings[1], &mut companions), companions)
        });
        let goes_on = behind
            .filter(|(windows, ..)| *windows >= answered)
            .find(|(_, decided, _)| *decided == found);
        let (_, _, companions) = goes_on.expect("as behind some window");
        host = companions;
        cut(session.process().unwrap());
        session = power_on();
    }

    // In the end the threshold is found, of scores from all these lives.
    session.reset().unwrap();
    let decided = on_board(&session.push(&bytes(&recordings[2])).unwrap());
    assert_eq!(decided, on_host(&blob, &recordings[2], &mut host));
    assert!(decided.last().unwrap().3, "a threshold of its own");

    // Another plan begins anew, and no plan ends it, behind a reset too.
    session.accompany(&CompanionsRecord::default()).unwrap();
    cut(session.process().unwrap());
    let mut session = power_on();
    session.reset().unwrap();
    let decided = session.push(&bytes(&recordings[1])).unwrap();
    assert!(decided.iter().all(|it| it.kind == ThresholdKind::Blob && it.threshold == 1000));
    session.leave().unwrap();
}
