//! Where queries run: in this process, or on a cluster.

mod memory;

use std::future::Future;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use ae_fleet_functions::{FolderSource, Functions, ModelSource, Models, StoreSource};
use anyhow::{Context, bail};
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use object_store::path::Path as StorePath;
use tempfile::TempDir;
use url::Url;

use crate::input::stores;
use crate::model::Model;
use crate::{Outcome, sizes};

/// Bytes of windows that go through a function together: enough for the engine, few enough for the
/// caches and for memory.
const BATCH_BYTES: usize = 2 << 20;
/// Bounds of the rows of a batch.
const BATCH_ROWS: (usize, usize) = (256, 8192);
/// Consumers of memory that an error names.
const NAMED_CONSUMERS: NonZeroUsize = NonZeroUsize::new(3).unwrap();

/// Where and with how much a query runs.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct EngineArgs {
    /// Memory of sorts and groups, such as 500M or 2GiB; what needs more is written to the disk
    /// meanwhile. Without it, 700M, or 70 % of what is free where that is less. Reading and scoring
    /// take some tens of MB more for each core.
    #[arg(long, value_name = "BYTES", value_parser = sizes::parse, help_heading = "Engine")]
    memory_limit: Option<u64>,
    /// The folder for what does not fit the memory; without it, that of the system for such files.
    #[arg(long, value_name = "FOLDER", help_heading = "Engine")]
    spill_to: Option<PathBuf>,
    /// Cores that are used; without it, all.
    #[arg(long, value_name = "N", help_heading = "Engine")]
    cores: Option<NonZeroUsize>,
    /// Run the queries on the cluster of this scheduler. Its executors read the data themselves, so
    /// paths must be the same there, and their --models must hold the models.
    #[arg(long, value_name = "df://HOST:PORT", help_heading = "Engine")]
    scheduler: Option<String>,
    /// The address of a store that speaks S3, such as http://localhost:9000; without it, that in
    /// AWS_ENDPOINT, or Amazon's. Keys and region are in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
    /// AWS_REGION.
    #[arg(long, value_name = "URL", help_heading = "Engine")]
    pub(crate) s3_endpoint: Option<String>,
}

impl EngineArgs {
    /// The same on this machine.
    pub(crate) fn here(&self) -> Self {
        Self { scheduler: None, ..self.clone() }
    }

    /// A folder for what is needed meanwhile.
    pub(crate) fn temporary(&self) -> anyhow::Result<TempDir> {
        let made = match &self.spill_to {
            Some(folder) => TempDir::new_in(folder),
            None => TempDir::new(),
        };
        made.context("cannot make a folder for the scores; --spill-to names one")
    }

    fn cores(&self) -> usize {
        let found = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.cores.map_or_else(found, NonZeroUsize::get)
    }
}

/// Runs a verb on as many threads as there are cores, until it is done or the user stops it.
pub(crate) fn run(
    args: &EngineArgs,
    verb: impl Future<Output = anyhow::Result<Outcome>>,
) -> anyhow::Result<Outcome> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(args.cores()).enable_all().build();
    let runtime = runtime.context("cannot start threads")?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = verb => result,
            // What is half written is removed with what holds it.
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("stopped; nothing was written")),
        }
    });
    // A read that hangs must not keep the program.
    runtime.shutdown_background();
    result
}

/// Where queries run.
pub(crate) struct Engine {
    /// Takes tables and queries.
    pub(crate) context: SessionContext,
    /// Whether queries run elsewhere, where nothing is known of how far they are.
    pub(crate) is_remote: bool,
}

impl Engine {
    /// With models in memory, and places where others are found by their digests.
    pub(crate) async fn new(
        args: &EngineArgs,
        models: &[&Model],
        places: &[String],
    ) -> anyhow::Result<Self> {
        let sources = places.iter().map(|place| source(place, args.s3_endpoint.as_deref()));
        let known = Models::new(sources.collect::<Result<_, _>>()?);
        for Model { path, blob, .. } in models {
            known.insert(blob.clone()).with_context(|| path.display().to_string())?;
        }
        let functions = Functions::new(Arc::new(known));
        let largest = models.iter().map(|of| window_bytes(of)).max();
        if let Some(scheduler) = &args.scheduler {
            let config = config(args, ae_fleet_cluster::session_config(), largest);
            let context = ae_fleet_cluster::connect(scheduler, &functions, config).await?;
            return Ok(Self { context, is_remote: true });
        }
        let config = config(args, SessionConfig::new(), largest);
        let context = SessionContext::new_with_config_rt(config, environment(args)?);
        functions.register_with(&context);
        Ok(Self { context, is_remote: false })
    }

