//! The messages of a model that are read. Numbers of fields are those of the public `onnx.proto`.

use crate::graph::{Extent, Limits, ONE_LINE, Refusal, Shape, Understood};

use super::tensor::Tensor;
use super::wire::{Message, Wire};

/// A model's graph.
pub(crate) struct Graph<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    pub(crate) initializers: Vec<Tensor<'a>>,
    pub(crate) inputs: Vec<Named<'a>>,
    pub(crate) outputs: Vec<Named<'a>>,
}

/// An input or an output.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) name: &'a str,
    message: Message<'a>,
}

/// An operator.
pub(crate) struct Node<'a> {
    /// Its own name, or that of what it gives.
    pub(crate) name: &'a str,
    pub(crate) kind: String,
    /// Empty where an optional one is left out.
    pub(crate) inputs: Vec<&'a str>,
    pub(crate) outputs: Vec<&'a str>,
    message: Message<'a>,
}

impl<'a> Graph<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Understood<Self> {
        let model = Message::new(bytes).last(7)?;
        let Some(graph) = model else { return Err(Refusal::damaged("it has no graph")) };
        let mut read =
            Self { nodes: vec![], initializers: vec![], inputs: vec![], outputs: vec![] };
        for field in graph.message()? {
            match field? {
                (1, node) => {
                    Limits::parts(read.nodes.len(), "operators")?;
                    read.nodes.push(Node::read(node.message()?)?);
                }
                (5, tensor) => {
                    Limits::parts(read.initializers.len(), "tensors")?;
                    read.initializers.push(Tensor::read(tensor.message()?)?);
                }
                (11, input) => Named::push(&mut read.inputs, input)?,
                (12, output) => Named::push(&mut read.outputs, output)?,
                (15, _) => {
                    return Err(Refusal::new("it has sparse weights", "store the weights densely"));
                }
                _ => {}
            }
        }
        Ok(read)
    }
}

impl<'a> Named<'a> {
    fn push(into: &mut Vec<Self>, wire: Wire<'a>) -> Understood<()> {
        Limits::parts(into.len(), "inputs or outputs")?;
        let message = wire.message()?;
        into.push(Self { name: message.text(1)?, message });
        Ok(())
    }

    /// Its dimensions with the batch, if the file says them: a tensor's shape.
    pub(crate) fn dims(&self) -> Understood<Option<Shape>> {
        let tensor = self.message.message(2)?.message(1)?;
        let Some(shape) = tensor.last(2)? else { return Ok(None) };
        let mut dims = Shape::new();
        for field in shape.message()? {
            let (1, dim) = field? else { continue };
            if dims.len() >= 8 {
                return Err(Refusal::damaged("a value of more than 8 dimensions"));
            }
            let dim: Option<Wire<'_>> = dim.message()?.last(1)?;
            let dim: Extent = dim.map(Wire::i64).transpose()?.and_then(|n| usize::try_from(n).ok());
            // Some exporters write an open dimension as 0.
            dims.push(dim.filter(|dim| *dim > 0));
        }
        Ok(Some(dims))
    }
}

impl<'a> Node<'a> {
    fn read(message: Message<'a>) -> Understood<Self> {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        let (mut name, mut operator, mut domain) = ("", "", "");
        for field in message {
            match field? {
                (1, input) => name_of(&mut inputs, input)?,
                (2, output) => name_of(&mut outputs, output)?,
                (3, own) => name = own.text()?,
                (4, kind) => operator = kind.text()?,
                (7, other) => domain = other.text()?,
                _ => {}
            }
        }
        let kind = match domain {
            "" | "ai.onnx" => operator.to_owned(),
            other => format!("{other}.{operator}"),
        };
        if name.is_empty() {
            name = outputs.first().copied().unwrap_or_default();
        }
        Ok(Self { name, kind, inputs, outputs, message })
    }

    pub(crate) fn input(&self, at: usize) -> Option<&'a str> {
        self.inputs.get(at).copied().filter(|name| !name.is_empty())
    }

    fn attribute(&self, wanted: &str) -> Understood<Option<Message<'a>>> {
        for field in self.message {
            let (5, attribute) = field? else { continue };
            let attribute = attribute.message()?;
            if attribute.text(1)? == wanted {
                return Ok(Some(attribute));
            }
        }
        Ok(None)
    }

    pub(crate) fn has(&self, name: &str) -> Understood<bool> {
        Ok(self.attribute(name)?.is_some())
    }

    pub(crate) fn f32(&self, name: &str, default: f32) -> Understood<f32> {
        let number = self.attribute(name)?.map(|attribute| attribute.last(2)).transpose()?;
        number.flatten().map_or(Ok(default), Wire::f32)
    }

    pub(crate) fn i64(&self, name: &str, default: i64) -> Understood<i64> {
        self.attribute(name)?.map_or(Ok(default), |attribute| attribute.i64(3, 0))
    }

    pub(crate) fn text(&self, name: &str) -> Understood<&'a str> {
        self.attribute(name)?.map_or(Ok(""), |attribute| attribute.text(4))
    }

    /// Whole numbers, if the operator has such an attribute.
    pub(crate) fn i64s(&self, name: &str) -> Understood<Option<Vec<i64>>> {
        let Some(attribute) = self.attribute(name)? else { return Ok(None) };
        let mut numbers = Vec::new();
        for field in attribute {
            if let (8, wire) = field? {
                wire.i64s(&mut numbers, 64)?;
            }
        }
        Ok(Some(numbers))
    }

    /// Real numbers, if the operator has such an attribute.
    pub(crate) fn f32s(&self, name: &str) -> Understood<Option<Vec<f32>>> {
        let Some(attribute) = self.attribute(name)? else { return Ok(None) };
        let mut numbers = Vec::new();
        for field in attribute {
            match field? {
                (7, Wire::Bytes(packed)) => {
                    let packed = packed.as_chunks::<4>().0.iter().take(64);
                    numbers.extend(packed.map(|bytes| f32::from_le_bytes(*bytes)));
                }
                (7, one) => numbers.push(one.f32()?),
                _ => {}
            }
            if numbers.len() > 64 {
                return Err(Refusal::damaged("an attribute of more than 64 numbers"));
            }
        }
        Ok(Some(numbers))
    }

    pub(crate) fn tensor(&self, name: &str) -> Understood<Option<Tensor<'a>>> {
        let tensor = self.attribute(name)?.map(|attribute| attribute.message(5)).transpose()?;
        tensor.map(Tensor::read).transpose()
    }
}

fn name_of<'a>(into: &mut Vec<&'a str>, wire: Wire<'a>) -> Understood<()> {
    const MOST: usize = 64;
    if into.len() >= MOST {
        return Err(Refusal::new(
            format!("an operator takes or gives more than {MOST} values"),
            ONE_LINE,
        ));
    }
    into.push(wire.text()?);
    Ok(())
}
