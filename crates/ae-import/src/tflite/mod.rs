//! TensorFlow Lite.
//!
//! A file is one FlatBuffers table with graphs, whose operators name tensors by number. Weights stand
//! in the order that [`Operation`] asks for. An operator is called what its output is called.
//!
//! Some of what a converter writes is a part of something else, and becomes a part of it here: zeros
//! put around a map are a convolution's padding, places taken apart into the batch its dilation.

mod arrange;
mod flat;
mod integers;
mod kinds;
mod layer;
mod schema;
mod shapes;
mod space;
mod transposed;

use std::collections::{HashMap, HashSet};

use crate::graph::{
    Arithmetic, Chain, Constant, Limits, ONE_LINE, Pending, Refusal, Shape, Step, Understood,
    arithmetic,
};
use crate::{Codes, Function, ImportError, Operation, SourceFormat, SourceModel, Value};

use integers::Island;
use schema::{Kind, Model, Node};

const FORMAT: SourceFormat = SourceFormat::TensorFlowLite;

/// Whether a file says that it is one.
pub(crate) fn is(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"TFL3")
}

/// Reads a file.
pub(crate) fn read(bytes: &[u8]) -> Result<SourceModel, ImportError> {
    let place = |refusal: Refusal| refusal.within(FORMAT, "the model");
    let model = Model::read(bytes).map_err(place)?;
    let mut reader = Reader::new(&model, bytes.len()).map_err(place)?;
    let nodes = (0..model.operators()).map(|index| {
        let node = model.node(index);
        node.map_err(|refusal| refusal.within(FORMAT, &format!("operator {index}")))
    });
    let nodes: Vec<_> = nodes.collect::<Result<_, _>>()?;
    let takers = nodes.iter().filter(|node| node.kind != "SHAPE");
    let used: HashSet<usize> =
        takers.flat_map(|node| &node.inputs).flatten().chain(&model.outputs).copied().collect();
    for (index, node) in nodes.iter().enumerate() {
        let step = reader.step(node, used.contains(&node.output));
        step.map_err(|refusal| refusal.at(FORMAT, index, node.name, node.kind))?;
    }
    reader.finish().map_err(place)
}

/// What is read so far.
struct Reader<'m, 'a> {
    model: &'m Model<'a>,
    chain: Chain,
    /// Constants under another number: those that are turned into real ones before use.
    aliases: HashMap<usize, usize>,
    /// Numbers of shapes that operators compute; none stands for the batch.
    computed: HashMap<usize, Vec<Option<i64>>>,
    /// Where the integers were turned back into real numbers, if the line is there.
    island: Option<Island>,
}

impl<'m, 'a> Reader<'m, 'a> {
    fn new(model: &'m Model<'a>, file_bytes: usize) -> Understood<Self> {
        let [input] = model.inputs.as_slice() else {
            return Err(Refusal::new(format!("it has {} inputs", model.inputs.len()), ONE_LINE));
        };
        if model.outputs.len() != 1 {
            return Err(Refusal::new(format!("it has {} outputs", model.outputs.len()), ONE_LINE));
        }
        let tensor = model.tensor(*input)?;
        let (batch, shape) = match tensor.dims.split_first() {
            Some((batch, shape)) if !shape.is_empty() => (*batch, shape.to_vec()),
            // A lone dimension is no batch.
            _ => (None, tensor.dims.clone()),
        };
        let mut chain = Chain::new(*input, shape, false, Limits::new(file_bytes));
        chain.samples = batch.unwrap_or(1);
        chain.input_codes = tensor.codes()?;
        chain.codes = chain.input_codes;
        let (aliases, computed) = (HashMap::new(), HashMap::new());
        Ok(Self { model, chain, aliases, computed, island: None })
    }

