//! The training loop.
//!
//! [`Trainer`] owns the model's weights and the optimiser's state and trains
//! one epoch at a time; the caller saves a [`Checkpoint`](ae_run::Checkpoint) after each. The
//! matrix products are Burn's, or of the library that Burn uses; the backward
//! pass of this chain of layers is written out by hand (and tested against
//! Burn's autodiff), since it lets every element-wise step be one pass over
//! the values.
//!
//! The result is a function of configuration, recipe and data alone. Each
//! batch is cut into a fixed number of shards and gradients are added in
//! their order, so the number of threads changes the time and nothing else.

mod adam;
mod batch_norm;
mod draws;
mod elementwise;
mod error;
mod evaluate;
mod gradient;
mod layer;
mod noise;
mod observer;
mod order;
mod output;
mod parameters;
mod pass;
mod product;
mod state;
mod tie;
mod trainer;
mod training_model;
mod variational;
mod workers;

pub use error::TrainError;
pub use evaluate::{Evaluation, evaluate};
pub use observer::{EpochOutcome, Observer};
pub use order::steps_per_epoch;
pub use trainer::Trainer;
