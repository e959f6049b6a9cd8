//! A dense layer as plain numbers, for export.

/// `y = weights · x + bias` in f32.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseF32 {
    /// Length of `x`.
    pub inputs: usize,
    /// Length of `y`.
    pub outputs: usize,
    /// Row-major `[outputs][inputs]`.
    pub weights: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}
