//! The lists of a column, read where they lie.

use std::ops::Range;

use ae_core::Samples;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, Float32Array, Int16Array, UInt8Array,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::DataType;

use crate::bytes::is_bytes;
use crate::error::FunctionError;

/// The types that a sample may have.
const LISTS: &str = "a list of UInt8, Int16 or Float32";
/// The types that a window may have.
const WINDOWS: &str = "a list of UInt8, Int16 or Float32, or bytes";

/// A column of lists: windows, or samples.
#[derive(Debug)]
pub(crate) struct Lists<'a> {
    values: Samples<'a>,
    /// Which values are NULL.
    null_values: Option<&'a NullBuffer>,
    /// Which lists are.
    nulls: Option<&'a NullBuffer>,
    places: Places<'a>,
}

/// Where a list's values are.
#[derive(Debug)]
enum Places<'a> {
    /// All as long, one after the other.
    Fixed(usize),
    /// From each of these to the next.
    Offsets(&'a [i32]),
    /// The same of a `LargeList`.
    LargeOffsets(&'a [i64]),
}

/// Whether a list of this type is one of values that a model may take.
pub(crate) fn is_list(of: &DataType) -> bool {
    use DataType::{FixedSizeList, Float32, Int16, LargeList, List, UInt8};
    let (List(field) | LargeList(field) | FixedSizeList(field, _)) = of else { return false };
    matches!(field.data_type(), UInt8 | Int16 | Float32)
}

/// Refuses a type that is none of lists, by name.
pub(crate) fn check_list(
    function: &'static str,
    argument: &'static str,
    found: &DataType,
) -> Result<(), FunctionError> {
    // The type of a NULL without more.
    if is_list(found) || *found == DataType::Null {
        return Ok(());
    }
    let found = found.clone();
    Err(FunctionError::Argument { function, argument, expected: LISTS, found })
}

/// Refuses a type that no window has, by name.
pub(crate) fn check_window(function: &'static str, found: &DataType) -> Result<(), FunctionError> {
    if is_list(found) || is_bytes(found) || *found == DataType::Null {
        return Ok(());
    }
    let (argument, found) = ("window", found.clone());
    Err(FunctionError::Argument { function, argument, expected: WINDOWS, found })
}

impl<'a> Lists<'a> {
    /// The lists of a column; `None` where all are NULL, by their type.
    pub(crate) fn of(
        function: &'static str,
        argument: &'static str,
        column: &'a ArrayRef,
    ) -> Result<Option<Self>, FunctionError> {
        check_list(function, argument, column.data_type())?;
        let (values, places) = match column.data_type() {
            DataType::FixedSizeList(..) => {
                let lists = column.as_fixed_size_list();
                // A slice of the column is one of the values.
                (lists.values(), Places::Fixed(lists.value_length().unsigned_abs() as usize))
            }
            DataType::List(_) => {
                let lists = column.as_list::<i32>();
                (lists.values(), Places::Offsets(lists.value_offsets()))
            }
            DataType::LargeList(_) => {
                let lists = column.as_list::<i64>();
                (lists.values(), Places::LargeOffsets(lists.value_offsets()))
            }
            _ => return Ok(None),
        };
        let samples = if let Some(pixels) = values.as_any().downcast_ref::<UInt8Array>() {
            Samples::Pixels(pixels.values())
        } else if let Some(counts) = values.as_any().downcast_ref::<Int16Array>() {
            Samples::Counts(counts.values())
        } else if let Some(reals) = values.as_any().downcast_ref::<Float32Array>() {
            Samples::Values(reals.values())
        } else {
            return Ok(None);
        };
        let null_values = values.nulls().filter(|nulls| nulls.null_count() > 0);
        Ok(Some(Self { values: samples, null_values, nulls: column.nulls(), places }))
    }

    /// The values of all lists.
    pub(crate) const fn values(&self) -> Samples<'a> {
        self.values
    }

    /// Whether the list in a row is NULL.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls.is_null(row))
    }

    /// Where the values of a row's list are among all; `None` where the list is NULL.
    ///
    /// # Errors
    /// A value is NULL.
    pub(crate) fn range(&self, row: usize) -> Result<Option<Range<usize>>, FunctionError> {
        if self.is_null(row) {
            return Ok(None);
        }
        let at = |offset: usize| match self.places {
            Places::Fixed(len) => len * offset,
            // Offsets are checked by Arrow: they rise from 0 or more.
            Places::Offsets(offsets) => offsets[offset].unsigned_abs() as usize,
            Places::LargeOffsets(offsets) => offsets[offset].unsigned_abs() as usize,
        };
        let range = at(row)..at(row + 1);
        let has_null = |nulls: &NullBuffer| nulls.slice(range.start, range.len()).null_count() > 0;
        if self.null_values.is_some_and(has_null) {
            return Err(FunctionError::NullValue { row });
        }
        Ok(Some(range))
    }
}
