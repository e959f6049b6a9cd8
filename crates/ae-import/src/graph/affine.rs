//! Sums and products with constants.

use crate::Operation;

use super::{Chain, Constant, Refusal, Understood};

/// What is done with a value and a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// The last value with a constant, which may stand on the left.
pub(crate) fn arithmetic(
    what: Arithmetic,
    constant_first: bool,
    constant: &Constant<'_>,
    chain: &mut Chain,
) -> Understood<Operation> {
    let values = per_channel(constant, chain)?;
    let all = |number: f32| vec![number; values.len()];
    let (factor, shift) = match (what, constant_first) {
        (Arithmetic::Add, _) => (all(1.0), values),
        (Arithmetic::Subtract, false) => (all(1.0), values.iter().map(|value| -value).collect()),
        (Arithmetic::Subtract, true) => (all(-1.0), values),
        (Arithmetic::Multiply, _) => (values.clone(), all(0.0)),
        (Arithmetic::Divide, false) => (values.iter().map(|value| 1.0 / value).collect(), all(0.0)),
        (Arithmetic::Divide, true) => {
            return Err(Refusal::new(
                "a constant is divided by what comes in",
                "only products and sums with constants can be imported",
            ));
        }
    };
    if !factor.iter().chain(&shift).all(|number| number.is_finite()) {
        return Err(Refusal::new(
            "its constant gives a number that is not finite",
            "replace the constant in the model",
        ));
    }
    Ok(Operation::Affine { factor, shift })
}

/// A constant's numbers, one or one for each channel of the last value.
pub(crate) fn per_channel(constant: &Constant<'_>, chain: &mut Chain) -> Understood<Vec<f32>> {
    if constant.count() != 1 {
        let rank = chain.shape.len();
        // As the formats do, dimensions are compared from the last one on.
        let behind = rank.saturating_sub(chain.channel_axis()).saturating_sub(1);
        let mut dims = constant.dims().iter().rev();
        let small = dims.by_ref().take(behind).all(|dim| *dim == 1);
        let channels = dims.next();
        let fits = match chain.shape.get(chain.channel_axis()).copied().flatten() {
            Some(known) => channels == Some(&known),
            None => channels == Some(&constant.count()),
        };
        if !small || !fits || dims.any(|dim| *dim != 1) {
            return Err(Refusal::new(
                format!(
                    "its constant of {:?} numbers has another one for each place or does not fit \
                     the channels",
                    constant.dims()
                ),
                "a constant must be one number, or one for each channel",
            ));
        }
    }
    chain.limits.take(constant.count().saturating_mul(2))?;
    constant.all_reals()
}
