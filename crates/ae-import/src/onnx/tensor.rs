//! Tensors in a file: bytes, or numbers in a field for each kind.

use std::borrow::Cow;

use crate::graph::{Constant, Element, Refusal, Understood};

use super::wire::{Message, Wire};

/// A tensor, whose numbers are read when they are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tensor<'a> {
    pub(crate) name: &'a str,
    message: Message<'a>,
}

/// Numbers that are written with 1 to 10 bytes each, and become 4 or 8: shapes and biases.
const MOST_NUMBERS: usize = 1 << 18;

impl<'a> Tensor<'a> {
    pub(crate) fn read(message: Message<'a>) -> Understood<Self> {
        Ok(Self { name: message.text(8)?, message })
    }

    pub(crate) fn constant(&self) -> Understood<Constant<'a>> {
        let message = self.message;
        if message.i64(14, 0)? != 0 || message.last(13)?.is_some() {
            return Err(Refusal::new(
                format!("the numbers of `{}` stand in another file", self.name),
                "save the model as one file, without external data",
            ));
        }
        let element = element(message.i64(2, 0)?)?;
        let data = match message.last(9)? {
            Some(raw) => Cow::Borrowed(raw.bytes()?),
            None => typed(message, element)?,
        };
        Constant::new(self.dims()?, element, data)
    }

    fn dims(&self) -> Understood<Vec<usize>> {
        let mut dims = Vec::new();
        for field in self.message {
            if let (1, wire) = field? {
                wire.i64s(&mut dims, 8)?;
            }
        }
        let sizes: Option<_> = dims.iter().map(|dim| usize::try_from(*dim).ok()).collect();
        sizes.ok_or_else(|| Refusal::damaged(format!("a tensor of {dims:?} numbers")))
    }
}

/// What the format calls a kind of numbers.
pub(super) fn kind(number: i64) -> String {
    const KINDS: [&str; 24] = [
        "UNDEFINED",
        "FLOAT",
        "UINT8",
        "INT8",
        "UINT16",
        "INT16",
        "INT32",
        "INT64",
        "STRING",
        "BOOL",
        "FLOAT16",
        "DOUBLE",
        "UINT32",
        "UINT64",
        "COMPLEX64",
        "COMPLEX128",
        "BFLOAT16",
        "FLOAT8E4M3FN",
        "FLOAT8E4M3FNUZ",
        "FLOAT8E5M2",
        "FLOAT8E5M2FNUZ",
        "UINT4",
        "INT4",
        "FLOAT4E2M1",
    ];
    let known = usize::try_from(number).ok().and_then(|number| KINDS.get(number));
    known.map_or_else(|| number.to_string(), |known| (*known).to_owned())
}

fn element(number: i64) -> Understood<Element> {
    Ok(match number {
        1 => Element::F32,
        2 => Element::U8,
        3 => Element::I8,
        6 => Element::I32,
        7 => Element::I64,
        10 => Element::F16,
        11 => Element::F64,
        other => {
            return Err(Refusal::new(
                format!("a constant has numbers of the kind {}", kind(other)),
                "save the weights as float32, or quantise them to int8",
            ));
        }
    })
}

/// The numbers of the field that belongs to their kind, as bytes.
fn typed(message: Message<'_>, element: Element) -> Understood<Cow<'_, [u8]>> {
    let number = match element {
        Element::F32 => 4,
        Element::F64 => 10,
        Element::I64 => 7,
        _ => 5,
    };
    let mut fields = Vec::new();
    for field in message {
        let (found, wire) = field?;
        if found == number {
            fields.push(wire);
        }
        if fields.len() > MOST_NUMBERS {
            return Err(too_many());
        }
    }
    match (element, fields.as_slice()) {
        // All real numbers in one field are the bytes that they are in raw data.
        (Element::F32 | Element::F64, [Wire::Bytes(packed)]) => Ok(Cow::Borrowed(packed)),
        (Element::F32 | Element::F64, fields) => {
            let mut bytes = Vec::new();
            for field in fields {
                match field {
                    Wire::Four(number) => bytes.extend(number),
                    Wire::Eight(number) => bytes.extend(number),
                    Wire::Bytes(packed) => bytes.extend(*packed),
                    Wire::Number(_) => return Err(Refusal::damaged("a real number is not one")),
                }
            }
            Ok(Cow::Owned(bytes))
        }
        (_, fields) => {
            let mut numbers = Vec::new();
            for field in fields {
                field.i64s(&mut numbers, MOST_NUMBERS).map_err(|_| too_many())?;
            }
            let width = element.bytes();
            let bytes =
                numbers.iter().flat_map(|number| number.to_le_bytes().into_iter().take(width));
            Ok(Cow::Owned(bytes.collect()))
        }
    }
}

fn too_many() -> Refusal {
    Refusal::new(
        format!("a constant has more than {MOST_NUMBERS} numbers that are written one by one"),
        "save it as raw data, which all exporters do for weights",
    )
}