    fn finish(self) -> Understood<SourceModel> {
        let output = self.model.outputs.first().unwrap_or(&0);
        self.chain.settled()?;
        let input = *self.model.inputs.first().unwrap_or(&0);
        let name = self.model.tensor(*output)?.name;
        if let Some(island) = self.island {
            island.ends(&self.chain.operators)?;
        }
        if *output != self.chain.head() || self.chain.operators.is_empty() {
            return Err(Refusal::new(format!("no operator at the end gives `{name}`"), ONE_LINE));
        }
        let shape =
            |shape: &Shape| shape.iter().copied().collect::<Option<_>>().unwrap_or_default();
        let input_shape = self.chain.shape_of(input).map(shape).unwrap_or_default();
        Ok(SourceModel {
            format: FORMAT,
            channels_first: self.chain.input_channels_first,
            input: Value {
                name: self.model.tensor(input)?.name.to_owned(),
                shape: input_shape,
                codes: self.chain.input_codes,
            },
            output: Value {
                name: name.to_owned(),
                shape: shape(&self.chain.shape),
                codes: self.chain.codes,
            },
            operators: self.chain.operators,
        })
    }

    fn is_constant(&self, value: usize) -> Understood<bool> {
        self.model.is_constant(self.aliases.get(&value).copied().unwrap_or(value))
    }

