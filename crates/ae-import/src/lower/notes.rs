//! What became of each operator.

use ae_core::Geometry;
use ae_model::Words;

use crate::{Function, Operation, SourceModel};

/// What became of each operator, in words, and what a runtime computes in another way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// For each operator of the file, in its order.
    pub became: Vec<String>,
    /// What is not exactly that of the file's runtime.
    pub differences: Vec<String>,
    /// The layer that does the work of each operator, if one does.
    layers: Vec<Option<usize>>,
    /// Layers that have the function of an operator that the file has behind a later layer.
    ahead: Vec<usize>,
}

impl Notes {
    /// Of a model of which nothing is made yet.
    pub(super) fn new(model: &SourceModel) -> Self {
        let at_first = |operation: &Operation| match operation {
            Operation::Reshape(_) => "the same values in another shape",
            Operation::ChannelsFirst | Operation::ChannelsLast => {
                "the same values: here the channels come last all the time"
            }
            Operation::Identity => "nothing is left to do",
            _ => "",
        };
        let operators = model.operators.iter();
        let became: Vec<String> =
            operators.map(|operator| at_first(&operator.operation).to_owned()).collect();
        let layers = vec![None; became.len()];
        Self { became, differences: Vec::new(), layers, ahead: Vec::new() }
    }

    /// An operator is a layer.
    pub(super) fn layer(&mut self, operator: usize, layer: usize, geometry: Geometry) {
        let words = Words(geometry);
        self.of_layer(operator, layer, format!("layer {layer}: {}, {words}", words.with_kernel()));
    }

    pub(super) fn table(&mut self, operator: usize, layer: usize) {
        self.of_layer(operator, layer, format!("the table of layer {layer}"));
    }

    pub(super) fn saturation(&mut self, operator: usize, layer: usize) {
        self.of_layer(operator, layer, format!("the saturation of layer {layer}"));
    }

    /// An operator is in the numbers of a layer.
    pub(super) fn folded(&mut self, operator: usize, layer: usize) {
        self.of_layer(operator, layer, format!("folded into layer {layer}"));
    }

    /// An operator is in the numbers of the layer behind it, and ends nowhere.
    pub(super) fn folded_ahead(&mut self, operator: usize, layer: usize) {
        if let Some(became) = self.became.get_mut(operator) {
            *became = format!("folded into layer {layer}");
        }
    }

    /// An operator is the activation of a layer, behind which there may be pools until `end`.
    pub(super) fn activation(
        &mut self,
        operator: usize,
        layer: usize,
        end: usize,
        function: Function,
    ) {
        self.ahead.extend(layer..end);
        self.of_layer(operator, end, format!("the {function} of layer {layer}"));
    }

    fn of_layer(&mut self, operator: usize, layer: usize, words: String) {
        if let (Some(place), Some(became)) =
            (self.layers.get_mut(operator), self.became.get_mut(operator))
        {
            (*place, *became) = (Some(layer), words);
        }
    }

    /// The layer that does an operator's work.
    pub(super) fn layer_of(&self, operator: usize) -> Option<usize> {
        self.layers.get(operator).copied().flatten()
    }

    /// The operator that gives what a layer gives: the last whose work it does. There is none where the
    /// layer does more than the file has there.
    pub(super) fn operator_of(&self, layer: usize) -> Option<usize> {
        let operator = self.layers.iter().rposition(|&found| found == Some(layer));
        operator.filter(|_| !self.ahead.contains(&layer))
    }

    /// Something differs, said once.
    pub(super) fn differs(&mut self, what: &str) {
        if !self.differences.iter().any(|said| said == what) {
            self.differences.push(what.to_owned());
        }
    }
}
