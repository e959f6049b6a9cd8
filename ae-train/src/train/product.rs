//! Matrix products on slices.
//!
//! Burn's product gives each result memory of its own. A convolution multiplies many small matrices
//! one after the other, into memory that is there; so it calls the library that Burn calls.

#![allow(unsafe_code, reason = "the library takes pointers and strides")]

use gemm::Parallelism;

/// A matrix in a slice: rows of values, or columns of them.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// One whose rows of so many columns lie one after the other.
    ///
    /// # Panics
    ///
    /// When the last row is not whole.
    pub(super) fn new(values: &'a [f32], columns: usize) -> Self {
        let rows = values.len() / columns;
        assert_eq!(rows * columns, values.len(), "the last row is whole");
        Self { values, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// The transposed matrix, of the same values.
    pub(super) fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }
}

/// Puts `a · b` into `product`, row after row; or adds it, if `add` says so. It stays on the thread
/// that calls.
///
/// # Panics
///
/// When the sizes do not fit.
pub(super) fn multiply(a: Matrix<'_>, b: Matrix<'_>, product: &mut [f32], add: bool) {
    assert_eq!(a.columns, b.rows, "columns of the first and rows of the second matrix");
    assert_eq!(product.len(), a.rows * b.columns, "values of the product");
    let stride = |stride: usize| stride as isize;
    // SAFETY: a matrix has `rows · columns` values, as `new` checks, and its strides are those of
    // rows that lie one after the other or of their transposed matrix, so every element that the
    // sizes given here name is in its slice. `product` has room for all of its own, and cannot
    // overlap with the others since it is borrowed for change.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            product.as_mut_ptr(),
            1,
            stride(b.columns),
            add,
            a.values.as_ptr(),
            stride(a.column_stride),
            stride(a.row_stride),
            b.values.as_ptr(),
            stride(b.column_stride),
            stride(b.row_stride),
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(count: usize, salt: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 7 + salt) % 11) as f32 - 5.0).collect()
    }

    #[test]
    fn products_of_whole_numbers_are_exact_at_any_size_and_orientation() {
        for (rows, inner, columns) in [(1, 1, 1), (5, 3, 7), (40, 9, 1), (1, 72, 33), (9, 600, 16)]
        {
            let (a, b) = (values(rows * inner, 1), values(inner * columns, 2));
            let exact = |r: usize, c: usize| -> f32 {
                (0..inner).map(|i| a[r * inner + i] * b[i * columns + c]).sum()
            };
            let expected: Vec<f32> = (0..rows)
                .flat_map(|r| (0..columns).map(move |c| (r, c)))
                .map(|(r, c)| exact(r, c))
                .collect();
            let mut found = vec![f32::NAN; rows * columns];
            multiply(Matrix::new(&a, inner), Matrix::new(&b, columns), &mut found, false);
            assert_eq!(found, expected);
            // Of transposed copies, added to what is there.
            let turned = |values: &[f32], columns: usize| -> Vec<f32> {
                let column = |c: usize| values.iter().skip(c).step_by(columns).copied();
                (0..columns).flat_map(column).collect()
            };
            let (a, b) = (turned(&a, inner), turned(&b, columns));
            let (a, b) = (Matrix::new(&a, rows).transposed(), Matrix::new(&b, inner).transposed());
            multiply(a, b, &mut found, true);
            let doubled: Vec<f32> = expected.iter().map(|value| 2.0 * value).collect();
            assert_eq!(found, doubled);
        }
    }

    #[test]
    #[should_panic(expected = "columns of the first and rows of the second matrix")]
    fn matrices_that_do_not_fit_are_refused() {
        multiply(Matrix::new(&[0.0; 6], 3), Matrix::new(&[0.0; 6], 3), &mut [0.0; 6], false);
    }
}
