//! From operators to stages, with the shapes between them.

use ae_core::{Geometry, SpatialKind};
use ae_model::Map;

use super::chain::{Chain, Stage, Weighted, Work};
use super::flow::{Flow, in_file, is_reordered};
use super::numbers::Arrangement;
use super::spatial::{
    CONTRADICTION, Why, check_zeros, global_average, not_finite, upsampling, weighted,
};
use crate::{Codes, Dense, ImportError, Numbers, Operation, Operator, SourceModel};

/// Finds what each operator is for a blob, and takes its numbers.
pub(crate) fn walk(model: &mut SourceModel) -> Result<Chain, ImportError> {
    let flow = input(model)?;
    let mut walker = Walker {
        channels_first: model.channels_first,
        input: flow,
        order: flow.order(model.channels_first),
        flow,
        codes: model.input.codes,
        weights: [0; 2],
        stages: Vec::new(),
    };
    for (index, operator) in model.operators.iter_mut().enumerate() {
        walker.operator(index, operator).map_err(|(reason, mend)| ImportError::Operator {
            index,
            name: operator.name.clone(),
            kind: operator.kind.clone(),
            reason,
            mend: mend.to_owned(),
        })?;
        operator.operation.forget_numbers();
    }
    walker.end()
}

/// What goes into the model.
fn input(model: &SourceModel) -> Result<Flow, ImportError> {
    let shape = &model.input.shape[..];
    let first = model.operators.iter().find_map(|operator| match &operator.operation {
        Operation::Dense(dense) => Some(dense.inputs),
        _ => None,
    });
    let flow = match (shape, first) {
        ([], Some(inputs)) => Some(Flow::Values(inputs, None)),
        _ => Flow::of_shape(shape, model.channels_first),
    };
    flow.filter(|flow| (1..=ae_core::MAX_WIDTH).contains(&flow.values())).ok_or_else(|| {
        ImportError::Unfit {
            reason: format!("the input has the shape {shape:?} beside the batch"),
            mend: "one to three dimensions are understood, with at most 65,535 values: write the \
                   model with a fixed shape of its input"
                .to_owned(),
        }
    })
}

struct Walker {
    /// Whether shapes begin with the channels where the walk is.
    channels_first: bool,
    input: Flow,
    /// The map in whose order the file has the input.
    order: Option<Map>,
    flow: Flow,
    codes: Option<Codes>,
    /// Weights of the file so far, and of the blob.
    weights: [usize; 2],
    stages: Vec<Stage>,
}

impl Walker {
    fn operator(&mut self, index: usize, operator: &Operator) -> Result<(), Why> {
        let work = match &operator.operation {
            Operation::Identity if operator.codes == self.codes => return Ok(()),
            Operation::Identity => Work::Recoded,
            Operation::Reshape(_) | Operation::ChannelsFirst | Operation::ChannelsLast
                if operator.codes != self.codes =>
            {
                let why = "it changes what the integers stand for, and not only their shape";
                return Err((why.to_owned(), CONTRADICTION));
            }
            Operation::Reshape(shape) => return self.reshape(shape),
            // Here the channels come last all the time.
            Operation::ChannelsFirst | Operation::ChannelsLast => {
                self.map()?;
                self.channels_first = operator.operation == Operation::ChannelsFirst;
                return Ok(());
            }
            Operation::Function(function) => Work::Function(*function),
            Operation::Affine { factor, shift } => self.affine(factor, shift)?,
            Operation::Dense(dense) => self.dense(dense)?,
            Operation::Convolution(it) => it.work(self.map()?)?,
            Operation::Depthwise(it) => it.work(self.map()?)?,
            Operation::Transposed(it) => it.work(self.map()?)?,
            Operation::Maximum(it) => it.work(SpatialKind::Maximum, self.map()?)?,
            Operation::Average(it) => it.work(SpatialKind::Average, self.map()?)?,
            Operation::GlobalAverage => global_average(self.map()?)?,
            Operation::Upsampling(factor) => upsampling(self.map()?, *factor)?,
        };
        match work.geometry() {
            Some(Geometry::Dense(dense)) => self.flow = Flow::Values(dense.outputs, None),
            Some(Geometry::Spatial(spatial)) => {
                self.flow = Flow::Map(Map {
                    height: spatial.height.outputs.into(),
                    width: spatial.width.outputs.into(),
                    channels: spatial.channels_out.into(),
                });
            }
            None => (),
        }
        if let Work::Weighted(weighted) = &work {
            let (in_blob, _) = weighted.numbers.counts();
            let (in_file, _) = operator.operation.numbers().map_or((0, 0), Numbers::counts);
            self.weights = [self.weights[0] + in_file, self.weights[1] + in_blob];
            check_zeros(self.weights[0], self.weights[1])?;
        }
        self.codes = operator.codes;
        let order = self.flow.order(self.channels_first);
        self.stages.push(Stage { operator: index, work, codes: operator.codes, order });
        Ok(())
    }

    fn map(&self) -> Result<Map, Why> {
        match self.flow {
            Flow::Map(map) => Ok(map),
            Flow::Values(values, _) => {
                Err((format!("it works over a map, and {values} values come in"), CONTRADICTION))
            }
        }
    }

