//! What goes along with a board's detector finds what goes along with the host's.

use ae_boards::equivalence::Emulators;
use ae_boards::monitor::{BoardCompanions, Decided, Watched, watch_beside};
use ae_boards::{Board, Firmware, Session, SessionError};
use ae_core::{
    Debounce, Detection, GroupThresholds, PartSelection, SampleKind, Samples, arrange,
    with_detection,
};
use ae_detect::play::{HostDetector, detection};
use ae_infer::{CompanionPlan, Observation, ThresholdSource};
use ae_protocol::{CompanionsRecord, ThresholdKind};
use ae_testkit::blob::Blob;
use ae_testkit::int8::Int8;
use ae_testkit::section::Section;
use ae_testkit::signal::Signal;
use ae_tests::models::small_blobs;
use ae_tests::signals::with_extremes;
use ae_tests::watching::{Watching, watching};

/// All of them, with numbers so small that each has something to say of a short signal.
pub(crate) const PLAN: CompanionPlan = CompanionPlan {
    scores: 39,
    alarm_ppm: 100_000,
    is_silent: true,
    is_at_least_blob: false,
    group_ppm: 0,
    low_ppm: 100_000,
    constant: 2,
    drift_ppm: 200_000,
};

/// A blob for two channels of counts with windows of six samples, and recordings for it: three alike, in
/// the last of which a channel stands still for a while, and one in which both do, which is a drift too.
pub(crate) fn blob_and_recordings() -> (Vec<u8>, Vec<Vec<i16>>) {
    let of = Watching {
        kind: SampleKind::Counts,
        curves: false,
        window: 6,
        stride: 2,
        weighted: true,
        smoothing: 0,
        debounce: Debounce::NONE,
    };
    let blob = watching(&small_blobs(PartSelection::Both)[0], &of, 1000, 4);
    let noise = |samples: usize, seed| {
        let Signal::Counts(counts) = with_extremes(SampleKind::Counts, 2 * samples, seed) else {
            unreachable!("counts")
        };
        counts
    };
    let mut rests = noise(150, 3);
    rests.as_chunks_mut::<2>().0.iter_mut().skip(60).take(20).for_each(|sample| sample[1] = 7);
    let recordings = vec![noise(101, 1), noise(90, 2), rests, vec![0; 600]];
    (blob, recordings)
}

fn samples(recordings: &[Vec<i16>]) -> Vec<Samples<'_>> {
    recordings.iter().map(|counts| Samples::Counts(counts)).collect()
}

fn on_host(blob: &[u8], plan: &CompanionPlan, recordings: &[Vec<i16>]) -> Vec<Vec<Observation>> {
    let detector = HostDetector::new(blob).unwrap();
    let mut companions = BoardCompanions::of(plan, &detection(blob).unwrap()).unwrap();
    let samples = samples(recordings).into_iter();
    samples.map(|it| detector.observe(it, &mut companions).unwrap()).collect()
}

fn elf(board: &'static Board, blob: &[u8]) -> Vec<u8> {
    elf_of(board, "monitor", blob)
}

pub(crate) fn elf_of(board: &'static Board, program: &str, blob: &[u8]) -> Vec<u8> {
    let firmware = Firmware::read(&Firmware::default_folder(), board, program).unwrap();
    firmware.with_model(&arrange(blob, board.layout()).unwrap()).unwrap().0
}

fn on_board(
    board: &'static Board,
    plan: &CompanionPlan,
    host: &[Vec<Observation>],
) -> Vec<Watched> {
    let (blob, recordings) = blob_and_recordings();
    blob_on_board(board, &blob, plan, &recordings, host)
}

fn blob_on_board(
    board: &'static Board,
    blob: &[u8],
    plan: &CompanionPlan,
    recordings: &[Vec<i16>],
    host: &[Vec<Observation>],
) -> Vec<Watched> {
    let blob = arrange(blob, board.layout()).unwrap();
    let emulators = Emulators { board, elf: &elf(board, &blob) };
    watch_beside(&emulators, &blob, Some(plan), &samples(recordings), host, &|_| ()).unwrap().1
}

/// The blob with thresholds of four groups, each a score that the recordings have.
fn with_groups(blob: &[u8], recordings: &[Vec<i16>]) -> Vec<u8> {
    let host =
        on_host(blob, &CompanionPlan { drift_ppm: 200_000, ..Default::default() }, recordings);
    let mut scores: Vec<u64> =
        host.iter().flatten().map(|it| it.decision.evidence().score).collect();
    scores.sort_unstable();
    // The recording that stands still has one score for most of its windows.
    scores.dedup();
    let of_groups: Vec<u8> = [30, 50, 70, 90]
        .into_iter()
        .flat_map(|percent| scores[scores.len() * percent / 100].to_le_bytes())
        .collect();
    let section = detection(blob).unwrap();
    with_detection(blob, &Detection { groups: GroupThresholds(&of_groups), ..section }).unwrap()
}

