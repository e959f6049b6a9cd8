//! What stands before the first row: marks, comments, lines to skip.

use std::io::BufRead;

use super::delimiter::{Sample, fields, said};
use super::lines::Lines;
use crate::signal::file_error::FileError;
use crate::signal::utf16::Utf16;
use crate::signal::{Decimal, Delimiter, Reading, foreign};

/// Bytes that the first rows are looked at in.
const LOOKED_AT: usize = 1 << 15;

/// A text whose next byte is that of its first row.
pub(super) struct Opening<'a> {
    pub(super) rest: Lines<Box<dyn BufRead + 'a>>,
    /// Of the first row, from 1.
    pub(super) line: usize,
    pub(super) delimiter: Delimiter,
    /// The fields of the first rows.
    pub(super) first: Vec<Vec<String>>,
    /// The fields of a comment right above the first row, and its line.
    pub(super) comment: Option<(Vec<String>, usize)>,
    /// Lines of comments.
    pub(super) comments: usize,
    /// Whether it was UTF-16.
    pub(super) is_utf16: bool,
}

impl<'a> Opening<'a> {
    /// Of the bytes of a file that begins with `start`.
    pub(super) fn read(
        start: &[u8],
        bytes: Box<dyn BufRead + 'a>,
        reading: &Reading,
    ) -> Result<Self, FileError> {
        let utf16 = Utf16::of(start);
        let mut rest = decoded(start, bytes, utf16)?;
        let mut line = 1;
        for _ in 0..reading.skip_lines {
            if rest.peek(1).map_err(FileError::Io)?.is_empty() {
                return Err(FileError::Skipped { lines: reading.skip_lines, there: line - 1 });
            }
            rest.line().map_err(FileError::Io)?;
            line += 1;
        }
        let (mut hint, mut comment, mut comments) = (None, None, 0);
        loop {
            let start = rest.peek(8).map_err(FileError::Io)?;
            let is_hint = start.starts_with(b"sep=") || start.starts_with(b"\"sep=");
            let is_hint = is_hint || start.starts_with(b"SEP=") || start.starts_with(b"\"SEP=");
            let is_empty_line = matches!(start, [b'\r' | b'\n', ..]);
            if is_hint && hint.is_none() && comment.is_none() {
                let said = said(&peek_line(&mut rest)?);
                if said.is_none() {
                    break;
                }
                hint = said;
                rest.line().map_err(FileError::Io)?;
            } else if is_empty_line {
                rest.line().map_err(FileError::Io)?;
                comment = None;
            } else if rest.is_comment().map_err(FileError::Io)? {
                comment = Some((rest.line().map_err(FileError::Io)?, line));
                comments += 1;
            } else {
                break;
            }
            line += 1;
        }
        let start = rest.peek(LOOKED_AT).map_err(FileError::Io)?;
        let sample = Sample::of(start, start.len() < LOOKED_AT);
        let is_comma_decimal = reading.decimal == Some(Decimal::Comma);
        let delimiter = match reading.delimiter.or(hint) {
            Some(delimiter) => delimiter,
            None => sample.delimiter(is_comma_decimal, !reading.no_header)?,
        };
        let first = sample.fields(delimiter);
        let names = |comment: Vec<u8>| {
            let signs = |byte: &u8| matches!(byte, b'#' | b'/' | b' ');
            let from = comment.iter().position(|byte| !signs(byte)).unwrap_or(comment.len());
            fields(comment.get(from..).unwrap_or_default(), delimiter)
        };
        let comment = comment.map(|(comment, line)| (names(comment), line));
        Ok(Self { rest, line, delimiter, first, comment, comments, is_utf16: utf16.is_some() })
    }
}

/// The bytes as UTF-8, behind the mark of that.
fn decoded<'a>(
    start: &[u8],
    bytes: Box<dyn BufRead + 'a>,
    utf16: Option<(Utf16, usize)>,
) -> Result<Lines<Box<dyn BufRead + 'a>>, FileError> {
    let mark = match utf16 {
        Some((_, mark)) => mark,
        None if start.starts_with("\u{feff}".as_bytes()) => 3,
        None => 0,
    };
    let mut bytes = Lines::new(bytes);
    let marked = bytes.peek(mark).map_err(FileError::Io)?.len();
    bytes.consume(marked);
    let Some((order, _)) = utf16 else { return Ok(Lines::new(Box::new(bytes))) };
    let mut text = Lines::new(order.decode(bytes, mark));
    // Other kinds are written in it too.
    let start = text.peek(4096).map_err(FileError::Io)?;
    match foreign::kind_of(start) {
        Some(foreign) => Err(FileError::Foreign(foreign)),
        None => Ok(text),
    }
}

/// The next line, without reading it. It is short, or no hint.
fn peek_line<R: BufRead>(rest: &mut Lines<R>) -> Result<Vec<u8>, FileError> {
    let start = rest.peek(16).map_err(FileError::Io)?;
    let line = start.split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default();
    // A file that ends there has a header of that name.
    Ok(if line.len() < start.len() { line.to_vec() } else { Vec::new() })
}
