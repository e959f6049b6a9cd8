//! From layers to the bytes of a blob, test vector and digests included.

mod chain;
mod contract;
mod float;
mod part;
mod seal;

pub use chain::run_chain;
pub use contract::{ContractFamily, F32Contract, Int8Contract, Int8Parameters};
pub(crate) use float::hidden_activation;
pub use float::{float_blob, float_layers};
pub use part::{PartError, part_of, with_detection};
pub use seal::{LayerBytes, Parts, Seal, SealError, seal};
