//! The elements of an NPY array, whatever type of numbers or text they are.

use std::io::Read;

use npyz::{DType, Endianness, Order, TypeChar};

use crate::npy::{self, NpyError};
use crate::signal::budget::Budget;
use crate::signal::file_error::FileError;

/// Bytes of elements that are read at a time.
const CHUNK: u64 = 1 << 16;

/// An array whose elements are still to be read.
#[derive(Debug)]
pub(in crate::signal) struct Elements<R> {
    /// What it is called in messages.
    pub(in crate::signal) array: String,
    pub(in crate::signal) shape: Vec<u64>,
    kind: TypeChar,
    is_big_endian: bool,
    /// Whether the first axis varies fastest, as in what pandas hands over.
    pub(in crate::signal) is_fortran: bool,
    /// Number of elements.
    len: usize,
    /// Of an element.
    bytes: u64,
    /// How NumPy calls the type.
    written: String,
    data: R,
}

impl<R: Read> Elements<R> {
    /// The array in an NPY file, of `available` bytes where that is known.
    pub(in crate::signal) fn open(
        array: String,
        mut file: R,
        available: Option<u64>,
    ) -> Result<Self, FileError> {
        let (header, header_bytes) = match npy::read_header(&mut file) {
            Ok(header) => header,
            // The disk's or the packing's own trouble is none of the array's.
            Err(NpyError::Read(error)) => return Err(of_reading(array, error)),
            Err(source) => return Err(FileError::Npy { array, source }),
        };
        let (shape, dtype, order) = (header.shape().to_vec(), header.dtype(), header.order());
        let written = npy::type_name(&dtype);
        // Bytes of an element; not known of Python objects, not one type in a record.
        let (kind, bytes) = match &dtype {
            DType::Plain(plain) => (Some(plain), plain.num_bytes().filter(|&bytes| bytes > 0)),
            _ => (None, None),
        };
        let (Some(kind), Some(bytes)) = (kind, bytes) else {
            return Err(FileError::ElementType {
                array,
                found: written,
                expected: "numbers or text of a fixed length",
                remedy: "convert it with .astype",
            });
        };
        let bytes = bytes as u64;
        let too_short = |shape| NpyError::Length { shape };
        // An axis of 0 makes the array empty, whatever the others are.
        let len = match shape.contains(&0) {
            true => Some(0),
            false => shape.iter().try_fold(1_u64, |len, &axis| len.checked_mul(axis)),
        };
        let needed = len.and_then(|len| len.checked_mul(bytes)?.checked_add(header_bytes));
        let fits = needed.is_some_and(|needed| available.is_none_or(|there| needed <= there));
        let Some(len) = len.and_then(|len| usize::try_from(len).ok()).filter(|_| fits) else {
            return Err(FileError::Npy { array, source: too_short(shape) });
        };
        let is_big_endian = kind.endianness() == Endianness::Big;
        let is_fortran = order == Order::Fortran;
        let kind = kind.type_char();
        Ok(Self { array, shape, kind, is_big_endian, is_fortran, len, bytes, written, data: file })
    }

    /// Number of elements.
    pub(in crate::signal) fn len(&self) -> usize {
        self.len
    }

    /// Each element as a number, in the order of the file: integers and floats of 32 and 64 bits.
    /// Integers beyond 2⁵³ are rounded.
    pub(in crate::signal) fn numbers(
        self,
        budget: &Budget,
        mut take: impl FnMut(f64) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        type Convert = fn(u64, u64) -> f64;
        let convert: Convert = match (self.kind, self.bytes) {
            (TypeChar::Int, 1 | 2 | 4 | 8) => |bits, bytes| signed(bits, bytes) as f64,
            (TypeChar::Uint, 1 | 2 | 4 | 8) => |bits, _| bits as f64,
            (TypeChar::Float, 4) => |bits, _| f64::from(f32::from_bits(bits as u32)),
            (TypeChar::Float, 8) => |bits, _| f64::from_bits(bits),
            _ => {
                return Err(self.unusable(
                    "float32, float64 or integers",
                    "convert it with .astype(numpy.float32)",
                ));
            }
        };
        let (bytes, is_big_endian) = (self.bytes, self.is_big_endian);
        self.each(budget, |element| take(convert(bits(element, is_big_endian), bytes)))
    }

