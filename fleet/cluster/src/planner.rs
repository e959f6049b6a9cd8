use crate::{Address, failure, health};
use datafusion::arrow::array::RecordBatch;
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::context::QueryPlanner;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{Stream, StreamExt, stream};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the scheduler is asked how it is, while a query runs.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// So long a scheduler may be silent or without executors: they may just start again.
const GIVE_UP_AFTER: Duration = Duration::from_secs(60);

/// Plans as Ballista's client does, and says what to do when a query fails.
#[derive(Debug)]
pub(crate) struct ClusterPlanner {
    pub(crate) scheduler: Address,
    pub(crate) inner: Arc<dyn QueryPlanner + Send + Sync>,
}

#[async_trait::async_trait]
impl QueryPlanner for ClusterPlanner {
    async fn create_physical_plan(
        &self,
        logical_plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let inner = self.inner.create_physical_plan(logical_plan, session).await?;
        // Others run here: the catalog's own tables, and queries of nothing.
        if inner.name() != "DistributedQueryExec" {
            return Ok(inner);
        }
        Ok(Arc::new(ClusterExec { scheduler: self.scheduler.clone(), inner }))
    }
}

/// A query that runs on a cluster.
#[derive(Debug)]
struct ClusterExec {
    scheduler: Address,
    inner: Arc<dyn ExecutionPlan>,
}

impl DisplayAs for ClusterExec {
    fn fmt_as(&self, kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClusterExec: ")?;
        self.inner.fmt_as(kind, f)
    }
}

impl ExecutionPlan for ClusterExec {
    fn name(&self) -> &str {
        "ClusterExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.inner.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.inner.apply_expressions(visit)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let scheduler = self.scheduler.clone();
        let inner = self.inner.execute(partition, context)?;
        let schema = inner.schema();
        let watched = watched(scheduler.clone(), inner)
            .map(move |item| item.map_err(|error| error.told(&scheduler)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, watched)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.inner.metrics()
    }
}

/// Why a stream ends early.
enum Broken {
    Query(DataFusionError),
    NoExecutors(Duration),
    NoScheduler(Duration),
}

impl Broken {
    fn told(self, scheduler: &Address) -> DataFusionError {
        match self {
            Self::Query(error) => failure::at_client(scheduler, error),
            Self::NoExecutors(time) => failure::no_executors(scheduler, time.as_secs()),
            Self::NoScheduler(time) => failure::no_scheduler(scheduler, time.as_secs()),
        }
    }
}

/// The batches of `inner`. While the next one does not come, the scheduler is asked how it
/// is: Ballista lets a query wait for executors without end.
fn watched(
    scheduler: Address,
    inner: SendableRecordBatchStream,
) -> impl Stream<Item = Result<RecordBatch, Broken>> + Send {
    stream::unfold(Some((scheduler, inner)), |state| async {
        let (scheduler, mut inner) = state?;
        let mut well = Instant::now();
        loop {
            let broken = tokio::select! {
                biased;
                item = inner.next() => return match item {
                    Some(Ok(batch)) => Some((Ok(batch), Some((scheduler, inner)))),
                    Some(Err(error)) => Some((Err(Broken::Query(error)), None)),
                    None => None,
                },
                () = tokio::time::sleep(ASK_EVERY) => match health(&scheduler).await {
                    Ok(health) if health.executors > 0 => {
                        well = Instant::now();
                        continue;
                    }
                    Ok(_) => Broken::NoExecutors(well.elapsed()),
                    Err(_) => Broken::NoScheduler(well.elapsed()),
                },
            };
            if well.elapsed() >= GIVE_UP_AFTER {
                return Some((Err(broken), None));
            }
        }
    })
}
