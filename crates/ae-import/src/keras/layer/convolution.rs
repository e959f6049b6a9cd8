//! Convolutions.

use super::{Layer, Translation, Zeros, expect_shape};
use crate::keras::layer::shape::positions;
use crate::{Convolution, Depthwise, ImportError, Operation, Padding};

/// What all convolutions say of their windows.
struct Window {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
}

/// Whether zeros around the map that the layer is given are its padding.
pub(super) fn takes_zeros(layer: &Layer<'_>) -> bool {
    let class = layer.class.as_str();
    let is_convolution = class.contains("Conv") && !class.contains("Transpose");
    is_convolution && layer.word("padding", "valid") == Ok("valid")
}

impl<'a> Translation<'a> {
    /// `kernel` is `[height, width, channels in, channels out]`.
    pub(super) fn convolution(
        &mut self,
        layer: &Layer<'_>,
        dimensions: usize,
    ) -> Result<(), ImportError> {
        let kind = self.with_zeros(layer);
        let window = self.window(layer, dimensions)?;
        let groups = layer.count("groups", 1)?;
        let filters = layer.count("filters", 0)?;
        let names: &[&str] =
            if layer.flag("use_bias", true)? { &["kernel", "bias"] } else { &["kernel"] };
        let weights = self.weights.read_all(layer, names)?;
        let Some(kernel) = weights.first() else { return Ok(()) };
        let reads =
            self.channels().map(|channels| channels.checked_div(groups).unwrap_or_default());
        let expected = window.weights(dimensions, [reads, Some(filters)]);
        expect_shape(layer, "kernel", kernel, &expected)?;
        let channels_in =
            kernel.shape().get(dimensions).and_then(|reads| reads.checked_mul(groups));
        let channels_in = channels_in.ok_or_else(|| layer.damaged("it has too many channels"))?;
        let order: &[usize] = if dimensions == 1 { &[2, 0, 1] } else { &[3, 0, 1, 2] };
        let numbers = Self::numbers(layer, kernel, order, weights.get(1), filters)?;
        let operation = Operation::Convolution(Convolution {
            channels_in,
            channels_out: filters,
            groups,
            kernel: window.kernel,
            stride: window.stride,
            dilation: window.dilation,
            padding: window.padding,
            numbers,
        });
        self.push(layer.part("", &kind, operation));
        self.slide(&window, Some(filters));
        self.with_activation(layer)
    }

    /// `depthwise_kernel` is `[height, width, channels, multiplier]`.
    pub(super) fn depthwise(
        &mut self,
        layer: &Layer<'_>,
        dimensions: usize,
    ) -> Result<(), ImportError> {
        let kind = self.with_zeros(layer);
        let names: &[&str] = if layer.flag("use_bias", true)? {
            &["depthwise_kernel", "bias"]
        } else {
            &["depthwise_kernel"]
        };
        let weights = self.weights.read_all(layer, names)?;
        let Some(kernel) = weights.first() else { return Ok(()) };
        let operation = self.depthwise_of(layer, dimensions, kernel, weights.get(1))?;
        self.push(layer.part("", &kind, operation));
        self.with_activation(layer)
    }

    /// A depthwise convolution without a bias, and one that reads one place, with the layer's.
    pub(super) fn separable(
        &mut self,
        layer: &Layer<'_>,
        dimensions: usize,
    ) -> Result<(), ImportError> {
        let kind = self.with_zeros(layer);
        let filters = layer.count("filters", 0)?;
        let all = ["depthwise_kernel", "pointwise_kernel", "bias"];
        let names = if layer.flag("use_bias", true)? { &all[..] } else { &all[..2] };
        let weights = self.weights.read_all(layer, names)?;
        let [depthwise, pointwise, bias @ ..] = weights.as_slice() else { return Ok(()) };
        let operation = self.depthwise_of(layer, dimensions, depthwise, None)?;
        self.push(layer.part("/depthwise", &kind, operation));
        let mut expected = vec![Some(1); dimensions];
        expected.extend([self.channels(), Some(filters)]);
        expect_shape(layer, "pointwise_kernel", pointwise, &expected)?;
        let inputs = pointwise.shape().get(dimensions).copied().unwrap_or_default();
        let order: &[usize] = if dimensions == 1 { &[2, 0, 1] } else { &[3, 0, 1, 2] };
        let numbers = Self::numbers(layer, pointwise, order, bias.first(), filters)?;
        let operation = Self::pointwise(inputs, filters, numbers);
        self.push(layer.part("/pointwise", &layer.class, operation));
        if let Some(channels) = self.shape.last_mut() {
            *channels = Some(filters);
        }
        self.with_activation(layer)
    }

