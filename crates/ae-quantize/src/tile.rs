//! Square tiles of a matrix, and the one product that all the work on them is made of.
//!
//! Every element of a product is summed in one order, and no product is fused with its sum. So the
//! bits are the same with any number of threads, and with any width of vectors: which of them a
//! processor has is found when the program runs.

use pulp::{Arch, NullaryFnOnce};

/// Rows and columns of a tile.
pub(super) const SIDE: usize = 64;

/// Rows of [`SIDE`] values: a tile if there are as many rows.
pub(super) type Rows<T> = Vec<[T; SIDE]>;

/// What tiles are made of.
pub(super) trait Number:
    Copy
    + Default
    + Send
    + Sync
    + std::ops::Mul<Output = Self>
    + std::ops::Add<Output = Self>
    + std::ops::Sub<Output = Self>
{
}

impl Number for f32 {}
impl Number for f64 {}

/// Zeros.
pub(super) fn zeros<T: Number>(rows: usize) -> Rows<T> {
    vec![[T::default(); SIDE]; rows]
}

/// `c += aᵀ · b`, where `a` and `b` have as many rows.
pub(super) fn add_f32(c: &mut [[f32; SIDE]], a: &[[f32; SIDE]], b: &[[f32; SIDE]]) {
    Arch::new().dispatch(Product::<_, 16, false> { c, a, b });
}

/// `c += aᵀ · b`, where `a` and `b` have as many rows.
pub(super) fn add(c: &mut [[f64; SIDE]], a: &[[f64; SIDE]], b: &[[f64; SIDE]]) {
    Arch::new().dispatch(Product::<_, 8, false> { c, a, b });
}

/// `c −= aᵀ · b`, where `a` and `b` have as many rows.
pub(super) fn subtract(c: &mut [[f64; SIDE]], a: &[[f64; SIDE]], b: &[[f64; SIDE]]) {
    Arch::new().dispatch(Product::<_, 8, true> { c, a, b });
}

struct Product<'t, T, const LANES: usize, const MINUS: bool> {
    c: &'t mut [[T; SIDE]],
    a: &'t [[T; SIDE]],
    b: &'t [[T; SIDE]],
}

/// Rows of `c` whose sums stay in registers together.
const HEIGHT: usize = 4;

impl<T: Number, const LANES: usize, const MINUS: bool> NullaryFnOnce
    for Product<'_, T, LANES, MINUS>
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { c, a, b } = self;
        for (band, c) in c.chunks_exact_mut(HEIGHT).enumerate() {
            for first in (0..SIDE).step_by(LANES) {
                let mut sums = [[T::default(); LANES]; HEIGHT];
                for (sums, c) in sums.iter_mut().zip(c.iter()) {
                    sums.copy_from_slice(&c[first..first + LANES]);
                }
                for (a, b) in a.iter().zip(b) {
                    let a: &[T; HEIGHT] = a[band * HEIGHT..][..HEIGHT].try_into().expect("a band");
                    let b: &[T; LANES] = b[first..][..LANES].try_into().expect("lanes");
                    for row in 0..HEIGHT {
                        for lane in 0..LANES {
                            let product = a[row] * b[lane];
                            let sum = &mut sums[row][lane];
                            *sum = if MINUS { *sum - product } else { *sum + product };
                        }
                    }
                }
                for (sums, c) in sums.iter().zip(c.iter_mut()) {
                    c[first..first + LANES].copy_from_slice(sums);
                }
            }
        }
    }
}

/// The upper factor U of a tile `UᵀU`, in its place; what is below the diagonal stays.
pub(super) fn factor(tile: &mut [[f64; SIDE]]) {
    for row in 0..SIDE {
        // Damping keeps it above 0, but for rounding.
        let pivot = tile[row][row].max(f64::MIN_POSITIVE).sqrt();
        tile[row].iter_mut().skip(row).for_each(|value| *value /= pivot);
        let (above, below) = tile.split_at_mut(row + 1);
        let pivots = &above[row];
        for (below, target) in below.iter_mut().enumerate() {
            let factor = pivots[row + 1 + below];
            for (value, pivot) in target.iter_mut().zip(pivots) {
                *value -= factor * pivot;
            }
        }
    }
}

/// Solves `UᵀX = tile` for X, in its place.
pub(super) fn solve_transposed(upper: &[[f64; SIDE]], tile: &mut [[f64; SIDE]]) {
    Arch::new().dispatch(SolveTransposed { upper, tile });
}

struct SolveTransposed<'t> {
    upper: &'t [[f64; SIDE]],
    tile: &'t mut [[f64; SIDE]],
}

impl NullaryFnOnce for SolveTransposed<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (row, upper) in self.upper.iter().enumerate() {
            let (done, rest) = self.tile.split_at_mut(row + 1);
            let solved = &mut done[row];
            solved.iter_mut().for_each(|value| *value /= upper[row]);
            for (rest, factor) in rest.iter_mut().zip(&upper[row + 1..]) {
                for (value, solved) in rest.iter_mut().zip(solved.iter()) {
                    *value -= factor * solved;
                }
            }
        }
    }
}

