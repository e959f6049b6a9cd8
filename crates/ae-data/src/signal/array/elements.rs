//! The elements of an NPY array, whatever type of numbers or text they are.

use npyz::{DType, Endianness, Order, TypeChar};

use crate::npy::{self, NpyError};
use crate::signal::file_error::FileError;

/// An array whose elements are all there.
#[derive(Debug)]
pub(in crate::signal) struct Elements<'a> {
    /// What it is called in messages.
    pub(in crate::signal) array: String,
    pub(in crate::signal) shape: Vec<u64>,
    kind: TypeChar,
    is_big_endian: bool,
    /// Whether the first axis varies fastest, as in what pandas hands over.
    is_fortran: bool,
    /// Of an element.
    bytes: usize,
    /// How NumPy writes the type.
    written: String,
    data: &'a [u8],
}

impl<'a> Elements<'a> {
    /// The array in an NPY file. Its shape announces no more than the file holds.
    pub(in crate::signal) fn parse(array: String, file: &'a [u8]) -> Result<Self, FileError> {
        let header = match npy::parse(file) {
            Ok(header) => header,
            Err(source) => return Err(FileError::Npy { array, source }),
        };
        let (shape, dtype, order) = (header.shape().to_vec(), header.dtype(), header.order());
        let written = dtype.descr();
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
        let data = header.into_inner();
        let len = shape.iter().try_fold(bytes as u64, |len, &axis| len.checked_mul(axis));
        let data = len.and_then(|len| data.get(..usize::try_from(len).ok()?));
        let Some(data) = data else {
            return Err(FileError::Npy { array, source: NpyError::Length { shape } });
        };
        let is_big_endian = kind.endianness() == Endianness::Big;
        let is_fortran = order == Order::Fortran;
        let kind = kind.type_char();
        Ok(Self { array, shape, kind, is_big_endian, is_fortran, bytes, written, data })
    }

    /// Number of elements.
    pub(in crate::signal) fn len(&self) -> usize {
        self.data.len() / self.bytes
    }

    /// Each element as a number: integers and floats of 32 and 64 bits. Integers beyond 2⁵³ are
    /// rounded.
    pub(in crate::signal) fn numbers(&self) -> Result<impl Iterator<Item = f64>, FileError> {
        type Convert = fn(u64, usize) -> f64;
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
        Ok(self.bits().map(move |bits| convert(bits, self.bytes)))
    }

    /// Each element as text: integers, or text without spaces around it.
    pub(in crate::signal) fn texts(&self) -> Result<Vec<String>, FileError> {
        let remedy = "convert it with .astype(str)";
        Ok(match (self.kind, self.bytes) {
            (TypeChar::Int, 1 | 2 | 4 | 8) => {
                self.bits().map(|bits| signed(bits, self.bytes).to_string()).collect()
            }
            (TypeChar::Uint, 1 | 2 | 4 | 8) => self.bits().map(|bits| bits.to_string()).collect(),
            (TypeChar::UnicodeStr, _) => {
                let character = |code: &[u8]| char::from_u32(bits(code, self.is_big_endian) as u32);
                let text =
                    |element: &[u8]| element.chunks(4).map(&character).collect::<Option<_>>();
                let texts = self.each().map(text).collect::<Option<Vec<String>>>();
                let texts = texts.ok_or_else(|| self.unusable("text of Unicode", remedy))?;
                texts.iter().map(|text| text.trim_end_matches('\0').trim().to_owned()).collect()
            }
            _ => return Err(self.unusable("integers or text", remedy)),
        })
    }

    fn bits(&self) -> impl Iterator<Item = u64> {
        self.each().map(|element| bits(element, self.is_big_endian))
    }

    /// The bytes of each element, the last axis varying fastest.
    fn each(&self) -> impl Iterator<Item = &'a [u8]> {
        let bytes_at = |place: usize| &self.data[place * self.bytes..][..self.bytes];
        (0..self.len()).map(move |at| bytes_at(if self.is_fortran { self.place(at) } else { at }))
    }

    /// Where in Fortran order an element is that is number `at` in C order.
    fn place(&self, at: usize) -> usize {
        let (mut rest, mut place, mut step) = (at, 0, self.len());
        for &axis in self.shape.iter().rev() {
            // The product of the axes is the number of elements, so this leaves nothing.
            let axis = axis as usize;
            step /= axis;
            place += rest % axis * step;
            rest /= axis;
        }
        place
    }

    fn unusable(&self, expected: &'static str, remedy: &'static str) -> FileError {
        let (array, found) = (self.array.clone(), self.written.clone());
        FileError::ElementType { array, found, expected, remedy }
    }
}