    /// The numbers of a value, if they stand in the file.
    fn constant(&self, value: usize) -> Understood<Option<Constant<'a>>> {
        self.model.constant(self.aliases.get(&value).copied().unwrap_or(value))
    }

    /// An operator's constant.
    fn needs(&self, node: &Node<'_>, at: usize, what: &str) -> Understood<Constant<'a>> {
        let constant = node.input(at).map(|value| self.constant(value)).transpose()?.flatten();
        constant.ok_or_else(|| {
            Refusal::new(format!("its {what} is not a constant"), "make it a constant in the model")
        })
    }

    /// An operator's constant that may be left out, which is then nothing.
    fn may_have(&self, node: &Node<'_>, at: usize, what: &str) -> Understood<Option<Constant<'a>>> {
        node.input(at).map(|_| self.needs(node, at, what)).transpose()
    }

    /// Checks that an operator takes the last value and constants.
    fn takes(&self, node: &Node<'_>) -> Understood<()> {
        let mut values = Vec::new();
        for value in node.inputs.iter().copied().flatten() {
            if !self.computed.contains_key(&value) && !self.is_constant(value)? {
                values.push(value);
            }
        }
        let name = |value| self.model.tensor(value).map_or("", |tensor| tensor.name).to_owned();
        self.chain.takes(&values, name)
    }

    /// Puts an operator at the end, with a function that its file has in it.
    fn push(
        &mut self,
        node: &Node<'_>,
        operation: Operation,
        shape: Shape,
        fused: i8,
    ) -> Understood<()> {
        self.chain.settled()?;
        let name = node.name;
        self.chain.append(Step { name, kind: node.kind }, operation)?;
        if let Some((kind, function)) = layer::fused(fused)? {
            self.chain.append(Step { name, kind }, Operation::Function(function))?;
        }
        self.chain.advance(node.output, shape)?;
        self.give_codes(node)
    }

    /// `used` says whether another operator takes what this one gives, for more than its shape.
    fn step(&mut self, node: &Node<'_>, used: bool) -> Understood<()> {
        if !used && node.kind != "SHAPE" {
            // Converters leave a layer without its function behind, where its shape was asked for.
            let dims = self.model.tensor(node.output)?.dims;
            self.chain.note(node.output, dims.get(1..).unwrap_or_default().to_vec());
            return Ok(());
        }
        if self.computes_shape(node)? || self.computes_constant(node)? || self.silu(node)? {
            return Ok(());
        }
        self.takes(node)?;
        if let Some(island) = self.island {
            island.takes(node)?;
        }
        match node.kind {
            "FULLY_CONNECTED" => self.dense(node),
            "CONV_2D" => self.convolution(node),
            "DEPTHWISE_CONV_2D" => self.depthwise(node),
            "TRANSPOSE_CONV" => self.transposed(node),
            "MAX_POOL_2D" => self.pool(node, Operation::Maximum),
            "AVERAGE_POOL_2D" => self.pool(node, Operation::Average),
            "MEAN" => self.mean(node),
            "RESIZE_NEAREST_NEIGHBOR" => self.resize(node),
            "PAD" => self.pad(node),
            "SPACE_TO_BATCH_ND" => self.apart(node),
            "BATCH_TO_SPACE_ND" => self.together(node),
            "RESHAPE" | "SQUEEZE" => self.reshape(node),
            "EXPAND_DIMS" => self.expand(node),
            "TILE" => self.repeat(node),
            "TRANSPOSE" => self.transpose(node),
            "ADD" => self.arithmetic(node, Arithmetic::Add),
            "SUB" => self.arithmetic(node, Arithmetic::Subtract),
            "MUL" => self.arithmetic(node, Arithmetic::Multiply),
            "DIV" => self.arithmetic(node, Arithmetic::Divide),
            "QUANTIZE" | "DEQUANTIZE" => self.border(node),
            "EXP" => self.softplus(node, 0),
            "LOG" => self.softplus(node, 2),
            _ => {
                let shape = self.chain.shape.clone();
                let integers = self.gives_integers(node)?;
                let function = layer::function(node, integers)?;
                self.push(node, Operation::Function(function), shape, 0)
            }
        }
    }

    /// Sums and products with a constant.
    fn arithmetic(&mut self, node: &Node<'_>, what: Arithmetic) -> Understood<()> {
        if self.chain.pending == Some(Pending::Softplus(1)) {
            return self.softplus(node, 1);
        }
        let first = node.input(0) != Some(self.chain.head());
        let constant = self.needs(node, usize::from(!first), "second operand")?;
        let operation = arithmetic(what, first, &constant, &mut self.chain)?;
        let shape = self.chain.shape.clone();
        self.push(node, operation, shape, node.i8(0)?)
    }

    /// `x · sigmoid(x)`, if an operator is that: the sigmoid then becomes it.
    fn silu(&mut self, node: &Node<'_>) -> Understood<bool> {
        let sides = [node.input(0), node.input(1)];
        let (head, before) = (Some(self.chain.head()), self.chain.before());
        let both = sides == [head, before] || sides == [before, head];
        let sigmoid = Operation::Function(Function::Sigmoid);
        let integers = self.gives_integers(node)?;
        match self.chain.operators.last_mut() {
            Some(last) if node.kind == "MUL" && both && last.operation == sigmoid => {
                if integers && last.codes != Some(Codes::OF_SIGMOID) {
                    return Err(Refusal::damaged(
                        "a sigmoid gives codes of another scale than 1/256",
                    ));
                }
                // The sigmoid's own codes are a part of the product; those before it go on.
                last.operation = Operation::Identity;
                last.codes = self.chain.codes_before.filter(|_| integers);
            }
            _ => return Ok(false),
        }
        let shape = self.chain.shape.clone();
        let function = if integers { Function::SiluProduct } else { Function::Silu };
        self.push(node, Operation::Function(function), shape, node.i8(0)?)?;
        Ok(true)
    }

    /// `ln(1 + exp(x))`, as converters write it: the parts before the logarithm are its parts.
    fn softplus(&mut self, node: &Node<'_>, part: usize) -> Understood<()> {
        let shape = self.chain.shape.clone();
        let begun = match self.chain.pending {
            None => part == 0,
            Some(Pending::Softplus(done)) => part == done,
            Some(_) => false,
        };
        let one = part != 1
            || (node.kind == "ADD" && node.i8(0)? == 0 && {
                let at = usize::from(node.input(0) == Some(self.chain.head()));
                self.needs(node, at, "second operand")?.all_reals()? == [1.0]
            });
        if !begun || !one {
            return Err(Refusal::new(
                "exp and ln are understood only as parts of ln(1 + exp(x))",
                "use an activation that this project has, such as ReLU, ELU or softplus",
            ));
        }
        self.integers_not_in(node)?;
        self.chain.pending = None;
        if part == 2 {
            return self.push(node, Operation::Function(Function::Softplus), shape, 0);
        }
        self.chain.advance(node.output, shape)?;
        self.chain.pending = Some(Pending::Softplus(part.saturating_add(1)));
        Ok(())
    }

    fn integers_not_in(&self, node: &Node<'_>) -> Understood<()> {
        match self.model.tensor(node.output)?.kind {
            Kind::F32 => Ok(()),
            _ => Err(Refusal::new(
                "a function in several parts works on integers",
                "import the model before its quantisation",
            )),
        }
    }
}
