//! Makes the sample of the smartwatch recordings that is kept in this package.

use std::collections::HashMap;
use std::path::Path;

use ae_files::{hex, make_folder, write_atomically};
use sha2::{Digest, Sha256};

use super::idx;
use super::watch::{self, WatchError};

/// The sample's file.
const FILE: &str = "watch-imu-sample.csv.gz";

/// Writes the sample into `out` with a `README.md` that lists its digests: of each recording that
/// is in it the first samples, unchanged. The same bytes each time.
///
/// `full` is the full set's CSV file, compressed or not, which is checked.
///
/// # Errors
/// `full` is not the full set, or the sample cannot be written.
pub fn make_watch_sample(full: &Path, out: &Path) -> Result<(), WatchError> {
    let text = sample_of(&watch::read(full)?);
    let packed = idx::gzip(&text);
    make_folder(out).map_err(|e| WatchError::io(out, e))?;
    for (name, bytes) in [(FILE, &packed[..]), ("README.md", readme(&text, &packed).as_bytes())] {
        let path = out.join(name);
        write_atomically(&path, bytes).map_err(|e| WatchError::io(&path, e))?;
    }
    Ok(())
}

/// The header, and of each recording as many of the first rows as belong to the sample.
fn sample_of(full: &[u8]) -> Vec<u8> {
    let mut taken: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut lines = full.split_inclusive(|&byte| byte == b'\n');
    let mut sample = lines.next().unwrap_or_default().to_vec();
    for line in lines {
        let mut fields = line.split(|&byte| byte == b',');
        let mut field = || fields.next().unwrap_or_default();
        let (exercise, subject, side, recording) = (field(), field(), field(), field());
        let taken = taken.entry(recording.to_vec()).or_default();
        if *taken < samples_of(exercise, subject, side) {
            *taken += 1;
            sample.extend(line);
        }
    }
    sample
}

/// How many samples of a recording belong to the sample. Calibration has the most, 25 windows of
/// 64 without overlap of each of four recordings: a false-alarm rate of 1 % needs 99.
fn samples_of(exercise: &[u8], subject: &[u8], side: &[u8]) -> usize {
    match (exercise, subject, side) {
        (b"TRAP", b"1" | b"2" | b"3" | b"4", _) => 576,
        (b"TRAP", b"5" | b"6", _) => 1600,
        (b"TRAP", _, _) => 256,
        (_, b"7" | b"9", b"right") | (_, b"8" | b"10", b"left") => 192,
        _ => 0,
    }
}

fn readme(text: &[u8], packed: &[u8]) -> String {
    format!(
        "\
# A sample of smartwatch recordings

Six axes of a smartwatch (acceleration `ax`, `ay`, `az`, rotation `wx`, `wy`, `wz`), 50 samples a
second, worn by people who did shoulder exercises. `ae-train` has the sample built in under the
name `watch-imu-sample`. A row of the CSV file is a sample; `recording` numbers the recordings of
the full set from 0, which has 140: seven exercises, ten subjects, two sides. Here are, each from
the start of its recording and unchanged:

| exercise | subjects | recordings | samples of each | meant for |
| --- | --- | --- | --- | --- |
| TRAP | 1 to 4 | 8 | 576 | training |
| TRAP | 5, 6 | 4 | 1,600 | calibration: 100 windows of 64 that do not overlap |
| TRAP | 7 to 10 | 8 | 256 | test, normal |
| PEN, ABD, FEL, IR, ER, ROW | 7 to 10 | 24 | 192 | test, abnormal (right side of 7 and 9, left side of 8 and 10) |

TRAP was chosen because one model is enough to show a monitor there: of the seven exercises it is
among those that an autoencoder tells best from the others. How well it does with each is only
told by the full set, which `cargo xtask watch` makes.

The recordings are from the Python package seglearn 1.2.5 (`seglearn/data/watch_dataset.npy`),
copyright (c) 2018 David M. Burns, under the BSD 3-clause licence in `LICENSE`. The study is
<https://arxiv.org/abs/1802.01489>. The package holds 64-bit values; the CSV file holds the
nearest float32 of each, in the fewest digits that give it back.

`cargo xtask watch --sample` makes all files here but `LICENSE`, from the package. SHA-256 of the
file, to be checked with `sha256sum --check README.md`, which passes over the other lines:

```
{}  {FILE}
```

SHA-256 of its text, as `gzip -dc {FILE} | sha256sum` prints it:
`{}`.
",
        hex(&Sha256::digest(packed)),
        hex(&Sha256::digest(text)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = include_str!("../sample/watch-imu/README.md");

    #[test]
    fn the_readme_lists_the_digests_of_the_committed_sample() {
        assert!(README == readme(&watch::sample().text, watch::SAMPLE));
    }

    #[test]
    fn the_committed_sample_has_what_each_role_needs() {
        let text = String::from_utf8(watch::sample().text).unwrap();
        let mut rows: HashMap<(bool, &str, &str), usize> = HashMap::new();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(fields.len(), 10, "{line}");
            assert!(fields[4..].iter().all(|value| value.parse::<f32>().is_ok()), "{line}");
            let role = match fields[1] {
                "1" | "2" | "3" | "4" => "train",
                "5" | "6" => "calibrate",
                _ => "test",
            };
            *rows.entry((fields[0] == "TRAP", role, fields[3])).or_default() += 1;
        }
        let windows = |normal, role| -> Vec<usize> {
            let of_role = rows.iter().filter(|((n, r, _), _)| (*n, *r) == (normal, role));
            of_role.map(|(_, rows)| rows / 64).collect()
        };
        assert_eq!(windows(true, "train"), [9; 8]);
        assert_eq!(windows(true, "calibrate"), [25; 4]);
        assert_eq!(windows(true, "test"), [4; 8]);
        assert_eq!(windows(false, "test"), [3; 24]);
        assert_eq!(rows.len(), 8 + 4 + 8 + 24);
    }

    #[test]
    fn the_committed_sample_is_what_the_full_set_gives() {
        let Ok(full) = watch::full() else {
            eprintln!("skipped: the full set is not in the cache");
            return;
        };
        // No assert_eq: it would print megabytes.
        assert!(sample_of(&full.text) == watch::sample().text, "run `cargo xtask watch --sample`");
    }

    #[test]
    fn the_first_rows_of_a_recording_are_taken() {
        let row = |recording, value| format!("ROW,7,right,{recording},{value}\n");
        let rows = |recording, count| -> String { (0..count).map(|i| row(recording, i)).collect() };
        let text =
            format!("header\n{}ROW,7,left,3,0\nROW,6,right,4,0\n{}", rows(2, 200), rows(5, 1));
        let expected = format!("header\n{}{}", rows(2, 192), rows(5, 1));
        assert_eq!(String::from_utf8(sample_of(text.as_bytes())).unwrap(), expected);
    }
}
