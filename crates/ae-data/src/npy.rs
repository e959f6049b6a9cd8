//! NPY files of two dimensions, samples × values.

use npyz::{AutoSerialize, Deserialize, NpyFile, WriterBuilder};

/// Why an NPY file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// Not NPY, or not of the expected type.
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
    /// Another type of numbers.
    #[error("expected numbers of type {expected}, found {found}: convert them first")]
    Type {
        /// The type that the model needs.
        expected: &'static str,
        /// The type in the file.
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
pub fn read<T: Deserialize>(bytes: &[u8]) -> Result<(Vec<T>, usize), NpyError> {
    let file = parse(bytes)?;
    let shape = file.shape().to_vec();
    let &[rows, columns] = shape.as_slice() else { return Err(NpyError::Shape { shape }) };
    if file.order() != npyz::Order::C {
        return Err(NpyError::FortranOrder);
    }
    // A shape that the bytes cannot fill is refused before anything is made of it.
    let expected = rows.checked_mul(columns).filter(|&values| values <= bytes.len() as u64);
    let Some(expected) = expected else { return Err(NpyError::Length { shape }) };
    let found = file.dtype().descr();
    let values = file
        .try_data::<T>()
        .map_err(|_| NpyError::Type { expected: std::any::type_name::<T>(), found })?
        .collect::<Result<Vec<T>, _>>()?;
    if values.len() as u64 != expected {
        return Err(NpyError::Length { shape });
    }
    Ok((values, columns as usize))
}

/// The header, checked against the length of the bytes, and behind it the bytes of the values.
pub(crate) fn parse(bytes: &[u8]) -> Result<NpyFile<&[u8]>, NpyError> {
    check_header_len(bytes)?;
    Ok(NpyFile::new(bytes)?)
}

/// Refuses a header that the bytes cannot hold; npyz would ask for memory for all of it. Its length
/// stands behind magic and version, in two bytes in version 1 and in four in later ones.
fn check_header_len(bytes: &[u8]) -> Result<(), NpyError> {
    let Some((&[0x93, b'N', b'U', b'M', b'P', b'Y', major, _], rest)) = bytes.split_first_chunk()
    else {
        return Ok(());
    };
    let (len_bytes, header) = rest.split_at(rest.len().min(if major == 1 { 2 } else { 4 }));
    let announced = len_bytes.iter().rev().fold(0, |len, &byte| len << 8 | usize::from(byte));
    let found = header.len();
    if announced > found { Err(NpyError::Header { announced, found }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_with_their_shape() {
        let bytes = write(&[1_i8, -2, 3, -4, 5, -6], 2).unwrap();
        assert_eq!(read::<i8>(&bytes).unwrap(), (vec![1, -2, 3, -4, 5, -6], 3));
        assert!(matches!(read::<f32>(&bytes), Err(NpyError::Type { expected: "f32", .. })));
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
