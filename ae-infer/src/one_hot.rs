//! One-hot layers: which sum is the largest, and what that makes of the outputs.

/// The largest of the sums seen so far, the first of equal ones.
#[derive(Clone, Copy)]
pub(crate) struct Largest<S> {
    best: Option<(usize, S)>,
}

impl<S: PartialOrd> Largest<S> {
    /// No sum seen yet.
    pub(crate) const NONE: Self = Self { best: None };

    /// Sees the sum of an output. A sum that is not a number is larger than none.
    #[inline(always)]
    pub(crate) fn see(&mut self, output: usize, sum: S) {
        if self.best.as_ref().is_none_or(|(_, best)| sum > *best) {
            self.best = Some((output, sum));
        }
    }

    /// The output of the largest sum.
    pub(crate) fn place(self) -> usize {
        self.best.map_or(0, |(place, _)| place)
    }
}

/// The byte of the i8 where the sum is the largest, 127, and elsewhere, −128.
const HOT: u8 = 0x7f;
/// See [`HOT`].
const COLD: u8 = 0x80;

/// The outputs of a layer of the int8 contract, the bytes of i8.
#[inline(never)]
pub(crate) fn mark(place: usize, y: &mut [u8]) {
    // Not `fill`: a program that fills nothing else needs no `memset` for this.
    for (output, y) in y.iter_mut().enumerate() {
        *y = if output == place { HOT } else { COLD };
    }
}

/// Replaces all sums of a layer by 1 where the sum is the largest, the first of equal ones, and by 0
/// elsewhere. A sum that is not a number is larger than none; if it is the first, none is larger.
///
/// ```
/// let mut sums = [-1.0, 7.5, 7.5, 2.0];
/// ae_infer::one_hot(&mut sums);
/// assert_eq!(sums, [0.0, 1.0, 0.0, 0.0]);
/// ```
pub fn one_hot(sums: &mut [f32]) {
    let mut largest = Largest::NONE;
    sums.iter().enumerate().for_each(|(output, sum)| largest.see(output, *sum));
    sums.fill(0.0);
    sums.iter_mut().skip(largest.place()).take(1).for_each(|sum| *sum = 1.0);
}
