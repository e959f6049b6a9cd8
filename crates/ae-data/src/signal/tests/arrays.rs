//! What NPY and NPZ files say, and how they are refused.

use super::{f32s, i32s, npy, npz, options, read_of, refusal_of_bytes, source, utf32};
use crate::signal::{Labels, Source};

/// Two recordings of two channels, with label and group.
fn arrays() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "samples",
            npy("<f4", "(5, 2)", &f32s(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])),
        ),
        ("lengths", npy("<i4", "(2,)", &i32s(&[3, 2]))),
        ("what", npy("<U4", "(2,)", &utf32(&["ok", "bad"], 4))),
        ("who", npy("|i1", "(5,)", &[1, 1, 1, 1, 2])),
        ("t", npy("<f4", "(5,)", &f32s(&[0.0, 1.0, 0.5, 9.0, 10.0]))),
    ]
}

/// The file with one array replaced, or added.
fn with(name: &'static str, array: Vec<u8>) -> Vec<u8> {
    let mut arrays = arrays();
    arrays.retain(|(other, _)| *other != name);
    arrays.push((name, array));
    npz(&arrays)
}

#[test]
fn lengths_labels_groups_and_times_make_recordings() {
    let file = npz(&arrays());
    let parts = |source: &Source| {
        let signals = read_of("it.npz", &file, source).unwrap();
        signals.recordings.iter().map(|r| r.samples.len() / 2).collect::<Vec<_>>()
    };
    assert_eq!(parts(&source()), [3, 2]);
    assert_eq!(parts(&options("", "t", "", "")), [2, 1, 2]);
    assert_eq!(parts(&options("", "", "what", "who")), [3, 1, 1]);
    let source = options("1", "", "what", "who");
    let signals = read_of("it.npz", &file, &source).unwrap();
    assert_eq!(signals.channels, ["1"]);
    assert_eq!(signals.recordings[0].samples, [1.0, 3.0, 5.0]);
    let tags: Vec<_> = signals
        .recordings
        .iter()
        .map(|r| (r.labels.clone(), r.group.as_deref().unwrap(), r.origin.to_string()))
        .collect();
    let expected = [
        (Labels::of("ok"), "1", "it.npz, sample 0".to_owned()),
        (Labels::of("bad"), "1", "it.npz, sample 3".to_owned()),
        (Labels::of("bad"), "2", "it.npz, sample 4".to_owned()),
    ];
    assert_eq!(tags, expected);
}

#[test]
fn arrays_that_nobody_has_named_are_told() {
    use crate::signal::{ColumnUse, ReadNote};
    let mut more = arrays();
    more.push(("gain", npy("<f4", "(2, 2)", &f32s(&[0.0; 4]))));
    more.push(("broken", vec![1, 2, 3]));
    let read = |source: &Source| {
        let signals = read_of("it.npz", &npz(&more), source).unwrap();
        let notes: Vec<_> = signals.notes.iter().filter(|note| note.is_remarkable()).collect();
        let [note] = &notes[..] else { panic!("{notes:?}") };
        let ReadNote::Unused { arrays, .. } = note else { panic!("{note}") };
        (note.to_string(), arrays.iter().map(|array| array.may_be).collect::<Vec<_>>())
    };
    let (told, uses) = read(&source());
    assert_eq!(
        told,
        "it.npz: arrays that are not used: `what` (text, 2 entries), `who` (numbers, 5 entries), `t` \
         (numbers, 5 entries), `gain` (numbers, 2 × 2 entries)"
    );
    assert_eq!(uses, [Some(ColumnUse::Label), None, Some(ColumnUse::Time), None]);
    let (told, uses) = read(&options("", "t", "what", "who"));
    assert_eq!(
        (&*told, uses),
        ("it.npz: arrays that are not used: `gain` (numbers, 2 × 2 entries)", vec![None])
    );
    let all = read_of("it.npz", &npz(&arrays()), &options("", "t", "what", "who")).unwrap();
    assert_eq!(all.told().count(), 0);
}

