//! NPY files of two dimensions, samples × values.

use std::io::Read;

use npyz::{AutoSerialize, DType, Deserialize, NpyFile, NpyHeader, TypeChar, WriterBuilder};

/// Why an NPY file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// The system refused.
    #[error("reading failed: {0}")]
    Read(#[source] std::io::Error),
    /// Not NPY.
    #[error("not a usable NPY file: {0}")]
    Malformed(#[from] std::io::Error),
    /// The header is longer than the file.
    #[error("its header should have {announced} bytes, {found} are there")]
    Header {
        /// Bytes by the length in front of it.
        announced: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Not samples × values.
    #[error("expected an array of shape (samples, values), found shape {shape:?}")]
    Shape {
        /// The shape found.
        shape: Vec<u64>,
    },
    /// Columns first.
    #[error("the array is in Fortran order, expected C order: save numpy.ascontiguousarray(x)")]
    FortranOrder,
    /// More values announced than there are bytes for.
    #[error("the file is too short for its shape {shape:?}")]
    Length {
        /// The shape announced.
        shape: Vec<u64>,
    },
    /// More bytes than its shape announces.
    #[error(
        "its shape is {shape:?}, and more bytes follow; save one array in a file, with numpy.save"
    )]
    Longer {
        /// The shape announced.
        shape: Vec<u64>,
    },
    /// Another type of numbers.
    #[error(
        "expected numbers of type {expected}, found {found}; save x.astype(numpy.{expected}), if no \
         number changes by it"
    )]
    Type {
        /// The type that the model needs, as NumPy calls it.
        expected: String,
        /// The type in the file, as NumPy calls it.
        found: String,
    },
}

/// The bytes of an NPY file of `rows` rows.
///
/// # Errors
/// None on memory, in practice.
pub fn write<T: AutoSerialize + Copy>(values: &[T], rows: usize) -> Result<Vec<u8>, NpyError> {
    let columns = values.len().checked_div(rows).unwrap_or(0);
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[rows as u64, columns as u64])
        .writer(&mut bytes)
        .begin_nd()?;
    writer.extend(values.iter().copied())?;
    writer.finish()?;
    Ok(bytes)
}

/// The values of an NPY file, row after row, and the number of columns.
///
/// # Errors
/// Not an NPY file of this type with two dimensions.
pub fn read<T: Deserialize + AutoSerialize>(bytes: &[u8]) -> Result<(Vec<T>, usize), NpyError> {
    let mut data = bytes;
    let (header, _) = read_header(&mut data)?;
    let file = NpyFile::with_header(header, data);
    let shape = file.shape().to_vec();
    let &[rows, columns] = shape.as_slice() else { return Err(NpyError::Shape { shape }) };
    if file.order() != npyz::Order::C {
        return Err(NpyError::FortranOrder);
    }
    // A shape that the bytes cannot fill is refused before anything is made of it.
    let expected = rows.checked_mul(columns).filter(|&values| values <= bytes.len() as u64);
    let Some(expected) = expected else { return Err(NpyError::Length { shape }) };
    let found = type_name(&file.dtype());
    let values = file
        .try_data::<T>()
        .map_err(|_| NpyError::Type { expected: type_name(&T::default_dtype()), found })?
        .collect::<Result<Vec<T>, _>>()?;
    if values.len() as u64 != expected {
        return Err(NpyError::Length { shape });
    }
    Ok((values, columns as usize))
}

/// The numbers of an NPY file of samples, whatever a sample's shape is.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// How many samples.
    pub samples: usize,
    /// The shape of a sample.
    pub shape: Vec<usize>,
    /// The numbers, sample after sample.
    pub values: Values,
}

/// Numbers of one of the types that models take and give.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// int8.
    I8(Vec<i8>),
    /// uint8.
    U8(Vec<u8>),
    /// float32, or float64 rounded to it.
    F32(Vec<f32>),
}

