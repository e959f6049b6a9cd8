//! From a network of plain numbers to the bytes of a blob, in either contract, test vector and
//! digests included.
//!
//! [`float_blob`] writes the weights as they are, [`int8_blob`] quantises them on calibration
//! images. Both end in [`seal`], which runs the test image and writes what every layer must give.
#![forbid(unsafe_code)]

mod chain;
mod coarse;
mod contract;
mod dense;
mod float;
mod int8;
mod layer;
mod moments;
mod normal;
mod one_hot;
mod range;
mod rise;
mod round;
#[cfg(test)]
mod sample;
mod scales;
mod seal;
mod tile;
mod watch;

pub use coarse::Coarse;
pub use contract::{ContractFamily, F32Contract, Int8Contract, Int8Parameters};
pub use float::{float_blob, float_layers};
pub use int8::{
    MAX_WIDTH, Place, Quantised, QuantizeError, check_images, hidden_table_bytes, int8_blob,
    memory_bytes,
};
pub use rise::{LARGE_RISE_PERCENT, Rise};
pub use seal::{LayerBytes, Seal, SealError, seal};
pub use watch::{Watch, unwatched};
