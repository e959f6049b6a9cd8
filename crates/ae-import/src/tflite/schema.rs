//! The tables of a model that are read. Numbers of fields are those of the public schema.

use std::borrow::Cow;

use crate::Codes;
use crate::graph::{Constant, Element, Limits, Quantization, Refusal, Shape, Understood};

use super::flat::{Table, Vector};
use super::kinds;

/// A model and that one of its graphs which is run by default.
pub(crate) struct Model<'a> {
    buffers: Vector<'a>,
    codes: Vector<'a>,
    tensors: Vector<'a>,
    operators: Vector<'a>,
    pub(crate) inputs: Vec<usize>,
    pub(crate) outputs: Vec<usize>,
}

impl<'a> Model<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Understood<Self> {
        let model = Table::root(bytes)?;
        let graphs = model.vector(2, 4)?;
        let graph = graphs.table(default_graph(&model)?, "graph")?;
        let (tensors, operators) = (graph.vector(0, 4)?, graph.vector(3, 4)?);
        Limits::parts(tensors.len(), "tensors")?;
        Limits::parts(operators.len(), "operators")?;
        let (inputs, outputs) = (graph.vector(1, 4)?, graph.vector(2, 4)?);
        Ok(Self {
            buffers: model.vector(4, 4)?,
            codes: model.vector(1, 4)?,
            tensors,
            operators,
            inputs: values(inputs)?.into_iter().flatten().collect(),
            outputs: values(outputs)?.into_iter().flatten().collect(),
        })
    }

    pub(crate) fn operators(&self) -> usize {
        self.operators.len()
    }

    pub(crate) fn node(&self, index: usize) -> Understood<Node<'a>> {
        let table = self.operators.table(index, "operator")?;
        let code = usize::try_from(table.u32(0, 0)?).unwrap_or(usize::MAX);
        let code = self.codes.table(code, "operator code")?;
        // Old files have a number of 8 bits, new ones have both.
        let number = code.i32(3, 0)?.max(i32::from(code.i8(0, 0)?));
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let kind = match kinds::name(number) {
            Some(_) if number == kinds::CUSTOM => code.text(1)?,
            Some(name) => name,
            None => "UNKNOWN",
        };
        let outputs = values(table.vector(2, 4)?)?;
        let [Some(output)] = outputs.as_slice() else {
            return Err(Refusal::new(
                format!("a {kind} operator gives {} values", outputs.len()),
                crate::graph::ONE_LINE,
            ));
        };
        let name = self.tensor(*output)?.name;
        let inputs = values(table.vector(1, 4)?)?;
        Ok(Node { name, kind, inputs, output: *output, options: table.table(4)? })
    }

    pub(crate) fn tensor(&self, index: usize) -> Understood<Tensor<'a>> {
        Tensor::read(&self.tensors.table(index, "tensor")?)
    }

    /// Whether the numbers of a tensor stand in the file.
    pub(crate) fn is_constant(&self, index: usize) -> Understood<bool> {
        let buffer = self.buffers.table(self.tensor(index)?.buffer, "buffer")?;
        Ok(buffer.u64(1, 0)? > 1 || !buffer.vector(0, 1)?.bytes().is_empty())
    }

    /// The numbers of a tensor, if they stand in the file.
    pub(crate) fn constant(&self, index: usize) -> Understood<Option<Constant<'a>>> {
        let tensor = self.tensor(index)?;
        let buffer = self.buffers.table(tensor.buffer, "buffer")?;
        if buffer.u64(1, 0)? > 1 {
            return Err(Refusal::new(
                "its numbers stand behind the model, as in files above 2 GB",
                "a model for a microcontroller is smaller",
            ));
        }
        let data = buffer.vector(0, 1)?.bytes();
        if data.is_empty() {
            return Ok(None);
        }
        if tensor.sparse {
            return Err(Refusal::new(
                "its weights are stored sparsely",
                "convert it without sparsity",
            ));
        }
        let dims = tensor.dims.iter().map(|dim| dim.unwrap_or_default()).collect();
        let element = match tensor.kind {
            Kind::F32 => Element::F32,
            Kind::F16 => Element::F16,
            Kind::I32 => Element::I32,
            Kind::I64 => Element::I64,
            Kind::I8 => Element::I8,
            Kind::U8 => Element::U8,
            Kind::I16 | Kind::Other(_) => return Err(tensor.kind.refused()),
        };
        let mut constant = Constant::new(dims, element, Cow::Borrowed(data))?;
        constant.quantization = tensor.quantization()?;
        Ok(Some(constant))
    }
}

/// The graph of the signature that is run by default; without signatures the first.
fn default_graph(model: &Table<'_>) -> Understood<usize> {
    let signatures = model.vector(7, 4)?;
    let mut graph = 0;
    for index in 0..signatures.len().min(Limits::MOST_PARTS) {
        let signature = signatures.table(index, "signature")?;
        let default = signature.text(2)? == "serving_default";
        if index == 0 || default {
            graph = usize::try_from(signature.u32(4, 0)?).unwrap_or(usize::MAX);
        }
        if default {
            break;
        }
    }
    Ok(graph)
}

/// Numbers of tensors; none where an optional one is left out.
fn values(vector: Vector<'_>) -> Understood<Vec<Option<usize>>> {
    const MOST: usize = 64;
    if vector.len() > MOST {
        let found = vector.len();
        return Err(Refusal::new(
            format!("{found} values at once; at most {MOST} are read"),
            crate::graph::ONE_LINE,
        ));
    }
    Ok(vector.i32s().map(|index| usize::try_from(index).ok()).collect())
}

