//! Models of other tools: what their files hold, as one chain of operators.
//!
//! [`read`] tells the format by the file's content and gives a [`SourceModel`]: the operators in the
//! order in which they work, with their numbers, under the names that the file has for them. What
//! this project's layers can do of it is for others to say.
#![forbid(unsafe_code)]

mod archive;
mod error;
mod format;
mod keras;
mod options;
mod source;
mod tensor;
mod torch;

pub use error::ImportError;
pub use format::{SourceFormat, read};
pub use options::ReadOptions;
pub use source::{
    Codes, Convolution, Dense, Depthwise, Function, Numbers, Operation, Operator, Padding, Pool,
    SourceModel, Transposed, Value,
};
