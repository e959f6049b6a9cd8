//! Which images are wanted, and where they came from.

use std::fmt;
use std::path::PathBuf;

/// One of the two halves of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Training images.
    Train,
    /// Test images.
    Test,
}

impl Half {
    /// How the names of the files of this half begin: `train` or `t10k`.
    pub fn prefix(self) -> &'static str {
        match self {
            Half::Train => "train",
            Half::Test => "t10k",
        }
    }
}

/// Where images came from. Displayed, it reads on after "images from".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A folder that the user named.
    Folder(PathBuf),
    /// The cache folder that `fetch` fills.
    Cache(PathBuf),
    /// The folder of the system's package.
    System(PathBuf),
    /// The sample inside this program.
    Sample,
}

impl Origin {
    /// Whether this is the small sample and not a whole dataset.
    pub fn is_sample(&self) -> bool {
        matches!(self, Origin::Sample)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Folder(path) => write!(f, "the folder {}", path.display()),
            Origin::Cache(path) => write!(f, "the cache folder {}", path.display()),
            Origin::System(path) => write!(f, "the system's package in {}", path.display()),
            Origin::Sample => {
                f.write_str("the sample built into this program (a tenth of Fashion-MNIST)")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sample_is_a_sample() {
        assert!(Origin::Sample.is_sample());
        for (origin, text) in [
            (Origin::Folder("/a".into()), "the folder /a"),
            (Origin::Cache("/b".into()), "the cache folder /b"),
            (Origin::System("/c".into()), "the system's package in /c"),
        ] {
            assert!(!origin.is_sample());
            assert_eq!(origin.to_string(), text);
        }
    }
}
