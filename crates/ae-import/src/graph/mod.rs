//! What the readers of graphs share: TensorFlow Lite and ONNX both hold operators that name the
//! values that they take and give, and constants among them.

mod affine;
mod chain;
mod constant;
mod numbers;
mod refusal;
mod shape;
mod transpose;

pub(crate) use affine::{Arithmetic, arithmetic};
pub(crate) use chain::{Chain, Limits, Pending, Step};
pub(crate) use constant::{Constant, Element, Quantization};
pub(crate) use numbers::{Layer, ONE_LINE, join, numbers};
pub(crate) use refusal::{Refusal, Understood};
pub(crate) use shape::{
    Extent, Shape, concatenated, elements, fitted, in_words, places, sliced, target_in_words,
};
pub(crate) use transpose::transposed;
