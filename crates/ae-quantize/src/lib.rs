//! From a network of plain numbers to the bytes of a blob, in either contract, test vector and
//! digests included.
//!
//! [`float_blob`] writes the weights as they are, [`int8_blob`] quantises them on calibration
//! images. Both end in [`seal`], which runs the test image and writes what every layer must give.
#![forbid(unsafe_code)]

mod chain;
mod coarse;
mod codes;
mod columns;
mod contract;
mod error;
mod fit;
mod float;
mod function;
mod int8;
mod layer;
mod memory;
mod moments;
mod normal;
mod one_hot;
mod packed;
mod range;
mod rise;
mod roles;
mod round;
#[cfg(test)]
mod sample;
mod scales;
mod seal;
mod tables;
mod tile;
mod watch;
mod zero;

pub use coarse::Coarse;
pub use codes::Meaning;
pub use contract::{ContractFamily, F32Contract, Int8Contract, Int8Parameters};
pub use error::{Place, QuantizeError};
pub use float::{float_blob, float_blob_of, float_layers};
pub use int8::{Quantised, check_images, int8_blob};
pub use memory::{MAX_WIDTH, memory_bytes};
pub use packed::{FixedFactor, Int8Layer, MAX_FACTOR, Row};
pub use rise::{LARGE_RISE_PERCENT, Rise};
pub use seal::{LayerBytes, Seal, SealError, seal};
pub use tables::table_bytes;
pub use watch::{Watch, unwatched};