#[test]
fn every_emulated_core_reads_the_thresholds_of_the_makers_groups() {
    let (blob, recordings) = blob_and_recordings();
    let blob = with_groups(&blob, &recordings);
    let section = Section::read(&Blob::<Int8>::read(&blob).detection);
    assert_eq!(section.groups.len(), 4);
    let by_groups = |group_ppm| CompanionPlan { group_ppm, ..Default::default() };
    // Alone at each share, and until there is one in place.
    let of_both = CompanionPlan { scores: 39, alarm_ppm: 100_000, ..by_groups(200_000) };
    let plans = [by_groups(200_000), by_groups(400_000), by_groups(800_000), of_both];
    let mut all_alarms = Vec::new();
    for plan in plans {
        let host = on_host(&blob, &plan, &recordings);
        let windows = || host.iter().flatten();
        // What the format's document says of the section.
        let bound = section.group_bound(plan.group_ppm).unwrap();
        let (mut of_groups, mut own) = (0, 0);
        for it in windows() {
            match it.source {
                ThresholdSource::Groups => {
                    assert_eq!(it.decision.evidence().threshold, bound);
                    of_groups += 1;
                }
                ThresholdSource::Own => own += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(of_groups > 0 && (own > 0) == (plan.scores > 0), "{of_groups}, {own}");
        all_alarms.push(windows().filter(|it| it.decision.is_alarm()).count());
        // Other shares are other thresholds of the same list: one board shows that.
        let is_shown = |board: &&Board| plan.group_ppm == 200_000 || board.name == "mps2-an386";
        let emulated = Board::all().iter().filter(|board| board.emulator.is_some());
        for board in emulated.filter(is_shown) {
            let watched = blob_on_board(board, &blob, &plan, &recordings, &host);
            let decided = Decided::of(&watched);
            assert!(decided.is_complete(), "{}, {plan:?}: {decided}", board.name);
            assert_eq!(decided.windows.of, windows().count());
        }
    }
    assert!(0 < all_alarms[0] && all_alarms[..3].is_sorted_by(|a, b| a < b), "{all_alarms:?}");

    // A threshold that is one higher on the board, or another share, is found.
    let board = Board::find("mps2-an386").unwrap();
    let host = on_host(&blob, &plans[0], &recordings);
    let higher: Vec<u8> = section.groups.iter().flat_map(|it| (it + 1).to_le_bytes()).collect();
    let of = detection(&blob).unwrap();
    let other =
        with_detection(&blob, &Detection { groups: GroupThresholds(&higher), ..of }).unwrap();
    for (blob, plan) in [(&other, &plans[0]), (&blob, &plans[1])] {
        let decided = Decided::of(&blob_on_board(board, blob, plan, &recordings, &host));
        assert!(!decided.is_complete() && decided.windows.equal < decided.windows.of, "{decided}");
    }
    // Four groups are too few for one in ten.
    let mut session = Session::emulate(board, &elf(board, &blob)).unwrap();
    let asked = CompanionsRecord { group_ppm: 100_000, ..Default::default() };
    let error = session.accompany(&asked).unwrap_err();
    let words = "thresholds of 4 groups";
    let told = matches!(&error, SessionError::Refused(why) if why.contains(words));
    assert!(told, "no `{words}` in: {error}");
    session.leave().unwrap();
}

#[test]
fn every_emulated_core_finds_what_the_host_finds() {
    let (blob, recordings) = blob_and_recordings();
    let host = on_host(&blob, &PLAN, &recordings);
    let of = |is: fn(&Observation) -> bool| host.iter().flatten().filter(|it| is(it)).count();
    let all = of(|_| true);
    for (found, name) in [
        (of(|it| it.source == ThresholdSource::Silent), "without a threshold"),
        (of(|it| it.source == ThresholdSource::Own), "with one of its own"),
        (of(|it| it.decision.is_alarm()), "with an alarm"),
        (of(|it| it.findings.is_low), "with a low score"),
        (of(|it| it.findings.constant == Some(0)), "with all channels stuck"),
        (of(|it| it.findings.constant == Some(1)), "with the second channel stuck"),
        (of(|it| it.findings.has_drifted), "with a drift"),
    ] {
        assert!(found > 0 && found < all, "{found} of {all} windows {name}");
    }
    for board in Board::all().iter().filter(|board| board.emulator.is_some()) {
        let decided = Decided::of(&on_board(board, &PLAN, &host));
        assert!(decided.is_complete(), "{}: {decided}", board.name);
        assert_eq!(decided.windows.of, all);
    }
    // One score more, or another rate of the drift, is found.
    let board = Board::find("mps2-an386").unwrap();
    for plan in [
        CompanionPlan { scores: 40, ..PLAN },
        CompanionPlan { drift_ppm: 100_000, ..PLAN },
        CompanionPlan { constant: 3, ..PLAN },
        CompanionPlan { low_ppm: 150_000, ..PLAN },
    ] {
        let decided = Decided::of(&on_board(board, &plan, &host));
        assert!(!decided.is_complete() && decided.windows.equal > 0, "{plan:?}: {decided}");
    }
}

#[test]
fn what_cannot_go_along_is_refused_and_nothing_does() {
    let (blob, recordings) = blob_and_recordings();
    for (name, words) in [
        ("mps2-an386", "98 scores are too few for a rate of 10000 parts per million"),
        ("microbit", "a companion cannot be so"),
    ] {
        let board = Board::find(name).unwrap();
        let mut session = Session::emulate(board, &elf(board, &blob)).unwrap();
        let asked = CompanionsRecord { scores: 98, alarm_ppm: 10_000, ..Default::default() };
        let error = session.accompany(&asked).unwrap_err();
        let told = matches!(&error, SessionError::Refused(why) if why.contains(words));
        assert!(told, "{name}: no `{words}` in: {error}");
        session.reset().unwrap();
        let bytes: Vec<u8> = samples(&recordings)[0].le_bytes().take(4 * 20).collect();
        let decisions = session.push(&bytes).unwrap();
        assert!(!decisions.is_empty());
        assert!(decisions.iter().all(|it| it.kind == ThresholdKind::Blob && it.threshold == 1000));
        session.leave().unwrap();
    }
}
