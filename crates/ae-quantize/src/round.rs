//! Rounds weights so that the error of one column is made good by the columns not yet rounded.
//!
//! Source: Frantar et al., "GPTQ", arXiv 2210.17323, in the form of Babai's nearest plane. For a row
//! `w` and inputs with second-moment matrix `H = UᵀU` the loss is `|U (w − ŵ)|²`. Back substitution
//! finds the weights from the last to the first; each is rounded as soon as it is found, so those
//! that are found after it make its error good. The inputs that vary most are the last.

use rayon::prelude::*;

use crate::QuantizeError;
use crate::normal::Factored;
use crate::tile::{SIDE, solve, subtract, zeros};
use crate::watch::Progress;

/// Weight scales tried for a row, as shares of the scale that fits its largest weight.
pub(super) const SHARES: [f64; 9] = [1.0, 0.96, 0.92, 0.88, 0.84, 0.8, 0.74, 0.68, 0.6];

/// By how much the scale falls from one try to the next where the least of [`SHARES`] was the best:
/// one weight is so large that it is better clipped.
const FALL: f64 = 0.8;

/// Rows of [`SHARES`]' length that are tried below them, at most.
const MORE: usize = 6;

/// A row's integer weights, input after input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rounded {
    pub(super) weights: Vec<i8>,
    pub(super) scale: f64,
    pub(super) loss: f64,
}

/// A row at a scale to try.
#[derive(Clone, Copy)]
struct Try {
    output: usize,
    scale: f64,
    last: bool,
}

/// What a row needs beside its weights.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// The scale that fits the largest weight of an input that varies.
    pub(super) fitting: f64,
    /// The least scale that the bias allows.
    pub(super) least: f64,
}

/// Rounds all rows. The outputs are counted in units that are `units` times as large as those of
/// `factored`; limits and scales are in these units.
pub(super) fn round(
    factored: &Factored,
    units: &[f64],
    limits: &[Limits],
    progress: &mut Progress<'_, '_>,
) -> Result<Vec<Rounded>, QuantizeError> {
    let mut best: Vec<Option<Rounded>> = vec![None; limits.len()];
    let mut shares = SHARES;
    let mut open: Vec<usize> = (0..limits.len()).collect();
    for _ in 0..=MORE {
        let tries: Vec<Try> =
            open.iter().flat_map(|&output| tries(output, limits[output], &shares)).collect();
        // A bounded number at a time: their weights are in memory together.
        open.clear();
        let at_a_time = SIDE * (TRIED_BYTES / SIDE / factored.inputs()).max(8);
        for (part, some) in tries.chunks(at_a_time).enumerate() {
            let done = (part * at_a_time) as f64 / tries.len() as f64;
            let share = some.len() as f64 / tries.len() as f64;
            let found =
                try_all(factored, units, some, |within| progress.at(done + share * within))?;
            for (a_try, found) in some.iter().zip(found) {
                let best = &mut best[a_try.output];
                if best.as_ref().is_none_or(|best| found.loss < best.loss) {
                    *best = Some(found);
                    if a_try.last {
                        open.push(a_try.output);
                    }
                }
            }
        }
        let least = shares[SHARES.len() - 1];
        shares = std::array::from_fn(|place| least * FALL.powi(place as i32 + 1));
        if open.is_empty() {
            break;
        }
    }
    Ok(best.into_iter().map(|best| best.expect("every row was tried")).collect())
}

/// Bytes of weights that are tried together.
const TRIED_BYTES: usize = 1 << 26;

/// The scales to try, from the largest; none is tried twice.
fn tries(output: usize, limits: Limits, shares: &[f64]) -> Vec<Try> {
    let mut tries = Vec::with_capacity(shares.len());
    for (place, share) in shares.iter().enumerate() {
        let scale = (limits.fitting * share).max(limits.least);
        let least = scale == limits.least;
        tries.push(Try { output, scale, last: place + 1 == shares.len() && !least });
        if least {
            break;
        }
    }
    tries
}

