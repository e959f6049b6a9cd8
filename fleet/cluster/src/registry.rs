use crate::session::pin;
use crate::stores::Stores;
use ae_fleet_functions::Functions;
use ballista_core::extension::{
    ballista_aggregate_functions, ballista_scalar_functions, ballista_window_functions,
};
use ballista_core::optimizer::ballista_default_optimizer_rules;
use ballista_core::registry::BallistaFunctionRegistry;
use datafusion::error::Result;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;
use std::sync::Arc;

/// A session as the scheduler has it: Ballista's own functions, and ours beside them.
///
/// A builder's list of functions replaces the one that it had, so ours are registered in
/// the finished state.
pub(crate) fn state(
    config: SessionConfig,
    functions: &Functions,
    stores: &Arc<Stores>,
) -> Result<SessionState> {
    // Each session lists files anew: a list that is kept does not see new ones.
    let runtime =
        RuntimeEnvBuilder::new().with_object_store_registry(stores.clone()).build_arc()?;
    let mut state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(pin(config))
        .with_runtime_env(runtime)
        .with_optimizer_rules(ballista_default_optimizer_rules())
        .with_scalar_functions(ballista_scalar_functions())
        .with_aggregate_functions(ballista_aggregate_functions())
        .with_window_functions(ballista_window_functions())
        .build();
    functions.register(&mut state)?;
    Ok(state)
}

/// The functions of such a session, by name, as an executor looks them up.
pub(crate) fn registry(functions: &Functions) -> Result<BallistaFunctionRegistry> {
    let state = state(crate::session_config(), functions, &Arc::default())?;
    Ok(BallistaFunctionRegistry::from(&state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ae_fleet_functions::Models;
    use datafusion::execution::FunctionRegistry;

    #[test]
    fn ours_and_the_built_in_ones() {
        let functions = Functions::new(Arc::new(Models::new(Vec::new())));
        let registry = registry(&functions).unwrap();
        for name in ["ae_score", "ae_exceeds", "abs", "make_array", "upper"] {
            assert!(registry.udf(name).is_ok(), "{name}");
        }
        for name in ["ae_threshold", "count", "sum"] {
            assert!(registry.udaf(name).is_ok(), "{name}");
        }
        for name in ["ae_decisions", "ae_windows", "lag", "row_number"] {
            assert!(registry.udwf(name).is_ok(), "{name}");
        }
    }
}
