//! Upsampling: each value repeated.

use ae_core::Spatial;

use super::places::of_output;

/// An upsampling layer.
#[derive(Debug)]
pub(super) struct Upsampling {
    /// For each place of the output, where in the input its first channel is.
    sources: Vec<usize>,
    channels: usize,
    inputs: usize,
}

impl Upsampling {
    pub(super) fn new(spatial: &Spatial) -> Self {
        let Spatial { height, width, .. } = *spatial;
        let channels = usize::from(spatial.channels_in);
        let source = |row: usize, column: usize| {
            let (row, _) = of_output(&height, row);
            let (column, _) = of_output(&width, column);
            (row * usize::from(width.inputs) + column) * channels
        };
        let columns = 0..usize::from(width.outputs);
        let sources = (0..usize::from(height.outputs))
            .flat_map(|row| columns.clone().map(move |column| source(row, column)));
        Self { sources: sources.collect(), channels, inputs: spatial.inputs() }
    }

    /// The outputs of all samples.
    pub(super) fn forward(&self, inputs: &[f32]) -> Vec<f32> {
        let mut outputs = Vec::with_capacity(inputs.len() / self.inputs * self.outputs());
        for input in inputs.chunks_exact(self.inputs) {
            for &source in &self.sources {
                outputs.extend_from_slice(&input[source..source + self.channels]);
            }
        }
        outputs
    }

    /// The gradient at the inputs: the sum of those at all that a value became.
    pub(super) fn backward(&self, at_outputs: &[f32]) -> Vec<f32> {
        let mut at_inputs = vec![0.0; at_outputs.len() / self.outputs() * self.inputs];
        let samples = at_outputs.chunks_exact(self.outputs());
        for (input, outputs) in at_inputs.chunks_exact_mut(self.inputs).zip(samples) {
            for (&source, values) in self.sources.iter().zip(outputs.chunks_exact(self.channels)) {
                let sums = &mut input[source..source + self.channels];
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
        at_inputs
    }

    fn outputs(&self) -> usize {
        self.sources.len() * self.channels
    }
}