fn try_all(
    factored: &Factored,
    units: &[f64],
    tries: &[Try],
    mut at: impl FnMut(f64) -> Result<(), QuantizeError>,
) -> Result<Vec<Rounded>, QuantizeError> {
    let limit = f64::from(ae_core::WEIGHT_LIMIT);
    let tiles = factored.tiles();
    struct Block<'t> {
        tries: &'t [Try],
        weights: Vec<[i8; SIDE]>,
        loss: [f64; SIDE],
    }
    let mut blocks: Vec<Block<'_>> = tries
        .chunks(SIDE)
        .map(|tries| Block { tries, weights: vec![[0; SIDE]; tiles * SIDE], loss: [0.0; SIDE] })
        .collect();
    for row in (0..tiles).rev() {
        let done = ((tiles - row) as f64 / tiles as f64).powi(2);
        at(done)?;
        blocks.par_iter_mut().for_each(|block| {
            let mut left = zeros(SIDE);
            for (place, a_try) in block.tries.iter().enumerate() {
                let unit = units[a_try.output] * a_try.scale;
                for (left, wanted) in left.iter_mut().zip(factored.wanted(row, a_try.output)) {
                    left[place] = wanted / unit;
                }
            }
            let mut settled = zeros(SIDE);
            for column in row + 1..tiles {
                let weights = &block.weights[column * SIDE..][..SIDE];
                for (settled, weights) in settled.iter_mut().zip(weights) {
                    *settled = weights.map(f64::from);
                }
                subtract(&mut left, factored.transposed(row, column), &settled);
            }
            let (weights, loss) = (&mut block.weights[row * SIDE..][..SIDE], &mut block.loss);
            solve(
                factored.diagonal(row),
                &mut left,
                #[inline(always)]
                |place, diagonal, values| {
                    for ((value, weight), loss) in
                        values.iter_mut().zip(&mut weights[place]).zip(loss.iter_mut())
                    {
                        let rounded = value.round().clamp(-limit, limit);
                        let error = (*value - rounded) * diagonal;
                        *loss += error * error;
                        *weight = rounded as i8;
                        *value = rounded;
                    }
                },
            );
        });
    }
    let rounded = blocks.par_iter().flat_map_iter(|block| {
        block.tries.iter().enumerate().map(|(place, a_try)| {
            let weights: Vec<i8> = block.weights.iter().map(|weights| weights[place]).collect();
            let unit = units[a_try.output];
            // Damping counts the distance to the fitted weights as well, and must not forbid to clip
            // the weight of an input that hardly varies.
            let distance: f64 = factored
                .fitted(a_try.output)
                .zip(&weights)
                .map(|(fitted, &weight)| (fitted / unit - f64::from(weight) * a_try.scale).powi(2))
                .sum();
            let loss =
                block.loss[place] * a_try.scale * a_try.scale - factored.damping() * distance;
            Rounded { weights: factored.in_order(&weights), scale: a_try.scale, loss }
        })
    });
    Ok(rounded.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moments::Integers;
    use crate::normal::tests::{factored, output};
    use crate::{sample, unwatched};

    fn rounded(factored: &Factored, limits: &[Limits]) -> Vec<Rounded> {
        let mut watch = unwatched;
        let units = vec![1.0; limits.len()];
        round(factored, &units, limits, &mut Progress::new(&mut watch, 1.0)).unwrap()
    }

    fn exactly(scale: f64) -> Limits {
        Limits { fitting: scale, least: scale }
    }

    /// Of the weights of a row that is rounded.
    fn weight(output: usize, input: usize) -> f64 {
        ((input * input * (output + 1)) % 23) as f64 / 11.0 - 1.0
    }

    #[test]
    fn without_correlation_it_rounds_to_nearest() {
        // Each input varies alone.
        let inputs = 4;
        let values: Vec<i8> = (0..2 * inputs)
            .flat_map(|sample| {
                let value = if sample < inputs { 100 } else { -100 };
                (0..inputs).map(move |input| if input == sample % inputs { value } else { 0 })
            })
            .collect();
        let integers = Integers { values: &values, inputs };
        let weight = |_, input: usize| [0.3, -1.27, 0.014, 0.635][input];
        let factored = factored(integers, 1, weight, output(integers, weight));
        assert_eq!(rounded(&factored, &[exactly(0.01)])[0].weights, [30, -127, 1, 64]);
        // What does not fit is clipped.
        assert_eq!(rounded(&factored, &[exactly(0.005)])[0].weights[1], -127);
    }

    #[test]
    fn with_correlation_it_loses_less_than_rounding_to_nearest() {
        let (inputs, outputs, scale) = (70, 20, 0.25);
        let values = sample::integers(400, inputs, 6);
        let integers = Integers { values: &values, inputs };
        let factored = factored(integers, outputs, weight, output(integers, weight));
        let found = rounded(&factored, &vec![exactly(scale); outputs]);
        let loss = |output: usize, weights: &dyn Fn(usize) -> f64| {
            let error = |input: usize| weight(output, input) - weights(input);
            let terms = (0..inputs * inputs).map(|at| {
                let (a, b) = (at / inputs, at % inputs);
                error(a) * error(b) * sample::covariance(integers, a, b)
            });
            terms.sum::<f64>()
        };
        let (mut spread, mut nearest) = (0.0, 0.0);
        for (output, row) in found.iter().enumerate() {
            let own = loss(output, &|input| f64::from(row.weights[input]) * scale);
            assert!((own - row.loss).abs() < 1e-6 * own, "{own} is told as {}", row.loss);
            spread += own;
            nearest += loss(output, &|input| (weight(output, input) / scale).round() * scale);
        }
        assert!(spread < 0.5 * nearest, "{spread} against {nearest}");
    }

    #[test]
    fn a_scale_is_chosen_that_loses_no_more_than_the_fitting_one() {
        let (inputs, outputs) = (70, 20);
        let values = sample::integers(400, inputs, 7);
        let integers = Integers { values: &values, inputs };
        let factored = factored(integers, outputs, weight, output(integers, weight));
        let fitting = 1.0 / 31.0;
        let fixed = rounded(&factored, &vec![exactly(fitting); outputs]);
        let limits = vec![Limits { fitting, least: 1e-9 }; outputs];
        let chosen = rounded(&factored, &limits);
        assert!(chosen.iter().zip(&fixed).all(|(chosen, fixed)| chosen.loss <= fixed.loss));
        assert!(chosen.iter().any(|row| row.scale < fitting));
    }

    #[test]
    fn inputs_that_never_vary_and_weights_that_are_zero_are_no_trouble() {
        let values = [5_i8; 12];
        let integers = Integers { values: &values, inputs: 3 };
        let factored = factored(integers, 1, |_, _| 0.0, |_, _| 0.0);
        let found = rounded(&factored, &[Limits { fitting: 0.0, least: 1e-9 }]);
        assert_eq!((&*found[0].weights, found[0].scale), (&[0, 0, 0][..], 1e-9));
    }
}
