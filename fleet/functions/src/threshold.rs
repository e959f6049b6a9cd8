//! `ae_threshold`: the conformal threshold of a group of scores.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, UInt64Type};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, ColumnarValue, Signature, Volatility,
};
use datafusion::physical_expr::PhysicalExpr;

use crate::error::FunctionError;

const NAME: &str = "ae_threshold";
const MILLION: u32 = 1_000_000;

/// A probability in parts per million, which is as fine as blobs have it.
pub(crate) fn ppm(
    function: &'static str,
    argument: &'static str,
    probability: f64,
) -> Result<u32, FunctionError> {
    let millionths = probability * f64::from(MILLION);
    let rounded = millionths.round();
    let is_whole = (millionths - rounded).abs() <= 1e-6;
    if !is_whole || !(1.0..f64::from(MILLION)).contains(&rounded) {
        let expected = "above 0 and below 1, in steps of one millionth";
        let found = probability.to_string();
        return Err(FunctionError::Constant { function, argument, expected, found });
    }
    Ok(rounded as u32)
}

/// The type that scores are read as.
pub(crate) fn score_type(function: &'static str, found: &DataType) -> Result<DataType> {
    if found.is_integer() || *found == DataType::Null {
        return Ok(DataType::UInt64);
    }
    let (argument, expected, found) = ("score", "an integer that ae_score gave", found.clone());
    Err(FunctionError::Argument { function, argument, expected, found }.into())
}

/// The scores above which a share α of `scores` lies, and one more: `⌊(n + 1) · α⌋`, which is
/// `n + 1 − ⌈(n + 1)(1 − α)⌉`, as [`ae_infer::calibration_len`] has it for boards.
fn kept(scores: u64, alarm_ppm: u32) -> u64 {
    let millionths = (u128::from(scores) + 1) * u128::from(alarm_ppm);
    u64::try_from(millionths / u128::from(MILLION)).unwrap_or(u64::MAX)
}

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct ThresholdFunction {
    signature: Signature,
}

impl ThresholdFunction {
    pub(crate) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for ThresholdFunction {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let (score, alpha, at_most) = match found {
            [score, alpha] => (score, alpha, None),
            [score, alpha, at_most] => (score, alpha, Some(at_most)),
            _ => {
                let expected = "a score, a rate, and perhaps the most scores of a group";
                let (function, found) = (NAME, found.len());
                return Err(FunctionError::Count { function, expected, found }.into());
            }
        };
        let mut types = vec![score_type(NAME, score)?, DataType::Float64];
        let refused = |argument, expected, found: &DataType| {
            let found = found.clone();
            Err(FunctionError::Argument { function: NAME, argument, expected, found }.into())
        };
        if !alpha.is_numeric() {
            return refused("alpha", "a number", alpha);
        }
        if let Some(at_most) = at_most {
            if !at_most.is_integer() {
                return refused("at_most", "an integer", at_most);
            }
            types.push(DataType::UInt64);
        }
        Ok(types)
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::UInt64)
    }

    fn accumulator(&self, arguments: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if arguments.is_distinct {
            let (function, argument) = (NAME, "scores");
            let (expected, found) = ("counted each, not once alone", "DISTINCT".to_owned());
            return Err(FunctionError::Constant { function, argument, expected, found }.into());
        }
        let [_, alpha, rest @ ..] = arguments.exprs else {
            let (expected, found) = ("a score and a rate", arguments.exprs.len());
            return Err(FunctionError::Count { function: NAME, expected, found }.into());
        };
        let alarm_ppm = match constant("alpha", alpha)? {
            ScalarValue::Float64(Some(alpha)) => ppm(NAME, "alpha", alpha)?,
            other => return Err(no_constant("alpha", other.to_string()).into()),
        };
        let at_most = match rest.first().map(|at_most| constant("at_most", at_most)).transpose()? {
            None => None,
            Some(ScalarValue::UInt64(Some(at_most))) => Some(at_most),
            Some(other) => return Err(no_constant("at_most", other.to_string()).into()),
        };
        Ok(Box::new(Largest::new(alarm_ppm, at_most)))
    }

    fn state_fields(&self, arguments: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let field =
            |name, of| Arc::new(Field::new(format_state_name(arguments.name, name), of, true));
        Ok(vec![
            field("count", DataType::UInt64),
            field("largest", DataType::new_list(DataType::UInt64, true)),
        ])
    }
}

fn no_constant(argument: &'static str, found: String) -> FunctionError {
    let expected = "one number for all rows";
    FunctionError::Constant { function: NAME, argument, expected, found }
}

/// The value of an argument that no row has a part in.
fn constant(
    argument: &'static str,
    expression: &Arc<dyn PhysicalExpr>,
) -> Result<ScalarValue, FunctionError> {
    let no_rows = RecordBatch::new_empty(Arc::new(Schema::empty()));
    match expression.evaluate(&no_rows) {
        Ok(ColumnarValue::Scalar(value)) => Ok(value),
        Ok(ColumnarValue::Array(_)) | Err(_) => {
            Err(no_constant(argument, format!("the column {expression}")))
        }
    }
}

/// The largest scores of a group.
#[derive(Debug)]
struct Largest {
    alarm_ppm: u32,
    at_most: Option<u64>,
    /// Scores so far.
    count: u64,
    /// Those of them that may be wanted, in any order.
    scores: Vec<u64>,
    /// How many may be wanted; `None`: all, since nobody knows how many will come.
    wanted: Option<usize>,
}

/// Fewer scores are not sorted out.
const FEW: usize = 16;

impl Largest {
    fn new(alarm_ppm: u32, at_most: Option<u64>) -> Self {
        // Of fewer scores than announced no more are wanted.
        let wanted = at_most.and_then(|scores| usize::try_from(kept(scores, alarm_ppm)).ok());
        Self { alarm_ppm, at_most, count: 0, scores: Vec::new(), wanted }
    }