#[test]
fn npz_files_that_do_not_fit_are_named() {
    let plain = source();
    let file = npz(&arrays());
    let mut damaged = file.clone();
    let place = damaged.windows(4).position(|bytes| bytes == 9_f32.to_le_bytes()).unwrap();
    damaged[place] ^= 1;
    for (file, source, words) in [
        (b"PK".to_vec(), &plain, "it.npz: not a usable NPZ file"),
        (b"no archive".to_vec(), &plain, "not a usable NPZ file"),
        (file[..file.len() - 30].to_vec(), &plain, "not a usable NPZ file"),
        (damaged, &plain, "array `samples`"),
        (npz(&arrays()[1..]), &plain, "no array `samples`; there are: lengths, what, who, t"),
        (file.clone(), &options("7", "", "", ""), "`7` is named as a channel, and is not there"),
        (
            file.clone(),
            &options("", "", "label", ""),
            "`label` is named as the label, and is not there",
        ),
        (
            file.clone(),
            &options("", "what", "", ""),
            "array `what` has shape [2], expected one ent",
        ),
        (
            file.clone(),
            &options("", "", "t", ""),
            "array `t` holds elements of type float32, expect",
        ),
        (
            with("t", npy("<U1", "(5,)", &utf32(&["x"; 5], 1))),
            &options("", "t", "", ""),
            "array `t`, sample 0: `x` is not a time",
        ),
        (
            with("who", npy("|i1", "(3,)", &[1; 3])),
            &options("", "", "", "who"),
            "shape [3], expected one entry for each of 5 samples or 2 recordings",
        ),
        (
            with("lengths", npy("<i4", "(2,)", &i32s(&[3, 3]))),
            &plain,
            "its sum is 6, but there are 5",
        ),
        (with("lengths", npy("<i4", "(2,)", &i32s(&[5, 0]))), &plain, "entry 1 is 0"),
        (with("lengths", npy("<i4", "(2,)", &i32s(&[6, -1]))), &plain, "entry 0 is 6"),
        (with("lengths", npy("<i4", "(1, 2)", &i32s(&[3, 2]))), &plain, "it has shape [1, 2]"),
        (
            with("samples", npy("<f4", "(2, 1, 1)", &f32s(&[0.0; 2]))),
            &plain,
            "has a dimension of rec",
        ),
        (with("channels", npy("<U1", "(1,)", &utf32(&["a"], 1))), &plain, "it has shape [1]"),
        (
            with("channels", npy("<U1", "(2,)", &utf32(&["a", "a"], 1))),
            &plain,
            "`a` stands there twi",
        ),
        (with("channels", npy("<U1", "(2,)", &utf32(&["a", " "], 1))), &plain, "a name is empty"),
        (with("samples", b"1,2,3".to_vec()), &plain, "array `samples`: not a usable NPY file"),
    ] {
        let message = refusal_of_bytes("it.npz", &file, source);
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn npy_files_have_one_to_three_dimensions() {
    let data = f32s(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    for (shape, channels, lengths) in [
        ("(6,)", &["0"][..], &[6][..]),
        ("(3, 2)", &["0", "1"], &[3]),
        ("(3, 1, 2)", &["0", "1"], &[1, 1, 1]),
        ("(1, 6, 1)", &["0"], &[6]),
    ] {
        let signals = read_of("it.npy", &npy("<f4", shape, &data), &source()).unwrap();
        assert_eq!(signals.channels, channels);
        let found: Vec<usize> = (0..lengths.len()).map(|at| signals.len_of(at)).collect();
        assert_eq!(found, lengths, "{shape}");
        let all: Vec<f32> = signals.recordings.iter().flat_map(|r| r.samples.clone()).collect();
        assert_eq!(all, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    }
}

#[test]
fn npy_files_that_do_not_fit_are_named() {
    let plain = source();
    let two = |value: f64| [1_f64, value].iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let many = npy("|i1", "(1048577, 1, 1)", &[0; 1_048_577]);
    let good = npy("<f4", "(1, 2)", &f32s(&[1.0, 2.0]));
    for (file, source, words) in [
        (many, &plain, "it.npy: more than 1048576 recordings; a recording is many samples"),
        (b"1,2,3".to_vec(), &plain, "it.npy: the array: not a usable NPY file"),
        (good[..good.len() - 1].to_vec(), &plain, "too short for its shape [1, 2]"),
        (npy("<f4", "(99999999999, 3)", &[0; 12]), &plain, "too short"),
        (npy("<f4", "(4294967296, 4294967296)", &[0; 12]), &plain, "too short"),
        (npy("<f4", "()", &[0; 4]), &plain, "has shape [], expected (samples, channels)"),
        (npy("<f4", "(1, 1, 1, 1)", &[0; 4]), &plain, "has shape [1, 1, 1, 1]"),
        (npy("<f4", "(0, 3)", &[]), &plain, "has shape [0, 3]"),
        (npy("<f4", "(0, 99999999999)", &[]), &plain, "has shape [0, 99999999999]"),
        (npy("<f4", "(4294967296, 4294967296, 0)", &[]), &plain, "none of them 0"),
        (npy("<f4", "(1, 2)", &[0; 12]), &plain, "its shape is [1, 2], and more bytes follow"),
        (npy("|i1", "(1, 70000)", &[0; 70000]), &plain, "at most 65536 channels"),
        (npy("<f2", "(1, 2)", &[0; 4]), &plain, "elements of type float16, expected float32"),
        (
            npy("<f8", "(1, 2)", &two(f64::NAN)),
            &plain,
            "it.npy: the array, sample 0, column `1`: the value is missing (`NaN`)",
        ),
        (
            npy("<f8", "(2, 1)", &two(-1e39)),
            &plain,
            "sample 1, column `0`: `-inf` is infinite as a 32-bit number",
        ),
        (
            good.clone(),
            &options("2", "", "", ""),
            "`2` is named as a channel, and is not there; ther",
        ),
        (
            good.clone(),
            &options("", "", "what", ""),
            "`what` is named as the label, but an NPY file holds",
        ),
    ] {
        let message = refusal_of_bytes("it.npy", &file, source);
        assert!(message.contains(words), "{words}: {message}");
    }
}
