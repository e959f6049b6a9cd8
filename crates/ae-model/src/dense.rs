//! One dense layer as plain numbers.

use ae_core::{Activation, Geometry};

/// One dense layer as plain numbers: `y[o]` is what the activation makes of the sum
/// `bias[o] + Σ weights[o][i]·x[i]`.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseF32 {
    /// Values that go in.
    pub inputs: usize,
    /// Values that come out.
    pub outputs: usize,
    /// `outputs` rows of `inputs` weights, row-major.
    pub weights: Vec<f32>,
    /// One bias an output.
    pub bias: Vec<f32>,
    /// What is made of the sums. Behind an encoder's last layer it is nothing (`Identity`), and its
    /// sums are the latent values; or the largest is marked (`OneHot`), of prototypes.
    pub activation: Activation,
}

impl DenseF32 {
    /// Its kind and its sizes.
    #[must_use]
    pub fn geometry(&self) -> Geometry {
        Geometry::dense(self.inputs, self.outputs)
    }
}
