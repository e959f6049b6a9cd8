//! Where Fashion-MNIST is looked for by name.

use std::env;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::known::{KnownFile, NAME};
use super::{Half, Origin};

/// Environment variable that moves the cache: the dataset is then in `fashion-mnist` under it.
pub const CACHE_VARIABLE: &str = "AE_TRAIN_CACHE";

/// Where Debian's package `dataset-fashion-mnist` puts the files.
pub const SYSTEM_FOLDER: &str = "/usr/share/datasets/fashion-mnist";

/// The folders in which Fashion-MNIST is looked for, the cache first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The folder that `fetch` fills. None if the system names no home folder.
    pub cache: Option<PathBuf>,
    /// The folder of the system's package.
    pub system: PathBuf,
}

impl Places {
    /// The places for the user who runs this program.
    pub fn of_user() -> Self {
        Self { cache: cache_folder(), system: SYSTEM_FOLDER.into() }
    }

    /// The first place that holds the images of all `halves`. The files are not opened.
    pub fn find(&self, halves: &[Half]) -> Option<Origin> {
        let complete = |folder: &&PathBuf| missing(folder, halves).is_empty();
        if let Some(cache) = self.cache.as_ref().filter(complete) {
            return Some(Origin::Cache(cache.clone()));
        }
        Some(&self.system).filter(complete).map(|system| Origin::System(system.clone()))
    }

    /// Each place, with what it lacks of `halves`, in one line.
    pub fn describe(&self, halves: &[Half]) -> String {
        let place = |what: &str, folder: &Path| {
            let lack = if folder.is_dir() {
                format!("no {}", missing(folder, halves).join(", no "))
            } else {
                "no such folder".into()
            };
            format!("the {what} {} ({lack})", folder.display())
        };
        let package = place("package", &self.system);
        match &self.cache {
            Some(cache) => format!("{} nor in {package}", place("cache", cache)),
            None => format!(
                "{package}, and there is no cache: set {CACHE_VARIABLE} to a folder to have one"
            ),
        }
    }
}

/// The folder that `fetch` fills: `$AE_TRAIN_CACHE/fashion-mnist`, else `fashion-mnist` in the
/// program's own folder of the user's cache (on Linux `~/.cache/ae-train`).
pub fn cache_folder() -> Option<PathBuf> {
    cache_folder_of(NAME)
}

/// The folder of the dataset `name` in the cache.
pub(super) fn cache_folder_of(name: &str) -> Option<PathBuf> {
    Some(cache_root(env::var_os(CACHE_VARIABLE).map(PathBuf::from))?.join(name))
}

fn cache_root(variable: Option<PathBuf>) -> Option<PathBuf> {
    // An empty variable counts as unset, as it does for the XDG variables.
    variable
        .filter(|root| !root.as_os_str().is_empty())
        .or_else(|| Some(ProjectDirs::from("", "", "ae-train")?.cache_dir().into()))
}

/// Names of the files of images that `folder` lacks.
fn missing(folder: &Path, halves: &[Half]) -> Vec<String> {
    halves
        .iter()
        .map(|&half| KnownFile::images(half))
        .filter(|file| file.find(folder).is_none())
        .map(|file| file.compressed_name())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const BOTH: [Half; 2] = [Half::Train, Half::Test];

    #[test]
    fn the_variable_moves_the_cache() {
        assert_eq!(cache_root(Some("/elsewhere".into())), Some("/elsewhere".into()));
        assert_eq!(cache_root(Some("".into())), cache_root(None));
        if let Some(folder) = cache_root(None) {
            assert!(folder.to_string_lossy().contains("ae-train"), "{folder:?}");
        }
        if let Some(folder) = cache_folder() {
            assert!(folder.ends_with("fashion-mnist"), "{folder:?}");
        }
    }

    #[test]
    fn the_cache_goes_first_and_only_a_complete_place_counts() {
        let (cache, system) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let places = Places { cache: Some(cache.path().into()), system: system.path().into() };
        let put = |folder: &tempfile::TempDir, name: &str| {
            fs::write(folder.path().join(name), "").unwrap();
        };
        assert_eq!(places.find(&BOTH), None);

        put(&cache, "t10k-images-idx3-ubyte.gz");
        put(&cache, "train-images-idx3-ubyte.gz.part");
        assert_eq!(places.find(&BOTH), None);
        assert_eq!(places.find(&[Half::Test]), Some(Origin::Cache(cache.path().into())));
        let text = places.describe(&BOTH);
        assert!(text.contains("(no train-images-idx3-ubyte.gz)"), "{text}");
        assert!(
            text.contains("(no train-images-idx3-ubyte.gz, no t10k-images-idx3-ubyte.gz)"),
            "{text}"
        );

        put(&system, "t10k-images-idx3-ubyte");
        put(&system, "train-images-idx3-ubyte");
        assert_eq!(places.find(&BOTH), Some(Origin::System(system.path().into())));

        put(&cache, "train-images-idx3-ubyte");
        assert_eq!(places.find(&BOTH), Some(Origin::Cache(cache.path().into())));
    }

    #[test]
    fn a_missing_cache_is_told() {
        let places = Places { cache: None, system: "/nonexistent".into() };
        let text = places.describe(&BOTH);
        assert!(text.contains("package /nonexistent (no such folder)"), "{text}");
        assert!(text.contains("AE_TRAIN_CACHE"), "{text}");
    }
}
