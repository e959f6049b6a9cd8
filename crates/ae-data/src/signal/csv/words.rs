//! Rows of words between the header and the first sample: units, or how values were made.

use super::field;
use super::header::Header;
use super::rows::Row;
use crate::signal::faults::{FaultKind, Faults, Row as At};
use crate::signal::format::TextFormat;
use crate::signal::time_unit::TimeUnit;

/// Most of them: some loggers write units, and below them what a value is the mean or the end of.
const MOST: usize = 2;

/// Rows of words so far, until a sample says that they are none.
#[derive(Debug, Default)]
pub(super) struct Words {
    rows: Vec<WordRow>,
    /// Whether a row has come that is none of them.
    pub(super) is_over: bool,
}

#[derive(Debug)]
struct WordRow {
    line: usize,
    /// What stands in each column of the file.
    texts: Vec<String>,
}

impl Words {
    /// Keeps a row of words, if no sample has come yet.
    pub(super) fn take(&mut self, header: &Header, row: &Row<'_>) -> bool {
        if self.is_over {
            return false;
        }
        let mut fields = header.channels.iter().map(|&at| row.field(at));
        let mut has_word = false;
        let are_words = fields.all(|text| {
            let kind = field::number(text).err();
            has_word |= kind == Some(FaultKind::Text);
            // Such as 1/min.
            let is_rate = kind == Some(FaultKind::Unit) && text.starts_with("1/");
            is_rate || field::is_missing(text) || kind == Some(FaultKind::Text)
        });
        if self.rows.len() == MOST || !are_words || !has_word {
            return false;
        }
        let texts = row.fields().map(str::to_owned).collect();
        self.rows.push(WordRow { line: row.line, texts });
        true
    }

    /// Says what the rows are, when the row below them is no such row: units above samples, or texts
    /// among others.
    pub(super) fn end(
        &mut self,
        header: &Header,
        is_sample: bool,
        format: &mut TextFormat,
        faults: &mut Faults,
    ) {
        if self.is_over {
            return;
        }
        self.is_over = true;
        for (place, WordRow { line, texts }) in
            std::mem::take(&mut self.rows).into_iter().enumerate()
        {
            if is_sample {
                format.units_in.push(line);
                if place == 0 {
                    let text = |&at: &usize| texts.get(at).cloned().unwrap_or_default();
                    format.units = header.channels.iter().map(text).collect();
                    let of_time = header.time.first().map(text).unwrap_or_default();
                    format.time_unit = TimeUnit::of_name(&of_time);
                }
                continue;
            }
            for &at in &header.channels {
                let text = texts.get(at).map(String::as_str).unwrap_or_default();
                let kind = field::number(text).err().unwrap_or(FaultKind::Text);
                let name = header.names.get(at).map(String::as_str).unwrap_or_default();
                faults.add(kind, At::Line(line), name, text);
            }
        }
    }
}
