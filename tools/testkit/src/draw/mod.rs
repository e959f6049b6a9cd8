//! Models of random or extreme numbers: what no training would make is in the format too.

mod channel;
mod model;
pub mod runs;
mod spatial;
pub mod spatial_model;

pub use channel::{Weights, tables_in_use};
pub use model::{float, int8};
