//! Layers with weights, and pools.

use crate::graph::{Extent, Layer, Pending, Refusal, Understood, in_words, numbers, places};
use crate::{Convolution, Dense, Depthwise, Function, Operation, Padding, Pool};

use super::Reader;
use super::schema::Node;

/// The function that an operator has in it, and what it is called by itself.
pub(super) fn fused(number: i8) -> Understood<Option<(&'static str, Function)>> {
    Ok(Some(match number {
        0 => return Ok(None),
        1 => ("RELU", Function::Relu),
        3 => ("RELU6", Function::Relu6),
        4 => ("TANH", Function::Tanh),
        other => {
            let name = match other {
                2 => "RELU_N1_TO_1".to_owned(),
                5 => "SIGN_BIT".to_owned(),
                other => format!("number {other}"),
            };
            return Err(unknown_function(&name));
        }
    }))
}

fn unknown_function(name: &str) -> Refusal {
    Refusal::new(
        format!("{name} is not an activation that this project has"),
        "use ReLU, ReLU6, leaky ReLU, ELU, sigmoid, tanh, GELU, SiLU or softplus",
    )
}

/// An operator that is a function of each value. Of integers there are more, as each is a table.
pub(super) fn function(node: &Node<'_>, integers: bool) -> Understood<Function> {
    Ok(match node.kind {
        "RELU" => Function::Relu,
        "RELU6" => Function::Relu6,
        "LEAKY_RELU" => Function::LeakyRelu(node.f32(0)?),
        "ELU" => Function::Elu(1.0),
        "LOGISTIC" => Function::Sigmoid,
        "TANH" => Function::Tanh,
        "GELU" if node.bool(0)? && integers => Function::GeluTanh,
        "HARD_SWISH" if integers => Function::HardSwish,
        "GELU" if node.bool(0)? => {
            return Err(Refusal::new(
                "GELU by its approximation with tanh differs from the one that this project has",
                "use GELU without approximation",
            ));
        }
        "GELU" => Function::Gelu,
        "HARD_SWISH" | "RELU_N1_TO_1" | "RELU_0_TO_1" | "PRELU" | "SOFTMAX" | "LOG_SOFTMAX"
        | "SIGN" | "ABS" | "SQRT" | "RSQRT" | "SQUARE" | "POW" => {
            return Err(unknown_function(node.kind));
        }
        kind => {
            return Err(Refusal::new(
                format!("{kind} is not a layer that this project has"),
                "a model of dense layers, convolutions, pools, upsampling and activations can be \
                 imported",
            ));
        }
    })
}

impl Reader<'_, '_> {
    pub(super) fn dense(&mut self, node: &Node<'_>) -> Understood<()> {
        let weights = self.needs(node, 1, "weights")?;
        let bias = self.may_have(node, 2, "bias")?;
        let &[outputs, inputs] = weights.dims() else {
            return Err(not_of(weights.dims(), "outputs, inputs"));
        };
        if node.i8(1)? != 0 {
            return Err(Refusal::new("its weights are shuffled", "convert it for any processor"));
        }
        // Without the option all dimensions but the last are one batch.
        let shape = self.chain.shape.clone();
        let flat = crate::graph::elements(&shape).is_none_or(|values| values == inputs);
        if !flat || (node.bool(2)? && shape.len() > 1) {
            return Err(Refusal::new(
                format!(
                    "it has {inputs} inputs, and works on each row of {} by itself",
                    in_words(&shape)
                ),
                "put a flattening before it, or use a convolution with a kernel of 1",
            ));
        }
        let integers = self.gives_integers(node)?;
        let layer =
            Layer { weights: &weights, order: &[0, 1], bias: bias.as_ref(), outputs, axis: 0 };
        let numbers = numbers(&layer, &mut self.chain, integers)?;
        let dense = Dense { inputs, outputs, numbers };
        self.push(node, Operation::Dense(dense), vec![Some(outputs)], node.i8(0)?)
    }

    pub(super) fn convolution(&mut self, node: &Node<'_>) -> Understood<()> {
        let weights = self.needs(node, 1, "weights")?;
        let bias = self.may_have(node, 2, "bias")?;
        let &[channels_out, height, width, channels_in] = weights.dims() else {
            return Err(not_of(weights.dims(), "outputs, height, width, inputs"));
        };
        let (_, channels) = self.chain.map()?;
        // An output that reads a part of the channels reads those of its group.
        let (reads, channels_in) = (channels_in, channels.unwrap_or(channels_in));
        let groups = channels_in.checked_div(reads).unwrap_or_default();
        if groups.checked_mul(reads) != Some(channels_in) || groups == 0 {
            return Err(Refusal::damaged(format!(
                "each output reads {reads} of {channels_in} channels"
            )));
        }
        let kernel = [height, width];
        let stride = [node.size(2, 0, "stride")?, node.size(1, 0, "stride")?];
        let dilation = [node.size(5, 1, "dilation")?, node.size(4, 1, "dilation")?];
        let (padding, dilation) = self.surroundings(node, dilation)?;
        let shape = self.shape_behind(kernel, stride, dilation, padding, Some(channels_out))?;
        let integers = self.gives_integers(node)?;
        let layer = Layer {
            weights: &weights,
            order: &[0, 1, 2, 3],
            bias: bias.as_ref(),
            outputs: channels_out,
            axis: 0,
        };
        let numbers = numbers(&layer, &mut self.chain, integers)?;
        let operation = Operation::Convolution(Convolution {
            channels_in,
            channels_out,
            groups,
            kernel,
            stride,
            dilation,
            padding,
            numbers,
        });
        self.push_read(node, operation, shape, node.i8(3)?)
    }

