//! From rows to samples.

use std::borrow::Cow;

use super::decimal::{Numbers, Plain};
use super::field;
use super::header::Header;
use super::lengths::Lengths;
use super::rows::Row;
use super::words::Words;
use crate::signal::absent::{Filled, Filler};
use crate::signal::budget::Budget;
use crate::signal::clock::Clocks;
use crate::signal::cutter::{Cutter, Tags};
use crate::signal::faults::{FaultKind, Faults, Row as At};
use crate::signal::file_error::FileError;
use crate::signal::format::TextFormat;
use crate::signal::levels::Levels;
use crate::signal::signals::Place;
use crate::signal::time::Orders;
use crate::signal::time_unit::TimeUnit;
use crate::signal::{ReadNote, Signals, Source};

/// As a clock's, whose thousands do not matter.
fn number(text: &str) -> f64 {
    let plain = match text.contains(',') {
        true => Cow::Owned(text.replace(',', ".")),
        false => Cow::Borrowed(text),
    };
    plain.parse().unwrap_or(f64::NAN)
}

/// The samples of a file, and what is wrong with it.
pub(super) struct Table<'a> {
    header: &'a Header,
    file: &'a str,
    budget: &'a Budget,
    cutter: Cutter<'a>,
    values: Vec<f32>,
    /// Of the row at hand; no number where it is missing.
    sample: Vec<f32>,
    /// Of each channel.
    levels: Vec<Levels>,
    numbers: Numbers,
    filler: Filler,
    /// How times may be read.
    orders: Orders,
    clocks: Clocks,
    faults: Faults,
    lengths: Lengths,
    /// Rows as long as the header.
    rows: usize,
    words: Words,
    /// How the file was read.
    pub(super) format: TextFormat,
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
            sample: Vec::new(),
            levels: header.channels.iter().map(|_| Levels::default()).collect(),
            numbers: Numbers::new(source.reading.decimal),
            filler: Filler::new(source, header.channels.len()),
            orders: Orders::of(&source.reading),
            clocks: Clocks::of(clocks, source.time.is_none()),
            faults: Faults::default(),
            lengths: Lengths::default(),
            rows: 0,
            words: Words::default(),
            format: TextFormat {
                file: name.to_owned(),
                header: header.at,
                skipped: source.reading.skip_lines,
                ..TextFormat::default()
            },
        }
    }

    /// Takes a row. What is wrong with its values is kept for the end.
    pub(super) fn take(&mut self, row: &Row<'_>) -> Result<(), FileError> {
        let names = &self.header.names;
        // An empty line is nothing to the parser, but a missing value where there is one column.
        if let [column] = &names[..]
            && self.rows > 0
        {
            for line in row.empty_lines.clone() {
                self.empty_line(line, column)?;
            }
        }
        if !row.has(names.len()) {
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
        if self.words.take(self.header, row) {
            self.rows -= 1;
            return Ok(());
        }
        if !self.words.is_over {
            let is_word = |text: &str| matches!(field::number(text), Err(FaultKind::Text));
            let is_sample = !self.header.channels.iter().all(|&at| is_word(row.field(at)));
            self.words.end(self.header, is_sample, &mut self.format, &mut self.faults);
        }
        self.sample_in(row)
    }

    /// Takes a row that is a sample, whatever its values are.
    fn sample_in(&mut self, row: &Row<'_>) -> Result<(), FileError> {
        let header = self.header;
        let Some((tags, time)) = self.beside(row) else { return Ok(()) };
        let mut sample = std::mem::take(&mut self.sample);
        let mut clocks = std::mem::take(&mut self.clocks);
        sample.clear();
        for (place, &at) in header.channels.iter().enumerate() {
            sample.push(self.value(row, place, at));
        }
        let filled = self.filler.fill(&mut sample, self.cutter.goes_on(&tags));
        if filled == Filled::Whole {
            let begins = self.cutter.sample(tags, Place::Line(row.line))?;
            if let Some(time) = &time {
                self.cutter.was_taken_at(time)?;
            }
            self.budget.take_values(header.channels.len() as u64)?;
            self.values.extend_from_slice(&sample);
            clocks.sample(begins, |at| number(row.field(at)));
        } else if filled == Filled::Ends {
            self.cutter.cut();
        }
        (self.sample, self.clocks) = (sample, clocks);
        Ok(())
    }

    /// The value of a channel, no number where it is missing. What cannot be used is kept for the end.
    fn value(&mut self, row: &Row<'_>, place: usize, at: usize) -> f32 {
        let (text, name) = (row.field(at), &self.header.names[at]);
        match self.numbers.read(text, row.line, name) {
            Ok((value, plain)) => {
                if !self.filler.is_code(value) {
                    self.levels[place].take_text(&plain, value);
                }
                value
            }
            Err(FaultKind::Missing) if self.filler.takes_missing() => f32::NAN,
            Err(kind) => {
                self.faults.add(kind, At::Line(row.line), name, text);
                0.0
            }
        }
    }

    /// Takes an empty line of a file of one column.
    fn empty_line(&mut self, line: usize, column: &str) -> Result<(), FileError> {
        if !self.filler.takes_missing() || self.header.channels.is_empty() {
            self.faults.add(FaultKind::Missing, At::Line(line), column, "");
            return Ok(());
        }
        let tags = Tags::default();
        let mut sample = [f32::NAN];
        match self.filler.fill(&mut sample, self.cutter.goes_on(&tags)) {
            Filled::Whole => {
                self.cutter.sample(tags, Place::Line(line))?;
                self.budget.take_values(1)?;
                self.values.extend_from_slice(&sample);
            }
            Filled::Ends => self.cutter.cut(),
            Filled::LeftOut => {}
        }
        Ok(())
    }

    /// What is wrong with a row that holds no sample at all.
    fn whole(&self, row: &Row<'_>) -> Option<FaultKind> {
        let names = || self.header.names.iter().map(String::as_str);
        let fields = || row.fields().take(self.header.names.len());
        // The header of arrays may be numbers.
        let are_names = || fields().eq(names()) && names().any(|name| field::number(name).is_err());
        let header = self.header;
        let is_alone = header.time.is_empty()
            && [header.label, header.group, header.recording].iter().all(Option::is_none);
        if self.header.names.len() > 1 && fields().all(str::is_empty) {
            // Of a sample that nothing stands beside, all values are missing.
            (!is_alone || !self.filler.takes_missing()).then_some(FaultKind::EmptyRow)
        } else {
            are_names().then_some(FaultKind::HeaderAgain)
        }
    }

    /// What stands beside the values, and the time, if all of it is there.
    fn beside<'r>(&mut self, row: &Row<'r>) -> Option<(Tags<'r>, Option<Plain<'r>>)> {
        let header = self.header;
        let mut is_whole = true;
        let mut text = |at: usize| {
            let text = row.field(at);
            // It may be the word `none`: what is normal can be called that.
            if text.is_empty() {
                self.faults.add(FaultKind::Missing, At::Line(row.line), &header.names[at], text);
                is_whole = false;
            }
            text
        };
        let tags = Tags {
            label: header.label.map(&mut text),
            group: header.group.map(&mut text),
            recording: header.recording.map(&mut text),
        };
        let time = match header.time[..] {
            [] => None,
            [at] => Some(Cow::Borrowed(text(at))),
            _ => {
                let parts: Vec<&str> = header.time.iter().map(|&at| text(at)).collect();
                Some(Cow::Owned(parts.join(" ")))
            }
        };
        let time = match time {
            Some(Cow::Borrowed(text)) if is_whole => {
                Some(self.numbers.time(text, row.line, &header.names[header.time[0]]))
            }
            time => time,
        };
        if let Some(text) = time.as_deref().filter(|_| is_whole)
            && !self.orders.see(text)
        {
            let kind = match field::is_missing(text) {
                true => FaultKind::Missing,
                false => FaultKind::NotATime,
            };
            self.faults.add(kind, At::Line(row.line), &header.time_name(), text);
            is_whole = false;
        }
        is_whole.then_some((tags, time))
    }

    /// The signals, and what is wrong with the values.
    pub(super) fn finish(mut self) -> Result<(Signals, Clocks, Faults), FileError> {
        self.words.end(self.header, false, &mut self.format, &mut self.faults);
        self.lengths.check(self.header)?;
        self.format.has_decimal_commas = self.numbers.are_commas();
        let has_points = self.numbers.has_points;
        self.numbers.finish(&mut self.faults);
        let faults = self.faults.finish(self.rows, has_points);
        let channels = self.header.channel_names();
        let time_name = self.header.time_name();
        let of_name = TimeUnit::of_name(&time_name);
        self.orders.may_count(self.format.time_unit.or(of_name));
        let orders = (!self.header.time.is_empty()).then_some(self.orders);
        let read = self.cutter.finish(self.values, channels.len(), orders);
        let (recordings, mut notes) = read.map_err(|error| match error {
            FileError::TimeUnit { .. } => FileError::TimeUnit { column: time_name },
            error => error,
        })?;
        notes.extend(self.filler.told(self.file, &channels).map(ReadNote::Absent));
        let levels = self.levels.iter().zip(&channels);
        let collapses = levels.filter_map(|(levels, channel)| levels.collapse(self.file, channel));
        notes.extend(collapses.map(ReadNote::Collapse));
        notes.push(ReadNote::Text(Box::new(self.format)));
        if recordings.is_empty() && faults.is_empty() {
            return Err(FileError::NoSamples);
        }
        Ok((Signals { channels, recordings, notes, rate: None }, self.clocks.finish(), faults))
    }
}
