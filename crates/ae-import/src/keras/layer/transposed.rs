//! Transposed convolutions.

use super::convolution::padding;
use super::{Layer, Translation, expect_shape};
use crate::{ImportError, Operation, Padding, Transposed};

impl Translation<'_> {
    /// `kernel` is `[height, width, channels out, channels in]`.
    pub(super) fn transposed(
        &mut self,
        layer: &Layer<'_>,
        dimensions: usize,
    ) -> Result<(), ImportError> {
        self.expect_map(layer, dimensions)?;
        let kernel = layer.pair("kernel_size", dimensions, 1)?;
        let kernel = kernel.ok_or_else(|| layer.damaged("it has no `kernel_size`"))?;
        let stride = layer.pair("strides", dimensions, 1)?.unwrap_or([1, 1]);
        let added = layer.pair("output_padding", dimensions, 0)?;
        if layer.pair("dilation_rate", dimensions, 1)?.is_some_and(|dilation| dilation != [1, 1]) {
            let reason = "its taps are apart (dilation_rate), which is not known of a transposed \
                          convolution";
            return Err(layer.refuse(reason, "use dilation_rate=1"));
        }
        let filters = layer.count("filters", 0)?;
        let names: &[&str] =
            if layer.flag("use_bias", true)? { &["kernel", "bias"] } else { &["kernel"] };
        let weights = self.weights.read_all(layer, names)?;
        let Some(taps) = weights.first() else { return Ok(()) };
        let mut expected: Vec<Option<usize>> =
            kernel.iter().skip(2 - dimensions).map(|&taps| Some(taps)).collect();
        expected.extend([Some(filters), self.channels()]);
        expect_shape(layer, "kernel", taps, &expected)?;
        let channels_in = taps.shape().last().copied().unwrap_or_default();
        let order: &[usize] = if dimensions == 1 { &[1, 0, 2] } else { &[2, 0, 1, 3] };
        let numbers = Self::numbers(layer, taps, order, weights.get(1), filters)?;

        let padding = padding(layer)?;
        let (padding, output_padding) = ends(kernel, stride, added, padding);
        self.spread(kernel, stride, padding, output_padding);
        if let Some(channels) = self.shape.last_mut() {
            *channels = Some(filters);
        }
        self.push(layer.operator(Operation::Transposed(Transposed {
            channels_in,
            channels_out: filters,
            kernel,
            stride,
            padding,
            output_padding,
            is_size_computed: false,
            numbers,
        })));
        self.with_activation(layer)
    }

    /// The shape behind a transposed convolution, channels aside.
    fn spread(
        &mut self,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: Padding,
        output_padding: [usize; 2],
    ) {
        let dimensions = self.shape.len().saturating_sub(1);
        let axes = (2_usize.saturating_sub(dimensions)..2).collect::<Vec<_>>();
        for (size, axis) in self.shape.iter_mut().take(dimensions).zip(axes) {
            let reached = |places: usize| {
                let last = places.checked_sub(1)?.checked_mul(stride[axis])?;
                last.checked_add(kernel[axis])?.checked_add(output_padding[axis])
            };
            *size = size.and_then(|places| match padding {
                Padding::Same => places.checked_mul(stride[axis]),
                Padding::Valid => reached(places),
                Padding::Explicit { before, after } => {
                    reached(places)?.checked_sub(before[axis])?.checked_sub(after[axis])
                }
            });
        }
    }
}

/// What is cut off and what is put behind.
///
/// Without `output_padding` Keras gives places times stride with `same`, and with `valid` all that
/// is reached, and no less than places times stride. With it the outputs are (places − 1) · stride,
/// and with `valid` the kernel and `output_padding` more. With `same` they are `output_padding` and
/// the kernel modulo 2 more, and the larger half of what is cut off stands behind (Keras,
/// `compute_conv_transpose_padding_args_for_jax`).
fn ends(
    kernel: [usize; 2],
    stride: [usize; 2],
    added: Option<[usize; 2]>,
    padding: Padding,
) -> (Padding, [usize; 2]) {
    match (padding, added) {
        (Padding::Same, None) => (Padding::Same, [0, 0]),
        (Padding::Same, Some(added)) => {
            let (mut before, mut after, mut behind) = ([0; 2], [0; 2], [0; 2]);
            for axis in 0..2 {
                // Two halves of the kernel, less what is added, are cut off.
                let (half, added) = (kernel[axis] / 2, added[axis]);
                let cut = (2 * half).saturating_sub(added);
                before[axis] = cut / 2;
                after[axis] = cut - cut / 2;
                behind[axis] = added.saturating_sub(2 * half);
            }
            (Padding::Explicit { before, after }, behind)
        }
        (_, None) => {
            let short = |axis: usize| stride[axis].saturating_sub(kernel[axis]);
            (Padding::Valid, [short(0), short(1)])
        }
        (_, Some(added)) => (Padding::Valid, added),
    }
}
