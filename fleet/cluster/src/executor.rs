//! An executor: it runs the tasks of queries.

use crate::engine::NamedEngine;
use crate::pool::Connections;
use crate::registry::registry;
use crate::stores::Stores;
use crate::{Address, Bytes, ClusterError, Health, LogLevel, health, models, session_config};
use ae_fleet_functions::Functions;
use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::ids::new_instance_id;
use ballista_executor::execution_engine::DefaultExecutionEngine;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::health::ExecutorHealth;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::SessionConfig;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// Data of queries whose scheduler is gone is deleted after a day.
const DELETE_AFTER_SECONDS: u64 = 24 * 60 * 60;

/// How often an executor looks for a scheduler that is not there yet.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs the tasks of queries, with models from its own places.
///
/// Its port has no authentication: whoever reaches it can fetch results, and the scheduler
/// can run any plan here. Keep it on loopback or in a network of your own.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "ae-fleet-executor", version)]
pub struct Options {
    /// Scheduler to work for.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:50050")]
    pub scheduler: Address,
    /// Folder or s3://BUCKET/PREFIX with models; several are asked in turn.
    #[arg(long, value_name = "PLACE")]
    pub models: Vec<String>,
    /// Address to listen at; 0.0.0.0 is every one of this machine.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,
    /// Port for data, which other executors and clients fetch; 0 chooses a free one.
    #[arg(long, default_value_t = 50051)]
    pub port: u16,
    /// Name or address at which others reach this machine [default: that of --bind, or the
    /// one on the way to the scheduler].
    #[arg(long, value_name = "HOST")]
    pub advertise: Option<String>,
    /// Folder for intermediate results, in which the executor makes one of its own [default: that
    /// of the system].
    #[arg(long, value_name = "FOLDER")]
    pub work_dir: Option<PathBuf>,
    /// Tasks at the same time [default: one for each core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub cores: Option<u16>,
    /// Memory for sorting, grouping and joining; what does not fit goes to disk [default: 70 %
    /// of this machine's].
    #[arg(long, value_name = "BYTES")]
    pub memory: Option<Bytes>,
    /// Seconds to wait for the scheduler to come.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait: u64,
    /// What to log on standard error.
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = LogLevel::Warn)]
    pub log: LogLevel,
}

/// Runs an executor until it is told to end. `joined` is called once, with its name, as soon
/// as the scheduler has heard of it.
///
/// # Errors
///
/// No scheduler, models that are not there, a port that is taken, no folder to work in.
pub async fn run(
    options: Options,
    joined: impl FnOnce(&str) + Send + 'static,
) -> Result<(), ClusterError> {
    let functions = Functions::new(models(&options.models)?);
    let scheduler = wait_for(&options.scheduler, Duration::from_secs(options.wait)).await?;
    let host = host(&options, &scheduler);
    let port = free_port(options.bind, options.port).await?;
    let name = format!("{host}:{port}");
    let (work_dir, _until_the_end) = work_dir(&options, &name)?;

    let health = ExecutorHealth::new();
    let engine = DefaultExecutionEngine::with_client_pool(Arc::new(Connections::default()));
    let stores = Arc::new(Stores::default());
    let spill_dir = work_dir.clone();
    let config = ExecutorProcessConfig {
        // Ballista's own messages say only this. Each start is another executor.
        executor_id: format!("{name} ({})", new_instance_id()),
        bind_host: bracketed(options.bind),
        external_host: Some(host),
        port,
        task_scheduling_policy: TaskSchedulingPolicy::PullStaged,
        scheduler_host: options.scheduler.host.clone(),
        scheduler_port: options.scheduler.port,
        vcores: options.cores.map_or(0, usize::from),
        work_dir: Some(work_dir),
        job_data_ttl_seconds: DELETE_AFTER_SECONDS,
        job_data_clean_up_interval_seconds: DELETE_AFTER_SECONDS / 24,
        memory_pool_size: options.memory.map(|Bytes(bytes)| bytes),
        override_execution_engine: Some(Arc::new(NamedEngine::new(&name, engine))),
        override_function_registry: Some(Arc::new(registry(&functions)?)),
        override_config_producer: Some(Arc::new(session_config)),
        override_runtime_producer: Some(Arc::new(move |_: &SessionConfig| {
            RuntimeEnvBuilder::new()
                .with_temp_file_path(&spill_dir)
                .with_object_store_registry(stores.clone())
                .build_arc()
        })),
        health: health.clone(),
        ..ExecutorProcessConfig::default()
    };
    let announce = tokio::spawn(async move {
        while !health.is_ready() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        joined(&name);
    });
    let ended = start_executor_process(Arc::new(config)).await;
    announce.abort();
    ended.map_err(|error| ClusterError::Ballista(error.to_string()))
}

