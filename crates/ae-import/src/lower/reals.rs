//! A model of real numbers: normalisation is folded into the layers beside it, and functions become
//! activations.

use ae_core::{Activation, Factor, Geometry, SpatialKind};
use ae_model::LayerF32;

use super::chain::{Chain, Weighted, Work, check_layers};
use super::made::{Affine, Made};
use super::notes::Notes;
use super::spatial::{Why, not_finite};
use crate::{Function, ImportError, Numbers, SourceModel};

/// Layers with real numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layers<'c> {
    made: Vec<Made<'c>>,
    /// A normalisation that waits for the next layer, and the operators that it is of.
    waiting: Option<Affine>,
    operators_waiting: Vec<usize>,
    /// Values that go in, and how many of them stand at a place.
    values: usize,
    channels: usize,
    pub(super) notes: Notes,
}

/// The number of what no operator of the file does.
pub(super) const NO_OPERATOR: usize = usize::MAX;

/// The layers of a chain, between `before` and `behind`.
pub(super) fn layers<'c>(
    model: &SourceModel,
    chain: &'c Chain,
    before: Option<Affine>,
    behind: Option<Affine>,
) -> Result<Layers<'c>, ImportError> {
    let mut layers = Layers {
        made: Vec::new(),
        waiting: before,
        operators_waiting: Vec::new(),
        values: chain.values,
        channels: chain.map.map_or(chain.values, |map| map.channels),
        notes: Notes::new(model),
    };
    for stage in &chain.stages {
        layers.stage(stage.operator, &stage.work).map_err(|(reason, mend)| {
            let operator = &model.operators[stage.operator];
            ImportError::Operator {
                index: stage.operator,
                name: operator.name.clone(),
                kind: operator.kind.clone(),
                reason,
                mend: mend.to_owned(),
            }
        })?;
    }
    if let Some(behind) = behind {
        layers.affine(NO_OPERATOR, behind);
    }
    layers.settle();
    Ok(layers)
}

impl<'c> Layers<'c> {
    fn stage(&mut self, operator: usize, work: &'c Work) -> Result<(), Why> {
        check_layers(self.made.len())?;
        match work {
            Work::Weighted(weighted) => self.weighted(operator, weighted)?,
            Work::Passing(geometry) => {
                self.settle();
                self.push(operator, Made::without_weights(*geometry));
            }
            Work::Affine { factor, shift } => {
                let [factor, shift] =
                    [factor, shift].map(|numbers| numbers.iter().copied().map(f64::from).collect());
                self.affine(operator, Affine { factor, shift });
            }
            Work::Function(function) => {
                if let Function::LeakyRelu(number) | Function::Elu(number) = function
                    && !number.is_finite()
                {
                    return Err(not_finite());
                }
                let activation = activation(*function)?;
                self.function(operator, *function, activation);
            }
            Work::Recoded => {
                self.notes.differs("values are not rounded to integers between layers");
            }
        }
        Ok(())
    }

    fn weighted(&mut self, operator: usize, weighted: &'c Weighted) -> Result<(), Why> {
        let Numbers::Real { weights, bias } = &weighted.numbers else {
            let why = "its weights are integers among real numbers".to_owned();
            return Err((why, "write the model in one arithmetic"));
        };
        if weights.iter().chain(bias).any(|number| !number.is_finite()) {
            return Err(not_finite());
        }
        let mut made = Made::of_weights(weighted.geometry, weights, bias);
        match self.waiting.take() {
            Some(affine) if made.takes(&affine) => {
                made.take_in(&affine);
                for operator in self.operators_waiting.drain(..) {
                    self.notes.folded_ahead(operator, self.made.len());
                }
            }
            waiting => {
                self.waiting = waiting;
                self.settle();
            }
        }
        self.push(operator, made);
        Ok(())
    }

    fn push(&mut self, operator: usize, made: Made<'c>) {
        self.notes.layer(operator, self.made.len(), made.geometry);
        self.made.push(made);
    }

    /// Values that the last layer gives.
    fn flow(&self) -> usize {
        self.made.last().map_or(self.values, |made| made.geometry.outputs())
    }

