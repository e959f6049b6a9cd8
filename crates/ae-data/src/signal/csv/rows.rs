//! The lines of a CSV file, cut into fields.

use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::lines::Lines;
use crate::signal::Delimiter;
use crate::signal::budget::Budget;
use crate::signal::file_error::{FileError, beginning};

/// Reads a file row by row, and keeps no more of it than a row. A row may have several lines, if
/// quotes are around their ends.
pub(super) struct Rows<'a, R> {
    reader: Reader,
    rest: Lines<R>,
    /// Of the next byte, from 1.
    line: usize,
    /// The last byte that was read.
    last: u8,
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// Lines of comments.
    pub(super) comments: usize,
    budget: &'a Budget,
}

/// A row, its fields as long as no other is read.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// From 1.
    pub(super) line: usize,
    /// Empty lines right above it.
    pub(super) empty_lines: std::ops::Range<usize>,
    fields: &'a str,
    ends: &'a [usize],
}

impl<'a, R: BufRead> Rows<'a, R> {
    /// Of the rest of a file, which begins at this line, from 1.
    pub(super) fn new(
        rest: Lines<R>,
        line: usize,
        delimiter: Delimiter,
        budget: &'a Budget,
    ) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter.byte()).build(),
            rest,
            line,
            last: b'\n',
            fields: vec![0; 1024],
            ends: vec![0; 64],
            comments: 0,
            budget,
        }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, FileError> {
        let mut empty_lines = self.line..self.line;
        // Skipped by the parser too, but here they are counted.
        loop {
            let next = self.rest.fill_buf().map_err(FileError::Io)?.first().copied();
            match next {
                Some(b'\n') if self.last == b'\r' => {
                    self.last = b'\n';
                    self.rest.consume(1);
                }
                Some(end @ (b'\r' | b'\n')) => {
                    self.line += 1;
                    empty_lines.end = self.line;
                    self.last = end;
                    self.rest.consume(1);
                }
                _ if self.rest.is_comment().map_err(FileError::Io)? => {
                    self.rest.line().map_err(FileError::Io)?;
                    self.comments += 1;
                    self.line += 1;
                    self.last = b'\n';
                    empty_lines = self.line..self.line;
                }
                _ => break,
            }
        }
        let line = self.line;
        let (mut field_bytes, mut field_count) = (0, 0);
        loop {
            let bytes = self.rest.fill_buf().map_err(FileError::Io)?;
            let (fields, ends) = (&mut self.fields[field_bytes..], &mut self.ends[field_count..]);
            let (result, read, written, ended) = self.reader.read_record(bytes, fields, ends);
            (field_bytes, field_count) = (field_bytes + written, field_count + ended);
            for &byte in &bytes[..read] {
                if byte == b'\r' || (byte == b'\n' && self.last != b'\r') {
                    self.line += 1;
                }
                self.last = byte;
            }
            self.rest.consume(read);
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
                // The next call, perhaps with no input, says what there is.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    self.budget.take(2 * self.fields.len() as u64)?;
                    self.fields.resize(2 * self.fields.len(), 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    self.budget.take(16 * self.ends.len() as u64)?;
                    self.ends.resize(2 * self.ends.len(), 0);
                }
            }
        }
        let ends = &self.ends[..field_count];
        let fields = text(line, &self.fields[..field_bytes], ends)?;
        Ok(Some(Row { line, empty_lines, fields, ends }))
    }
}

impl<'a> Row<'a> {
    /// Number of fields.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has so many fields, and behind them perhaps empty ones.
    pub(super) fn has(&self, len: usize) -> bool {
        self.len() >= len && (len..self.len()).all(|at| self.field(at).is_empty())
    }

    /// A field, without the spaces around it.
    pub(super) fn field(&self, at: usize) -> &'a str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.fields[start..self.ends[at]].trim()
    }

    /// All fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(|at| self.field(at))
    }
}

