//! Windows as bytes, read where they lie: a window's values one after the other, little-endian.

use std::sync::Arc;

use ae_core::SampleKind;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, BinaryArray, FixedSizeBinaryArray, FixedSizeListArray,
    Float32Array, Int16Array, ListArray, UInt8Array,
};
use datafusion::arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{ArrowNativeType, DataType, Field};
use datafusion::common::Result;

use crate::error::FunctionError;

// Values in memory are those of the column.
const _: () = assert!(cfg!(target_endian = "little"), "windows as bytes are little-endian");

/// Whether a column of this type may hold windows as bytes.
pub(crate) const fn is_bytes(of: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    matches!(of, Binary | BinaryView | FixedSizeBinary(_) | LargeBinary)
}

/// The lists of values of a kind that a column of bytes holds. A column of another type stays as it is.
///
/// # Errors
/// Bytes that are not a whole number of values.
pub(crate) fn as_lists(column: &ArrayRef, kind: SampleKind) -> Result<ArrayRef> {
    Ok(match column.data_type() {
        DataType::FixedSizeBinary(_) => of_fixed(column.as_fixed_size_binary(), kind)?,
        DataType::Binary => of_any(column.as_binary(), kind)?,
        DataType::BinaryView | DataType::LargeBinary => {
            of_any(cast(column, &DataType::Binary)?.as_binary(), kind)?
        }
        _ => Arc::clone(column),
    })
}

fn of_fixed(column: &FixedSizeBinaryArray, kind: SampleKind) -> Result<ArrayRef> {
    let bytes = column.value_length().unsigned_abs() as usize;
    let len = whole(0, bytes, kind)? as i32;
    let all = column.values().slice_with_length(0, column.len() * bytes);
    let (values, item) = values(all, kind);
    let nulls = column.nulls().cloned();
    // The number of rows is said, as windows without values have none to count.
    let lists = FixedSizeListArray::try_new_with_length(item, len, values, nulls, column.len())?;
    Ok(Arc::new(lists))
}

fn of_any(column: &BinaryArray, kind: SampleKind) -> Result<ArrayRef> {
    let offsets = column.value_offsets();
    let at = |row: usize| offsets[row].unsigned_abs() as usize;
    let lengths = (0..column.len()).map(|row| whole(row, at(row + 1) - at(row), kind));
    let lengths = lengths.collect::<Result<Vec<_>, _>>()?;
    let all = column.values().slice_with_length(at(0), at(column.len()) - at(0));
    let (values, item) = values(all, kind);
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(item, offsets, values, column.nulls().cloned())?))
}

/// Values in some bytes.
fn whole(row: usize, bytes: usize, kind: SampleKind) -> Result<usize, FunctionError> {
    match bytes % kind.bytes() {
        0 => Ok(bytes / kind.bytes()),
        _ => Err(FunctionError::Bytes { row, found: bytes, kind }),
    }
}

/// The values, and the field of a list of them.
fn values(bytes: Buffer, kind: SampleKind) -> (ArrayRef, Arc<Field>) {
    let values: ArrayRef = match kind {
        SampleKind::Pixels => Arc::new(UInt8Array::new(typed(bytes), None)),
        SampleKind::Counts => Arc::new(Int16Array::new(typed(bytes), None)),
        SampleKind::Values => Arc::new(Float32Array::new(typed(bytes), None)),
    };
    let item = Field::new_list_field(values.data_type().clone(), false);
    (values, Arc::new(item))
}

/// The same memory, or a copy of it where it begins between two values.
fn typed<T: ArrowNativeType>(bytes: Buffer) -> ScalarBuffer<T> {
    let is_aligned = bytes.as_ptr().addr().is_multiple_of(align_of::<T>());
    if is_aligned { bytes.into() } else { Buffer::from(bytes.as_slice()).into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{BinaryViewArray, LargeBinaryArray};
    use datafusion::arrow::datatypes::Int16Type;

    const WINDOWS: [Option<&[u8]>; 3] = [Some(&[1, 0, 2, 1]), None, Some(&[255, 255, 0, 128])];

    fn lists(column: ArrayRef) -> Vec<Option<Vec<i16>>> {
        let lists = as_lists(&column, SampleKind::Counts).unwrap();
        let lists = cast(&lists, &DataType::new_list(DataType::Int16, false)).unwrap();
        let rows = lists.as_list::<i32>().iter();
        rows.map(|row| row.map(|it| it.as_primitive::<Int16Type>().values().to_vec())).collect()
    }

    #[test]
    fn bytes_of_every_type_are_the_same_windows() {
        let fixed = FixedSizeBinaryArray::try_from_sparse_iter_with_size(WINDOWS.into_iter(), 4);
        let columns: [ArrayRef; 4] = [
            Arc::new(fixed.unwrap()),
            Arc::new(BinaryArray::from_iter(WINDOWS)),
            Arc::new(LargeBinaryArray::from_iter(WINDOWS)),
            Arc::new(BinaryViewArray::from_iter(WINDOWS)),
        ];
        let expected = [Some(vec![1, 258]), None, Some(vec![-1, i16::MIN])];
        for column in columns {
            assert_eq!(lists(Arc::clone(&column)), expected, "{}", column.data_type());
            assert_eq!(lists(column.slice(1, 2)), expected[1..], "{}", column.data_type());
        }
    }

    #[test]
    fn what_lies_between_two_values_is_copied() {
        let bytes = Buffer::from(&[0, 1, 0, 2, 1][..]).slice(1);
        let column = FixedSizeBinaryArray::new(4, bytes, None);
        assert_eq!(lists(Arc::new(column)), [Some(vec![1, 258])]);
    }

    #[test]
    fn half_a_value_is_refused() {
        let odd = BinaryArray::from_iter([Some(&[1, 0][..]), Some(&[1, 0, 2][..])]);
        let error = as_lists(&(Arc::new(odd) as ArrayRef), SampleKind::Counts).unwrap_err();
        let expected = "the window in row 1 has 3 bytes, which are not a whole number of Int16";
        assert!(error.to_string().contains(expected), "{error}");
    }
}