/// Asks for the scheduler until it answers, for `patience` at most.
async fn wait_for(scheduler: &Address, patience: Duration) -> Result<Health, ClusterError> {
    let begun = Instant::now();
    loop {
        match health(scheduler).await {
            Err(ClusterError::NoScheduler { .. }) if begun.elapsed() < patience => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            answer => return answer,
        }
    }
}

/// Where others reach this executor.
fn host(options: &Options, scheduler: &Health) -> String {
    match &options.advertise {
        Some(host) => host.clone(),
        None if options.bind.is_unspecified() => bracketed(scheduler.local),
        None => bracketed(options.bind),
    }
}

/// An address as it stands before a port.
fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// `port`, or a free one for 0. Ballista's own error for a taken port does not name it.
async fn free_port(bind: IpAddr, port: u16) -> Result<u16, ClusterError> {
    let address = SocketAddr::new(bind, port);
    let refused = |error: std::io::Error| {
        ClusterError::Bind(format!(
            "cannot listen at {address}: {error}. Choose another with --port"
        ))
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    Ok(listener.local_addr().map_err(refused)?.port())
}

/// The folder to work in, and what deletes it at the end. Ballista deletes all that lies in it, so it is
/// the executor's own; one that was killed finds it again by its name.
fn work_dir(options: &Options, name: &str) -> Result<(String, Option<TempDir>), ClusterError> {
    let failed = |path: String| move |source| ClusterError::Folder { path, source };
    let (path, temporary) = match &options.work_dir {
        Some(path) => {
            let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '.' || it == '-';
            let name = name.replace(|it| !is_plain(it), "_");
            let path = path.join(format!("ae-fleet-executor-{name}"));
            std::fs::create_dir_all(&path).map_err(failed(path.display().to_string()))?;
            (path, None)
        }
        None => {
            let folder = tempfile::Builder::new()
                .prefix("ae-fleet-executor-")
                .tempdir()
                .map_err(failed(std::env::temp_dir().display().to_string()))?;
            (folder.path().to_owned(), Some(folder))
        }
    };
    match path.to_str() {
        Some(text) => Ok((text.to_owned(), temporary)),
        None => Err(ClusterError::Bind(format!(
            "--work-dir {} is not UTF-8: choose another name",
            path.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn options(words: &[&str]) -> Options {
        Options::parse_from([&["ae-fleet-executor"], words].concat())
    }

    #[test]
    fn where_others_reach_an_executor() {
        let scheduler = Health { executors: 0, local: "10.0.0.7".parse().unwrap() };
        assert_eq!(host(&options(&[]), &scheduler), "127.0.0.1");
        assert_eq!(host(&options(&["--bind", "0.0.0.0"]), &scheduler), "10.0.0.7");
        assert_eq!(host(&options(&["--bind", "::1"]), &scheduler), "[::1]");
        let told = options(&["--bind", "0.0.0.0", "--advertise", "machine-b"]);
        assert_eq!(host(&told, &scheduler), "machine-b");
    }

    #[tokio::test]
    async fn a_port_that_is_taken() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = free_port("127.0.0.1".parse().unwrap(), port).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains(&format!(":{port}")) && error.contains("--port"), "{error}");
    }

    #[test]
    fn a_folder_of_its_own_goes_at_the_end() {
        let (path, temporary) = work_dir(&options(&[]), "127.0.0.1:50051").unwrap();
        assert!(PathBuf::from(&path).is_dir());
        drop(temporary);
        assert!(!PathBuf::from(&path).exists());
    }

    #[test]
    fn a_folder_that_is_given_is_not_worked_in_itself() {
        let given = TempDir::new().unwrap();
        let options = options(&["--work-dir", given.path().to_str().unwrap()]);
        for _ in 0..2 {
            let (path, _) = work_dir(&options, "[::1]:50051").unwrap();
            assert_eq!(PathBuf::from(path), given.path().join("ae-fleet-executor-___1__50051"));
        }
    }
}