    fn depthwise_of(
        &mut self,
        layer: &Layer<'_>,
        dimensions: usize,
        kernel: &crate::tensor::Tensor<'_>,
        bias: Option<&crate::tensor::Tensor<'_>>,
    ) -> Result<Operation, ImportError> {
        let window = self.window(layer, dimensions)?;
        let multiplier = layer.count("depth_multiplier", 1)?;
        let expected = window.weights(dimensions, [self.channels(), Some(multiplier)]);
        expect_shape(layer, "depthwise_kernel", kernel, &expected)?;
        let channels = kernel.shape().get(dimensions).copied().unwrap_or_default();
        let outputs = channels.checked_mul(multiplier);
        let outputs = outputs.ok_or_else(|| layer.damaged("it has too many channels"))?;
        let order: Vec<usize> = (0..dimensions + 2).collect();
        let numbers = Self::numbers(layer, kernel, &order, bias, outputs)?;
        self.slide(&window, Some(outputs));
        Ok(Operation::Depthwise(Depthwise {
            channels,
            multiplier,
            kernel: window.kernel,
            stride: window.stride,
            dilation: window.dilation,
            padding: window.padding,
            numbers,
        }))
    }

    /// Keeps the zeros that a layer puts around the map.
    pub(super) fn zero_padding(
        &mut self,
        layer: &Layer<'a>,
        dimensions: usize,
    ) -> Result<(), ImportError> {
        self.expect_map(layer, dimensions)?;
        let sides = super::shape::sides(layer, dimensions)?;
        let ([before, after], sizes) = (sides, self.shape.iter_mut());
        let added = before.iter().zip(&after).skip(2 - dimensions);
        for (size, (before, after)) in sizes.zip(added) {
            *size = size.and_then(|size| size.checked_add(*before)?.checked_add(*after));
        }
        self.zeros = Some(Zeros { layer: layer.clone(), before, after });
        Ok(())
    }

    /// What to call a convolution, with the layer whose zeros are its padding.
    fn with_zeros(&self, layer: &Layer<'_>) -> String {
        match &self.zeros {
            Some(zeros) => format!("{} + {}", zeros.layer.class, layer.class),
            None => layer.class.clone(),
        }
    }

    /// The window of a layer, which takes the zeros around its map. The shape has them already.
    fn window(&mut self, layer: &Layer<'_>, dimensions: usize) -> Result<Window, ImportError> {
        self.expect_map(layer, dimensions)?;
        let ones = [1, 1];
        let pair = |key| layer.pair(key, dimensions, 1);
        let kernel = pair("kernel_size")?;
        let kernel = kernel.ok_or_else(|| layer.damaged("it has no `kernel_size`"))?;
        let stride = pair("strides")?.unwrap_or(ones);
        let dilation = pair("dilation_rate")?.unwrap_or(ones);
        // Of a signal: all of the padding in front, so that nothing later is read.
        let is_causal = dimensions == 1 && layer.word("padding", "valid")? == "causal";
        if is_causal {
            let reach = kernel[1].saturating_sub(1).saturating_mul(dilation[1]);
            if let Some(samples) = self.shape.first_mut() {
                *samples = samples.and_then(|samples| samples.checked_add(reach));
            }
            let padding = Padding::Explicit { before: [0, reach], after: [0, 0] };
            return Ok(Window { kernel, stride, dilation, padding });
        }
        let padding = match (padding(layer)?, self.zeros.take()) {
            (Padding::Valid, Some(Zeros { before, after, .. })) => {
                Padding::Explicit { before, after }
            }
            (padding, _) => padding,
        };
        Ok(Window { kernel, stride, dilation, padding })
    }

    /// The shape behind a window over the map.
    fn slide(&mut self, window: &Window, channels: Option<usize>) {
        let Window { kernel, stride, dilation, padding } = window;
        self.shape = positions(&self.shape, *kernel, *stride, *dilation, *padding, channels);
    }
}

impl Window {
    /// The shape of weights that begins with the taps.
    fn weights(&self, dimensions: usize, rest: [Option<usize>; 2]) -> Vec<Option<usize>> {
        let taps = self.kernel.iter().skip(2 - dimensions).map(|&taps| Some(taps));
        taps.chain(rest).collect()
    }
}

/// What a layer says of its padding.
pub(super) fn padding(layer: &Layer<'_>) -> Result<Padding, ImportError> {
    match layer.word("padding", "valid")? {
        "same" => Ok(Padding::Same),
        "valid" => Ok(Padding::Valid),
        other => {
            let reason = format!("its padding `{other}` is not known");
            Err(layer.refuse(reason, "use padding=\"same\" or padding=\"valid\""))
        }
    }
}
