//! What the encoder's last layer makes of its sums.

use serde::{Deserialize, Serialize};

/// What the encoder's last layer makes of its sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The sums are the latent values.
    #[default]
    Linear,
    /// 1 where the sum is the largest, the first of equal ones, and 0 elsewhere: the decoder has one
    /// reconstruction for each latent value, a prototype. So the model is one of vector quantisation.
    OneHot,
}

impl Code {
    /// Whether it is what configurations are taken to say that say nothing.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Code> for ae_core::Activation {
    fn from(code: Code) -> Self {
        match code {
            Code::Linear => Self::Identity,
            Code::OneHot => Self::OneHot,
        }
    }
}
