//! Files on disk: three formats, several files.

use std::fs;
use std::path::PathBuf;

use super::{f32s, i32s, npy, npz, options, utf32};
use crate::idx::gzip;
use crate::signal::{Origin, Signals, Source, read};

/// Writes files and reads them together.
fn read_files(files: &[(&str, &[u8])], source: &Source) -> Result<Signals, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, bytes) in files {
        fs::write(path(name), bytes).unwrap();
    }
    let files = files.iter().map(|(name, _)| path(name)).collect();
    read(&Source { files, ..source.clone() }).map_err(|error| error.to_string())
}

/// Without what says in which file it was, and of which kind.
fn content(mut signals: Signals) -> Signals {
    signals.recordings.iter_mut().for_each(|recording| recording.origin = Origin::default());
    signals.notes.clear();
    signals
}

#[test]
fn three_formats_say_the_same() {
    let csv = "x,y,what,who\n0.5,-1,ok,1\n2,3,ok,1\n4,5,bad,2\n";
    let samples = npy("<f4", "(3, 2)", &f32s(&[0.5, -1.0, 2.0, 3.0, 4.0, 5.0]));
    let packed = npz(&[
        ("samples", samples.clone()),
        ("lengths", npy("<i4", "(2,)", &i32s(&[2, 1]))),
        ("channels", npy("<U1", "(2,)", &utf32(&["x", "y"], 1))),
        ("what", npy("<U3", "(2,)", &utf32(&["ok", "bad"], 3))),
        ("who", npy("<i4", "(3,)", &i32s(&[1, 1, 2]))),
    ]);
    let source = options("", "", "what", "who");
    let from_csv = content(read_files(&[("a.csv", csv.as_bytes())], &source).unwrap());
    let gzip = gzip(csv.as_bytes());
    assert_eq!(content(read_files(&[("a.csv.gz", &gzip)], &source).unwrap()), from_csv);
    let from_npz = content(read_files(&[("a.npz", &packed)], &source).unwrap());
    assert_eq!(from_npz, from_csv);
    assert_eq!(from_npz.digest(), from_csv.digest());

    let csv = "0,1,note\n0.5,-1,a\n2,3,b\n4,5,c\n";
    let from_csv = read_files(&[("a.csv", csv.as_bytes())], &options("0,1", "", "", "")).unwrap();
    let from_npy = read_files(&[("a.npy", &samples)], &Source::default()).unwrap();
    assert_eq!(content(from_npy), content(from_csv.clone()));
    // The first bytes say what it is, whatever it is called.
    let misnamed = read_files(&[("a.npz", &samples)], &Source::default()).unwrap();
    assert_eq!(content(misnamed), content(from_csv));
}

#[test]
fn several_files_are_recordings_of_the_same_channels() {
    let source = Source::default();
    let files: [(&str, &[u8]); 2] = [("a.csv", b"x,y\n1,2\n"), ("b.csv", b"y,x\n4,3\n6,5\n")];
    let signals = read_files(&files, &source).unwrap();
    assert_eq!(signals.channels, ["x", "y"]);
    let parts: Vec<_> = signals.recordings.iter().map(|r| &r.samples[..]).collect();
    assert_eq!(parts, [&[1.0, 2.0][..], &[3.0, 4.0, 5.0, 6.0]]);
    for other in [&b"x\n1\n"[..], b"x,z\n1,2\n", b"x,y,z\n1,2,3\n"] {
        let message = read_files(&[files[0], ("c.csv", other)], &source).unwrap_err();
        for words in ["c.csv has the channels x", "a.csv has x, y", "those that are in both"] {
            assert!(message.contains(words), "{message}");
        }
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let refusal =
        |files: Vec<PathBuf>| read(&Source { files, ..Source::default() }).unwrap_err().to_string();
    assert!(refusal(vec![]).contains("no file is named"));
    let message = refusal(vec![folder.path().to_owned()]);
    assert!(message.contains("no file of signals lies in the folder"), "{message}");
    let message = refusal(vec![folder.path().join("none.csv")]);
    assert!(message.contains("cannot read") && message.contains("none.csv"), "{message}");
    let whole = gzip(b"a\n1\n2\n");
    let message = read_files(&[("a.csv.gz", &whole[..whole.len() - 9])], &Source::default());
    assert!(message.unwrap_err().contains("the gzip data is damaged or ends early"));
}

#[test]
fn a_time_rises_in_every_file() {
    let rising = b"x,y\n0,1\n1,0\n2,1\n3,0\n";
    let files: [(&str, &[u8]); 2] = [("a.csv", rising), ("b.csv", rising)];
    let message = read_files(&files, &Source::default()).unwrap_err();
    assert!(message.contains("`x` only rises"), "{message}");
    // A slow signal may rise in one of them.
    for other in [&b"x,y\n3,1\n2,0\n"[..], b"y,x\n1,2\n0,2\n"] {
        assert!(read_files(&[files[0], files[1], ("c.csv", other)], &Source::default()).is_ok());
    }
}
