//! What a folder holds in which files are expected.

use std::fs;
use std::path::Path;

/// Endings of files of signals.
const ENDINGS: [&str; 5] = ["csv", "csv.gz", "npy", "npz", "txt"];

/// How to name the files of signals in a folder, such as `*.csv`: the ending of most of them.
pub(super) fn pattern(folder: &Path) -> String {
    let names = names(folder);
    let count = |ending: &&str| names.iter().filter(|name| has_ending(name, ending)).count();
    let most = ENDINGS.iter().rev().max_by_key(|ending| count(ending));
    format!("*.{}", most.filter(|ending| count(ending) > 0).unwrap_or(&"csv"))
}

/// Whether files of signals lie in a folder, and none of images.
pub(super) fn holds_signals(folder: &Path) -> bool {
    let names = names(folder);
    let is_signal = |name: &String| ENDINGS.iter().any(|ending| has_ending(name, ending));
    names.iter().any(is_signal) && !names.iter().any(|name| name.contains("-ubyte"))
}

/// What lies in a folder, in lower case; nothing where it cannot be read.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().to_ascii_lowercase()).collect()
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'))
}
