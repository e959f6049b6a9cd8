//! What the readers of graphs share: TensorFlow Lite and ONNX both hold operators that name the
//! values that they take and give, and constants among them.

mod affine;
mod chain;
mod constant;
mod limits;
mod numbers;
mod pending;
mod places;
mod refusal;
mod shape;
mod transpose;

pub(crate) use affine::{Arithmetic, arithmetic};
pub(crate) use chain::{Chain, Step};
pub(crate) use constant::{Constant, Element, Quantization};
pub(crate) use limits::Limits;
pub(crate) use numbers::{Layer, ONE_LINE, join, numbers};
pub(crate) use pending::Pending;
pub(crate) use refusal::{Refusal, Understood};
pub(crate) use shape::{
    Extent, Shape, concatenated, elements, fitted, in_words, longer_than_one, places, sliced,
    target_in_words,
};
pub(crate) use transpose::transposed;
