//! What layers of the f32 contract read and write.

use crate::f32::Outcome;
use crate::values;

/// What goes into a layer. The pixel `p` stands for `p / 255`.
pub(crate) type Source<'x> = values::Source<'x, f32>;

/// Where a layer's values go.
pub(crate) type Sink<'y> = values::Sink<'y, f32>;

impl Source<'_> {
    /// Fills `reals` with the values from `from` on.
    #[inline(never)]
    pub(super) fn read(&self, from: usize, reals: &mut [f32]) {
        match self {
            Self::Pixels(x) => {
                let x = x.get(from..).unwrap_or_default();
                reals.iter_mut().zip(x).for_each(|(real, x)| *real = f32::from(*x) / 255.0);
            }
            Self::Elements(x) => {
                let x = x.get(from..).unwrap_or_default();
                reals.iter_mut().zip(x).for_each(|(real, x)| *real = *x);
            }
        }
    }

    /// A value.
    pub(super) fn at(&self, place: usize) -> f32 {
        let mut real = [0.0];
        self.read(place, &mut real);
        let [real] = real;
        real
    }
}

impl Sink<'_> {
    /// Writes values to the places from `from` on.
    #[inline(never)]
    pub(super) fn write(&mut self, from: usize, reals: &[f32]) {
        match self {
            Self::Pixels(y) => {
                let y = y.get_mut(from..).unwrap_or_default();
                y.iter_mut().zip(reals).for_each(|(y, real)| *y = Outcome::from_real(*real));
            }
            Self::Elements(y) => {
                let y = y.get_mut(from..).unwrap_or_default();
                y.iter_mut().zip(reals).for_each(|(y, real)| *y = *real);
            }
        }
    }
}
