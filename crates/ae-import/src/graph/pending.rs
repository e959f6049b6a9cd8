//! Operators that are a part of another one, which comes behind them.

use super::Refusal;

/// What waits for the operator that it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pending {
    /// Zeros around a map: above, left; below, right.
    Pad { before: [usize; 2], after: [usize; 2] },
    /// Places taken apart into the batch, so that a convolution reads every `dilation`-th.
    Apart { dilation: [usize; 2], before: [usize; 2], after: [usize; 2] },
    /// The convolution is there, and the places are not yet back.
    Read { dilation: [usize; 2] },
    /// Values repeated along a new dimension, which the next reshaping joins to the one before it.
    Repeated,
    /// The first parts of `ln(1 + exp(x))`: how many there were.
    Softplus(usize),
    /// The first parts of `x · (1 + erf(x / √2)) / 2`: how many there were, and which value x is.
    Gelu { parts: usize, of: usize },
}

impl Pending {
    /// Why it cannot be left as it is, and what can be done.
    pub(super) fn refused(&self) -> Refusal {
        let (reason, mend) = match self {
            Self::Pad { .. } => (
                "it takes a padded map, and only a convolution can",
                "put the padding directly before a convolution, or into it",
            ),
            Self::Apart { .. } | Self::Read { .. } => (
                "it takes places that were put into the batch, and only a convolution can",
                "use the dilation of a convolution",
            ),
            Self::Repeated => (
                "it takes repeated values that were not joined to a longer dimension",
                "use upsampling that repeats each place",
            ),
            Self::Gelu { .. } => (
                "it takes a part of x · (1 + erf(x / √2)) / 2, and is not the next part",
                "use GELU as one operator, or another activation",
            ),
            Self::Softplus(_) => (
                "it takes a part of ln(1 + exp(x)), and is not the next part",
                "use softplus, or another activation",
            ),
        };
        Refusal::new(reason, mend)
    }
}
