//! The lines of a CSV file, cut into fields.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Reads a file row by row. A row may have several lines, if quotes are around their ends.
pub(super) struct Rows<'a> {
    reader: Reader,
    rest: &'a [u8],
    /// Of the first byte of `rest`, from 1.
    line: usize,
    fields: Vec<u8>,
    ends: Vec<usize>,
}

/// A row, its fields as long as no other is read.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// From 1.
    pub(super) line: usize,
    /// An empty line right above it.
    pub(super) empty_line: Option<usize>,
    fields: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Rows<'a> {
    /// Of a file that is UTF-8. A byte order mark does not count.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let rest = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter(rest)).build(),
            rest,
            line: 1,
            fields: vec![0; 1024],
            ends: vec![0; 64],
        }
    }

    pub(super) fn next(&mut self) -> Option<Row<'_>> {
        let mut empty_line = None;
        // Skipped by the parser too, but here they are counted.
        while let Some(len) = line_end(self.rest) {
            empty_line = Some(self.line);
            self.skip(len);
        }
        let line = self.line;
        let (mut field_bytes, mut field_count) = (0, 0);
        loop {
            let (fields, ends) = (&mut self.fields[field_bytes..], &mut self.ends[field_count..]);
            let (result, read, written, ended) = self.reader.read_record(self.rest, fields, ends);
            (field_bytes, field_count) = (field_bytes + written, field_count + ended);
            self.skip(read);
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
                // The next call, with no input, says what there is.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.fields.resize(2 * self.fields.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
            }
        }
        Some(Row {
            line,
            empty_line,
            fields: &self.fields[..field_bytes],
            ends: &self.ends[..field_count],
        })
    }

    /// Goes on behind `len` bytes, and behind a line end that begins with the last of them.
    fn skip(&mut self, mut len: usize) {
        if len > 0 && self.rest[len - 1] == b'\r' && self.rest.get(len) == Some(&b'\n') {
            len += 1;
        }
        let (read, rest) = self.rest.split_at(len);
        let is_end = |(at, &byte): (usize, &u8)| {
            byte == b'\n' || (byte == b'\r' && read.get(at + 1) != Some(&b'\n'))
        };
        self.line += read.iter().enumerate().filter(|&byte| is_end(byte)).count();
        self.rest = rest;
    }
}

impl<'a> Row<'a> {
    /// Number of fields.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field, without the spaces around it.
    pub(super) fn field(&self, at: usize) -> &'a str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        // The file is UTF-8 and is cut at ASCII characters.
        str::from_utf8(&self.fields[start..self.ends[at]]).unwrap_or_default().trim()
    }
}

/// The length of a line end, if that is what begins here.
fn line_end(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\r', b'\n', ..] => Some(2),
        [b'\r' | b'\n', ..] => Some(1),
        _ => None,
    }
}

/// A comma, if the header has one; else a semicolon or a tab.
fn delimiter(bytes: &[u8]) -> u8 {
    let start = bytes.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or_default();
    let header = bytes[start..].split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|candidate| header.contains(candidate)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        let mut rows = Rows::new(text.as_bytes());
        let mut all = Vec::new();
        while let Some(row) = rows.next() {
            all.push((row.line, (0..row.len()).map(|at| row.field(at).to_owned()).collect()));
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
        for text in ["a;b\n1;2", "a\tb\n1\t2", "\u{feff}a, b\n 1 ,2 ", "\"a\",\"b\"\n\"1\",\"2\""] {
            assert_eq!(rows(text), both, "{text:?}");
        }
        assert_eq!(rows("a,b\n\"x \"\"y\"\", z\",2")[1].1, ["x \"y\", z", "2"]);
        assert_eq!(rows("a,b;c\n1,2")[0].1, ["a", "b;c"]);
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
        let mut rows = Rows::new(b"a\n1\n\n\r\n2\n");
        assert_eq!(rows.next().unwrap().empty_line, None);
        assert_eq!(rows.next().unwrap().empty_line, None);
        let row = rows.next().unwrap();
        assert_eq!((row.line, row.empty_line), (5, Some(4)));
        assert!(rows.next().is_none());
    }
}