impl Numbers {
    /// Numbers of a sample.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The numbers of an NPY file of one dimension or more, of which the first counts the samples.
///
/// # Errors
/// Not an NPY file of numbers of 8 bits or floats.
pub fn read_numbers(bytes: &[u8]) -> Result<Numbers, NpyError> {
    let mut data = bytes;
    let (header, _) = read_header(&mut data)?;
    let file = NpyFile::with_header(header, data);
    let shape = file.shape().to_vec();
    if file.order() != npyz::Order::C && shape.len() > 1 {
        return Err(NpyError::FortranOrder);
    }
    let Some((&samples, rest)) = shape.split_first() else { return Err(NpyError::Shape { shape }) };
    let counts = |number: &u64| usize::try_from(*number).ok().filter(|&it| it <= bytes.len());
    let sizes: Option<Vec<usize>> = rest.iter().map(counts).collect();
    let expected = shape.iter().try_fold(1_u64, |all, &one| all.checked_mul(one));
    let (Some(sizes), Some(samples), Some(expected)) =
        (sizes, counts(&samples), expected.filter(|&all| all <= bytes.len() as u64))
    else {
        return Err(NpyError::Length { shape });
    };
    let dtype = file.dtype();
    let read = match type_name(&dtype).as_str() {
        "int8" => file.try_data().ok().map(|data| data.collect::<Result<_, _>>().map(Values::I8)),
        "uint8" => file.try_data().ok().map(|data| data.collect::<Result<_, _>>().map(Values::U8)),
        "float32" => {
            file.try_data().ok().map(|data| data.collect::<Result<_, _>>().map(Values::F32))
        }
        "float64" => file.try_data::<f64>().ok().map(|data| {
            data.map(|value| value.map(|value| value as f32))
                .collect::<Result<_, _>>()
                .map(Values::F32)
        }),
        _ => None,
    };
    let wrong_type = || NpyError::Type { expected: "float32".to_owned(), found: type_name(&dtype) };
    let values = read.ok_or_else(wrong_type)??;
    let found = match &values {
        Values::I8(values) => values.len(),
        Values::U8(values) => values.len(),
        Values::F32(values) => values.len(),
    };
    if found as u64 != expected {
        return Err(NpyError::Length { shape });
    }
    Ok(Numbers { samples, shape: sizes, values })
}

/// Bytes of a header: names of the fields of a record could make it as long.
const MAX_HEADER: u64 = 1 << 20;

/// The header, and how many bytes it has with all in front of it. npyz would ask for memory for as
/// much as the file announces, so that the bytes are read first. The header's length stands behind
/// magic and version, in two bytes in version 1 and in four in later ones.
pub(crate) fn read_header(file: &mut impl Read) -> Result<(NpyHeader, u64), NpyError> {
    let mut bytes = Vec::new();
    let mut read = |bytes: &mut Vec<u8>, len: u64| {
        file.by_ref().take(len).read_to_end(bytes).map_err(NpyError::Read)
    };
    read(&mut bytes, 8)?;
    if let [0x93, b'N', b'U', b'M', b'P', b'Y', major, _] = bytes[..] {
        read(&mut bytes, if major == 1 { 2 } else { 4 })?;
        let len = bytes[8..].iter().rev();
        let announced = len.fold(0, |len, &byte| len << 8 | usize::from(byte));
        let found = read(&mut bytes, (announced as u64).min(MAX_HEADER))?;
        if found < announced {
            return Err(NpyError::Header { announced, found });
        }
    }
    let header = NpyHeader::from_reader(&bytes[..])?;
    Ok((header, bytes.len() as u64))
}

/// What NumPy calls a type, such as `int64`. Byte order counts for nothing here.
pub(crate) fn type_name(dtype: &DType) -> String {
    let DType::Plain(plain) = dtype else { return "a record of several".into() };
    let (kind, size) = (plain.type_char(), plain.size_field());
    let name = match kind {
        TypeChar::Bool => return "bool".into(),
        TypeChar::Object => return "object (of Python)".into(),
        TypeChar::UnicodeStr => return format!("text of up to {size} letters"),
        TypeChar::ByteStr => return format!("bytes of up to {size}"),
        TypeChar::Int => "int",
        TypeChar::Uint => "uint",
        TypeChar::Float => "float",
        TypeChar::Complex => "complex",
        _ => return dtype.descr(),
    };
    format!("{name}{}", 8 * size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_with_their_shape() {
        let bytes = write(&[1_i8, -2, 3, -4, 5, -6], 2).unwrap();
        assert_eq!(read::<i8>(&bytes).unwrap(), (vec![1, -2, 3, -4, 5, -6], 3));
        let message = read::<f32>(&bytes).unwrap_err().to_string();
        assert!(message.contains("type float32, found int8; save x.astype(numpy.float32)"));
        let long = write(&[1_i64, 2], 1).unwrap();
        let message = read::<i8>(&long).unwrap_err().to_string();
        assert!(message.contains("type int8, found int64"), "{message}");
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let bytes = write(&[1.0_f32, 2.0, 3.0, 4.0], 2).unwrap();
        for len in 0..bytes.len() {
            assert!(read::<f32>(&bytes[..len]).is_err(), "{len} bytes");
        }
    }

    /// Found by the fuzz target `npy`: twelve bytes made npyz ask for gigabytes.
    #[test]
    fn a_header_that_is_not_there_takes_no_memory() {
        let file = b"\x93NUMPY\x02\x00\xff\xff\xff\xff";
        let error = read::<i8>(file).unwrap_err();
        assert!(matches!(error, NpyError::Header { announced: 0xffff_ffff, found: 0 }), "{error}");
    }
}
