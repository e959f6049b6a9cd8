//! A cluster of executors that know the functions of `ae-fleet-functions`.
//!
//! [Ballista](https://datafusion.apache.org/ballista/) spreads a query of DataFusion over
//! executors. It sends functions by name alone, so three programs register the same
//! functions: the client ([`connect`]), the scheduler ([`scheduler`]) and each executor
//! ([`executor`]). A query names a model by its digest, and each executor reads the blob
//! from its own places and refuses one that is not its digest.

mod address;
mod connect;
mod engine;
mod error;
mod failure;
mod health;
mod log;
mod places;
mod planner;
mod pool;
mod program;
mod registry;
mod session;
mod size;
mod stores;

pub mod executor;
pub mod scheduler;

pub use address::Address;
pub use connect::connect;
pub use error::ClusterError;
pub use health::{Health, health};
pub use log::{LogLevel, log_to_stderr};
pub use places::models;
pub use program::{asked_to_end, program};
pub use session::session_config;
pub use size::Bytes;