    /// Whether its elements are numbers.
    pub(in crate::signal) fn are_numbers(&self) -> bool {
        matches!(self.kind, TypeChar::Int | TypeChar::Uint | TypeChar::Float)
    }

    /// Each element as text, in the order of the file: integers, or text without spaces around it.
    pub(in crate::signal) fn texts(
        self,
        budget: &Budget,
        mut take: impl FnMut(&str) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let (bytes, is_big_endian) = (self.bytes, self.is_big_endian);
        let bits = move |element: &[u8]| bits(element, is_big_endian);
        match (self.kind, self.bytes) {
            (TypeChar::Int, 1 | 2 | 4 | 8) => {
                self.each(budget, |element| take(&signed(bits(element), bytes).to_string()))
            }
            (TypeChar::Uint, 1 | 2 | 4 | 8) => {
                self.each(budget, |element| take(&bits(element).to_string()))
            }
            (TypeChar::UnicodeStr, _) => {
                let (array, found) = (self.array.clone(), self.written.clone());
                let wrong = || FileError::ElementType {
                    array: array.clone(),
                    found: found.clone(),
                    expected: "text of Unicode",
                    remedy: "convert it with .astype(str)",
                };
                let mut text = String::new();
                self.each(budget, |element| {
                    text.clear();
                    for code in element.chunks(4) {
                        text.push(char::from_u32(bits(code) as u32).ok_or_else(&wrong)?);
                    }
                    take(text.trim_end_matches('\0').trim())
                })
            }
            _ => Err(self.unusable("integers or text", "convert it with .astype(str)")),
        }
    }

    /// The bytes of each element, in the order of the file, which ends behind them.
    fn each(
        mut self,
        budget: &Budget,
        mut take: impl FnMut(&[u8]) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let at_a_time = (CHUNK / self.bytes).max(1);
        // Twice for the text that becomes of it.
        let buffer = self.bytes.max(CHUNK).saturating_mul(3);
        budget.take(buffer)?;
        let mut chunk = Vec::new();
        let mut rest = self.len as u64;
        while rest > 0 {
            let elements = rest.min(at_a_time);
            let expected = elements * self.bytes;
            chunk.clear();
            let read = self.data.by_ref().take(expected).read_to_end(&mut chunk);
            read.map_err(|error| of_reading(self.array.clone(), error))?;
            if chunk.len() as u64 != expected {
                let (array, shape) = (self.array, self.shape);
                return Err(FileError::Npy { array, source: NpyError::Length { shape } });
            }
            chunk.chunks_exact(self.bytes as usize).try_for_each(&mut take)?;
            rest -= elements;
        }
        budget.give_back(buffer);
        // What is packed proves itself where it ends.
        match self.data.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => {
                let (array, shape) = (self.array, self.shape);
                Err(FileError::Npy { array, source: NpyError::Longer { shape } })
            }
            Err(error) => Err(of_reading(self.array, error)),
        }
    }

    fn unusable(&self, expected: &'static str, remedy: &'static str) -> FileError {
        let (array, found) = (self.array.clone(), self.written.clone());
        FileError::ElementType { array, found, expected, remedy }
    }
}

/// The reader's trouble with an array's bytes.
fn of_reading(array: String, error: std::io::Error) -> FileError {
    FileError::Array { array, source: error }
}

/// Up to eight bytes as an unsigned number.
fn bits(bytes: &[u8], is_big_endian: bool) -> u64 {
    let append = |bits: u64, &byte: &u8| bits << 8 | u64::from(byte);
    let bytes = bytes.iter();
    if is_big_endian { bytes.fold(0, append) } else { bytes.rev().fold(0, append) }
}