/// Solves `UX = tile` for X from the last row on, in its place. `settle` sees each row as soon as
/// it is found, with U's diagonal, and may change it before the rows above are found.
pub(super) fn solve(
    upper: &[[f64; SIDE]],
    tile: &mut [[f64; SIDE]],
    settle: impl FnMut(usize, f64, &mut [f64; SIDE]),
) {
    Arch::new().dispatch(Solve { upper, tile, settle });
}

struct Solve<'t, F> {
    upper: &'t [[f64; SIDE]],
    tile: &'t mut [[f64; SIDE]],
    settle: F,
}

impl<F: FnMut(usize, f64, &mut [f64; SIDE])> NullaryFnOnce for Solve<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        for row in (0..SIDE).rev() {
            let (above, rest) = self.tile.split_at_mut(row);
            let (solved, diagonal) = (&mut rest[0], self.upper[row][row]);
            solved.iter_mut().for_each(|value| *value /= diagonal);
            (self.settle)(row, diagonal, solved);
            for (above, upper) in above.iter_mut().zip(self.upper) {
                for (value, solved) in above.iter_mut().zip(solved.iter()) {
                    *value -= upper[row] * solved;
                }
            }
        }
    }
}

/// Rows become columns.
pub(super) fn transpose(tile: &mut [[f64; SIDE]]) {
    for row in 1..SIDE {
        let (above, below) = tile.split_at_mut(row);
        for (column, above) in above.iter_mut().enumerate() {
            std::mem::swap(&mut above[row], &mut below[0][column]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{random, unit};

    fn rows(count: usize, seed: u64) -> Rows<f64> {
        let random = &mut random(seed);
        (0..count).map(|_| std::array::from_fn(|_| unit(random))).collect()
    }

    /// `c ± aᵀ · b`, row after row of `a` and `b`: the order that the kernels keep.
    fn product(c: &Rows<f64>, a: &Rows<f64>, b: &Rows<f64>, sign: f64) -> Rows<f64> {
        let mut c = c.clone();
        for (row, values) in c.iter_mut().enumerate() {
            for (column, value) in values.iter_mut().enumerate() {
                a.iter().zip(b).for_each(|(a, b)| *value += sign * (a[row] * b[column]));
            }
        }
        c
    }

    #[test]
    fn products_are_summed_in_the_order_of_the_rows_to_the_last_bit() {
        for count in [0, 1, 7, SIDE, 200] {
            let (a, b, c) = (rows(count, 1), rows(count, 2), rows(SIDE, 3));
            let (mut sum, mut difference) = (c.clone(), c.clone());
            add(&mut sum, &a, &b);
            subtract(&mut difference, &a, &b);
            assert!(sum == product(&c, &a, &b, 1.0), "{count} rows");
            assert!(difference == product(&c, &a, &b, -1.0), "{count} rows");
        }
    }

    #[test]
    fn integers_are_summed_exactly_in_32_bits() {
        let whole = |seed| -> Rows<f64> {
            rows(500, seed).iter().map(|row| row.map(|value| (value * 128.0).round())).collect()
        };
        let narrow = |rows: &Rows<f64>| -> Rows<f32> {
            rows.iter().map(|row| row.map(|value| value as f32)).collect()
        };
        let (a, b) = (whole(4), whole(5));
        let mut sums = zeros(SIDE);
        add_f32(&mut sums, &narrow(&a), &narrow(&b));
        assert!(sums == narrow(&product(&zeros(SIDE), &a, &b, 1.0)));
    }

    #[test]
    fn a_factor_solves_the_tile_that_it_was_made_of() {
        let a = rows(SIDE + 9, 6);
        let mut tile = product(&zeros(SIDE), &a, &a, 1.0);
        let matrix = tile.clone();
        factor(&mut tile);
        let wanted = rows(SIDE, 7);
        let mut found = wanted.clone();
        solve_transposed(&tile, &mut found);
        let mut order = Vec::new();
        solve(&tile, &mut found, |row, diagonal, _| order.push((row, diagonal)));
        let back = product(&zeros(SIDE), &matrix, &found, 1.0);
        let errors = back.iter().flatten().zip(wanted.iter().flatten());
        let worst = errors.fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 1e-8, "{worst}");
        let expected: Vec<_> = (0..SIDE).rev().map(|row| (row, tile[row][row])).collect();
        assert_eq!(order, expected);
    }

    #[test]
    fn what_is_settled_counts_for_the_rows_above() {
        let mut upper = zeros(SIDE);
        upper.iter_mut().enumerate().for_each(|(row, values)| values[row] = 1.0);
        upper[0][1] = 0.7;
        let mut found = zeros(SIDE);
        (found[0], found[1]) = ([1.0; SIDE], [0.6; SIDE]);
        solve(&upper, &mut found, |_, _, values| {
            values.iter_mut().for_each(|value| *value = value.round());
        });
        // 1 − 0.7 · 1 is rounded to 0; with 0.6, before it was settled, it would be 1.
        assert_eq!((found[0], found[1]), ([0.0; SIDE], [1.0; SIDE]));
    }

    #[test]
    fn rows_become_columns() {
        let tile = rows(SIDE, 8);
        let mut turned = tile.clone();
        transpose(&mut turned);
        assert!(
            (0..SIDE).all(|row| (0..SIDE).all(|column| turned[row][column] == tile[column][row]))
        );
    }
}
