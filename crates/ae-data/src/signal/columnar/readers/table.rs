//! Tables whose columns have types, as Parquet and Arrow files hold them.
//!
//! A reader pushes the cells of each column that is [wanted](Table::is_wanted), batch after batch. A
//! column of numbers is a channel, as in a CSV file, unless an option says what else it is.

mod beside;

use super::cell::Cell;
use crate::signal::array::{Assembled, Beside};
use crate::signal::budget::Budget;
use crate::signal::clock::Clocks;
use crate::signal::columns;
use crate::signal::cutter::Tags;
use crate::signal::faults::{FaultKind, Faults, Row};
use crate::signal::file_error::{FileError, list};
use crate::signal::levels::Levels;
use crate::signal::source::ColumnUse;
use crate::signal::{Signals, Source};

use std::collections::HashMap;
use std::sync::Arc;

use beside::{ENTRY_BYTES, Entries, Times};

/// What the cells of a column are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers, or yes and no.
    Numbers,
    Texts,
    /// Dates, or times of day.
    Moments,
    /// Something that is neither of these, and what.
    Other(String),
}

impl Kind {
    fn name(&self) -> &str {
        match self {
            Self::Numbers => "numbers",
            Self::Texts => "texts",
            Self::Moments => "moments",
            Self::Other(name) => name,
        }
    }

    /// Whether such a column can be used so.
    fn can_be(&self, column_use: ColumnUse) -> bool {
        match (self, column_use) {
            (Self::Other(_), _) => false,
            (Self::Numbers, _) => true,
            (Self::Texts | Self::Moments, of) => of != ColumnUse::Channel,
        }
    }
}

/// A table that is being read.
pub(super) struct Table<'a> {
    source: &'a Source,
    budget: &'a Budget,
    file: &'a str,
    names: Vec<String>,
    /// The columns that are channels, in the order wanted.
    chosen: Vec<usize>,
    /// Where each column stands among them.
    places: Vec<Option<usize>>,
    time: Option<Times>,
    /// Label, group and recording.
    entries: [Option<Entries>; 3],
    /// Of each channel, the cells of the batch at hand.
    batch: Vec<Vec<f32>>,
    /// All samples of the batches before.
    values: Vec<f32>,
    levels: Vec<Levels>,
    /// Rows of the batches before.
    rows: usize,
    faults: Faults,
    what: Arc<str>,
}

impl<'a> Table<'a> {
    /// Of columns with these names and kinds.
    pub(super) fn new(
        columns: Vec<(String, Kind)>,
        source: &'a Source,
        file: &'a str,
        budget: &'a Budget,
    ) -> Result<Self, FileError> {
        let (names, kinds): (Vec<String>, Vec<Kind>) = columns.into_iter().unzip();
        check_unique(&names)?;
        let mut others = Vec::new();
        let mut found = [None; 4];
        for ((column_use, name), found) in source.others().into_iter().zip(&mut found) {
            let Some(name) = name else { continue };
            let at = columns::place(&names, column_use, name)?;
            *found = Some(at);
            others.push((column_use, at));
        }
        let chosen = columns::channels(&names, source, &others, 1)?;
        check_kinds(&names, &kinds, &chosen, &others)?;
        let mut places = vec![None; names.len()];
        chosen.iter().enumerate().for_each(|(place, &at)| places[at] = Some(place));
        let [time, label, group, recording] = found;
        let entries = |column: Option<usize>| column.map(Entries::new);
        Ok(Self {
            source,
            budget,
            file,
            places,
            time: time.map(|at| Times::new(at, &names[at], &source.reading)),
            entries: [entries(label), entries(group), entries(recording)],
            batch: vec![Vec::new(); chosen.len()],
            values: Vec::new(),
            levels: chosen.iter().map(|_| Levels::default()).collect(),
            chosen,
            names,
            rows: 0,
            faults: Faults::default(),
            what: "the table".into(),
        })
    }

    /// Whether anything is made of a column.
    pub(super) fn is_wanted(&self, column: usize) -> bool {
        self.places[column].is_some() || self.is_beside(column)
    }

    /// Whether a column says something of the samples.
    fn is_beside(&self, column: usize) -> bool {
        self.time.as_ref().is_some_and(|time| time.column == column)
            || self.entries.iter().flatten().any(|entries| entries.column == column)
    }

    /// Takes memory for so many cells of a column, before they are made.
    pub(super) fn announce(&self, column: usize, cells: u64) -> Result<(), FileError> {
        if self.places[column].is_some() {
            self.budget.take_values(cells)?;
        }
        let entries = self.entries.iter().flatten().filter(|it| it.column == column).count();
        self.budget.take(cells.saturating_mul(ENTRY_BYTES * entries as u64))
    }

