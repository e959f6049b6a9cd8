//! Trains an autoencoder with Burn, quantises it into a blob, and runs the blob with the engine
//! that ships on the board.
//!
//! Data flows one way: [`data`] → [`train`] (of a [`model`]) → [`network`] → [`quantize`] →
//! [`blob`] → `ae-infer`, on this machine or on a [`board`]. A [`signal`] is data that comes in
//! time, and [`detect`] makes a detector of anomalies in it. [`baseline`] and [`picture`] stand
//! beside it, [`run`] keeps what a training leaves on disk, and the program's verbs are in [`cli`].
#![forbid(unsafe_code)]
// It panics where nobody listens; the program has `tell!`.
#![cfg_attr(not(test), deny(clippy::print_stderr))]

pub mod artifacts;
pub mod baseline;
pub mod blob;
pub mod board;
pub mod cli;
pub mod compare;
pub mod data;
pub mod detect;
pub mod engine;
pub mod finish;
pub mod model;
pub mod network;
pub mod npy;
pub mod picture;
pub mod quantize;
pub mod run;
mod sealed;
mod shuffle;
pub mod signal;
pub mod train;