/// A two's complement number of so many bytes, at least one.
fn signed(bits: u64, bytes: u64) -> i64 {
    let unused = 64 - 8 * bytes;
    (bits << unused) as i64 >> unused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::tests::npy;

    fn numbers(descr: &str, data: &[u8]) -> Vec<f64> {
        let shape = format!("({},)", data.len() / 8);
        numbers_of(&npy(descr, &shape, data)).unwrap()
    }

    fn open(file: &[u8]) -> Result<Elements<&[u8]>, FileError> {
        Elements::open("it".into(), file, Some(file.len() as u64))
    }

    fn numbers_of(file: &[u8]) -> Result<Vec<f64>, FileError> {
        let mut numbers = Vec::new();
        open(file)?.numbers(&Budget::new(1 << 20), |number| {
            numbers.push(number);
            Ok(())
        })?;
        Ok(numbers)
    }

    fn texts_of(file: &[u8]) -> Result<Vec<String>, FileError> {
        let mut texts = Vec::new();
        open(file)?.texts(&Budget::new(1 << 20), |text| {
            texts.push(text.to_owned());
            Ok(())
        })?;
        Ok(texts)
    }

    #[test]
    fn an_element_of_any_length_takes_no_more_memory_than_there_is() {
        // Three times its bytes are more than 64 bits hold.
        let file = npy("<U1537228672809129302", "(1,)", &[b'x'; 1 << 10]);
        let elements = Elements::open("it".into(), &file[..], None).unwrap();
        let error = elements.texts(&Budget::new(1 << 20), |_| Ok(())).unwrap_err();
        assert!(matches!(error, FileError::TooLarge { .. }), "{error}");
    }

    #[test]
    fn numbers_of_every_type() {
        assert_eq!(numbers("<i8", &(-7_i64).to_le_bytes()), [-7.0]);
        assert_eq!(numbers(">i8", &(-7_i64).to_be_bytes()), [-7.0]);
        assert_eq!(numbers("<u8", &7_u64.to_le_bytes()), [7.0]);
        assert_eq!(numbers("<f8", &0.1_f64.to_le_bytes()), [0.1]);
        assert_eq!(numbers(">f8", &0.1_f64.to_be_bytes()), [0.1]);
        for (descr, data, expected) in [
            ("|i1", vec![0x80, 0x7f], [-128.0, 127.0]),
            ("|u1", vec![0x80, 0x7f], [128.0, 127.0]),
            ("<i2", vec![0x00, 0x80, 1, 0], [-32768.0, 1.0]),
            (">i2", vec![0x80, 0x00, 0, 1], [-32768.0, 1.0]),
            ("<u2", vec![0x00, 0x80, 1, 0], [32768.0, 1.0]),
            ("<i4", vec![0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0], [-2.0, 1.0]),
            ("<f4", [1.5_f32, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect(), [1.5, -2.0]),
        ] {
            assert_eq!(numbers_of(&npy(descr, "(2,)", &data)).unwrap(), expected, "{descr}");
        }
    }

    #[test]
    fn integers_and_strings_are_text() {
        let utf32 = |text: &str| text.chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        for (descr, data, expected) in [
            ("|i1", vec![0xff, 3], ["-1", "3"]),
            ("<i8", [-1_i64, 3].iter().flat_map(|v| v.to_le_bytes()).collect(), ["-1", "3"]),
            ("<U3", utf32("a\0\0éßx"), ["a", "éßx"]),
        ] {
            assert_eq!(texts_of(&npy(descr, "(2,)", &data)).unwrap(), expected, "{descr}");
        }
        let file = npy("<U1", "(1,)", &[0, 0, 0x11, 0]);
        let message = texts_of(&file).unwrap_err().to_string();
        assert!(message.contains("text of up to 1 letters"), "{message}");
    }

    #[test]
    fn other_types_are_named() {
        for (descr, shape, data, words) in [
            ("<f2", "(1,)", &[0; 2][..], "elements of type float16, expected float32"),
            ("<c8", "(1,)", &[0; 8], "expected float32"),
            ("|b1", "(1,)", &[0], "expected float32"),
            ("|O", "(1,)", &[0; 8], "expected numbers or text"),
            ("<f4", "(2,)", &[0; 7], "too short for its shape [2]"),
            ("<f4", "(4611686018427387904, 3)", &[0; 8], "too short"),
            ("<f4", "(1,)", &[0; 8], "more bytes follow"),
        ] {
            let file = npy(descr, shape, data);
            let error = numbers_of(&file).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let floats = npy("<f4", "(1,)", &[0; 4]);
        let error = texts_of(&floats).unwrap_err();
        assert!(error.to_string().contains("expected integers or text"), "{error}");
    }
}