/// The fields as text, if each is UTF-8.
fn text<'a>(line: usize, fields: &'a [u8], ends: &[usize]) -> Result<&'a str, FileError> {
    if let Ok(text) = str::from_utf8(fields)
        && ends.iter().all(|&end| text.is_char_boundary(end))
    {
        return Ok(text);
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let mut pieces = starts.zip(ends).map(|(start, &end)| &fields[start..end]);
    let column = pieces.position(|piece| str::from_utf8(piece).is_err()).unwrap_or_default();
    let start = if column == 0 { 0 } else { ends[column - 1] };
    let shown = beginning(&String::from_utf8_lossy(&fields[start..ends[column]]));
    Err(FileError::Encoding { line, column: column + 1, shown })
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::signal::Reading;
    use crate::signal::csv::opening::Opening;

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        // However few bytes arrive at a time.
        let [all, each] = [usize::MAX, 1].map(|chunk| rows_of(text, chunk));
        assert_eq!(all, each, "{text:?}");
        all
    }

    fn rows_of(text: &str, chunk: usize) -> Vec<(usize, Vec<String>)> {
        let budget = Budget::new(1 << 20);
        let bytes = BufReader::with_capacity(chunk.min(1 << 16), text.as_bytes());
        let opening = Opening::read(text.as_bytes(), Box::new(bytes), &Reading::default()).unwrap();
        let mut rows = Rows::new(opening.rest, opening.line, opening.delimiter, &budget);
        let mut all = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            all.push((row.line, row.fields().map(str::to_owned).collect()));
        }
        all
    }

    fn expected(rows: &[(usize, &[&str])]) -> Vec<(usize, Vec<String>)> {
        rows.iter().map(|(n, row)| (*n, row.iter().map(|&f| f.to_owned()).collect())).collect()
    }

    #[test]
    fn lines_are_counted_with_every_line_end() {
        for end in ["\n", "\r\n", "\r"] {
            for last in ["", end, &end.repeat(3)] {
                let text = format!("a,b{end}1,2{end}{end}{end}3,4{end}\"5{end}6\",7{end}8,9{last}");
                let fifth = format!("5{end}6");
                let expected = expected(&[
                    (1, &["a", "b"]),
                    (2, &["1", "2"]),
                    (5, &["3", "4"]),
                    (6, &[&fifth, "7"]),
                    (8, &["8", "9"]),
                ]);
                assert_eq!(rows(&text), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn delimiters_spaces_quotes_and_marks() {
        let both = expected(&[(1, &["a", "b"]), (2, &["1", "2"])]);
        for text in [
            "a;b\n1;2",
            "a\tb\n1\t2",
            "a|b\n1|2",
            "\u{feff}a, b\n 1 ,2 ",
            "\"a\",\"b\"\n\"1\",\"2\"",
        ] {
            assert_eq!(rows(text), both, "{text:?}");
        }
        assert_eq!(rows("a,b\n\"x \"\"y\"\", z\",2")[1].1, ["x \"y\", z", "2"]);
        assert_eq!(rows("a,b;c\n1,2")[0].1, ["a", "b;c"]);
        assert_eq!(rows("a;b, °C;c\n1;2;3")[0].1, ["a", "b, °C", "c"]);
        assert_eq!(rows(""), []);
        assert_eq!(rows("\n\r\n"), []);
        assert_eq!(rows("a\n\"open\nb")[1], (2, vec!["open\nb".to_owned()]));
    }

    #[test]
    fn long_rows_do_not_end_early() {
        let many = (0..1000).map(|n| n.to_string()).collect::<Vec<_>>();
        let long = "x".repeat(5000);
        let text = format!("{}\n{long},{}", many.join(","), many[1..].join(","));
        let rows = rows(&text);
        assert_eq!(rows[0].1, many);
        assert_eq!((rows[1].1[0].len(), rows[1].1.len()), (5000, 1000));
    }

    #[test]
    fn empty_lines_are_told_to_the_row_below() {
        let (text, budget) = (b"a\n1\n\n\r\n2\n# c\n3\n", Budget::new(1 << 20));
        let mut rows = Rows::new(Lines::new(&text[..]), 1, Delimiter::COMMA, &budget);
        for (line, empty_lines) in [(1, 1..1), (2, 2..2), (5, 3..5), (7, 7..7)] {
            let row = rows.next().unwrap().unwrap();
            assert_eq!((row.line, row.empty_lines), (line, empty_lines));
        }
        assert!(rows.next().unwrap().is_none());
        assert_eq!(rows.comments, 1);
    }

    #[test]
    fn comments_are_no_rows_and_their_lines_are_counted() {
        for end in ["\n", "\r\n", "\r"] {
            let lines = ["# of, 1", "", "// 2", "a,b", "#3", "1,2", "# 4", "", "#N/A,5", "//"];
            let expected = expected(&[(4, &["a", "b"]), (6, &["1", "2"]), (9, &["#N/A", "5"])]);
            assert_eq!(rows(&lines.join(end)), expected, "{end:?}");
        }
    }

    #[test]
    fn a_hint_for_excel_is_no_header() {
        for text in ["sep=;\na;b\n1;2", "\u{feff}\"sep=;\"\r\na;b\r\n1;2", "SEP=;\na;b\n1;2"] {
            assert_eq!(rows(text), expected(&[(2, &["a", "b"]), (3, &["1", "2"])]), "{text:?}");
        }
        assert_eq!(rows("sep=;,x\n1,2")[0].1, ["sep=;", "x"]);
    }

    #[test]
    fn a_row_without_an_end_takes_no_more_than_the_budget() {
        let (text, budget) = (vec![b'x'; 100_000], Budget::new(50_000));
        let mut rows = Rows::new(Lines::new(&text[..]), 1, Delimiter::COMMA, &budget);
        assert!(matches!(rows.next(), Err(FileError::TooLarge { .. })));
    }
}
