use std::collections::BTreeMap;

use super::*;
use crate::signal::{Labels, Origin, Recording};

/// A recording of so many samples, with label and group, if they are not empty.
fn recording(len: usize, label: &str, group: &str) -> Recording {
    let labels = if label.is_empty() { Labels::default() } else { Labels::of(label) };
    let group = (!group.is_empty()).then(|| group.into());
    Recording { samples: vec![0.0; len], labels, group, origin: Origin::default() }
}

fn signals(recordings: Vec<Recording>) -> Signals {
    Signals { channels: vec!["a".into()], recordings, notes: vec![], rate: None }
}

/// Of each of ten subjects one normal recording and one that is not.
fn ten_subjects() -> Signals {
    let recordings = (1..=10).flat_map(|subject: usize| {
        let subject = subject.to_string();
        [recording(5, "ok", &subject), recording(7, "bad", &subject)]
    });
    signals(recordings.collect())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn automatic(normal: &[&str], seed: u64) -> SplitSettings {
    SplitSettings {
        normal: texts(normal),
        groups: Groups::Automatic { seed },
        ..SplitSettings::default()
    }
}

fn named(normal: &[&str], [train, calibrate, test]: [&[&str]; 3]) -> SplitSettings {
    let (train, calibrate, test) = (texts(train), texts(calibrate), texts(test));
    SplitSettings {
        normal: texts(normal),
        groups: Groups::Named { train, calibrate, test },
        ..SplitSettings::default()
    }
}

fn refusal(signals: &Signals, settings: &SplitSettings) -> String {
    split(signals, settings).unwrap_err().to_string()
}

/// The folds that each group's pieces have.
fn folds_of_groups(signals: &Signals, split: &Folds) -> BTreeMap<String, Vec<usize>> {
    let test = split.test_normal.iter().chain(&split.test_abnormal).cloned().collect();
    let mut folds: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (fold, pieces) in [split.train.clone(), split.calibrate.clone(), test].iter().enumerate() {
        for piece in pieces {
            let group = signals.recordings[piece.recording].group.as_deref().unwrap().to_owned();
            let of_group = folds.entry(group).or_default();
            if !of_group.contains(&fold) {
                of_group.push(fold);
            }
        }
    }
    folds
}

#[test]
fn no_group_is_in_two_folds_whatever_the_seed() {
    let signals = ten_subjects();
    let mut different = Vec::new();
    for seed in 0..20 {
        let split = split(&signals, &automatic(&["ok"], seed)).unwrap();
        let folds = folds_of_groups(&signals, &split);
        assert_eq!(folds.len(), 10);
        assert!(folds.values().all(|of_group| of_group.len() == 1), "{folds:?}");
        for (fold, groups) in split.groups.iter().enumerate() {
            assert!(groups.iter().all(|group| folds[group] == [fold]), "{folds:?} {groups:?}");
        }
        assert_eq!(split.groups.each_ref().map(Vec::len), [6, 2, 2]);
        let sizes = [&split.train, &split.calibrate, &split.test_normal, &split.test_abnormal];
        assert_eq!(sizes.map(Vec::len), [6, 2, 2, 2]);
        let is_normal = |piece: &Piece| signals.len_of(piece.recording) == 5;
        assert!(sizes[..3].iter().all(|pieces| pieces.iter().all(is_normal)));
        assert!(!split.test_abnormal.iter().any(is_normal));
        let note = "8 abnormal pieces of groups that train or calibrate are not used";
        let [told] = &split.notes[..] else { panic!("{:?}", split.notes) };
        assert!(told.to_string().starts_with(note), "{told}");
        different.push(split);
    }
    different.dedup();
    assert!(different.len() > 15, "the seed decides");
}

#[test]
fn the_same_seed_gives_the_same_groups_in_whatever_order_the_recordings_are() {
    let mut signals = ten_subjects();
    let before = split(&signals, &automatic(&["ok"], 3)).unwrap();
    assert_eq!(before, split(&signals, &automatic(&["ok"], 3)).unwrap());
    signals.recordings.reverse();
    assert_eq!(before.groups, split(&signals, &automatic(&["ok"], 3)).unwrap().groups);
}

#[test]
fn few_groups_have_one_each_at_least() {
    for (count, expected) in [(3, [1, 1, 1]), (4, [2, 1, 1]), (5, [3, 1, 1]), (8, [4, 2, 2])] {
        let recordings = (0..count).map(|group: usize| recording(5, "", &group.to_string()));
        let split = split(&signals(recordings.collect()), &automatic(&[], 0)).unwrap();
        assert_eq!(split.groups.map(|groups| groups.len()), expected);
    }
}

#[test]
fn groups_that_are_never_normal_are_tested_on() {
    let mut signals = ten_subjects();
    signals.recordings.push(recording(9, "bad", "broken"));
    for seed in 0..10 {
        let split = split(&signals, &automatic(&["ok"], seed)).unwrap();
        assert!(split.groups[2].contains(&"broken".to_owned()));
        assert!(split.test_abnormal.contains(&Piece { recording: 20, range: 0..9 }));
    }
}

#[test]
fn without_groups_each_normal_recording_is_cut_in_time() {
    let signals = signals(vec![
        recording(10, "ok", ""),
        recording(7, "bad", ""),
        recording(13, "fine", ""),
        recording(1, "ok", ""),
    ]);
    let split = split(&signals, &automatic(&["ok", "fine"], 0)).unwrap();
    let piece = |recording, range| Piece { recording, range };
    assert_eq!(split.train, [piece(0, 0..6), piece(2, 0..7)]);
    assert_eq!(split.calibrate, [piece(0, 6..8), piece(2, 7..10)]);
    assert_eq!(split.test_normal, [piece(0, 8..10), piece(2, 10..13), piece(3, 0..1)]);
    assert_eq!(split.test_abnormal, [piece(1, 0..7)]);
    assert_eq!(split.groups.concat(), [""; 0]);
    let [note] = &split.notes[..] else { panic!("{:?}", split.notes) };
    for words in ["no groups: each normal recording is cut in time", "may be more frequent"] {
        assert!(note.to_string().contains(words), "{note}");
    }
}

#[test]
fn fewer_than_three_groups_are_cut_in_time_with_a_note() {
    let signals = signals(vec![
        recording(10, "ok", "1"),
        recording(10, "ok", "2"),
        recording(10, "bad", "3"),
    ]);
    let split = split(&signals, &automatic(&["ok"], 0)).unwrap();
    assert_eq!([split.train.len(), split.calibrate.len(), split.test_normal.len()], [2; 3]);
    assert_eq!(split.groups.concat(), [""; 0]);
    assert!(split.notes[0].to_string().contains("only 2 of the groups"), "{:?}", split.notes);
}

#[test]
fn named_groups_have_the_folds_they_were_given() {
    let settings = named(&["ok"], [&["2", "10"], &["3"], &["1", "4"]]);
    let signals = ten_subjects();
    let split = split(&signals, &settings).unwrap();
    assert_eq!(split.groups, [texts(&["2", "10"]), texts(&["3"]), texts(&["1", "4"])]);
    let recordings = |pieces: &[Piece]| pieces.iter().map(|p| p.recording).collect::<Vec<_>>();
    assert_eq!(recordings(&split.train), [2, 18]);
    assert_eq!(recordings(&split.calibrate), [4]);
    assert_eq!(recordings(&split.test_normal), [0, 6]);
    assert_eq!(recordings(&split.test_abnormal), [1, 7]);
    let notes = [
        "groups in no role, left out: 5, 6, 7, 8, 9",
        "3 abnormal pieces of groups that train or calibrate are not used (2, 3, 10); to see what is \
         found of them, name their groups among those to test on",
    ];
    let found: Vec<String> = split.notes.iter().map(ToString::to_string).collect();
    assert_eq!(found, notes);
    let settings = named(&["ok"], [&["1"], &["2"], &["3"]]);
    let mut signals = ten_subjects();
    signals.recordings.remove(1);
    let notes = super::split(&signals, &settings).unwrap().notes;
    assert!(notes[1].to_string().starts_with("1 abnormal piece of groups"), "{notes:?}");
}

#[test]
fn what_is_not_there_or_said_twice_is_named() {
    let signals = ten_subjects();
    for (settings, words) in [
        (automatic(&[], 0), "it is not said which labels are normal; there are: bad, ok"),
        (
            automatic(&["ok", "OK"], 0),
            "no recording has the label `OK` that is said to be normal; there are: b",
        ),
        (named(&["ok"], [&["1"], &[], &["2"]]), "no groups to calibrate on are named"),
        (
            named(&["ok"], [&["1"], &["11"], &["2"]]),
            "no recording has the group `11`, named to calibrate on",
        ),
        (
            named(&["ok"], [&["1", "2"], &["3"], &["4", "2"]]),
            "the group `2` is named both to train and to test on",
        ),
    ] {
        let message = refusal(&signals, &settings);
        assert!(message.contains(words), "{message}");
    }
    assert!(split(&signals, &named(&["ok"], [&["1", "1"], &["3"], &["4"]])).is_ok());
}

#[test]
fn labels_and_groups_that_are_not_there_are_asked_for() {
    let plain = signals(vec![recording(10, "", "")]);
    assert!(refusal(&plain, &automatic(&["ok"], 0)).contains("no recording has a label"));
    let settings = named(&[], [&[], &["1"], &[]]);
    let message = refusal(&plain, &settings);
    assert!(message.contains("groups to calibrate on are named, but no recording has a group"));
}

#[test]
fn a_fold_without_anything_normal_is_refused() {
    let mut signals = ten_subjects();
    signals.recordings.push(recording(9, "bad", "broken"));
    let settings = named(&["ok"], [&["1"], &["broken"], &["2"]]);
    let message = refusal(&signals, &settings);
    assert!(message.contains("nothing to calibrate on: no recording of the groups broken"));
    let short = self::signals(vec![recording(1, "", "")]);
    let message = refusal(&short, &automatic(&[], 0));
    assert!(message.contains("the longest normal recording has 1 samples"), "{message}");
}

/// Recordings without groups, of these numbers of samples.
fn lengths(lengths: &[usize]) -> Signals {
    signals(lengths.iter().map(|&len| recording(len, "", "")).collect())
}

fn with_gap(gap: usize, seed: u64) -> SplitSettings {
    SplitSettings { gap, ..automatic(&[], seed) }
}

#[test]
fn five_recordings_are_drawn_and_none_is_in_two_folds() {
    let signals = lengths(&[20, 30, 10, 20, 9, 20]);
    let mut different = Vec::new();
    for seed in 0..20 {
        let split = split(&signals, &with_gap(10, seed)).unwrap();
        assert_eq!(split, super::split(&signals, &with_gap(10, seed)).unwrap());
        let pieces = [&split.train, &split.calibrate, &split.test_normal];
        assert_eq!(pieces.map(Vec::len), [3, 1, 1]);
        let whole = |piece: &&Piece| piece.range == (0..signals.len_of(piece.recording));
        assert!(pieces.into_iter().flatten().all(|piece| whole(&piece)));
        let mut recordings: Vec<usize> =
            pieces.into_iter().flatten().map(|p| p.recording).collect();
        recordings.sort_unstable();
        // The fifth is shorter than a window.
        assert_eq!(recordings, [0, 1, 2, 3, 5]);
        let note = "no groups: recordings were drawn; 3 to train on, 1 to calibrate on, 1 to test";
        assert!(split.notes[0].to_string().starts_with(note), "{:?}", split.notes);
        different.push(split);
    }
    different.dedup();
    assert!(different.len() > 10, "the seed decides");
}

#[test]
fn abnormal_recordings_are_tested_on_when_recordings_are_drawn() {
    let mut signals = lengths(&[10; 5]);
    signals.recordings.iter_mut().for_each(|recording| recording.labels = Labels::of("ok"));
    signals.recordings.insert(1, recording(3, "bad", ""));
    let split = split(&signals, &automatic(&["ok"], 0)).unwrap();
    assert_eq!(split.test_abnormal, [Piece { recording: 1, range: 0..3 }]);
    assert!(
        ![&split.train, &split.calibrate, &split.test_normal]
            .into_iter()
            .flatten()
            .any(|p| { p.recording == 1 })
    );
}

#[test]
fn too_few_or_too_uneven_recordings_are_cut() {
    for signals in [
        lengths(&[700; 4]),
        lengths(&[700, 700, 700, 700, 9]),
        // Whatever is drawn, two of the folds would have next to nothing.
        lengths(&[7000, 10, 10, 10, 10]),
    ] {
        let split = split(&signals, &with_gap(10, 0)).unwrap();
        assert!(split.notes[0].to_string().contains("is cut in time"), "{:?}", split.notes);
        assert_eq!(split.train[0].range.start, 0);
        assert!(split.train[0].range.end < signals.len_of(0));
    }
}

#[test]
fn windows_of_two_pieces_are_a_window_apart() {
    let signals = lengths(&[107, 70, 69, 5]);
    let split = split(&signals, &with_gap(10, 0)).unwrap();
    let piece = |recording, range| Piece { recording, range };
    assert_eq!(split.train, [piece(0, 0..52), piece(1, 0..30), piece(2, 0..69), piece(3, 0..5)]);
    assert_eq!(split.calibrate, [piece(0, 62..79), piece(1, 40..50)]);
    assert_eq!(split.test_normal, [piece(0, 89..107), piece(1, 60..70)]);
    // The last gives no window, and is not trained on.
    let notes = [
        "recordings too short to be cut, only trained on: 1",
        "normal pieces shorter than a window, neither trained nor calibrated on: 1 of 4",
    ];
    assert!(split.notes[1..].iter().map(ToString::to_string).eq(notes), "{:?}", split.notes);

    let message = refusal(&lengths(&[69, 20]), &with_gap(10, 0));
    for words in ["normal recording has 69 samples", "which takes 70", "a shorter window"] {
        assert!(message.contains(words), "{message}");
    }
    let message = refusal(&lengths(&[69]), &with_gap(usize::MAX, 0));
    assert!(message.contains("has 69 samples"), "{message}");
}
