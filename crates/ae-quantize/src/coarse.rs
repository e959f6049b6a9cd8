//! Names the channels in which one weight is so large that rounding loses the others.

use std::fmt;

use crate::moments::Spread;
use crate::normal::Factored;

/// The least share that [`Coarse::find`] names. Ordinary channels lose a few thousandths.
const NAMED: f64 = 0.1;

/// A channel in which the weight of one input sets so coarse a scale that rounding loses much of
/// what the other inputs give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coarse {
    /// Counted through encoder and decoder, from 0.
    pub layer: usize,
    /// The layer's output, from 0, as the network counts.
    pub channel: usize,
    /// The input with the large weight, from 0, as the network counts.
    pub input: usize,
    /// Squared error of rounding, as a share of what the other inputs' terms vary.
    pub lost: f64,
}

impl Coarse {
    /// The output at this place, if its rounding, which lost so much in units of `unit`, lost much.
    /// Layer and channels are those of the quantiser's order.
    pub(super) fn find(
        factored: &Factored,
        spread: &Spread,
        output: usize,
        loss: f64,
        unit: f64,
    ) -> Option<Self> {
        let terms = factored
            .fitted_of_inputs(output)
            .map(|(input, weight)| (input, (weight / unit).powi(2), spread.variance[input]))
            .filter(|&(_, _, variance)| variance > 0.0);
        let (mut input, mut largest, mut largest_term, mut sum) = (0, 0.0, 0.0, 0.0);
        for (at, square, variance) in terms {
            if square > largest {
                (input, largest, largest_term) = (at, square, square * variance);
            }
            sum += square * variance;
        }
        let others = sum - largest_term;
        let lost = loss.max(0.0) / others;
        (others > 0.0 && lost >= NAMED).then_some(Self { layer: 0, channel: output, input, lost })
    }
}

impl fmt::Display for Coarse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layer, channel, input, lost } = self;
        write!(
            f,
            "layer {layer}, channel {channel}: the weight of input {input} is so large that rounding loses {:.0} % of what the other inputs give",
            (100.0 * lost).min(100.0)
        )
    }
}
