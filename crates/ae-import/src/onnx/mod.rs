//! ONNX.
//!
//! A file is a protobuf message with a graph, whose operators name values by text. Maps have their
//! channels first; weights are put into the order that [`Operation`] asks for. An operator is called
//! by its own name, or as its output where it has none.
//!
//! Zeros put around a map become the padding of the convolution behind them, and a sum behind a
//! matrix product the product's bias.
//!
//! A model of integers is one whose activations pass through QuantizeLinear and DequantizeLinear.
//! Unsigned integers become signed ones, by 128 less.

mod arithmetic;
mod arrange;
mod function;
mod layer;
mod quantized;
mod repeat;
mod resize;
mod schema;
mod shapes;
mod softplus;
mod tensor;
mod transposed;
mod window;
mod wire;

use std::collections::{HashMap, HashSet};

use crate::graph::{
    Arithmetic, Chain, Constant, Extent, Limits, ONE_LINE, Refusal, Shape, Step, Understood,
};
use crate::{Function, ImportError, Operation, SourceFormat, SourceModel, Value};

use quantized::Quantized;
use schema::{Graph, Node};
use tensor::Tensor;
use wire::Message;

const FORMAT: SourceFormat = SourceFormat::Onnx;

/// Whether a file is one, as far as can be told: the format has no mark of its own. Exporters write
/// the version of the format first; else the whole must be a message that has a graph.
pub(crate) fn is(bytes: &[u8]) -> bool {
    let version_first = matches!(bytes, [0x08, 1..=31, 0x12 | 0x3A | 0x42, ..]);
    version_first || Message::new(bytes).last(7).is_ok_and(|graph| graph.is_some())
}

/// Reads a file.
pub(crate) fn read(bytes: &[u8]) -> Result<SourceModel, ImportError> {
    let place = |refusal: Refusal| refusal.within(FORMAT, "the model");
    let graph = Graph::read(bytes).map_err(place)?;
    let mut reader = Reader::new(&graph, bytes.len()).map_err(place)?;
    let takers = graph.nodes.iter().filter(|node| node.kind != "Shape");
    let used: HashSet<&str> = takers
        .flat_map(|node| node.inputs.iter().copied())
        .chain(graph.outputs.iter().map(|output| output.name))
        .collect();
    for (index, node) in graph.nodes.iter().enumerate() {
        // What nobody takes, nobody needs to know.
        if node.kind != "Shape" && !node.outputs.iter().any(|name| used.contains(name)) {
            continue;
        }
        let step = reader.step(node);
        step.map_err(|refusal| refusal.at(FORMAT, index, node.name, &node.kind))?;
    }
    reader.finish().map_err(place)
}

