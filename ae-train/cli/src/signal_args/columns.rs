//! What the columns of signals mean, and which samples are normal.

use std::path::PathBuf;

use ae_data::signal::{Memory, Source};

/// What the columns mean, and how much memory reading them may take.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Signals")]
pub(crate) struct ColumnArgs {
    /// The channels, in this order. Without it all columns that no other option names; those of NPY
    /// files are called 0, 1 and so on.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// The column of times, which is no channel. A recording ends where time goes back.
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// The column that says what was recorded, such as an exercise or a fault. The detector knows
    /// nothing of it: windows are tested across a change.
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// The column that says of whom or of what, such as a subject or a machine. No group is tested
    /// on that was trained on.
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// A column that changes where a recording ends. Recordings also end with their file, and where
    /// the group changes. A label may change in a recording that goes on.
    #[arg(long, value_name = "COLUMN")]
    recording: Option<String>,
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
            memory: self.memory.memory(),
        }
    }

    /// An option that was given and says something of columns.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            ("--columns", self.columns.is_some()),
            ("--time", self.time.is_some()),
            ("--label", self.label.is_some()),
            ("--group", self.group.is_some()),
            ("--recording", self.recording.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
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

/// Which samples are normal.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Signals")]
pub(crate) struct NormalArgs {
    /// Labels of what is normal. Without labels everything is.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    normal: Vec<String>,
    /// Numbers that stand for a missing value, such as -127,-9999; `none` for none. No window to
    /// train or to calibrate on holds one. Without it, a few far values of the kind that sensors and
    /// programs write for it are taken for missing, and a note says which.
    #[arg(long, value_name = "A,B,…", value_parser = parse_missing, allow_hyphen_values = true)]
    missing: Option<MissingValues>,
}

impl NormalArgs {
    /// Labels of what is normal.
    pub(crate) fn labels(&self) -> &[String] {
        &self.normal
    }

    /// Numbers that stand for a missing value, if it was said.
    pub(crate) fn missing(&self) -> Option<Vec<f32>> {
        self.missing.as_ref().map(|missing| missing.0.clone())
    }

    /// An option that was given and says something of samples.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [("--normal", !self.normal.is_empty()), ("--missing", self.missing.is_some())];
        given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }
}

/// What `--missing` says.
#[derive(Debug, Clone, PartialEq)]
struct MissingValues(Vec<f32>);

fn parse_missing(text: &str) -> Result<MissingValues, String> {
    if text == "none" {
        return Ok(MissingValues(Vec::new()));
    }
    let number = |text: &str| text.trim().parse().ok().filter(|number: &f32| number.is_finite());
    let numbers = text.split(',').map(number).collect::<Option<_>>();
    let expected = "expected numbers, such as -127,-9999, or none";
    numbers.map(MissingValues).ok_or_else(|| expected.to_owned())
}