/// Up to eight bytes as an unsigned number.
fn bits(bytes: &[u8], is_big_endian: bool) -> u64 {
    let append = |bits: u64, &byte: &u8| bits << 8 | u64::from(byte);
    let bytes = bytes.iter();
    if is_big_endian { bytes.fold(0, append) } else { bytes.rev().fold(0, append) }
}

/// A two's complement number of so many bytes, at least one.
fn signed(bits: u64, bytes: usize) -> i64 {
    let unused = 64 - 8 * bytes;
    (bits << unused) as i64 >> unused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::tests::npy;

    fn numbers(descr: &str, data: &[u8]) -> Vec<f64> {
        let shape = format!("({},)", data.len() / 8);
        let file = npy(descr, &shape, data);
        Elements::parse("it".into(), &file).unwrap().numbers().unwrap().collect()
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
            let file = npy(descr, "(2,)", &data);
            let elements = Elements::parse("it".into(), &file).unwrap();
            assert!(elements.numbers().unwrap().eq(expected), "{descr}");
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
            let file = npy(descr, "(2,)", &data);
            let elements = Elements::parse("it".into(), &file).unwrap();
            assert_eq!(elements.texts().unwrap(), expected, "{descr}");
        }
        let file = npy("<U1", "(1,)", &[0, 0, 0x11, 0]);
        let message = Elements::parse("it".into(), &file).unwrap().texts().unwrap_err();
        assert!(message.to_string().contains("<U1"), "{message}");
    }

    #[test]
    fn columns_first_or_rows_first_is_the_same() {
        // Element (i, j, k) of shape (2, 3, 4) is 100i + 10j + k.
        let element = |i: u8, j: u8, k: u8| 100 * i + 10 * j + k;
        let rows = |i| (0..3).flat_map(move |j| (0..4).map(move |k| element(i, j, k)));
        let c: Vec<u8> = (0..2).flat_map(rows).collect();
        let columns = |k| (0..3).flat_map(move |j| (0..2).map(move |i| element(i, j, k)));
        let fortran: Vec<u8> = (0..4).flat_map(columns).collect();
        let numbers = |file: &[u8]| {
            let elements = Elements::parse("it".into(), file).unwrap();
            elements.numbers().unwrap().collect::<Vec<f64>>()
        };
        let file = npy("|u1", "(2, 3, 4)", &c);
        let header = String::from_utf8_lossy(&file[10..128]).replace("False", "True ");
        let columns_first = [&file[..10], header.as_bytes(), &fortran].concat();
        assert!(numbers(&file).into_iter().eq(c.iter().map(|&n| f64::from(n))));
        assert_eq!(numbers(&columns_first), numbers(&file));
    }

    #[test]
    fn other_types_are_named() {
        for (descr, shape, data, words) in [
            ("<f2", "(1,)", &[0; 2][..], "elements of type '<f2', expected float32"),
            ("<c8", "(1,)", &[0; 8], "expected float32"),
            ("|b1", "(1,)", &[0], "expected float32"),
            ("|O", "(1,)", &[0; 8], "expected numbers or text"),
            ("<f4", "(2,)", &[0; 7], "too short for its shape [2]"),
            ("<f4", "(4611686018427387904, 3)", &[0; 8], "too short"),
        ] {
            let file = npy(descr, shape, data);
            let error = Elements::parse("it".into(), &file)
                .and_then(|elements| Ok(elements.numbers()?.count()))
                .unwrap_err()
                .to_string();
            assert!(error.contains(words), "{error}");
        }
        let floats = npy("<f4", "(1,)", &[0; 4]);
        let error = Elements::parse("it".into(), &floats).unwrap().texts().unwrap_err();
        assert!(error.to_string().contains("expected integers or text"), "{error}");
    }
}
