//! What is said of values that cannot be used.

use std::fmt;
use std::path::PathBuf;

use super::{FaultKind, Faults, Found, Place, Row, TOLD};
use crate::signal::file_error::list;

/// Values of all files that cannot be used, shown as a message: the first of them, how many there
/// are, the next places, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FaultReport {
    files: Vec<(PathBuf, Faults)>,
}

/// A kind in all files.
struct Told<'a> {
    kind: FaultKind,
    count: usize,
    files: usize,
    /// Files, from 0, and places in them.
    first: Vec<(usize, &'a Place)>,
    whole: Vec<&'a String>,
}

impl FaultReport {
    /// Adds what is in a file, if there is something.
    pub(in crate::signal) fn add(&mut self, file: PathBuf, faults: Faults) {
        if !faults.is_empty() {
            self.files.push((file, faults));
        }
    }

    /// Whether there is none.
    pub(in crate::signal) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The kind that is told first, and the columns that hold nothing else.
    #[must_use]
    pub fn first(&self) -> Option<(FaultKind, Vec<&str>)> {
        let kinds = self.kinds();
        let first = kinds.first()?;
        Some((first.kind, first.whole.iter().map(|name| name.as_str()).collect()))
    }

    /// A column of dates and one of times of day that are no channels, if these are what is told first.
    #[must_use]
    pub fn date_and_time(&self) -> Option<[&str; 2]> {
        let kinds = self.kinds();
        let first = kinds.first().filter(|first| first.kind == FaultKind::Moment)?;
        let [one, other] = first.whole[..] else { return None };
        let is_clock = |column: &&str| {
            let place = first.first.iter().find(|(_, place)| place.column == *column);
            place.is_some_and(|(_, place)| place.text.find(':').is_some_and(|at| at < 3))
        };
        match [&**one, &**other].map(|column| (column, is_clock(&column))) {
            [(date, false), (time, true)] | [(time, true), (date, false)] => Some([date, time]),
            _ => None,
        }
    }

    fn kinds(&self) -> Vec<Told<'_>> {
        let mut kinds: Vec<Told<'_>> = Vec::new();
        for (file, (_, faults)) in self.files.iter().enumerate() {
            for (kind, found) in &faults.kinds {
                let at = kinds.iter().position(|told| told.kind == *kind);
                let at = at.unwrap_or_else(|| {
                    let (first, whole) = (Vec::new(), Vec::new());
                    kinds.push(Told { kind: *kind, count: 0, files: 0, first, whole });
                    kinds.len() - 1
                });
                kinds[at].add(file, found);
            }
        }
        kinds
    }

    fn write_place(
        &self,
        f: &mut fmt::Formatter<'_>,
        (file, place): (usize, &Place),
        known: Option<usize>,
    ) -> fmt::Result {
        if known != Some(file) {
            write!(f, "{}: ", self.files[file].0.display())?;
        }
        write!(f, "{}", place.row)?;
        if place.column.is_empty() { Ok(()) } else { write!(f, ", column `{}`", place.column) }
    }
}

impl<'a> Told<'a> {
    fn add(&mut self, file: usize, found: &'a Found) {
        self.count += found.count;
        self.files += 1;
        let room = TOLD - self.first.len();
        self.first.extend(found.first.iter().take(room).map(|place| (file, place)));
        self.whole.extend(&found.whole);
        self.whole.sort();
        self.whole.dedup();
    }

    /// What is wrong with the first.
    fn what(&self, place: &Place) -> String {
        let text = &place.text;
        let number = "is not a number";
        match self.kind {
            FaultKind::Missing if text.is_empty() => "the value is missing".into(),
            FaultKind::Missing => format!("the value is missing (`{text}`)"),
            FaultKind::EmptyRow => "the row has no values".into(),
            FaultKind::Infinite => format!("`{text}` is infinite as a 32-bit number"),
            FaultKind::Thousands => {
                format!("`{text}` {number}; it looks like one with a separator between thousands")
            }
            FaultKind::DecimalComma => {
                format!("`{text}` {number}; it looks like one with a decimal comma")
            }
            FaultKind::Comma => format!(
                "`{text}` {number}; it looks like one with a separator between thousands ({}), or \
                 with a decimal comma ({})",
                text.replace(',', ""),
                text.replace(',', ".")
            ),
            FaultKind::Point if text.split_once('.').is_none_or(|(_, of)| of.len() != 3) => {
                format!("`{text}` has a point, and commas are the decimal signs of other numbers")
            }
            FaultKind::Point => format!(
                "`{text}` has a point, and other numbers have decimal commas; it may be {text}, or {} \
                 with a point between thousands",
                text.replace('.', "")
            ),
            FaultKind::Unit => format!("`{text}` {number}; it looks like one with its unit"),
            FaultKind::Switch => format!("`{text}` {number}"),
            FaultKind::Moment => format!("`{text}` {number}; it looks like a date or a time"),
            FaultKind::Spaces => format!(
                "`{text}` {number}; it looks like several with spaces between them, in a file \
                 without a delimiter"
            ),
            FaultKind::Text => match &self.whole[..] {
                [] => format!("`{text}` {number}"),
                columns => format!("`{text}` {number}; nothing in {} is one", named(columns)),
            },
            FaultKind::NotATime => format!("`{text}` is not a time"),
            FaultKind::Ragged => text.clone(),
            FaultKind::HeaderAgain => "the header stands here once more".into(),
        }
    }

