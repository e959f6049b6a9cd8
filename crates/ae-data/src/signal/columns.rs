//! Which columns are channels, and which say something of them.

use super::Source;
use super::file_error::{FileError, list};

/// Which columns are channels, as positions in `names`, in the order wanted. `others` are the
/// columns that options name, `header_line` is for messages.
pub(super) fn channels(
    names: &[String],
    source: &Source,
    others: &[(&'static str, usize)],
    header_line: usize,
) -> Result<Vec<usize>, FileError> {
    let Some(columns) = &source.columns else {
        let is_other = |at: &usize| others.iter().any(|(_, other)| other == at);
        let rest: Vec<usize> = (0..names.len()).filter(|at| !is_other(at)).collect();
        if let Some(&at) = rest.iter().find(|&&at| names[at].is_empty()) {
            return Err(FileError::UnnamedColumn { line: header_line, column: at + 1 });
        }
        if rest.is_empty() {
            return Err(FileError::NoChannel { there: list(names) });
        }
        return Ok(rest);
    };
    let mut channels = Vec::new();
    for name in columns {
        let at = place(names, "--columns", name)?;
        if let Some(&(option, _)) = others.iter().find(|&&(_, other)| other == at) {
            return Err(FileError::TwoUses { name: name.clone(), option });
        }
        if channels.contains(&at) {
            return Err(FileError::ChosenTwice { name: name.clone() });
        }
        channels.push(at);
    }
    if channels.is_empty() {
        return Err(FileError::NoChannel { there: list(names) });
    }
    Ok(channels)
}

/// Where the column is that an option names.
pub(super) fn place(
    names: &[String],
    option: &'static str,
    name: &str,
) -> Result<usize, FileError> {
    let unknown = || FileError::UnknownColumn { option, name: name.to_owned(), there: list(names) };
    names.iter().position(|there| there == name && !there.is_empty()).ok_or_else(unknown)
}

impl Source {
    /// The options beside `--columns`, and the names they give.
    pub(super) fn others(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("--time", self.time.as_deref()),
            ("--label", self.label.as_deref()),
            ("--group", self.group.as_deref()),
            ("--recording", self.recording.as_deref()),
        ]
    }
}
