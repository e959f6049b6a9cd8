use crate::planner::ClusterPlanner;
use crate::session::{PARTITIONS_PER_EXECUTOR, pin};
use crate::stores::Stores;
use crate::{Address, ClusterError, health};
use ae_fleet_functions::Functions;
use ballista_core::extension::SessionStateExt;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use std::sync::Arc;

/// A context whose queries run on the cluster at `scheduler`, `df://HOST:PORT`.
///
/// `functions` is for planning here; executors take models from their own places. `config`
/// comes from [`session_config`](crate::session_config). Partitions are at least sixteen for
/// each executor that is there now.
///
/// Paths and URLs of tables go to the scheduler and the executors as they are, so every
/// machine must reach a file by the same name. `COPY … TO` and `write_parquet` write on the
/// executors; a result comes here as a stream. When the stream ends with an error, the
/// batches before it are not the result.
///
/// # Errors
///
/// Not an address, no scheduler there, a scheduler of another version, or one that has no
/// executors: the error names the address and what to do.
pub async fn connect(
    scheduler: &str,
    functions: &Functions,
    config: SessionConfig,
) -> Result<SessionContext, ClusterError> {
    let scheduler: Address = scheduler.parse()?;
    let executors = health(&scheduler).await?.executors;
    if executors == 0 {
        return Err(ClusterError::NoExecutors { address: scheduler });
    }
    let partitions = config.target_partitions().max(PARTITIONS_PER_EXECUTOR * executors);
    let runtime = RuntimeEnvBuilder::new()
        .with_object_store_registry(Arc::new(Stores::default()))
        .build_arc()?;
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(pin(config).with_target_partitions(partitions))
        .with_runtime_env(runtime)
        .build()
        .upgrade_for_ballista(format!("http://{}", scheduler.authority()))?;
    let mut state = told(scheduler, state);
    functions.register(&mut state)?;
    Ok(SessionContext::new_with_state(state))
}

/// The same state, with errors that say what to do.
fn told(scheduler: Address, state: SessionState) -> SessionState {
    let planner = ClusterPlanner { scheduler, inner: state.query_planner().clone() };
    // A new state would have a new identity, and the scheduler knows this one.
    let session_id = state.session_id().to_owned();
    SessionStateBuilder::new_from_existing(state)
        .with_session_id(session_id)
        .with_query_planner(Arc::new(planner))
        .build()
}