    pub(super) fn depthwise(&mut self, node: &Node<'_>) -> Understood<()> {
        let weights = self.needs(node, 1, "weights")?;
        let bias = self.may_have(node, 2, "bias")?;
        let &[1, height, width, outputs] = weights.dims() else {
            return Err(not_of(weights.dims(), "1, height, width, outputs"));
        };
        let (_, channels) = self.chain.map()?;
        let multiplier = match channels {
            Some(channels) => outputs.checked_div(channels).unwrap_or_default(),
            None => node.size(3, 1, "depth multiplier")?,
        };
        let channels = outputs.checked_div(multiplier).unwrap_or_default();
        if channels == 0 || channels.checked_mul(multiplier) != Some(outputs) {
            return Err(Refusal::damaged(format!(
                "{outputs} channels out of {:?} channels in",
                self.chain.shape
            )));
        }
        let kernel = [height, width];
        let stride = [node.size(2, 0, "stride")?, node.size(1, 0, "stride")?];
        let dilation = [node.size(6, 1, "dilation")?, node.size(5, 1, "dilation")?];
        let (padding, dilation) = self.surroundings(node, dilation)?;
        let shape = self.shape_behind(kernel, stride, dilation, padding, Some(outputs))?;
        let integers = self.gives_integers(node)?;
        let layer = Layer {
            weights: &weights,
            order: &[0, 1, 2, 3],
            bias: bias.as_ref(),
            outputs,
            axis: 3,
        };
        let numbers = numbers(&layer, &mut self.chain, integers)?;
        let operation = Operation::Depthwise(Depthwise {
            channels,
            multiplier,
            kernel,
            stride,
            dilation,
            padding,
            numbers,
        });
        self.push_read(node, operation, shape, node.i8(4)?)
    }

    pub(super) fn pool(
        &mut self,
        node: &Node<'_>,
        operation: impl Fn(Pool) -> Operation,
    ) -> Understood<()> {
        self.chain.settled()?;
        let kernel = [node.size(4, 0, "window")?, node.size(3, 0, "window")?];
        let stride = [node.size(2, 0, "stride")?, node.size(1, 0, "stride")?];
        let padding = padding(node)?;
        let (_, channels) = self.chain.map()?;
        let shape = self.shape_behind(kernel, stride, [1, 1], padding, channels)?;
        let pool = Pool { kernel, stride, padding, counts_padding: false };
        self.push(node, operation(pool), shape, node.i8(5)?)
    }

    /// The padding and dilation of a convolution with those of the operators before it.
    fn surroundings(
        &mut self,
        node: &Node<'_>,
        dilation: [usize; 2],
    ) -> Understood<(Padding, [usize; 2])> {
        let own = padding(node)?;
        if self.chain.pending.is_some() && own != Padding::Valid {
            return Err(Refusal::new(
                "zeros are put around the map before it and by itself",
                "give the convolution alone its padding",
            ));
        }
        match self.chain.pending {
            Some(Pending::Pad { before, after }) => {
                self.chain.pending = None;
                Ok((Padding::Explicit { before, after }, dilation))
            }
            Some(Pending::Apart { dilation: apart, before, after }) if dilation == [1, 1] => {
                self.chain.pending = Some(Pending::Read { dilation: apart });
                Ok((Padding::Explicit { before, after }, apart))
            }
            _ => {
                self.chain.settled()?;
                Ok((own, dilation))
            }
        }
    }

    fn shape_behind(
        &self,
        kernel: [usize; 2],
        stride: [usize; 2],
        dilation: [usize; 2],
        padding: Padding,
        channels: Extent,
    ) -> Understood<crate::graph::Shape> {
        let ([height, width], _) = self.chain.map()?;
        let ([kh, kw], [sh, sw], [dh, dw]) = (kernel, stride, dilation);
        let places =
            [places(height, kh, sh, dh, padding, 0), places(width, kw, sw, dw, padding, 1)];
        Ok(self.chain.map_shape(places, channels))
    }

    /// Puts a convolution at the end, perhaps one whose places are not yet back from the batch.
    fn push_read(
        &mut self,
        node: &Node<'_>,
        operation: Operation,
        shape: crate::graph::Shape,
        fused: i8,
    ) -> Understood<()> {
        let pending = self.chain.pending.take();
        self.push(node, operation, shape, fused)?;
        self.chain.pending = pending;
        Ok(())
    }
}

pub(super) fn padding(node: &Node<'_>) -> Understood<Padding> {
    match node.i8(0)? {
        0 => Ok(Padding::Same),
        1 => Ok(Padding::Valid),
        other => Err(Refusal::damaged(format!("its padding has number {other}"))),
    }
}

pub(super) fn not_of(dims: &[usize], wanted: &str) -> Refusal {
    Refusal::damaged(format!("its weights are of {dims:?}, where [{wanted}] are expected"))
}
