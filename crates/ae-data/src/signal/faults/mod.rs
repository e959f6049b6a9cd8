//! Values that cannot be used: how many of a kind there are, and the first few places.
//!
//! Reading goes on behind them, so that whoever mends a file sees at once what there is to mend.

mod report;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::file_error::beginning;

pub use report::FaultReport;

/// Places of a kind that are told.
const TOLD: usize = 3;

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// Nothing where a value should be.
    Missing,
    /// A row without any value.
    EmptyRow,
    /// Infinite, or too large for f32.
    Infinite,
    /// A comma, a space or an apostrophe between thousands.
    Thousands,
    /// A comma in place of the decimal point.
    DecimalComma,
    /// A comma that may be either of them.
    Comma,
    /// A point, where other numbers have decimal commas.
    Point,
    /// A number and its unit.
    Unit,
    /// Yes or no.
    Switch,
    /// A date or a time of day where a number should be.
    Moment,
    /// Several numbers with spaces between them.
    Spaces,
    /// Any other text.
    Text,
    /// Neither a number nor a date where a time should be.
    NotATime,
    /// A row of more or fewer fields than the header.
    Ragged,
    /// The header once more.
    HeaderAgain,
}

/// Where a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// Of a text, from 1.
    Line(usize),
    /// Of an array, from 0.
    Sample(Arc<str>, usize),
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Sample(array, sample) => write!(f, "{array}, sample {sample}"),
        }
    }
}

/// A place, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    row: Row,
    /// Empty where it is the whole row.
    column: String,
    /// Its beginning.
    text: String,
}

/// All values of a kind in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Found {
    count: usize,
    first: Vec<Place>,
    /// How many there are in each column.
    columns: HashMap<String, usize>,
    /// Columns that hold nothing else.
    whole: Vec<String>,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.first.extend(other.first);
        self.first.sort_by_key(|place| match place.row {
            Row::Line(at) | Row::Sample(_, at) => at,
        });
        self.first.truncate(TOLD);
        for (column, count) in other.columns {
            *self.columns.entry(column).or_default() += count;
        }
    }
}

/// Values of a file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Faults {
    /// In the order of the first of each kind.
    kinds: Vec<(FaultKind, Found)>,
}

impl Faults {
    /// Adds a value, or with no `column` a row.
    pub(super) fn add(&mut self, kind: FaultKind, row: Row, column: &str, text: &str) {
        let found = self.of(kind);
        found.count += 1;
        if found.first.len() < TOLD {
            let (column, text) = (beginning(column), beginning(text));
            found.first.push(Place { row, column, text });
        }
        // Without a copy of the name for each value.
        match found.columns.get_mut(column) {
            Some(count) => *count += 1,
            None => drop(found.columns.insert(column.to_owned(), 1)),
        }
    }

    /// Ends a file of so many rows. `has_points` says that numbers in it have decimal points.
    pub(super) fn finish(mut self, rows: usize, has_points: bool) -> Self {
        self.decide_commas(has_points);
        for (_, found) in &mut self.kinds {
            let is_whole = |(name, &count): (&String, &usize)| {
                (rows > 1 && count == rows && !name.is_empty()).then(|| name.clone())
            };
            found.whole = found.columns.iter().filter_map(is_whole).collect();
            found.whole.sort();
        }
        self
    }

    /// A comma before three digits is what the other numbers of the file say.
    fn decide_commas(&mut self, has_points: bool) {
        let place = |kind| self.kinds.iter().position(|(other, _)| *other == kind);
        let Some(commas) = place(FaultKind::Comma) else { return };
        let kind = match (place(FaultKind::DecimalComma), place(FaultKind::Thousands)) {
            (Some(_), _) => FaultKind::DecimalComma,
            (None, Some(_)) => FaultKind::Thousands,
            (None, None) if has_points => FaultKind::Thousands,
            (None, None) => return,
        };
        let same = place(kind);
        self.kinds[commas].0 = kind;
        if let Some(same) = same {
            let (first, second) = (commas.min(same), commas.max(same));
            let (_, other) = self.kinds.remove(second);
            self.kinds[first].1.add(other);
        }
    }

    fn of(&mut self, kind: FaultKind) -> &mut Found {
        let at = self.kinds.iter().position(|(other, _)| *other == kind);
        let at = at.unwrap_or_else(|| {
            self.kinds.push((kind, Found::default()));
            self.kinds.len() - 1
        });
        &mut self.kinds[at].1
    }

    /// Adds others of the same file.
    pub(super) fn join(&mut self, others: Self) {
        for (kind, found) in others.kinds {
            self.of(kind).add(found);
        }
    }

    /// Whether there is one of a kind.
    pub(super) fn has(&self, kind: FaultKind) -> bool {
        self.kinds.iter().any(|(other, _)| *other == kind)
    }

    /// The kinds that there are.
    #[cfg(test)]
    pub(super) fn kinds(&self) -> Vec<FaultKind> {
        self.kinds.iter().map(|(kind, _)| *kind).collect()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
}
