//! What to read, and what its columns mean.

use std::fmt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::file_error::FileError;
use super::reading::Reading;

/// What to read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Source {
    /// Files, or folders of them, one or more. Where a folder is named, the label or the group may be
    /// `folder`: what the folder is called that a file lies in.
    pub files: Vec<PathBuf>,
    /// The channels, in this order. Without them all columns that are nothing else.
    pub columns: Option<Vec<String>>,
    /// The column of times. In a text it may be two, such as `date,time`, if no column is called so.
    pub time: Option<String>,
    /// The column of labels.
    pub label: Option<String>,
    /// The column of groups.
    pub group: Option<String>,
    /// The column whose changes end a recording.
    pub recording: Option<String>,
    /// How files are read where they do not say it.
    pub reading: Reading,
    /// The column that names files: what is read is then a table with a line for each of them, and
    /// label and group may be its columns.
    pub file: Option<String>,
    /// How much memory reading may take.
    pub memory: Memory,
}

/// Bytes of memory that reading may take: about three times those of the samples that are kept,
/// which are four bytes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory(pub u64);

impl Default for Memory {
    /// 2 GiB, enough for 178 million values.
    fn default() -> Self {
        Self(1 << 31)
    }
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnUse {
    /// A channel.
    Channel,
    /// The times of the samples.
    Time,
    /// What was recorded.
    Label,
    /// Of whom or of what it was recorded.
    Group,
    /// Its changes end a recording.
    Recording,
    /// The names of files.
    File,
}

impl Source {
    /// What files are [remembered](crate::remembered) by that hold samples of this digest and are read so:
    /// 64 hexadecimal digits. Other files may hold the same samples in other columns.
    #[must_use]
    pub fn remembered_as(&self, digest: &str) -> String {
        let Self { files: _, columns: _, time, label, group, recording, reading, file, memory: _ } =
            self;
        let read = format!("{:?}", (digest, [time, label, group, recording, file], reading));
        Sha256::digest(read).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Refuses columns that are named, for files that hold samples alone. `format` has its article, and
    /// `how` says what to do.
    pub(super) fn check_alone(
        &self,
        format: &'static str,
        how: &'static str,
    ) -> Result<(), FileError> {
        for (column_use, name) in self.others() {
            if let Some(name) = name.map(str::to_owned) {
                return Err(FileError::SamplesAlone { format, column_use, name, how });
            }
        }
        Ok(())
    }

    /// The columns that are no channels, as far as they are named.
    pub(super) fn others(&self) -> [(ColumnUse, Option<&str>); 4] {
        [
            (ColumnUse::Time, self.time.as_deref()),
            (ColumnUse::Label, self.label.as_deref()),
            (ColumnUse::Group, self.group.as_deref()),
            (ColumnUse::Recording, self.recording.as_deref()),
        ]
    }
}

/// With its article: `the time`, `a channel`.
impl fmt::Display for ColumnUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Channel => "a channel",
            Self::Time => "the time",
            Self::Label => "the label",
            Self::Group => "the group",
            Self::Recording => "the recording",
            Self::File => "the file",
        })
    }
}