    fn take(&mut self, scores: impl Iterator<Item = u64>) {
        for score in scores {
            if self.wanted.is_some_and(|wanted| self.scores.len() >= 2 * wanted + FEW) {
                self.sort_out();
            }
            self.scores.push(score);
        }
    }

    /// Throws away what cannot be wanted any more.
    fn sort_out(&mut self) {
        match self.wanted {
            Some(0) => self.scores.clear(),
            Some(wanted) if wanted < self.scores.len() => {
                self.scores.select_nth_unstable_by(wanted - 1, |a, b| b.cmp(a));
                self.scores.truncate(wanted);
            }
            _ => {}
        }
    }

    fn add(&mut self, count: u64) -> Result<(), FunctionError> {
        self.count = self.count.saturating_add(count);
        match self.at_most {
            Some(at_most) if self.count > at_most => Err(FunctionError::TooMany { at_most }),
            _ => Ok(()),
        }
    }
}

impl Accumulator for Largest {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(scores) = values.first().map(|scores| scores.as_primitive::<UInt64Type>()) else {
            return Ok(());
        };
        self.add((scores.len() - scores.null_count()) as u64)?;
        match scores.null_count() {
            0 => self.take(scores.values().iter().copied()),
            _ => self.take(scores.iter().flatten()),
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [counts, largest] = states else { return Ok(()) };
        let (counts, largest) = (counts.as_primitive::<UInt64Type>(), largest.as_list::<i32>());
        for (count, scores) in counts.iter().zip(largest.iter()) {
            self.add(count.unwrap_or(0))?;
            if let Some(scores) = scores {
                self.take(scores.as_primitive::<UInt64Type>().values().iter().copied());
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.sort_out();
        let scores = ScalarValue::iter_to_array(
            // The type of a list without scores.
            [ScalarValue::UInt64(None)]
                .into_iter()
                .chain(self.scores.iter().map(|&score| ScalarValue::UInt64(Some(score)))),
        )?;
        let scores = scores.slice(1, self.scores.len());
        let list = SingleRowListArrayBuilder::new(scores).build_list_scalar();
        Ok(vec![ScalarValue::UInt64(Some(self.count)), list])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let rank = usize::try_from(kept(self.count, self.alarm_ppm)).unwrap_or(usize::MAX);
        let threshold = match rank {
            // Too few scores for the rate.
            0 => None,
            rank if rank > self.scores.len() => None,
            rank => Some(*self.scores.select_nth_unstable_by(rank - 1, |a, b| b.cmp(a)).1),
        };
        Ok(ScalarValue::UInt64(threshold))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.scores.capacity() * size_of::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::UInt64Array;

    use super::*;

    /// By the definition: the ⌈(n + 1)(1 − α)⌉-th smallest.
    fn by_rank(scores: &[u64], alarm_ppm: u32) -> Option<u64> {
        let mut sorted = scores.to_vec();
        sorted.sort_unstable();
        let n = sorted.len() as u64 + 1;
        let rank = (n * u64::from(MILLION - alarm_ppm)).div_ceil(u64::from(MILLION));
        sorted.get(usize::try_from(rank).unwrap() - 1).copied()
    }

    #[test]
    fn parts_that_are_merged_give_the_score_of_that_rank() {
        let mut bits = 1_u64;
        let mut next = || {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            bits >> 40
        };
        for round in 0..400 {
            let count = usize::try_from(next() % 300).unwrap();
            let scores: Vec<u64> = (0..count).map(|_| next() % 1000).collect();
            let alarm_ppm = [10_000, 25_000, 100_000, 500_000][round % 4];
            for at_most in [None, Some(count as u64), Some(2 * count as u64 + 7)] {
                let mut whole = Largest::new(alarm_ppm, at_most);
                for part in scores.chunks(37) {
                    let mut some = Largest::new(alarm_ppm, at_most);
                    for few in part.chunks(5) {
                        some.update_batch(&[Arc::new(UInt64Array::from(few.to_vec()))]).unwrap();
                    }
                    let state = some.state().unwrap();
                    let state: Vec<_> = state.iter().map(|it| it.to_array().unwrap()).collect();
                    whole.merge_batch(&state).unwrap();
                }
                let found = whole.evaluate().unwrap();
                assert_eq!(found, ScalarValue::UInt64(by_rank(&scores, alarm_ppm)), "{count}");
            }
        }
    }

    #[test]
    fn no_more_is_kept_than_may_be_wanted() {
        let mut largest = Largest::new(10_000, Some(1_000_000));
        for start in (0..1_000_000).step_by(1000) {
            let scores: Vec<u64> = (start..start + 1000).map(|it| it * 7919 % 1_000_003).collect();
            largest.update_batch(&[Arc::new(UInt64Array::from(scores))]).unwrap();
            assert!(largest.scores.len() <= 2 * 10_000 + FEW);
        }
        assert!(largest.size() < 500_000);
        let one_more = largest.update_batch(&[Arc::new(UInt64Array::from(vec![1]))]).unwrap_err();
        assert!(one_more.to_string().contains("more than 1000000 scores"), "{one_more}");
    }

    #[test]
    fn a_rate_is_in_millionths() {
        assert_eq!(ppm(NAME, "alpha", 0.025).unwrap(), 25_000);
        assert_eq!(ppm(NAME, "alpha", 0.000_001).unwrap(), 1);
        for wrong in [0.0, 1.0, -0.1, 0.000_000_4, 0.123_456_7, f64::NAN] {
            assert!(ppm(NAME, "alpha", wrong).is_err(), "{wrong}");
        }
    }
}
