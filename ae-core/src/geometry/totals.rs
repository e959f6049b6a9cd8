//! Sums over layers.

use super::Geometry;

/// Sums over the layers of a part or a model. They saturate.
///
/// ```
/// use ae_core::{Geometry, Totals};
///
/// let widths = [784, 256, 128, 20, 128, 256, 784];
/// let totals = Totals::of(widths.windows(2).map(|pair| Geometry::dense(pair[0], pair[1])));
/// assert_eq!(totals.parameters, 473_636);
/// assert_eq!(totals.multiply_adds, 472_064);
/// assert_eq!(totals.outputs, 1572);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Weights and biases.
    pub parameters: u64,
    /// Products that are added up to compute every layer once.
    pub multiply_adds: u64,
    /// Values that the layers give, hidden ones too.
    pub outputs: u64,
}

impl Totals {
    /// The sums over `layers`.
    #[must_use]
    pub fn of(layers: impl IntoIterator<Item = Geometry>) -> Self {
        layers.into_iter().fold(Self::default(), Self::with)
    }

    /// These sums and those of one more layer.
    #[must_use]
    pub const fn with(self, layer: Geometry) -> Self {
        Self {
            parameters: self.parameters.saturating_add(layer.parameters()),
            multiply_adds: self.multiply_adds.saturating_add(layer.multiply_adds()),
            outputs: self.outputs.saturating_add(layer.outputs() as u64),
        }
    }
}