    /// Numbers for each channel, in the order that the values have here.
    fn affine(&self, factor: &[f32], shift: &[f32]) -> Result<Work, Why> {
        let (channels, values) = (self.flow.channels(), self.flow.values());
        let order = self.flow.order(self.channels_first);
        let arranged = |numbers: &[f32]| match (numbers.len(), order) {
            (len, Some(map)) if len == values => {
                Ok((0..values).map(|value| numbers[in_file(map, value)]).collect())
            }
            (len, _) if len == 1 || len == channels || len == values => Ok(numbers.to_vec()),
            (len, _) => {
                let why = format!("it has {len} numbers, and what comes in is {}", self.flow);
                Err((why, "a number for all values, or one for each channel, is understood"))
            }
        };
        let (mut factor, mut shift): (Vec<f32>, Vec<f32>) = (arranged(factor)?, arranged(shift)?);
        if factor.iter().chain(&shift).any(|number| !number.is_finite()) {
            return Err(not_finite());
        }
        // One of them may have a number for each value, and the other for each channel.
        let len = factor.len().max(shift.len());
        for numbers in [&mut factor, &mut shift] {
            let period = numbers.len();
            *numbers = (0..len).map(|at| numbers[at % period]).collect();
        }
        Ok(Work::Affine { factor, shift })
    }

    fn dense(&self, dense: &Dense) -> Result<Work, Why> {
        let found = self.flow.values();
        if found != dense.inputs {
            let why =
                format!("it takes {} values, and what comes in is {}", dense.inputs, self.flow);
            return Err((why, CONTRADICTION));
        }
        let geometry = Geometry::dense(dense.inputs, dense.outputs);
        geometry.check().map_err(|error| (error.to_string(), CONTRADICTION))?;
        let order = self.flow.order(self.channels_first);
        let column = |value: usize| order.map_or(value, |map| in_file(map, value));
        weighted(
            geometry,
            &dense.numbers,
            dense.outputs,
            dense.inputs,
            &|row, value| Some(row * dense.inputs + column(value)),
            &|row| row,
        )
    }

    fn reshape(&mut self, shape: &[usize]) -> Result<(), Why> {
        let values = self.flow.values();
        let count = shape.iter().try_fold(1_usize, |all, &one| all.checked_mul(one));
        let to = Flow::of_shape(shape, self.channels_first).filter(|_| count == Some(values));
        let Some(to) = to else {
            let why = format!("the shape {shape:?} is not one for {}", self.flow);
            return Err((why, "one to three dimensions beside the batch are understood"));
        };
        let order = self.flow.order(self.channels_first);
        self.flow = match (to, order) {
            (Flow::Values(values, _), order) => Flow::Values(values, order),
            (Flow::Map(to), _) if !self.channels_first => Flow::Map(to),
            (Flow::Map(to), None) => {
                if is_reordered(&to) {
                    self.reorder(to)?;
                }
                Flow::Map(to)
            }
            (Flow::Map(to), Some(from)) if to.channels == from.channels => Flow::Map(to),
            (Flow::Map(to), Some(from)) => {
                let why = format!("it makes a map of {to} of one of {from}, with channels first");
                return Err((why, "write the model with channels last"));
            }
        };
        Ok(())
    }

    /// Whether the values are those of a dense layer, and of functions behind it.
    fn comes_from_dense(&self) -> bool {
        let geometry = self.stages.iter().rev().find_map(|stage| stage.work.geometry());
        matches!(geometry, Some(Geometry::Dense(_)))
    }

    /// Puts the values into another order where they were made: those of a map with channels first
    /// into that with channels last.
    fn reorder(&mut self, map: Map) -> Result<(), Why> {
        let at = |value: usize| in_file(map, value);
        for stage in self.stages.iter_mut().rev() {
            if !matches!(stage.work, Work::Passing(_)) {
                stage.order = Some(map);
            }
            match &mut stage.work {
                Work::Function(_) | Work::Recoded => (),
                Work::Affine { factor, shift } => {
                    for numbers in [factor, shift] {
                        *numbers = (0..numbers.len()).map(|value| numbers[at(value)]).collect();
                    }
                }
                Work::Weighted(Weighted { geometry: Geometry::Dense(dense), numbers }) => {
                    let inputs = dense.inputs;
                    *numbers = numbers.arranged(&Arrangement {
                        rows: dense.outputs,
                        columns: inputs,
                        weight: &|row, value| Some(at(row) * inputs + value),
                        row: &at,
                    });
                    return Ok(());
                }
                Work::Weighted(_) | Work::Passing(_) => {
                    let why = format!("it sees values of one map as another, {map}");
                    return Err((why, "write the model with channels last"));
                }
            }
        }
        // These are the values that go in.
        self.order = Some(map);
        Ok(())
    }

    fn end(mut self) -> Result<Chain, ImportError> {
        // What a dense layer gives may stand as what goes in, although the file sees no map of it.
        if let (Flow::Values(values, None), Some(map)) = (self.flow, self.order)
            && values == map.values()
            && self.comes_from_dense()
            && self.reorder(map).is_ok()
        {
            self.flow = Flow::Values(values, Some(map));
        }
        let (expected, found) = (self.input, self.flow);
        if expected.values() != found.values() {
            return Err(ImportError::Unfit {
                reason: format!(
                    "this is no autoencoder: what goes in is {expected}, and what comes out is \
                     {found}"
                ),
                mend: "an autoencoder's output has the size of its input".to_owned(),
            });
        }
        if self.order != found.order(self.channels_first) {
            return Err(ImportError::Unfit {
                reason: "the values that come out stand in another order than those that go in"
                    .to_owned(),
                mend: "let input and output have the same shape".to_owned(),
            });
        }
        let map = match (expected, found) {
            (Flow::Map(map), _) | (_, Flow::Map(map)) => Some(map),
            _ => self.order,
        };
        Ok(Chain { values: expected.values(), map, order: self.order, stages: self.stages })
    }
}