/// What a name stands for, if it is no value of the line.
#[derive(Clone, Debug)]
enum Held<'a> {
    Tensor(Tensor<'a>),
    Quantized(Quantized<'a>),
    /// Numbers of a shape that operators compute; none stands for the batch.
    Shape(Vec<Option<i64>>),
    /// Which numbers of a value are above a limit.
    Above {
        of: usize,
        limit: f32,
    },
}

/// What is read so far.
struct Reader<'g, 'a> {
    graph: &'g Graph<'a>,
    chain: Chain,
    /// Numbers for the names of the line's values.
    values: HashMap<&'a str, usize>,
    held: HashMap<&'a str, Held<'a>>,
    /// The value of which the last softplus is, and the value before that.
    softplus_of: Option<[Option<usize>; 2]>,
}

impl<'g, 'a> Reader<'g, 'a> {
    fn new(graph: &'g Graph<'a>, file_bytes: usize) -> Understood<Self> {
        let initializers = graph.initializers.iter();
        let held: HashMap<_, _> =
            initializers.map(|tensor| (tensor.name, Held::Tensor(*tensor))).collect();
        // Old files list the weights among the inputs.
        let inputs: Vec<_> =
            graph.inputs.iter().filter(|input| !held.contains_key(input.name)).collect();
        let [input] = inputs.as_slice() else {
            return Err(Refusal::new(format!("it has {} inputs", inputs.len()), ONE_LINE));
        };
        if graph.outputs.len() != 1 {
            return Err(Refusal::new(format!("it has {} outputs", graph.outputs.len()), ONE_LINE));
        }
        let Some(dims) = input.dims()? else {
            return Err(Refusal::new(
                format!("its input `{}` has no shape", input.name),
                "export the model with the shape of its input",
            ));
        };
        let (batch, shape) = match dims.split_first() {
            Some((batch, shape)) if !shape.is_empty() => (*batch, shape.to_vec()),
            // A lone dimension is no batch.
            _ => (None, dims),
        };
        let mut chain = Chain::new(0, shape, true, Limits::new(file_bytes));
        chain.samples = batch.unwrap_or(1);
        let values = HashMap::from([(input.name, 0)]);
        Ok(Self { graph, chain, values, held, softplus_of: None })
    }

    fn finish(mut self) -> Understood<SourceModel> {
        let output = self.graph.outputs.first();
        let output = output.ok_or_else(|| Refusal::new("it has no output", ONE_LINE))?;
        self.chain.settled()?;
        let last = self.values.get(output.name) == Some(&self.chain.head());
        if !last || self.chain.operators.is_empty() {
            let name = output.name;
            return Err(Refusal::new(format!("no operator at the end gives `{name}`"), ONE_LINE));
        }
        self.all_integers_or_none()?;
        let known = |shape: &[Extent]| shape.iter().copied().collect::<Option<_>>();
        let input = self.values.iter().find(|(_, value)| **value == 0).map(|(name, _)| *name);
        let input_shape = self.chain.shape_of(0).and_then(|shape| known(shape));
        Ok(SourceModel {
            format: FORMAT,
            channels_first: self.chain.input_channels_first,
            input: Value {
                name: input.unwrap_or_default().to_owned(),
                shape: input_shape.unwrap_or_default(),
                codes: self.chain.input_codes,
            },
            output: Value {
                name: output.name.to_owned(),
                shape: known(&self.chain.shape).unwrap_or_default(),
                codes: self.chain.codes,
            },
            operators: self.chain.operators,
        })
    }

    /// The numbers of a name, if they stand in the file.
    fn constant(&self, name: &str) -> Understood<Option<Constant<'a>>> {
        match self.held.get(name) {
            Some(Held::Tensor(tensor)) => tensor.constant().map(Some),
            Some(Held::Quantized(quantized)) => quantized.constant().map(Some),
            Some(Held::Shape(_) | Held::Above { .. }) | None => Ok(None),
        }
    }

    /// An operator's constant.
    fn needs(&self, node: &Node<'a>, at: usize, what: &str) -> Understood<Constant<'a>> {
        let constant = node.input(at).map(|name| self.constant(name)).transpose()?.flatten();
        constant.ok_or_else(|| {
            Refusal::new(
                format!("its {what} is not a constant"),
                "fold the constants of the model, for example with onnxsim",
            )
        })
    }

    /// An operator's constant that may be left out, which is then nothing.
    fn may_have(&self, node: &Node<'a>, at: usize, what: &str) -> Understood<Option<Constant<'a>>> {
        node.input(at).map(|_| self.needs(node, at, what)).transpose()
    }

    /// A number for what an operator gives.
    fn given(&mut self, node: &Node<'a>) -> usize {
        let next = self.values.len();
        let name = node.outputs.first().copied().unwrap_or_default();
        *self.values.entry(name).or_insert(next)
    }

    /// Checks that an operator takes the last value and constants.
    fn takes(&self, node: &Node<'a>) -> Understood<()> {
        let names =
            node.inputs.iter().filter(|name| !name.is_empty() && !self.held.contains_key(*name));
        let values: Vec<usize> =
            names.map(|name| self.values.get(name).copied().unwrap_or(usize::MAX)).collect();
        let name = |value| {
            let mut names = self.values.iter().filter(|(_, number)| **number == value);
            let unknown = node
                .inputs
                .iter()
                .find(|name| !self.held.contains_key(*name) && !self.values.contains_key(*name));
            names.next().map(|(name, _)| *name).or(unknown.copied()).unwrap_or_default().to_owned()
        };
        self.chain.takes(&values, name)
    }

    /// Puts an operator at the end. One that moves values or chooses among them keeps their codes.
    fn push(&mut self, node: &Node<'a>, operation: Operation, shape: Shape) -> Understood<()> {
        self.chain.settled()?;
        let codes = if operation.keeps_codes() { self.chain.codes } else { None };
        let value = self.given(node);
        let step = Step { name: node.name, kind: &node.kind };
        self.chain.push(step, operation, value, shape)?;
        self.chain.set_codes(codes);
        Ok(())
    }

    fn step(&mut self, node: &Node<'a>) -> Understood<()> {
        let kind = node.kind.as_str();
        let others = node.outputs.iter().skip(1).any(|name| !name.is_empty());
        if others && !matches!(kind, "Dropout" | "BatchNormalization" | "MaxPool") {
            return Err(Refusal::new(format!("it gives {} values", node.outputs.len()), ONE_LINE));
        }
        if self.computes_constant(node)?
            || self.computes_shape(node)?
            || self.gated(node)?
            || self.chooses(node)?
        {
            return Ok(());
        }
        self.known(node)?;
        self.takes(node)?;
        let shape = self.chain.shape.clone();
        match kind {
            "Gemm" => self.gemm(node),
            "MatMul" => self.matmul(node),
            "Conv" => self.convolution(node),
            "ConvTranspose" => self.transposed(node),
            "BatchNormalization" => self.normalization(node),
            "MaxPool" => self.pool(node, Operation::Maximum),
            "AveragePool" => self.pool(node, Operation::Average),
            "GlobalAveragePool" | "ReduceMean" => self.mean(node),
            "Resize" | "Upsample" => self.resize(node),
            "Pad" => self.pad(node),
            "Flatten" => self.flatten(node),
            "Reshape" => self.reshape(node),
            "Squeeze" => self.squeeze(node),
            "Unsqueeze" => self.unsqueeze(node),
            "Transpose" => self.transpose(node),
            "Identity" | "Dropout" => self.push(node, Operation::Identity, shape),
            "Cast" => self.cast(node),
            "Add" => self.arithmetic(node, Arithmetic::Add),
            "Sub" => self.arithmetic(node, Arithmetic::Subtract),
            "Mul" => self.arithmetic(node, Arithmetic::Multiply),
            "Div" => self.arithmetic(node, Arithmetic::Divide),
            "Erf" => self.erf(node),
            "Exp" => self.exp(node),
            "Log" => self.log(node),
            "Tile" | "Expand" => self.repeat(node),
            "QuantizeLinear" | "DequantizeLinear" => self.border(node),
            _ => {
                let function = self.function(node)?;
                if function == Function::Softplus {
                    self.begins_softplus();
                }
                self.push(node, Operation::Function(function), shape)
            }
        }
    }
}
