//! The function after each hidden layer, as configurations name it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ModelError;

/// The function after each hidden layer, applied value by value.
///
/// ```
/// # use ae_model::Activation;
/// assert_eq!("gelu".parse::<Activation>().unwrap(), Activation::Gelu);
/// assert_eq!(Activation::Relu.to_string(), "relu");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x·Φ(x)`, where Φ is the distribution function of the standard normal
    /// (the exact form with `erf`, not the one with `tanh`).
    Gelu,
    /// `x / (1 + exp(−x))`, also called swish.
    Silu,
}

impl Activation {
    /// Every activation, in the order in which help texts list them.
    pub const ALL: [Self; 3] = [Self::Relu, Self::Gelu, Self::Silu];

    /// The name in configuration files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
        }
    }
}

impl From<Activation> for ae_core::Activation {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Relu => Self::Relu,
            Activation::Gelu => Self::Gelu,
            Activation::Silu => Self::Silu,
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Activation {
    type Err = ModelError;

    fn from_str(name: &str) -> Result<Self, ModelError> {
        Self::ALL
            .into_iter()
            .find(|activation| activation.name() == name)
            .ok_or_else(|| ModelError::UnknownActivation { found: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_through_text_and_serde() {
        for activation in Activation::ALL {
            assert_eq!(activation.name().parse::<Activation>().unwrap(), activation);
            let json = serde_json::to_string(&activation).unwrap();
            assert_eq!(json, format!("\"{activation}\""));
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let message = "swish".parse::<Activation>().unwrap_err().to_string();
        assert!(message.contains("swish") && message.contains("gelu"), "{message}");
    }
}
