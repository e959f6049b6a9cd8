//! What the columns of signals mean, and how they are read.

use std::path::PathBuf;

use ae_data::signal::{Memory, Source};

use crate::reading_args::ReadingArgs;

/// What the columns mean, how they are read, and how much memory that may take.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Signals")]
pub(crate) struct ColumnArgs {
    /// The channels, in this order. Without it all columns that no other option names; those of NPY
    /// files are called 0, 1 and so on, those of WAV files ch0, ch1 and so on.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// The column of times, which is no channel; in a CSV file also two of them, such as date,time. A
    /// recording ends where time goes back, and at a gap.
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// The column that says what was recorded, such as an exercise or a fault. The detector knows
    /// nothing of it: windows are tested across a change. Where --data names a folder, `folder` is
    /// what the folder is called that a file lies in.
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// The column that says of whom or of what, such as a subject or a machine. No group is tested
    /// on that was trained on. `folder` is as for --label.
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// A column that changes where a recording ends. Recordings also end with their file, and where
    /// the group changes. A label may change in a recording that goes on.
    #[arg(long, value_name = "COLUMN")]
    recording: Option<String>,
    /// The column that names files: --data is then a CSV table with a line for each file. --label and
    /// --group may be its columns; all other options are of the files, which lie where the table does.
    #[arg(long, value_name = "COLUMN")]
    files: Option<String>,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    memory: MemoryArgs,
}

impl ColumnArgs {
    /// What to read of these files.
    pub(crate) fn source(&self, files: Vec<PathBuf>) -> Source {
        Source {
            files,
            columns: self.columns.clone(),
            time: self.time.clone(),
            label: self.label.clone(),
            group: self.group.clone(),
            recording: self.recording.clone(),
            reading: self.reading.reading(),
            file: self.files.clone(),
            memory: self.memory.memory(),
        }
    }

    /// Whether it was said how the files are read.
    pub(crate) fn says_reading(&self) -> bool {
        self.reading.given().is_some()
    }

    /// Numbers that stand for a missing value, if it was said.
    pub(crate) fn missing(&self) -> Option<Vec<f32>> {
        self.reading.missing()
    }

    /// An option that was given and says something of columns.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            ("--columns", self.columns.is_some()),
            ("--time", self.time.is_some()),
            ("--label", self.label.is_some()),
            ("--group", self.group.is_some()),
            ("--recording", self.recording.is_some()),
            ("--files", self.files.is_some()),
        ];
        let given = given.into_iter().find(|(_, given)| *given).map(|(option, _)| option);
        given.or_else(|| self.reading.given())
    }
}

/// How much memory reading signals may take.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct MemoryArgs {
    /// How much memory reading may take, in MiB: about 12 bytes for each value that is kept.
    #[arg(long, value_name = "MIB", default_value_t = Memory::default().0 >> 20)]
    memory: u64,
}

impl MemoryArgs {
    pub(crate) fn memory(&self) -> Memory {
        Memory(self.memory.saturating_mul(1 << 20))
    }
}
