//! Layers by lot, behind those of a chain that is drawn.

use ae_import::{Convolution, Dense, Depthwise, Numbers, Operation, Padding, Pool, Transposed};

use super::forward::Sizes;
use super::models::{Chain, Shape};

impl Chain<'_> {
    pub(crate) fn dense(&mut self, inputs: usize, outputs: usize) {
        let numbers = self.numbers(inputs * outputs, inputs, outputs);
        self.push(Operation::Dense(Dense { inputs, outputs, numbers }));
        self.shape = Shape::Flat(outputs);
    }

    pub(crate) fn value_by_value(&mut self) {
        let operation = match self.draw.below(5) {
            0 => Operation::Identity,
            1 | 2 => {
                let channels = match self.shape {
                    Shape::Flat(values) => values,
                    Shape::Map([_, _, channels]) => channels,
                };
                let lens = [1, channels, channels, self.values()];
                let (factors, shifts) = (self.draw.of(&lens), self.draw.of(&lens));
                let mut factor = self.draw.units(factors, 1.0);
                factor.iter_mut().for_each(|factor| *factor += factor.signum() * 0.3);
                if self.draw.once_in(2) {
                    factor.iter_mut().for_each(|factor| *factor = factor.abs());
                }
                let zero = self.draw.once_in(3);
                let shift = if zero { vec![0.0; shifts] } else { self.draw.units(shifts, 1.0) };
                Operation::Affine { factor, shift }
            }
            _ => Operation::Function(self.draw.function()),
        };
        self.push(operation);
    }

    /// Kernel, stride and dilation along one direction of so many places.
    fn taps(&mut self, places: usize, dilated: bool) -> [usize; 3] {
        let dilation = if dilated && self.draw.once_in(3) { 2 } else { 1 };
        [self.draw.within(1, 4.min(places + 1)), self.draw.within(1, 3), dilation]
    }

    /// A window over a map: kernel, stride, dilation, padding, and what comes out.
    fn window(
        &mut self,
        [height, width, _]: Sizes,
        dilated: bool,
    ) -> ([usize; 2], [usize; 2], [usize; 2], Padding, [usize; 2]) {
        let [mut high, wide] = [self.taps(height, dilated), self.taps(width, dilated)];
        if self.is_signal {
            high = [1, 1, 1];
        }
        let (places, axes) = ([height, width], [high, wide]);
        let pair = |at: usize| [axes[0][at], axes[1][at]];
        let (kernel, stride, dilation) = (pair(0), pair(1), pair(2));
        let extent = [0, 1].map(|at| (kernel[at] - 1) * dilation[at] + 1);
        let fits = (0..2).all(|at| extent[at] <= places[at]);
        let padding = match self.draw.below(3) {
            0 if fits => Padding::Valid,
            1 => Padding::Same,
            _ => {
                let mut before = [0; 2];
                let mut after = [0; 2];
                for at in 0..2 {
                    before[at] = self.draw.below(extent[at]);
                    let least = extent[at].saturating_sub(places[at] + before[at]);
                    after[at] = self.draw.within(least, extent[at] - 1);
                }
                Padding::Explicit { before, after }
            }
        };
        let outputs = [0, 1].map(|at| match padding {
            Padding::Same => places[at].div_ceil(stride[at]),
            Padding::Valid => (places[at] - extent[at]) / stride[at] + 1,
            Padding::Explicit { before, after } => {
                (places[at] + before[at] + after[at] - extent[at]) / stride[at] + 1
            }
        });
        (kernel, stride, dilation, padding, outputs)
    }

    pub(crate) fn convolution(&mut self, map: Sizes) {
        let (kernel, stride, dilation, padding, [high, wide]) = self.window(map, true);
        let (channels_in, channels_out) = (map[2], self.draw.within(1, 5));
        let reads = kernel[0] * kernel[1] * channels_in;
        let mut numbers = self.numbers(reads * channels_out, reads, channels_out);
        // Not drawn, so that a seed's other numbers stay what they are.
        let divides = |groups: &usize| channels_in % groups == 0 && channels_out % groups == 0;
        let possible: Vec<usize> = (1..=channels_in).filter(divides).collect();
        let groups = possible[(kernel[0] + stride[1] + channels_out) % possible.len()];
        if let Numbers::Real { weights, .. } = &mut numbers {
            weights.truncate(reads / groups * channels_out);
        }
        let it = Convolution {
            channels_in,
            channels_out,
            groups,
            kernel,
            stride,
            dilation,
            padding,
            numbers,
        };
        self.push(Operation::Convolution(it));
        self.shape = Shape::Map([high, wide, channels_out]);
    }

    pub(crate) fn depthwise(&mut self, map: Sizes) {
        let (kernel, stride, dilation, padding, [high, wide]) = self.window(map, true);
        let (channels, multiplier) = (map[2], self.draw.of(&[1, 1, 2, 3]));
        let taps = kernel[0] * kernel[1];
        let channels_out = channels * multiplier;
        let numbers = self.numbers(taps * channels_out, taps, channels_out);
        let it = Depthwise { channels, multiplier, kernel, stride, dilation, padding, numbers };
        self.push(Operation::Depthwise(it));
        self.shape = Shape::Map([high, wide, channels_out]);
    }

    pub(crate) fn pool(&mut self, map: Sizes) {
        let (kernel, stride, _, padding, [high, wide]) = self.window(map, false);
        let counts_padding = padding == Padding::Valid && self.draw.once_in(2);
        let pool = Pool { kernel, stride, padding, counts_padding };
        let is_mean = self.draw.once_in(2);
        self.push(if is_mean { Operation::Average(pool) } else { Operation::Maximum(pool) });
        self.shape = Shape::Map([high, wide, map[2]]);
    }

    /// A kernel, a stride, what is cut off in front and behind, what is put behind, and what comes
    /// out along one direction.
    fn spread(&mut self, places: usize) -> [usize; 6] {
        let (kernel, stride) = (self.draw.within(1, 5), self.draw.within(1, 3));
        let reached = (places - 1) * stride + kernel;
        let before = self.draw.below(kernel.min(reached));
        let after = self.draw.below(kernel.min(reached - before));
        let further = if self.draw.once_in(2) { 0 } else { self.draw.below(stride) };
        [kernel, stride, before, after, further, reached - before - after + further]
    }

    pub(crate) fn transposed(&mut self, map: Sizes) {
        let high = if self.is_signal { [1, 1, 0, 0, 0, 1] } else { self.spread(map[0]) };
        let (axes, places) = ([high, self.spread(map[1])], [map[0], map[1]]);
        let pair = |at: usize| [axes[0][at], axes[1][at]];
        let (kernel, stride, further) = (pair(0), pair(1), pair(4));
        let (padding, outputs) = match self.draw.below(3) {
            0 => (Padding::Same, [0, 1].map(|at| places[at] * stride[at] + further[at])),
            1 => {
                let reached = |at: usize| (places[at] - 1) * stride[at] + kernel[at];
                (Padding::Valid, [0, 1].map(|at| reached(at) + further[at]))
            }
            _ => (Padding::Explicit { before: pair(2), after: pair(3) }, pair(5)),
        };
        let channels_out = self.draw.within(1, 4);
        if outputs[0] * outputs[1] * channels_out > 400 {
            return;
        }
        self.push_transposed(map[2], channels_out, kernel, stride, padding, further);
        self.shape = Shape::Map([outputs[0], outputs[1], channels_out]);
    }

    pub(crate) fn push_transposed(
        &mut self,
        channels_in: usize,
        channels_out: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: Padding,
        output_padding: [usize; 2],
    ) {
        let taps = kernel[0] * kernel[1];
        let weights = taps * channels_in * channels_out;
        let numbers = self.numbers(weights, (taps * channels_in).max(1), channels_out);
        self.push(Operation::Transposed(Transposed {
            channels_in,
            channels_out,
            kernel,
            stride,
            padding,
            output_padding,
            is_size_computed: false,
            numbers,
        }));
    }
}
