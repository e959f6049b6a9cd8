//! One dense layer as plain numbers.

/// One dense layer as plain numbers: `y[o] = bias[o] + Σ weights[o][i]·x[i]`.
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
}
