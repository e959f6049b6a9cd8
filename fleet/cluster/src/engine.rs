use crate::failure;
use ballista_core::JobId;
use ballista_core::serde::protobuf::{
    RuntimeStatsReport, ShuffleWritePartition, TaskColumnStats, WindowStateReport,
};
use ballista_executor::execution_engine::{ExecutionEngine, QueryStageExecutor};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::prelude::SessionConfig;
use futures::FutureExt;
use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Runs stages as `inner` does, and puts the executor's name on what fails.
pub(crate) struct NamedEngine<E> {
    name: Arc<str>,
    inner: E,
}

impl<E> NamedEngine<E> {
    pub(crate) fn new(name: &str, inner: E) -> Self {
        Self { name: name.into(), inner }
    }
}

impl<E: ExecutionEngine> ExecutionEngine for NamedEngine<E> {
    fn create_query_stage_exec(
        &self,
        job_id: JobId,
        stage_id: usize,
        task_id: usize,
        global_output_partition_ids: Vec<usize>,
        plan: Arc<dyn ExecutionPlan>,
        work_dir: &str,
        config: &SessionConfig,
    ) -> Result<Arc<dyn QueryStageExecutor>> {
        let stage = self.inner.create_query_stage_exec(
            job_id,
            stage_id,
            task_id,
            global_output_partition_ids,
            plan,
            work_dir,
            config,
        );
        match stage {
            Ok(inner) => Ok(Arc::new(NamedStage { name: self.name.clone(), inner })),
            Err(error) => Err(failure::on_executor(&self.name, error)),
        }
    }
}

#[derive(Debug)]
struct NamedStage {
    name: Arc<str>,
    inner: Arc<dyn QueryStageExecutor>,
}

impl fmt::Display for NamedStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait::async_trait]
impl QueryStageExecutor for NamedStage {
    async fn execute_query_stage(
        &self,
        task_id: usize,
        context: Arc<TaskContext>,
    ) -> Result<Vec<ShuffleWritePartition>> {
        let stage = self.inner.execute_query_stage(task_id, context);
        match AssertUnwindSafe(stage).catch_unwind().await {
            Ok(done) => done.map_err(|error| failure::on_executor(&self.name, error)),
            Err(panic) => Err(failure::on_executor(
                &self.name,
                DataFusionError::Execution(format!("a task panicked: {}", words(&panic))),
            )),
        }
    }

    fn collect_plan_metrics(&self) -> Vec<MetricsSet> {
        self.inner.collect_plan_metrics()
    }

    fn collect_runtime_stats_reports(&self) -> Vec<RuntimeStatsReport> {
        self.inner.collect_runtime_stats_reports()
    }

    fn collect_window_state_reports(&self) -> Result<Vec<WindowStateReport>> {
        self.inner.collect_window_state_reports()
    }

    fn collect_column_stats(&self) -> Vec<TaskColumnStats> {
        self.inner.collect_column_stats()
    }
}

/// What a panic says.
fn words(panic: &Box<dyn Any + Send>) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "without a word".to_owned(),
    }
}
