//! What data is called.

use std::path::Path;

use ae_files::text;

use super::{known, sample, watch};

/// Whether it is the name of a dataset, which is found wherever this program keeps it.
#[must_use]
pub fn is_dataset(name: &str) -> bool {
    [known::NAME, sample::NAME, watch::NAME, watch::SAMPLE_NAME].contains(&name)
}

/// What a user called the data at a path, for others to read: a relative path as it was typed, of any
/// other its last name, for the folders above it are nobody else's business. What cannot be seen is
/// written out. It is never a dataset's name.
#[must_use]
pub fn called(path: &Path) -> String {
    let name = match path.file_name() {
        Some(name) if path.has_root() => Path::new(name),
        _ => path,
    };
    let name = text::line(name.display()).to_string();
    if is_dataset(&name) { format!("./{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_called_by_what_is_not_private() {
        for (path, expected) in [
            ("data", "data"),
            ("../data/a.csv", "../data/a.csv"),
            ("/home/someone/data", "data"),
            ("/home/someone/fashion-mnist", "./fashion-mnist"),
            ("./watch-imu", "./watch-imu"),
            ("a\n[x]", "a\\n[x]"),
            ("..", ".."),
        ] {
            assert_eq!(called(Path::new(path)), expected);
            assert!(!is_dataset(&called(Path::new(path))));
        }
    }
}
