//! CSV files: a header, then a line for each sample.

mod field;
mod header;
mod rising;
mod rows;

use std::sync::Arc;

use super::cutter::{Cutter, Tags, Time};
use super::file_error::{FileError, beginning};
use super::{Origin, Signals, Source};
use header::Header;

pub(super) use rising::Rising;
use rows::Rows;

/// The signals, and which channels only rise where nothing says what the columns are.
pub(super) fn read(
    bytes: &[u8],
    source: &Source,
    name: &str,
) -> Result<(Signals, Rising), FileError> {
    check_encoding(bytes)?;
    let mut rows = Rows::new(bytes);
    let header = Header::read(&mut rows, source)?;
    let is_said = source.columns.is_some() || source.time.is_some();
    let channels = if is_said { &[][..] } else { &header.channels };
    let mut rising = Rising::of(channels.iter().map(|&at| (header.names[at].clone(), at)));
    let file: Arc<str> = name.into();
    let mut cutter = Cutter::default();
    while let Some(row) = rows.next() {
        // An empty line is nothing to the parser, but a missing value where there is one column.
        if let (Some(line), [column]) = (row.empty_line, &header.names[..]) {
            return Err(field::missing(line, column, ""));
        }
        if row.len() != header.names.len() {
            let (expected, found) = (header.names.len(), row.len());
            return Err(FileError::Ragged { line: row.line, expected, found });
        }
        let text = |column: Option<usize>| {
            column.map(|at| field::present(row.line, &header.names[at], row.field(at))).transpose()
        };
        let time = text(header.time)?.map(|time| {
            let column = &header.names[header.time.unwrap_or_default()];
            Time::parse(time).ok_or_else(|| FileError::NotATime {
                line: row.line,
                column: column.clone(),
                text: beginning(time),
            })
        });
        let tags = Tags {
            label: text(header.label)?,
            group: text(header.group)?,
            recording: text(header.recording)?,
        };
        let origin = || Origin::line(file.clone(), row.line);
        let before = cutter.count();
        let samples = cutter.sample(tags, time.transpose()?, origin)?;
        for &at in &header.channels {
            samples.push(field::number(row.line, &header.names[at], row.field(at))?);
        }
        rising.sample(cutter.count() > before, |at| row.field(at));
    }
    let recordings = cutter.finish();
    if recordings.is_empty() {
        return Err(FileError::NoSamples);
    }
    Ok((Signals { channels: header.channel_names(), recordings }, rising.finish()))
}

fn check_encoding(bytes: &[u8]) -> Result<(), FileError> {
    let Err(error) = std::str::from_utf8(bytes) else { return Ok(()) };
    let good = &bytes[..error.valid_up_to()];
    let line_start = good.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count();
    Err(FileError::Encoding { line, byte: good.len() - line_start + 1 })
}
