//! Models of other tools: what their files hold, as one chain of operators.
//!
//! [`read`] tells the format by the file's content and gives a [`SourceModel`]: the operators in the
//! order in which they work, with their numbers, under the names that the file has for them. What
//! this project's layers can do of it is for others to say.
#![forbid(unsafe_code)]

mod agreement;
mod archive;
mod error;
mod format;
mod graph;
mod keras;
mod lower;
mod make;
mod onnx;
mod options;
mod origin;
mod source;
mod tensor;
mod tflite;
mod torch;

pub use ae_core::Rounding;
pub use agreement::{Agreement, AgreementError, Difference, LayerAgreement, LayerName, Runner};
pub use error::ImportError;
pub use format::{SourceFormat, read};
pub use lower::{
    Division, IntegerModel, LayerSource, Lowered, Making, Notes, OutputPixels, PixelNetwork,
    RealModel, lower, with_runtime_output,
};
pub use make::{Imported, LayerLoss, MakeError, Opened, Quantised, Settings, import, open};
pub use options::ReadOptions;
pub use origin::{InputOutput, Origin, PixelMap};
pub use source::{
    Codes, Convolution, Dense, Depthwise, Function, Numbers, Operation, Operator, Padding, Pool,
    SourceModel, Transposed, Value,
};
