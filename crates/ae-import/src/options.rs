//! What a file does not say.

use crate::Function;

/// What a file does not say, and its user does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// The function behind each hidden layer of a file that holds weights alone.
    pub activation: Option<Function>,
    /// The function behind the last layer of such a file; none where it is not said.
    pub output_activation: Option<Function>,
    /// The width of the layer in the middle of such a file, which has no function behind it.
    pub latent: Option<usize>,
}