    /// Takes the next cell of a column that is wanted.
    pub(super) fn push(&mut self, column: usize, cell: Cell<'_>) -> Result<(), FileError> {
        if let Some(place) = self.places[column] {
            let number = cell.number();
            // What is missing is no number, and is told when all cells are there.
            let value = number as f32;
            self.levels[place].take(number, value);
            self.batch[place].push(value);
        }
        if self.places[column].is_some() && !self.is_beside(column) {
            return Ok(());
        }
        let text = cell.text();
        let of_this = |it: &&mut Entries| it.column == column;
        for entries in self.entries.iter_mut().flatten().filter(of_this) {
            if text.is_empty() {
                let row = Row::Sample(self.what.clone(), entries.of.len());
                self.faults.add(FaultKind::Missing, row, &self.names[column], "");
                entries.push_nothing();
            } else {
                entries.push(&text, self.budget)?;
            }
        }
        if let Some(time) = self.time.as_mut().filter(|time| time.column == column) {
            if !time.orders.see(&text) {
                let is_missing = text.is_empty() || text == "NaN";
                let kind = if is_missing { FaultKind::Missing } else { FaultKind::NotATime };
                let row = Row::Sample(self.what.clone(), time.count);
                self.faults.add(kind, row, &self.names[column], &text);
            }
            time.count += 1;
            // Twice as much while the list grows.
            self.budget.take(2 * time.moments.push(&text) as u64)?;
        }
        Ok(())
    }

    /// Ends a batch, of which each column has had as many cells as the file says. Otherwise the name
    /// of one that has not, and how many it had.
    pub(super) fn end_batch(&mut self, rows: u64) -> Result<(), (String, u64)> {
        let differs = |count: usize| count as u64 != rows;
        for (&column, cells) in self.chosen.iter().zip(&self.batch) {
            if differs(cells.len()) {
                return Err((self.names[column].clone(), cells.len() as u64));
            }
        }
        let times = self.time.iter().map(|time| (time.column, time.count - self.rows));
        let entries = self.entries.iter().flatten();
        let entries = entries.map(|entries| (entries.column, entries.of.len() - self.rows));
        for (column, count) in times.chain(entries) {
            if differs(count) {
                return Err((self.names[column].clone(), count as u64));
            }
        }
        let count = self.batch.first().map_or(0, Vec::len);
        for row in 0..count {
            self.values.extend(self.batch.iter().map(|cells| cells[row]));
        }
        self.batch.iter_mut().for_each(Vec::clear);
        self.rows += count;
        Ok(())
    }

    /// The signals, and what is wrong with the values.
    pub(super) fn finish(self) -> Result<(Signals, Clocks, Faults), FileError> {
        let Self { source, budget, file, names, chosen, time, entries, .. } = self;
        if self.rows == 0 {
            return Err(FileError::NoRows);
        }
        if !self.faults.is_empty() {
            let channels = chosen.iter().map(|&at| names[at].clone()).collect();
            let faults = self.faults.finish(self.rows, false);
            let signals = Signals { channels, recordings: vec![], notes: vec![], rate: None };
            return Ok((signals, Clocks::default(), faults));
        }
        let orders = time.as_ref().map(|time| time.orders);
        let mut moments = time.as_ref().map(|time| time.moments.texts());
        let [label, group, recording] = &entries;
        let beside = |sample: usize, _| Beside {
            tags: Tags {
                label: label.as_ref().and_then(|entries| entries.text(sample)),
                group: group.as_ref().and_then(|entries| entries.text(sample)),
                recording: recording.as_ref().and_then(|entries| entries.text(sample)),
            },
            time: moments.as_mut().and_then(|moments| moments.next()).map(str::to_owned),
        };
        Assembled {
            array: self.what,
            names: &names,
            chosen: &chosen,
            values: self.values,
            levels: self.levels,
            lengths: &[self.rows],
            can_be_time: source.time.is_none(),
        }
        .signals(source, file, budget, orders, beside)
    }
}

fn check_unique(names: &[String]) -> Result<(), FileError> {
    let mut places = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        if let Some(first) = places.insert(name, at) {
            let (first, second) = (first + 1, at + 1);
            return Err(FileError::DuplicateColumn { name: name.clone(), first, second });
        }
    }
    Ok(())
}

/// Refuses columns that cannot be what they shall be.
fn check_kinds(
    names: &[String],
    kinds: &[Kind],
    chosen: &[usize],
    others: &[(ColumnUse, usize)],
) -> Result<(), FileError> {
    let unfit: Vec<usize> =
        chosen.iter().copied().filter(|&at| !kinds[at].can_be(ColumnUse::Channel)).collect();
    if !unfit.is_empty() {
        let columns: Vec<String> =
            unfit.iter().map(|&at| format!("{} ({})", names[at], kinds[at].name())).collect();
        return Err(FileError::NotNumbers { columns: list(&columns) });
    }
    match others.iter().find(|(column_use, at)| !kinds[*at].can_be(*column_use)) {
        Some(&(column_use, at)) => Err(FileError::UnfitColumn {
            name: names[at].clone(),
            column_use,
            found: kinds[at].name().to_owned(),
        }),
        None => Ok(()),
    }
}