    /// What a layer has that leaves every value as it is. The channels share their numbers, so that
    /// of many a part is enough.
    fn identity(&self) -> Affine {
        const MOST: usize = 256;
        let channels = self.made.last().map_or(self.channels, Made::channels);
        let count = (1..=channels.min(MOST)).rev().find(|&count| channels.is_multiple_of(count));
        let count = count.unwrap_or(1);
        Affine { factor: vec![1.0; count], shift: vec![0.0; count] }
    }

    /// Folds it into the layer before, or keeps it for the next.
    fn affine(&mut self, operator: usize, affine: Affine) {
        if self.waiting.is_none()
            && let Some(last) = self.made.last_mut()
            && last.has_weights()
            && last.gives(&affine)
        {
            self.notes.folded(operator, self.made.len() - 1);
            return;
        }
        self.operators_waiting.push(operator);
        self.waiting = Some(match self.waiting.take() {
            Some(first) => first.then(&affine),
            None => affine,
        });
    }

    /// Makes a layer of what waits.
    fn settle(&mut self) {
        if let Some(affine) = self.waiting.take() {
            let affine = match affine.factor.len() {
                1 => self.identity().then(&affine),
                _ => affine,
            };
            let layer = Made::of_affine(affine, self.flow());
            for operator in self.operators_waiting.drain(..) {
                self.notes.layer(operator, self.made.len(), layer.geometry);
            }
            self.made.push(layer);
        }
    }

    fn function(&mut self, operator: usize, function: Function, activation: Activation) {
        let waits = self.waiting.is_some();
        self.settle();
        // What never turns an order around may come before the largest is taken, or a value repeated.
        let repeats = |made: &&Made<'_>| match made.geometry {
            Geometry::Spatial(spatial) => match spatial.kind {
                SpatialKind::Maximum => is_monotone(function),
                SpatialKind::Upsampling => true,
                _ => false,
            },
            Geometry::Dense(_) => false,
        };
        let passed = self.made.iter().rev().take_while(repeats).count();
        let at = self.made.len() - passed;
        let place = match self.made[..at].last_mut() {
            Some(last) if last.has_weights() && last.activation == Activation::Identity => at - 1,
            _ => {
                debug_assert!(!waits, "what waited is a layer with weights");
                self.made.push(Made::of_affine(self.identity(), self.flow()));
                self.made.len() - 1
            }
        };
        self.made[place].activation = activation;
        self.notes.activation(operator, place, self.made.len() - 1, function);
    }

    /// The layers as plain numbers.
    pub(super) fn finish(self) -> Vec<LayerF32> {
        self.made.into_iter().map(Made::finish).collect()
    }

    /// The geometries, in order.
    pub(super) fn geometries(&self) -> Vec<Geometry> {
        self.made.iter().map(|made| made.geometry).collect()
    }

    /// The activation of the last layer.
    pub(super) fn last_activation(&self) -> Option<Activation> {
        self.made.last().map(|made| made.activation)
    }

    /// Ends in a layer that can give pixels. Their own bounds take the place of a ReLU.
    pub(super) fn end_in_pixels(&mut self) {
        let gives = |last: &Made<'_>| {
            matches!(
                last.activation,
                Activation::Identity | Activation::Logistic | Activation::Relu
            )
        };
        if !self.made.last().is_none_or(gives) {
            self.made.push(Made::of_affine(self.identity(), self.flow()));
        }
    }
}

fn activation(function: Function) -> Result<Activation, Why> {
    Ok(match function {
        Function::Relu => Activation::Relu,
        Function::Relu6 => Activation::Relu6,
        Function::LeakyRelu(slope) => Activation::LeakyRelu(Factor::new(slope)),
        Function::Elu(factor) => Activation::Elu(Factor::new(factor)),
        Function::Sigmoid => Activation::Logistic,
        Function::Tanh => Activation::Tanh,
        Function::Gelu => Activation::Gelu,
        Function::Silu | Function::SiluProduct => Activation::Silu,
        Function::Softplus => Activation::Softplus,
        Function::GeluTanh | Function::HardSwish => {
            let why = format!("{function} is a function of integers alone here");
            return Err((why, "use GELU without approximation, or SiLU"));
        }
    })
}

/// Whether a larger number never gives a smaller one.
fn is_monotone(function: Function) -> bool {
    match function {
        Function::Gelu
        | Function::GeluTanh
        | Function::Silu
        | Function::SiluProduct
        | Function::HardSwish => false,
        Function::LeakyRelu(number) | Function::Elu(number) => number >= 0.0,
        _ => true,
    }
}
