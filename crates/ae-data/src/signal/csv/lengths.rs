//! Rows of another length than the header.

use std::collections::HashMap;

use super::field;
use super::header::Header;
use super::rows::Row;
use crate::signal::FileError;
use crate::signal::faults::FaultKind;
use crate::signal::file_error::beginning;

/// Lengths that are told apart; a file has a few, or is no table.
const LENGTHS: usize = 64;

/// How many rows have which length.
#[derive(Debug, Default)]
pub(super) struct Lengths {
    rows: usize,
    others: HashMap<usize, Others>,
}

/// Rows of one length.
#[derive(Debug)]
struct Others {
    count: usize,
    /// The first of them.
    line: usize,
    /// Whether a field of the first of them goes on over lines.
    has_lines: bool,
    /// What the first field of the first of them is.
    begins: String,
}

impl Lengths {
    /// Takes a row that is as long as the header.
    pub(super) fn fits(&mut self) {
        self.rows += 1;
    }

    /// Takes one that is not.
    pub(super) fn differs(&mut self, row: &Row<'_>) {
        let (line, len) = (row.line, row.len());
        let first = row.field(0);
        self.rows += 1;
        if let Some(others) = self.others.get_mut(&len) {
            others.count += 1;
        } else if self.others.len() < LENGTHS {
            let begins = beginning(first);
            let has_lines = row.fields().any(|field| field.contains('\n'));
            self.others.insert(len, Others { count: 1, line, has_lines, begins });
        }
    }

    /// Refuses a header that most rows do not fit.
    pub(super) fn check(&self, header: &Header) -> Result<(), FileError> {
        let Some((&found, others)) = self.others.iter().max_by_key(|(_, others)| others.count)
        else {
            return Ok(());
        };
        if 2 * others.count <= self.rows {
            return Ok(());
        }
        let (header_line, expected) = (header.at.line().unwrap_or(1), header.names.len());
        let is_delimited = |text: &str| text.contains([',', ';', '\t', '|']);
        let is_value = !matches!(field::number(&others.begins), Err(FaultKind::Text));
        let (mut skip, mut may_be_decimal) = (None, false);
        let guess = if others.has_lines {
            "a quotation mark in it has no second one, so that the lines below are taken for one \
             field; close or delete it"
        } else if (found == 1 && is_delimited(&others.begins))
            || (expected == 1 && is_value && header.names.iter().any(|name| is_delimited(name)))
        {
            "use one delimiter in the header and in all lines"
        } else if expected == 1 && found == 2 && is_value && others.line == header_line + 1 {
            may_be_decimal = true;
            "if these are decimal commas, say so; or else write a name for each column into the header"
        } else if found == expected + 1 && header.ends_empty {
            "its last column has values and no name; name it in the header"
        } else if found == expected + 1 && is_value {
            "is there a row number in front that the header has no name for? give it one, and choose \
             the channels without it"
        } else if found == 2 * expected && is_value && expected > 1 {
            "are these decimal commas? write decimal points, or semicolons between the columns"
        } else if others.line > header_line + 1 || expected == 1 || !is_value {
            skip = Some(others.line - 1);
            "delete or skip the lines above the names of the columns, such as a title, so that the \
             names come first"
        } else {
            "write a name for each column into the header"
        };
        Err(FileError::HeaderLength {
            header_line,
            expected,
            line: others.line,
            found,
            count: others.count,
            rows: self.rows,
            skip: skip.filter(|_| !is_value),
            may_be_decimal,
            guess,
        })
    }
}
