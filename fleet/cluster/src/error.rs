use crate::Address;
use datafusion::error::DataFusionError;
use std::io;

/// Why a program is not part of a cluster, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// An address that is not one.
    #[error("{found:?} is not the address of a scheduler: expected df://HOST:PORT")]
    Address {
        /// What was given.
        found: String,
    },
    /// Nothing answers.
    #[error(
        "no scheduler answers at {address}: {source}. Start one with `ae-fleet-scheduler`, \
         or name its address"
    )]
    NoScheduler {
        /// Where it was expected.
        address: Address,
        /// What the connection said.
        source: io::Error,
    },
    /// Something else answers.
    #[error(
        "what answers at {address} is not a scheduler of Ballista {expected}: {found}. \
         Use `ae-fleet-scheduler` of the same version"
    )]
    OtherProgram {
        /// Where it was expected.
        address: Address,
        /// The version that this program speaks.
        expected: &'static str,
        /// What answered.
        found: String,
    },
    /// A scheduler with no executors.
    #[error(
        "the scheduler at {address} has no executors. Start one with \
         `ae-fleet-executor --scheduler {}`", .address.authority()
    )]
    NoExecutors {
        /// The scheduler.
        address: Address,
    },
    /// A place of models that is not one.
    #[error("models cannot be read from {place}: {reason}")]
    Models {
        /// A folder or a URL.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An address that nothing can bind to, or that others cannot reach.
    #[error("{0}")]
    Bind(String),
    /// What Ballista said.
    #[error("{0}")]
    Ballista(String),
    /// What DataFusion said.
    #[error(transparent)]
    DataFusion(#[from] DataFusionError),
    /// A folder that could not be made.
    #[error("{path}: {source}")]
    Folder {
        /// The folder.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}
