//! Layers with weights, and normalisation.

use crate::graph::{Constant, Layer, Refusal, Understood, elements, in_words, numbers};
use crate::{Convolution, Dense, Depthwise, Numbers, Operation};

use super::Reader;
use super::schema::Node;
use super::window::pair;

impl<'a> Reader<'_, 'a> {
    pub(super) fn gemm(&mut self, node: &Node<'a>) -> Understood<()> {
        let weights = self.needs(node, 1, "second factor")?;
        let bias = self.may_have(node, 2, "summand")?;
        if node.i64("transA", 0)? != 0 {
            return Err(Refusal::new("transA turns the batch", "export it without transA"));
        }
        let turned = node.i64("transB", 0)? != 0;
        let (alpha, beta) = (node.f32("alpha", 1.0)?, node.f32("beta", 1.0)?);
        self.dense(node, &weights, turned, bias.as_ref(), [alpha, beta])
    }

    pub(super) fn matmul(&mut self, node: &Node<'a>) -> Understood<()> {
        let weights = self.needs(node, 1, "second factor")?;
        self.dense(node, &weights, false, None, [1.0, 1.0])
    }

    /// `outputs_first` says whether the weights have a row for each output.
    fn dense(
        &mut self,
        node: &Node<'a>,
        weights: &Constant<'a>,
        outputs_first: bool,
        bias: Option<&Constant<'a>>,
        [alpha, beta]: [f32; 2],
    ) -> Understood<()> {
        let (inputs, outputs) = match (weights.dims(), outputs_first) {
            (&[outputs, inputs], true) | (&[inputs, outputs], false) => (inputs, outputs),
            (dims, _) => return Err(Refusal::damaged(format!("a matrix of {dims:?}"))),
        };
        let shape = &self.chain.shape;
        if shape.len() != 1 || elements(shape).is_some_and(|values| values != inputs) {
            return Err(Refusal::new(
                format!(
                    "it has {inputs} inputs, and works on each row of {} by itself",
                    in_words(shape)
                ),
                "put a flattening before it, or use a convolution with a kernel of 1",
            ));
        }
        let (order, axis) = if outputs_first { ([0, 1], 0) } else { ([1, 0], 1) };
        let integers = self.integers(weights)?;
        let layer = Layer { weights, order: &order, bias, outputs, axis };
        let mut numbers = numbers(&layer, &mut self.chain, integers)?;
        match &mut numbers {
            Numbers::Real { weights, bias } => {
                weights.iter_mut().for_each(|weight| *weight *= alpha);
                bias.iter_mut().for_each(|bias| *bias *= beta);
            }
            Numbers::Integers { .. } if [alpha, beta] == [1.0, 1.0] => {}
            Numbers::Integers { .. } => {
                return Err(Refusal::new(
                    format!("it multiplies integers by alpha {alpha} and beta {beta}"),
                    "export it with alpha and beta of 1",
                ));
            }
        }
        let operation = Operation::Dense(Dense { inputs, outputs, numbers });
        self.push(node, operation, vec![Some(outputs)])
    }

    pub(super) fn convolution(&mut self, node: &Node<'a>) -> Understood<()> {
        let weights = self.needs(node, 1, "weights")?;
        let bias = self.may_have(node, 2, "bias")?;
        let (outputs, inputs, taps) = match *weights.dims() {
            [outputs, inputs, height, width] => (outputs, inputs, vec![height, width]),
            [outputs, inputs, width] => (outputs, inputs, vec![width]),
            _ => return Err(not_of_a_map(&weights)),
        };
        self.of_a_map(taps.len())?;
        let kernel = kernel(&taps)?;
        let window = self.window(node, kernel)?;
        let window = self.padded(window)?;
        let (kernel, stride) = (window.kernel, window.stride);
        let (dilation, padding) = (window.dilation, window.padding);
        let groups = usize::try_from(node.i64("group", 1)?).unwrap_or_default();
        let channels = groups.checked_mul(inputs).filter(|channels| *channels > 0);
        let (_, found) = self.chain.map()?;
        let multiplier = outputs.checked_div(groups).filter(|multiplier| *multiplier > 0);
        let (Some(channels), Some(multiplier)) = (channels, multiplier) else {
            return Err(Refusal::damaged(format!("{groups} groups of {outputs} outputs")));
        };
        if found.is_some_and(|found| found != channels)
            || multiplier.checked_mul(groups) != Some(outputs)
        {
            return Err(Refusal::damaged(format!(
                "its {groups} groups of {inputs} channels do not fit {} channels, or its {outputs} \
                 outputs",
                in_words(&[found])
            )));
        }
        let shape = self.shape_behind(&window, Some(outputs))?;
        let integers = self.integers(&weights)?;
        let signal = taps.len() == 1;
        let depthwise = groups > 1 && inputs == 1;
        let order: &[usize] = match (depthwise, signal) {
            (false, false) => &[0, 2, 3, 1],
            (false, true) => &[0, 2, 1],
            (true, false) => &[2, 3, 0, 1],
            (true, true) => &[2, 0, 1],
        };
        let layer = Layer { weights: &weights, order, bias: bias.as_ref(), outputs, axis: 0 };
        let numbers = numbers(&layer, &mut self.chain, integers)?;
        let operation = if depthwise {
            Operation::Depthwise(Depthwise {
                channels,
                multiplier,
                kernel,
                stride,
                dilation,
                padding,
                numbers,
            })
        } else {
            let (channels_in, channels_out) = (channels, outputs);
            Operation::Convolution(Convolution {
                channels_in,
                channels_out,
                groups,
                kernel,
                stride,
                dilation,
                padding,
                numbers,
            })
        };
        self.push(node, operation, shape)
    }

    /// Checks that what comes in has so many places' dimensions beside the channels.
    pub(super) fn of_a_map(&self, places: usize) -> Understood<()> {
        let found = self.chain.shape.len();
        if found != places.saturating_add(1) {
            return Err(Refusal::damaged(format!(
                "a kernel of {places} dimensions over a value of {found}"
            )));
        }
        Ok(())
    }

    /// Whether a layer is one of integers.
    pub(super) fn integers(&self, weights: &Constant<'a>) -> Understood<bool> {
        match (self.chain.codes.is_some(), weights.quantization.is_some()) {
            (true, false) => Err(Refusal::new(
                "it takes integers, and its weights are real numbers",
                "quantise the weights of all layers, or none",
            )),
            // Weights alone may be integers in the file.
            (integers, _) => Ok(integers),
        }
    }

    pub(super) fn normalization(&mut self, node: &Node<'a>) -> Understood<()> {
        if node.i64("training_mode", 0)? != 0 {
            return Err(Refusal::new("it works as in training", "export the model for inference"));
        }
        let epsilon = f64::from(node.f32("epsilon", 1e-5)?);
        let part = |at: usize, what: &str| -> Understood<Vec<f32>> {
            self.needs(node, at, what)?.all_reals()
        };
        // They become what is done with each channel in their own place.
        let (mut factor, mut shift) = (part(1, "scale")?, part(2, "offset")?);
        let (mean, variance) = (part(3, "mean")?, part(4, "variance")?);
        let channels = factor.len();
        let map = self.chain.shape.get(self.chain.channel_axis()).copied().flatten();
        let lengths = [shift.len(), mean.len(), variance.len()];
        if lengths.iter().any(|length| *length != channels)
            || map.is_some_and(|map| map != channels)
        {
            return Err(Refusal::damaged(format!(
                "its constants have {channels} and {lengths:?} numbers for {} channels",
                in_words(&[map])
            )));
        }
        self.chain.limits.take(channels.saturating_mul(2))?;
        let numbers = factor.iter_mut().zip(&mut shift).zip(&mean).zip(&variance);
        for (((factor, shift), mean), variance) in numbers {
            let each = f64::from(*factor) / (f64::from(*variance) + epsilon).sqrt();
            *shift = (f64::from(*shift) - f64::from(*mean) * each) as f32;
            *factor = each as f32;
        }
        if !factor.iter().chain(&shift).all(|number| number.is_finite()) {
            return Err(Refusal::new(
                "its constants give a number that is not finite",
                "train the model again: a variance is negative or not a number",
            ));
        }
        let shape = self.chain.shape.clone();
        self.push(node, Operation::Affine { factor, shift }, shape)
    }
}

pub(super) fn kernel(taps: &[usize]) -> Understood<[usize; 2]> {
    let taps: Option<Vec<i64>> = taps.iter().map(|taps| i64::try_from(*taps).ok()).collect();
    pair(&taps.unwrap_or_default(), 1, "kernel")
}

pub(super) fn not_of_a_map(weights: &Constant<'_>) -> Refusal {
    Refusal::new(
        format!("its weights are of {:?}", weights.dims()),
        "only convolutions over maps with height and width, and over signals, can be imported",
    )
}
