//! Bytes of a text that can be looked at before they are read, so that lines that are no rows are
//! skipped.

use std::io::{self, BufRead, Read};

use super::field;

/// Bytes that tell a comment from a value: no word for a missing value is longer.
const WORD: usize = 16;

/// Bytes of a comment that are kept.
const KEPT: usize = 1 << 14;

/// Bytes with some of them read ahead.
pub(super) struct Lines<R> {
    rest: R,
    ahead: Vec<u8>,
    /// Those of `ahead` that were read.
    read: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(rest: R) -> Self {
        Self { rest, ahead: Vec::new(), read: 0 }
    }

    /// The next bytes, so many if there are, without reading them.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.ahead.len() - self.read < count {
            self.ahead.drain(..self.read);
            self.read = 0;
            let more = (count - self.ahead.len()) as u64;
            self.rest.by_ref().take(more).read_to_end(&mut self.ahead)?;
        }
        let ahead = self.ahead.get(self.read..).unwrap_or_default();
        Ok(ahead.get(..count).unwrap_or(ahead))
    }

    /// Whether a comment begins here: `//`, or `#` where neither a column is called so nor a value is
    /// missing.
    pub(super) fn is_comment(&mut self) -> io::Result<bool> {
        // Without reading ahead where there is nothing to see.
        let first = self.fill_buf()?.first().copied();
        if !matches!(first, Some(b'#' | b'/')) {
            return Ok(false);
        }
        Ok(is_comment(self.peek(WORD)?))
    }

    /// Reads a line with its end, `\n`, `\r` or both, and gives the beginning of it.
    pub(super) fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        loop {
            let bytes = self.fill_buf()?;
            if bytes.is_empty() {
                return Ok(line);
            }
            let end = bytes.iter().position(|byte| b"\r\n".contains(byte));
            let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
            let room = KEPT.saturating_sub(line.len()).min(part.len());
            line.extend(part.iter().take(room));
            let is_return = end.and_then(|end| bytes.get(end)) == Some(&b'\r');
            let read = end.map_or(bytes.len(), |end| end + 1);
            self.consume(read);
            if end.is_some() {
                if is_return && self.fill_buf()?.first() == Some(&b'\n') {
                    self.consume(1);
                }
                return Ok(line);
            }
        }
    }
}

/// Whether a line that begins so is a comment.
pub(super) fn is_comment(start: &[u8]) -> bool {
    let is_end = |byte: &u8| b",;\t|\r\n".contains(byte);
    let word = start.split(is_end).next().unwrap_or_default();
    let ends_line = start.get(word.len()).is_none_or(|byte| b"\r\n".contains(byte));
    match word {
        [b'/', b'/', ..] => true,
        [b'#'] => ends_line,
        [b'#', ..] => !str::from_utf8(word).is_ok_and(field::is_missing),
        _ => false,
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read < self.ahead.len() {
            return Ok(self.ahead.get(self.read..).unwrap_or_default());
        }
        self.rest.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if self.read < self.ahead.len() {
            self.read = self.ahead.len().min(self.read + count);
        } else {
            self.rest.consume(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn lines(text: &str, chunk: usize) -> Lines<BufReader<&[u8]>> {
        Lines::new(BufReader::with_capacity(chunk, text.as_bytes()))
    }

    #[test]
    fn what_was_looked_at_is_read_once() {
        for chunk in [1, 2, 100] {
            let mut lines = lines("ab\r\ncd\re\nf", chunk);
            assert_eq!(lines.peek(3).unwrap(), b"ab\r");
            assert_eq!(lines.line().unwrap(), b"ab");
            assert_eq!(lines.peek(100).unwrap(), b"cd\re\nf");
            assert_eq!(lines.line().unwrap(), b"cd");
            assert_eq!(lines.peek(1).unwrap(), b"e");
            let mut rest = String::new();
            lines.read_to_string(&mut rest).unwrap();
            assert_eq!(rest, "e\nf");
            assert_eq!(lines.line().unwrap(), b"");
        }
    }

    #[test]
    fn comments_are_told_from_values_and_names() {
        for (text, is_comment) in [
            ("# of a logger, 7", true),
            ("#of,1", true),
            ("//x", true),
            ("#", true),
            ("#\n1", true),
            ("#,x,y", false),
            ("#N/A,1", false),
            ("#DIV/0!", false),
            ("/x", false),
            ("1,# no", false),
            ("", false),
        ] {
            for chunk in [1, 100] {
                assert_eq!(lines(text, chunk).is_comment().unwrap(), is_comment, "{text}");
            }
        }
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let long = "#".repeat(100_000) + "\nx";
        let mut lines = lines(&long, 1000);
        assert_eq!(lines.line().unwrap().len(), KEPT);
        assert_eq!(lines.line().unwrap(), b"x");
    }
}