/// An operator.
pub(crate) struct Node<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) inputs: Vec<Option<usize>>,
    pub(crate) output: usize,
    options: Option<Table<'a>>,
}

impl Node<'_> {
    pub(crate) fn input(&self, at: usize) -> Option<usize> {
        self.inputs.get(at).copied().flatten()
    }

    pub(crate) fn bool(&self, field: usize) -> Understood<bool> {
        self.options.map_or(Ok(false), |options| options.bool(field))
    }

    pub(crate) fn i8(&self, field: usize) -> Understood<i8> {
        self.options.map_or(Ok(0), |options| options.i8(field, 0))
    }

    pub(crate) fn i32(&self, field: usize, default: i32) -> Understood<i32> {
        self.options.map_or(Ok(default), |options| options.i32(field, default))
    }

    pub(crate) fn f32(&self, field: usize) -> Understood<f32> {
        self.options.map_or(Ok(0.0), |options| options.f32(field, 0.0))
    }

    /// A size, which is at least 1.
    pub(crate) fn size(&self, field: usize, default: i32, what: &str) -> Understood<usize> {
        let found = self.i32(field, default)?;
        let size = usize::try_from(found).ok().filter(|size| *size > 0);
        size.ok_or_else(|| Refusal::damaged(format!("its {what} is {found}")))
    }

    pub(crate) fn i32s(&self, field: usize) -> Understood<Vec<i64>> {
        let Some(options) = self.options else { return Ok(Vec::new()) };
        Ok(options.vector(field, 4)?.i32s().take(64).map(i64::from).collect())
    }
}

/// What a tensor's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    F32,
    F16,
    I32,
    I64,
    I16,
    I8,
    U8,
    /// Another of the schema's numbers.
    Other(i8),
}

impl Kind {
    fn read(number: i8) -> Self {
        match number {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::I32,
            3 => Self::U8,
            4 => Self::I64,
            7 => Self::I16,
            9 => Self::I8,
            other => Self::Other(other),
        }
    }

    pub(crate) fn refused(self) -> Refusal {
        let reason = match self {
            Self::U8 => {
                "it works on unsigned integers of 8 bits, as old converters made them".to_owned()
            }
            Self::I16 => "it works on integers of 16 bits".to_owned(),
            Self::F16 => "it works on real numbers of 16 bits".to_owned(),
            other => format!("it works on numbers of another kind ({other:?})"),
        };
        Refusal::new(reason, "convert the model with float32 or with full integers of int8")
    }
}

/// What is said of a value.
pub(crate) struct Tensor<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: Kind,
    /// Its dimensions with the batch; none where one is open.
    pub(crate) dims: Shape,
    quantization: Option<Table<'a>>,
    buffer: usize,
    sparse: bool,
}

impl<'a> Tensor<'a> {
    fn read(table: &Table<'a>) -> Understood<Self> {
        let (shape, signature) = (table.vector(0, 4)?, table.vector(7, 4)?);
        const MOST: usize = 8;
        if shape.len() > MOST {
            let found = shape.len();
            return Err(Refusal::damaged(format!("a tensor of {found} dimensions")));
        }
        let dims = if signature.len() == shape.len() { signature } else { shape };
        Ok(Self {
            name: table.text(3)?,
            kind: Kind::read(table.i8(1, 0)?),
            dims: dims.i32s().map(|dim| usize::try_from(dim).ok()).collect(),
            quantization: table.table(4)?,
            buffer: usize::try_from(table.u32(2, 0)?).unwrap_or(usize::MAX),
            sparse: table.table(6)?.is_some(),
        })
    }

    /// How the integers of a constant stand for real numbers, if they do.
    fn quantization(&self) -> Understood<Option<Quantization>> {
        let Some(table) = self.quantization else { return Ok(None) };
        let scales: Vec<f32> = table.vector(2, 4)?.f32s().collect();
        let zero_points = table.vector(3, 8)?.i64s().collect();
        let axis = usize::try_from(table.i32(6, 0)?).unwrap_or(usize::MAX);
        Ok((!scales.is_empty()).then_some(Quantization { scales, zero_points, axis }))
    }

    /// What the integers of a value stand for; nothing where it has real numbers.
    pub(crate) fn codes(&self) -> Understood<Option<Codes>> {
        let shift = match self.kind {
            Kind::F32 => return Ok(None),
            Kind::I8 => 0,
            // As a border has them: the codes less 128 are signed.
            Kind::U8 => 128,
            other => return Err(other.refused()),
        };
        let Some(quantization) = &self.quantization else {
            return Err(Refusal::damaged("integers without a scale"));
        };
        let (scales, zero_points) = (quantization.vector(2, 4)?, quantization.vector(3, 8)?);
        let zero_point = zero_points.i64s().next().unwrap_or_default();
        let code = zero_point.checked_sub(shift).and_then(|zero| i8::try_from(zero).ok());
        match (scales.len(), scales.f32s().next(), code) {
            (1, Some(scale), Some(zero_point)) if scale.is_finite() && scale > 0.0 => {
                Ok(Some(Codes { scale, zero_point }))
            }
            (count, scale, _) => Err(Refusal::damaged(format!(
                "what it gives has {count} scales, the first {}, and the zero point {zero_point}, \
                 where one scale above 0 and one zero point of 8 bits are expected",
                scale.unwrap_or_default()
            ))),
        }
    }
}
