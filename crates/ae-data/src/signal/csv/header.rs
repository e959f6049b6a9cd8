//! What the columns are called and what they are.

use std::collections::HashMap;

use super::field;
use super::rows::Row;
use crate::signal::faults::FaultKind;
use crate::signal::file_error::{FileError, list};
use crate::signal::format::HeaderAt;
use crate::signal::{ColumnUse, Source, columns};

/// Columns of a first row 0, 1 and so on that is taken for their names, as pandas writes them of an
/// array. A sample of fewer may hold just these values.
const NUMBERED: usize = 3;

/// The names of the columns, and where they stand.
#[derive(Debug)]
pub(super) struct Names {
    names: Vec<String>,
    at: HeaderAt,
    /// Whether delimiters without a name end the line.
    ends_empty: bool,
}

/// Columns by what they are, as positions in `names`.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    pub(super) channels: Vec<usize>,
    /// One column, or those of date and time of day.
    pub(super) time: Vec<usize>,
    pub(super) label: Option<usize>,
    pub(super) group: Option<usize>,
    pub(super) recording: Option<usize>,
    pub(super) at: HeaderAt,
    pub(super) ends_empty: bool,
}

impl Names {
    /// Of the first row of a text whose first rows have these `fields`. `comment` is the comment right
    /// above it, `no_header` says that it is a sample.
    pub(super) fn of(
        row: &Row<'_>,
        fields: &[Vec<String>],
        comment: Option<(Vec<String>, usize)>,
        no_header: bool,
    ) -> Result<Self, FileError> {
        let line = row.line;
        let (names, ends_empty) = without_ends(row.fields().map(str::to_owned).collect());
        if no_header {
            let names = (0..names.len()).map(|at| format!("c{at}")).collect();
            return Ok(Self { names, at: HeaderAt::Nowhere, ends_empty: false });
        }
        if !is_sample(&names, fields.get(1..).unwrap_or_default()) {
            return Ok(Self { names, at: HeaderAt::Line(line), ends_empty });
        }
        // As NumPy's savetxt writes it.
        if let Some((comment, at)) = comment {
            let (comment, ends_empty) = without_ends(comment);
            let are_names = comment.iter().all(|name| !name.is_empty() && !is_value(name));
            if at + 1 == line && comment.len() == names.len() && are_names {
                return Ok(Self { names: comment, at: HeaderAt::Comment(at), ends_empty });
            }
        }
        let may_be_numbers = are_numbers(&names, 0);
        let is_ramp = |row: &Vec<String>| {
            let first = row.first().and_then(|field| field.parse().ok());
            first.is_some_and(|first| are_numbers(row, first))
        };
        let others = fields.get(1..).unwrap_or_default();
        let is_other = !others.is_empty() && !others.iter().any(is_ramp);
        if may_be_numbers && names.len() >= NUMBERED && is_other {
            return Ok(Self { names, at: HeaderAt::Numbers(line), ends_empty });
        }
        let example = (0..names.len().min(3)).map(|n| format!("c{n}")).collect::<Vec<_>>();
        let more = if names.len() > 3 { ",…" } else { "" };
        let example = example.join(",") + more;
        Err(FileError::NoHeader { may_be_numbers, line, example })
    }
}

impl Header {
    pub(super) fn new(names: Names, source: &Source) -> Result<Self, FileError> {
        let Names { names, at, ends_empty } = names;
        check_unique(&names)?;
        let mut others = Vec::new();
        let mut place = |column_use, name: &str| {
            let at = columns::place(&names, column_use, name)?;
            others.push((column_use, at));
            Ok::<usize, FileError>(at)
        };
        let mut time = Vec::new();
        for name in source.time.iter().flat_map(|time| columns::parts(&names, time)) {
            time.push(place(ColumnUse::Time, name)?);
        }
        let mut one =
            |column_use, name: Option<&str>| name.map(|name| place(column_use, name)).transpose();
        let label = one(ColumnUse::Label, source.label.as_deref())?;
        let group = one(ColumnUse::Group, source.group.as_deref())?;
        let recording = one(ColumnUse::Recording, source.recording.as_deref())?;
        let channels = columns::channels(&names, source, &others, at.line().unwrap_or(1))?;
        Ok(Self { names, channels, time, label, group, recording, at, ends_empty })
    }

    /// Whether the row in this line, the first, is a sample.
    pub(super) fn is_above(&self, line: usize) -> bool {
        !matches!(self.at, HeaderAt::Line(at) | HeaderAt::Numbers(at) if at == line)
    }

    pub(super) fn channel_names(&self) -> Vec<String> {
        self.channels.iter().filter_map(|&at| self.names.get(at).cloned()).collect()
    }

    /// The column of times, or both of them, for messages.
    pub(super) fn time_name(&self) -> String {
        let names: Vec<&String> = self.time.iter().filter_map(|&at| self.names.get(at)).collect();
        list(&names).replace(", ", ",")
    }
}

/// Names without those at the end that are empty, if there are others; and whether there were some.
fn without_ends(mut names: Vec<String>) -> (Vec<String>, bool) {
    let count = names.len();
    while names.len() > 1 && names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    let is_shorter = names.len() < count;
    (names, is_shorter)
}

/// Whether fields are whole numbers one after the other.
fn are_numbers(fields: &[String], first: u32) -> bool {
    let of = |at: usize| u32::try_from(at).ok().and_then(|at| first.checked_add(at));
    let is_next =
        |(at, field): (usize, &String)| of(at).is_some_and(|number| *field == number.to_string());
    fields.iter().enumerate().all(is_next)
}

/// Whether the first row is a sample: all of it are values, or, where one is with a fraction or a
/// date, all others are missing or stand below it too.
fn is_sample(first: &[String], others: &[Vec<String>]) -> bool {
    let words: Vec<usize> = (0..first.len()).filter(|&at| !is_value(&first[at])).collect();
    if words.is_empty() {
        return true;
    }
    // Names of channels may be whole numbers.
    let has_values = first.iter().any(|field| is_value(field) && field.parse::<u32>().is_err());
    let is_below = |&at: &usize| {
        let same = |row: &Vec<String>| row.get(at) == first.get(at);
        field::is_missing(&first[at]) || others.iter().any(same)
    };
    has_values && words.iter().all(is_below)
}

/// Whether a field is of a sample rather than a name.
fn is_value(field: &str) -> bool {
    use FaultKind::{Comma, DecimalComma, Infinite, Moment, Thousands};
    match field::number(field) {
        Ok(_) => true,
        // Words with a date behind them are a name.
        Err(Moment) => field.starts_with(|c: char| c.is_ascii_digit()),
        Err(kind) => matches!(kind, Comma | DecimalComma | Infinite | Thousands),
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
