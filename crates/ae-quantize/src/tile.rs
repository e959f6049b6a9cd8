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
