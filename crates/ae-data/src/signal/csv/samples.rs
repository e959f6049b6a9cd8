//! From rows to samples.

use super::field;
use super::header::Header;
use super::lengths::Lengths;
use super::rows::Row;
use crate::signal::budget::Budget;
use crate::signal::clock::Clocks;
use crate::signal::cutter::{Cutter, Tags};
use crate::signal::faults::{FaultKind, Faults, Row as At};
use crate::signal::file_error::{FileError, list};
use crate::signal::levels::Levels;
use crate::signal::signals::Place;
use crate::signal::time::Orders;
use crate::signal::{ReadNote, Signals, Source};

/// The samples of a file, and what is wrong with it.
pub(super) struct Table<'a> {
    header: &'a Header,
    file: &'a str,
    budget: &'a Budget,
    cutter: Cutter<'a>,
    values: Vec<f32>,
    /// Of each channel.
    levels: Vec<Levels>,
    /// How dates in the column of times may be read.
    orders: Orders,
    clocks: Clocks,
    faults: Faults,
    lengths: Lengths,
    /// Rows as long as the header.
    rows: usize,
    /// Whether a number has a decimal point.
    has_points: bool,
    /// A first row of words, until the second says what it is.
    words: Option<Words>,
}

/// A row of words where numbers should be.
struct Words {
    line: usize,
    /// Columns, and what stands there.
    texts: Vec<(usize, String)>,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        header: &'a Header,
        source: &Source,
        name: &'a str,
        budget: &'a Budget,
    ) -> Self {
        let channels = if source.columns.is_some() { &[][..] } else { &header.channels };
        let clocks = channels.iter().map(|&at| (header.names[at].clone(), at));
        Self {
            header,
            file: name,
            budget,
            cutter: Cutter::new(name, budget),
            values: Vec::new(),
            levels: header.channels.iter().map(|_| Levels::default()).collect(),
            orders: Orders::default(),
            clocks: Clocks::of(clocks, source.time.is_none()),
            faults: Faults::default(),
            lengths: Lengths::default(),
            rows: 0,
            has_points: false,
            words: None,
        }
    }

    /// Takes a row. What is wrong with its values is kept for the end.
    pub(super) fn take(&mut self, row: &Row<'_>) -> Result<(), FileError> {
        let header = self.header;
        let names = &header.names;
        // An empty line is nothing to the parser, but a missing value where there is one column.
        if let (Some(line), [column]) = (row.empty_line, &names[..]) {
            self.faults.add(FaultKind::Missing, At::Line(line), column, "");
        }
        if row.len() != names.len() {
            self.lengths.differs(row);
            let (found, expected) = (row.len(), names.len());
            let s = if found == 1 { "" } else { "s" };
            let text = format!("it has {found} field{s}, and the header has {expected}");
            self.faults.add(FaultKind::Ragged, At::Line(row.line), "", &text);
            return Ok(());
        }
        self.lengths.fits();
        self.rows += 1;
        if let Some(kind) = self.whole(row) {
            self.faults.add(kind, At::Line(row.line), "", "");
            return Ok(());
        }
        if self.are_words(row) {
            return Ok(());
        }
        let Some(tags) = self.beside(row) else { return Ok(()) };
        let begins = self.cutter.sample(tags, Place::Line(row.line))?;
        if let Some(at) = header.time {
            self.cutter.was_taken_at(row.field(at))?;
        }
        self.budget.take_values(header.channels.len() as u64)?;
        for (place, &at) in header.channels.iter().enumerate() {
            let text = row.field(at);
            self.has_points |= text.contains('.');
            let value = field::number(text).unwrap_or_else(|kind| {
                self.faults.add(kind, At::Line(row.line), &names[at], text);
                0.0
            });
            self.levels[place].take_text(text, value);
            self.values.push(value);
        }
        self.clocks.sample(begins, |at| row.field(at).parse().unwrap_or(f64::NAN));
        Ok(())
    }

    /// What is wrong with a row that holds no sample at all.
    fn whole(&self, row: &Row<'_>) -> Option<FaultKind> {
        let names = || self.header.names.iter().map(String::as_str);
        let mut fields = row.fields();
        // The header of arrays may be numbers.
        let are_names =
            || row.fields().eq(names()) && names().any(|name| field::number(name).is_err());
        if row.len() > 1 && fields.all(str::is_empty) {
            Some(FaultKind::EmptyRow)
        } else {
            are_names().then_some(FaultKind::HeaderAgain)
        }
    }

    /// Keeps a first row of words. If the second has numbers, these are units.
    fn are_words(&mut self, row: &Row<'_>) -> bool {
        let fields = self.header.channels.iter().map(|&at| (at, row.field(at)));
        let is_word = |text: &str| matches!(field::number(text), Err(FaultKind::Text));
        if self.rows == 1 {
            let is_blank = |(_, text): (usize, &str)| field::is_missing(text) || is_word(text);
            if fields.clone().all(is_blank) && fields.clone().any(|(_, text)| is_word(text)) {
                let texts = fields.map(|(at, text)| (at, text.to_owned())).collect();
                self.words = Some(Words { line: row.line, texts });
            }
            return self.words.is_some();
        }
        if self.words.is_some() {
            let are_units = !fields.clone().all(|(_, text)| is_word(text));
            self.tell_words(are_units);
        }
        false
    }

    /// Says what a first row of words is.
    fn tell_words(&mut self, are_units: bool) {
        let Some(Words { line, texts }) = self.words.take() else { return };
        if are_units {
            self.rows -= 1;
            let texts = texts.iter().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty());
            let texts: Vec<String> = texts.map(|text| format!("`{text}`")).collect();
            return self.faults.add(FaultKind::UnitsRow, At::Line(line), "", &list(&texts));
        }
        for (at, text) in texts {
            let kind = field::number(&text).err().unwrap_or(FaultKind::Text);
            self.faults.add(kind, At::Line(line), &self.header.names[at], &text);
        }
    }

    /// What stands beside the values, if all of it is there.
    fn beside<'r>(&mut self, row: &Row<'r>) -> Option<Tags<'r>> {
        let header = self.header;
        let mut is_whole = true;
        let mut text = |column: Option<usize>| {
            let at = column?;
            let text = row.field(at);
            // It may be the word `none`: what is normal can be called that.
            if text.is_empty() {
                self.faults.add(FaultKind::Missing, At::Line(row.line), &header.names[at], text);
                is_whole = false;
            }
            Some(text)
        };
        let tags = Tags {
            label: text(header.label),
            group: text(header.group),
            recording: text(header.recording),
        };
        let time = text(header.time);
        if let Some(text) = time.filter(|text| !text.is_empty())
            && !self.orders.see(text)
        {
            let column = &header.names[header.time.unwrap_or_default()];
            let kind = match field::is_missing(text) {
                true => FaultKind::Missing,
                false => FaultKind::NotATime,
            };
            self.faults.add(kind, At::Line(row.line), column, text);
            is_whole = false;
        }
        is_whole.then_some(tags)
    }

    /// The signals, and what is wrong with the values.
    pub(super) fn finish(mut self) -> Result<(Signals, Clocks, Faults), FileError> {
        self.tell_words(true);
        self.lengths.check(self.header.line, self.header.names.len())?;
        let faults = self.faults.finish(self.rows, self.has_points);
        let channels = self.header.channel_names();
        let orders = self.header.time.map(|_| self.orders);
        let (recordings, mut notes) = self.cutter.finish(self.values, channels.len(), orders)?;
        let levels = self.levels.iter().zip(&channels);
        let collapses = levels.filter_map(|(levels, channel)| levels.collapse(self.file, channel));
        notes.extend(collapses.map(ReadNote::Collapse));
        if recordings.is_empty() && faults.is_empty() {
            return Err(FileError::NoSamples);
        }
        Ok((Signals { channels, recordings, notes, rate: None }, self.clocks.finish(), faults))
    }
}
