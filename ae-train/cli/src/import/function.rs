//! Functions by their names.

use ae_import::Function;
use clap::ValueEnum;

/// `--activation` and `--output-activation`. The numbers are those that PyTorch takes where none is
/// given.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FunctionName {
    Relu,
    Relu6,
    /// With a slope of 0.01.
    LeakyRelu,
    /// With a factor of 1.
    Elu,
    Sigmoid,
    Tanh,
    /// With the error function.
    Gelu,
    Silu,
    Softplus,
}

impl FunctionName {
    /// As the option takes it.
    pub(super) fn name(&self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl From<FunctionName> for Function {
    fn from(name: FunctionName) -> Self {
        match name {
            FunctionName::Relu => Self::Relu,
            FunctionName::Relu6 => Self::Relu6,
            FunctionName::LeakyRelu => Self::LeakyRelu(0.01),
            FunctionName::Elu => Self::Elu(1.0),
            FunctionName::Sigmoid => Self::Sigmoid,
            FunctionName::Tanh => Self::Tanh,
            FunctionName::Gelu => Self::Gelu,
            FunctionName::Silu => Self::Silu,
            FunctionName::Softplus => Self::Softplus,
        }
    }
}
