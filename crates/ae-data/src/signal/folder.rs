//! What a folder holds in which files are expected.

use std::fs;
use std::path::Path;

/// Endings of files of signals.
const ENDINGS: [&str; 5] = ["csv", "csv.gz", "npy", "npz", "txt"];

/// How to name the files of signals in a folder, such as `*.csv`: the ending of most of them.
pub(super) fn pattern(folder: &Path) -> String {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let names: Vec<String> =
        names.map(|entry| entry.file_name().to_string_lossy().to_ascii_lowercase()).collect();
    let count = |ending: &&str| {
        let ending = format!(".{ending}");
        names.iter().filter(|name| name.ends_with(&ending)).count()
    };
    let most = ENDINGS.iter().rev().max_by_key(|ending| count(ending));
    format!("*.{}", most.filter(|ending| count(ending) > 0).unwrap_or(&"csv"))
}

/// Whether files of signals lie in a folder, and none of images.
pub(super) fn holds_signals(folder: &Path) -> bool {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let names: Vec<String> =
        names.map(|entry| entry.file_name().to_string_lossy().to_ascii_lowercase()).collect();
    let is_signal = |name: &String| ENDINGS.iter().any(|end| name.ends_with(&format!(".{end}")));
    names.iter().any(is_signal) && !names.iter().any(|name| name.contains("-ubyte"))
}
