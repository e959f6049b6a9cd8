//! Folders of files, and tables that name files.

use std::fs;
use std::path::Path;

use crate::idx::gzip;
use crate::signal::{ReadNote, Signals, Source, is_images, read};

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn source(folder: &Path, name: &str, label: &str, group: &str) -> Source {
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    let files = vec![folder.join(name)];
    Source { files, label: named(label), group: named(group), ..Source::default() }
}

/// Of each recording its first value, its first label, and its group.
fn told(signals: &Signals) -> Vec<(f32, Option<String>, Option<String>)> {
    let recordings = signals.recordings.iter();
    let told = recordings.map(|recording| {
        let label = recording.labels.at(0).map(|label| label.to_string());
        (recording.samples[0], label, recording.group.as_ref().map(|group| group.to_string()))
    });
    told.collect()
}

fn refusal(source: &Source) -> String {
    read(source).unwrap_err().to_string()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn files_of_a_folder_are_labelled_by_the_folder_that_they_lie_in() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "rec/normal/b.csv", "x\n2\n0\n9\n");
    write(folder, "rec/normal/a.csv", "x\n1\n0\n9\n");
    write(folder, "rec/worn/a.csv", "x\n3\n0\n9\n");
    fs::write(folder.join("rec/worn/c.csv.gz"), gzip(b"x\n4\n0\n9\n")).unwrap();
    write(folder, "rec/.hidden/d.csv", "x\n5\n0\n9\n");
    write(folder, "rec/worn/.e.csv", "x\n6\n0\n9\n");
    write(folder, "rec/README.md", "what it is");
    let signals = read(&source(folder, "rec", "folder", "")).unwrap();
    let (normal, worn) = (text("normal"), text("worn"));
    let expected = [
        (1.0, normal.clone(), None),
        (2.0, normal.clone(), None),
        (3.0, worn.clone(), None),
        (4.0, worn.clone(), None),
    ];
    assert_eq!(told(&signals), expected);
    // As their paths are, so that two of one name are told apart.
    let origins: Vec<String> =
        signals.recordings.iter().map(|recording| recording.origin.file().to_owned()).collect();
    let names = ["normal/a.csv", "normal/b.csv", "worn/a.csv", "worn/c.csv.gz"];
    assert_eq!(origins.iter().map(|name| name.replace('\\', "/")).collect::<Vec<_>>(), names);
    let note = ReadNote::OtherFiles { files: vec!["README.md".into()], found: 1 };
    assert!(signals.told().eq([note.to_string()]));
    // It may also be of whom.
    let signals = read(&source(folder, "rec", "", "folder")).unwrap();
    assert_eq!(told(&signals)[3], (4.0, None, worn));
    // Without a word it is nothing; and one folder of files is that of their labels.
    assert_eq!(told(&read(&source(folder, "rec", "", "")).unwrap())[0], (1.0, None, None));
    let signals = read(&source(folder, "rec/normal", "folder", "")).unwrap();
    assert_eq!(told(&signals), [(1.0, normal.clone(), None), (2.0, normal, None)]);
    // Of files that are named it is a column.
    let message = refusal(&source(folder, "rec/normal/a.csv", "folder", ""));
    assert!(message.contains("`folder` is named as the label, and is not there"), "{message}");
    fs::create_dir(folder.join("none")).unwrap();
    assert!(
        refusal(&source(folder, "none", "", "")).contains("no file of signals lies in the folder")
    );
}

#[test]
fn a_folder_of_signals_is_none_of_images() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "signals/a/x.wav", "");
    write(folder, "images/train-images-idx3-ubyte.gz", "");
    write(folder, "images/notes.txt", "");
    assert!(!is_images(folder.join("signals").to_str().unwrap()));
    assert!(is_images(folder.join("images").to_str().unwrap()));
}

#[test]
fn a_table_names_files_and_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "day/1.csv", "x,y\n1,0\n0,1\n");
    write(folder, "day/2.csv", "x,y\n2,0\n0,1\n");
    let table = |table: &str| {
        write(folder, "table.csv", table);
        let source = source(folder, "table.csv", "what", "machine");
        Source { file: text("file"), ..source }
    };
    let good = "file,what,machine,note\nday/2.csv,ok,m1,\n\"day/1.csv\", bad ,m2,\n";
    for good in [good.to_owned(), format!("\u{feff}{}", good.replace('\n', "\r\n"))] {
        let signals = read(&table(&good)).unwrap();
        let expected = [(2.0, text("ok"), text("m1")), (1.0, text("bad"), text("m2"))];
        assert_eq!(told(&signals), expected);
        assert_eq!(signals.recordings[0].origin.file(), "day/2.csv");
    }
    // What the table does not say may be a column of the files.
    let source = Source { label: text("y"), group: None, ..table("file,machine\nday/1.csv,m\n") };
    assert_eq!(told(&read(&source).unwrap()), [(1.0, text("0"), None)]);
    for (rows, words) in [
        (
            "file,what,machine\nday/1.csv,ok,a\nday/3.csv,ok,b\n",
            "1 of 2 files are not there: day/3.csv",
        ),
        ("name,what,machine\nday/1.csv,ok,a\n", "`file` is named as the file, and is not there"),
        (
            "file,what,machine\nday/1.csv,ok,a\nday/1.csv,ok,a\n",
            "line 3: day/1.csv stands there twice",
        ),
        ("file,what,machine\nday/1.csv,,a\n", "line 2, column `what`: nothing there"),
        ("file,what,machine\nday/1.csv,a\n", "line 2 has 2 fields, and the header has 3"),
        ("file,what,machine\n", "there are no samples; expected a line for each"),
        ("", "the file is empty"),
        ("file\0", "it is no text"),
    ] {
        let message = refusal(&table(rows));
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn files_of_different_rates_are_not_joined() {
    let folder = tempfile::tempdir().unwrap();
    let wav = |rate: u32| {
        let format =
            [&[1, 0, 1, 0][..], &rate.to_le_bytes(), &(2 * rate).to_le_bytes(), &[2, 0, 16, 0]];
        let head = [&b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"[..], &format.concat()].concat();
        [&head[..], b"data\x04\0\0\0\x01\0\x02\0"].concat()
    };
    let read = |rates: [u32; 2]| {
        let files = rates.iter().enumerate().map(|(at, &rate)| {
            let path = folder.path().join(format!("{at}.wav"));
            fs::write(&path, wav(rate)).unwrap();
            path
        });
        read(&Source { files: files.collect(), ..Source::default() })
    };
    assert_eq!(read([8000, 8000]).unwrap().rate, Some(8000.0));
    let message = read([8000, 44_100]).unwrap_err().to_string();
    assert!(message.contains("1.wav has 44100 samples a second, but"), "{message}");
}