    /// The same, with tables of its own, and one thread that reads rows in their order.
    pub(crate) fn alone(&self) -> Self {
        let state = SessionStateBuilder::new_from_existing(self.context.state());
        let config = self.context.copied_config().with_target_partitions(1);
        let catalogs = Arc::new(MemoryCatalogProviderList::new());
        let state = state.with_config(config).with_catalog_list(catalogs).build();
        Self { context: SessionContext::new_with_state(state), is_remote: self.is_remote }
    }
}

/// The configuration that all queries have, beside that of their `place`.
fn config(args: &EngineArgs, place: SessionConfig, window_bytes: Option<usize>) -> SessionConfig {
    let rows = window_bytes.map_or(BATCH_ROWS.1, |bytes| BATCH_BYTES / bytes.max(1));
    // The engine computes 32 windows together.
    let rows = rows.clamp(BATCH_ROWS.0, BATCH_ROWS.1) / 32 * 32;
    let mut config = place
        // One more than there are cores, so that these compute while one of them waits for a file.
        .with_target_partitions(args.cores() + 1)
        .with_batch_size(rows)
        .with_information_schema(true)
        // All cores share also a single file.
        .with_repartition_file_min_size(1 << 20)
        .with_collect_statistics(false);
    let options = config.options_mut();
    options.execution.parquet.pushdown_filters = true;
    // An archive has folders in folders; which of their files are meant, a pattern says.
    options.execution.listing_table_ignore_subdirectory = false;
    // Columns that are kept are written as they were read.
    options.execution.parquet.schema_force_view_types = false;
    // A sort that merges what it has spilled takes this much of the limit.
    let limit = memory::limit(args.memory_limit);
    let reserved = (limit / 16).clamp(64 << 10, 10 << 20);
    options.execution.sort_spill_reservation_bytes = usize::try_from(reserved).unwrap_or(64 << 10);
    config
}

fn environment(args: &EngineArgs) -> anyhow::Result<Arc<RuntimeEnv>> {
    let limit = memory::limit(args.memory_limit);
    let pool = FairSpillPool::new(usize::try_from(limit).unwrap_or(usize::MAX));
    let pool = TrackConsumersPool::new(pool, NAMED_CONSUMERS);
    let mut builder = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool));
    let mode = match &args.spill_to {
        Some(folder) if !folder.is_dir() => {
            bail!("--spill-to: there is no folder {}", folder.display())
        }
        Some(folder) => DiskManagerMode::Directories(vec![folder.clone()]),
        None => DiskManagerMode::OsTmpDirectory,
    };
    let disk = DiskManagerBuilder::default().with_mode(mode);
    // The disk is the user's: what is full says so itself.
    builder = builder.with_disk_manager_builder(disk.with_max_temp_directory_size(u64::MAX));
    Ok(builder.build_arc()?)
}

fn window_bytes(model: &Model) -> usize {
    model.features * model.detector.map_or(1, |of| of.kind.bytes())
}

/// Where models are found: a folder, or a place in a store.
fn source(place: &str, endpoint: Option<&str>) -> anyhow::Result<Arc<dyn ModelSource>> {
    if !place.contains("://") {
        let path = PathBuf::from(place);
        if !path.is_dir() {
            bail!("--models: there is no folder {place}");
        }
        return Ok(Arc::new(FolderSource::new(path)));
    }
    let url = Url::parse(place).with_context(|| format!("--models {place}"))?;
    let store = stores::open(&url, endpoint)?;
    let prefix = StorePath::from_url_path(url.path())
        .with_context(|| format!("--models {place} has no usable path"))?;
    Ok(Arc::new(StoreSource::new(store, prefix, place.to_owned())))
}
