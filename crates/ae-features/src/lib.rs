//! Features of signals on a host: what a user asks for, and what a detector computes of it.
//!
//! [`FeatureSpec`] reads what a user says, such as `mel:64,fft=512`. With a sample rate it becomes a
//! [`FeaturesConfig`], and that, for the channels of some signals, [`Features`], which lend a blob its
//! [`SignalFeatures`](ae_core::SignalFeatures). [`FeatureSignals`] are what [`ae_infer::FeatureStream`]
//! makes of recordings, so that a host trains on the very values that a board computes. [`Frames`] says
//! which samples a frame is computed from.

mod bands;
mod config;
mod error;
mod features;
mod frames;
pub mod machines;
mod names;
mod signals;
mod spec;
mod units;

pub use bands::{Decibels, Norm, Triangles};
pub use config::{BandsConfig, FeaturesConfig, Scale};
pub use error::FeatureError;
pub use features::Features;
pub use frames::Frames;
pub use names::names;
pub use signals::FeatureSignals;
pub use spec::FeatureSpec;
pub use units::{full_scale_units, units};
