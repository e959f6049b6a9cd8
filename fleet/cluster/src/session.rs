use ballista_core::config::{
    BALLISTA_PARALLEL_WINDOW_ENABLED, BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK,
    BALLISTA_SCHEDULER_SHARE_FILE_STATISTICS_CACHE,
};
use ballista_core::extension::SessionConfigExt;
use datafusion::prelude::SessionConfig;

/// Partitions of a table for each executor: enough for its cores, and so many that the last
/// ones to end do not keep the others waiting.
pub(crate) const PARTITIONS_PER_EXECUTOR: usize = 16;

/// Files from this size on are split among executors. Scoring a window takes longer than
/// reading it, so splitting pays early.
const SPLIT_FILES_FROM_BYTES: usize = 1 << 20;

/// What every session on a cluster needs, on the client, the scheduler and the executors.
///
/// Change it before it goes to [`connect`](crate::connect). That sets four things again: windows that
/// run side by side and the statistics of files that queries share are off, as is the adaptive planner,
/// and a task has one partition.
pub fn session_config() -> SessionConfig {
    let config = SessionConfig::new_with_ballista()
        .with_repartition_file_scans(true)
        .with_repartition_file_min_size(SPLIT_FILES_FROM_BYTES);
    pin(config)
}

/// Sets what a session may not choose. Of the first two, results would be wrong.
///
/// - Ballista can cut a window function's input by ranges of the order and run the parts side
///   by side. `ae_decisions` carries its state from row to row over the whole input, so a
///   part that begins anew decides otherwise.
/// - The scheduler can keep statistics of files over queries. It knows a file by path, size
///   and time, without its store, and answers `COUNT(*)` from them.
///
/// The adaptive planner does not go on with a query when an executor is lost after its part of
/// a stage has been done: the query waits without end. The static planner does that stage again.
///
/// And a task has one partition, since an executor counts one core for each task.
pub(crate) fn pin(config: SessionConfig) -> SessionConfig {
    config
        .upgrade_for_ballista()
        .set_bool(BALLISTA_PARALLEL_WINDOW_ENABLED, false)
        .set_bool(BALLISTA_SCHEDULER_SHARE_FILE_STATISTICS_CACHE, false)
        .with_ballista_adaptive_query_planner(false)
        .set_u64(BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_windows_stay_off() {
        assert!(!session_config().ballista_config().parallel_window_enabled());
        let asked = session_config().set_bool(BALLISTA_PARALLEL_WINDOW_ENABLED, true);
        assert!(asked.ballista_config().parallel_window_enabled());
        assert!(!pin(asked).ballista_config().parallel_window_enabled());
        let asked = session_config().with_ballista_adaptive_query_planner(true);
        assert!(!pin(asked).ballista_adaptive_query_planner_enabled());
    }

    #[test]
    fn a_plain_configuration_is_upgraded_and_an_upgraded_one_kept() {
        let plain = pin(SessionConfig::new());
        assert!(!plain.options().optimizer.enable_dynamic_filter_pushdown);
        let chosen = session_config()
            .set_bool("datafusion.optimizer.prefer_hash_join", true)
            .with_target_partitions(5);
        let pinned = pin(chosen);
        assert!(pinned.options().optimizer.prefer_hash_join);
        assert_eq!(pinned.target_partitions(), 5);
    }
}
