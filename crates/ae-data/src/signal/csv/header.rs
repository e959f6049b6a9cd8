//! The first row: what the columns are called and what they are.

use std::collections::HashMap;
use std::io::BufRead;

use super::field;
use super::rows::Rows;
use crate::signal::faults::FaultKind;
use crate::signal::file_error::FileError;
use crate::signal::{Source, columns};

/// Columns by what they are, as positions in `names`.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    pub(super) channels: Vec<usize>,
    pub(super) time: Option<usize>,
    pub(super) label: Option<usize>,
    pub(super) group: Option<usize>,
    pub(super) recording: Option<usize>,
    /// Its line, from 1.
    pub(super) line: usize,
}

impl Header {
    pub(super) fn read(
        rows: &mut Rows<'_, impl BufRead>,
        source: &Source,
    ) -> Result<Self, FileError> {
        let row = rows.next()?.ok_or(FileError::Empty)?;
        let line = row.line;
        let names: Vec<String> = row.fields().map(str::to_owned).collect();
        if names.iter().all(|name| is_sample(name)) {
            let example = (1..=names.len().min(3)).map(|n| format!("c{n}")).collect::<Vec<_>>();
            let more = if names.len() > 3 { ",…" } else { "" };
            return Err(FileError::NoHeader { line, example: example.join(",") + more });
        }
        check_unique(&names)?;
        let mut others = Vec::new();
        let mut places = [None; 4];
        for ((column_use, name), found) in source.others().into_iter().zip(&mut places) {
            if let Some(name) = name {
                let at = columns::place(&names, column_use, name)?;
                *found = Some(at);
                others.push((column_use, at));
            }
        }
        let channels = columns::channels(&names, source, &others, line)?;
        let [time, label, group, recording] = places;
        Ok(Self { names, channels, time, label, group, recording, line })
    }

    pub(super) fn channel_names(&self) -> Vec<String> {
        self.channels.iter().map(|&at| self.names[at].clone()).collect()
    }
}

/// Whether a field is of a sample rather than a name.
fn is_sample(field: &str) -> bool {
    use FaultKind::{Comma, DecimalComma, Infinite, Moment, Thousands};
    match field::number(field) {
        Ok(_) => true,
        Err(kind) => matches!(kind, Comma | DecimalComma | Infinite | Moment | Thousands),
    }
}

fn check_unique(names: &[String]) -> Result<(), FileError> {
    let mut places = HashMap::new();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        if let Some(first) = places.insert(name, at) {
            let (first, second) = (first + 1, at + 1);
            return Err(FileError::DuplicateColumn { name: name.clone(), first, second });
        }
    }
    Ok(())
}
