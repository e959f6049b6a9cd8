//! Which columns are channels, and which say something of them.

use super::file_error::{FileError, list};
use super::source::{ColumnUse, Source};

/// Which columns are channels, as positions in `names`, in the order wanted. `others` are the
/// columns that are something else, `header_line` is for messages.
pub(super) fn channels(
    names: &[String],
    source: &Source,
    others: &[(ColumnUse, usize)],
    header_line: usize,
) -> Result<Vec<usize>, FileError> {
    let Some(columns) = &source.columns else {
        let is_other = |at: &usize| others.iter().any(|(_, other)| other == at);
        let rest: Vec<usize> = (0..names.len()).filter(|at| !is_other(at)).collect();
        if let Some(&at) = rest.iter().find(|&&at| names[at].is_empty()) {
            return Err(FileError::UnnamedColumn {
                line: header_line,
                column: at + 1,
                is_first: at == 0,
            });
        }
        if rest.is_empty() {
            return Err(FileError::NoChannel { there: list(names) });
        }
        return Ok(rest);
    };
    let mut channels = Vec::new();
    for name in columns {
        let at = place(names, ColumnUse::Channel, name)?;
        if let Some(&(other, _)) = others.iter().find(|&&(_, other)| other == at) {
            return Err(FileError::TwoUses { name: name.clone(), other });
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

/// The columns that `time` names: one, or, where none is called so, those between its commas.
pub(super) fn parts<'n>(names: &[String], time: &'n str) -> Vec<&'n str> {
    if names.iter().any(|name| name == time) {
        return vec![time];
    }
    let parts: Vec<&str> = time.split(',').map(str::trim).collect();
    // A third column would be no part of a time.
    if parts.len() == 2 { parts } else { vec![time] }
}

/// Where the column of this name is.
pub(super) fn place(
    names: &[String],
    column_use: ColumnUse,
    name: &str,
) -> Result<usize, FileError> {
    let unknown =
        || FileError::UnknownColumn { column_use, name: name.to_owned(), there: list(names) };
    names.iter().position(|there| there == name && !there.is_empty()).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_comma_is_one_column() {
        let names = ["Date Time, GMT", "date", "time"].map(String::from);
        assert_eq!(parts(&names, "Date Time, GMT"), ["Date Time, GMT"]);
        assert_eq!(parts(&names, "date,time"), ["date", "time"]);
        assert_eq!(parts(&names, "date, time"), ["date", "time"]);
        assert_eq!(parts(&names, "a,b,c"), ["a,b,c"]);
    }
}