    /// What to do.
    fn remedy(&self) -> String {
        let is_of_array = matches!(self.first[0].1.row, Row::Sample(..));
        let whole = &self.whole[..];
        match self.kind {
            FaultKind::Missing if !whole.is_empty() && !is_of_array => {
                format!("{} has no value at all: leave it out of the channels", named(whole))
            }
            FaultKind::Missing | FaultKind::Infinite if is_of_array => {
                match self.kind {
                    FaultKind::Missing => "fill it in, or say whether the channel's last value stands \
                         for it or the recording ends there"
                        .into(),
                    _ => "correct it, or end the recording in front of it and begin another behind it"
                        .into(),
                }
            }
            FaultKind::Missing => {
                "fill it in, or say whether the channel's last value stands for it or the recording \
                 ends there"
                    .into()
            }
            FaultKind::EmptyRow => "delete the line".into(),
            FaultKind::Infinite => "correct it or delete the line".into(),
            FaultKind::Thousands => {
                "say that points are the decimal ones, or write 1069 in place of 1,069, nothing between \
                 the digits"
                    .into()
            }
            FaultKind::DecimalComma => {
                "other numbers here have decimal points, or it was said that all have: write all in \
                 one way, 1.5 in place of 1,5"
                    .into()
            }
            FaultKind::Comma => "say whether commas or points are the decimal ones, or write it \
                 without the comma"
                .into(),
            FaultKind::Point => "say whether commas or points are the decimal ones, and write all \
                 numbers in one way"
                .into(),
            FaultKind::Unit => "write the number alone, and the unit into the header".into(),
            FaultKind::Switch => "write 1 and 0, or leave the column out of the channels".into(),
            FaultKind::Moment => {
                "name the column as the time, or leave it out of the channels".into()
            }
            FaultKind::Spaces => "write commas between the columns".into(),
            FaultKind::Text if !whole.is_empty() => {
                "leave it out of the channels, or say what else it is".into()
            }
            FaultKind::Text => "correct it, or leave the column out of the channels".into(),
            FaultKind::NotATime => {
                "write a number, or date and time as 2024-12-31 23:59:59, or name no column as the \
                 time"
                    .into()
            }
            FaultKind::Ragged => {
                "complete the line or delete it (text with a delimiter in it needs quotes)".into()
            }
            FaultKind::HeaderAgain => {
                "delete the line; where files were joined, name them one by one, so that a \
                 recording ends with its file"
                    .into()
            }
        }
    }

    /// What several of a kind are called.
    fn many(&self) -> &'static str {
        match self.kind {
            FaultKind::Missing => "missing values",
            FaultKind::EmptyRow => "empty rows",
            FaultKind::Infinite => "infinite values",
            FaultKind::Thousands => "numbers with a separator between thousands",
            FaultKind::DecimalComma => "numbers with a decimal comma",
            FaultKind::Comma => "numbers with a comma",
            FaultKind::Unit => "numbers with a unit",
            FaultKind::Point => "numbers with a point",
            FaultKind::Switch => "texts such as true and off",
            FaultKind::Moment => "dates and times",
            FaultKind::Spaces => "fields of several numbers",
            FaultKind::Text => "texts",
            FaultKind::NotATime => "texts that are no time",
            FaultKind::Ragged => "rows of another length",
            FaultKind::HeaderAgain => "headers between the samples",
        }
    }
}

/// `column x`, or `columns x, y`.
fn named(columns: &[&String]) -> String {
    let s = if columns.len() == 1 { "" } else { "s" };
    format!("column{s} {}", list(columns))
}

impl fmt::Display for FaultReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.kinds();
        let Some((first, others)) = kinds.split_first() else { return Ok(()) };
        let (file, place) = first.first[0];
        self.write_place(f, first.first[0], None)?;
        write!(f, ": {}", first.what(place))?;
        if first.count > 1 {
            write!(f, " (one of {} {}", first.count, first.many())?;
            if first.files > 1 {
                write!(f, " in {} files", first.files)?;
            }
            f.write_str(", the next: ")?;
            for (at, &next) in first.first[1..].iter().enumerate() {
                f.write_str(if at == 0 { "" } else { "; " })?;
                self.write_place(f, next, Some(file))?;
            }
            f.write_str(")")?;
        }
        write!(f, "; {}", first.remedy())?;
        for told in others {
            write!(f, "; also {} ({}, the first: ", told.many(), told.count)?;
            self.write_place(f, told.first[0], Some(file))?;
            f.write_str(")")?;
        }
        Ok(())
    }
}
