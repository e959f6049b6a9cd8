//! The scheduler: it plans queries and gives tasks to executors.

use crate::registry::state;
use crate::stores::Stores;
use crate::{ClusterError, LogLevel, models, session_config};
use ae_fleet_functions::Functions;
use ballista_core::config::TaskSchedulingPolicy;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::{SchedulerConfig, TaskDistributionPolicy};
use ballista_scheduler::scheduler_process::{create_scheduler, start_grpc_service_with_listener};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Plans queries and gives their tasks to executors.
///
/// Its port has no authentication: whoever reaches it can run queries on the executors.
/// Keep it on loopback or in a network of your own.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "ae-fleet-scheduler", version)]
pub struct Options {
    /// Address to listen at; 0.0.0.0 is every one of this machine.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,
    /// Port to listen at; 0 chooses a free one.
    #[arg(long, default_value_t = 50050)]
    pub port: u16,
    /// Name or address at which executors reach this machine; needed where --bind is 0.0.0.0.
    #[arg(long, value_name = "HOST")]
    pub advertise: Option<String>,
    /// Seconds without a sign of life after which an executor counts as lost, and its tasks
    /// go to others; a busy one gives a sign every five seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(7..))]
    pub executor_timeout: u64,
    /// Seconds for which executors keep the result of a query that has ended.
    #[arg(long, value_name = "SECONDS", default_value_t = 300,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub keep_results: u64,
    /// Folder or s3://BUCKET/PREFIX with models, for queries that name a model and a window
    /// as constants.
    #[arg(long, value_name = "PLACE")]
    pub models: Vec<String>,
    /// What to log on standard error.
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = LogLevel::Warn)]
    pub log: LogLevel,
}

/// Runs a scheduler until it fails. `listening` is called once, with its address, as soon as
/// executors and clients can come.
///
/// # Errors
///
/// Models that are not there, a port that is taken, or an address that nobody can reach.
pub async fn run(options: Options, listening: impl FnOnce(&str)) -> Result<(), ClusterError> {
    let functions = Functions::new(models(&options.models)?);
    let host = host(&options)?;
    let listener = bind(SocketAddr::new(options.bind, options.port)).await?;
    let port = listener.local_addr().map_err(|error| ClusterError::Bind(error.to_string()))?.port();

    let stores = Arc::new(Stores::default());
    let config = SchedulerConfig {
        external_host: host.clone(),
        bind_host: options.bind.to_string(),
        bind_port: port,
        // Executors fetch tasks, and say how many cores are free. A scheduler that sends them
        // keeps count itself, and loses cores of the others when an executor dies.
        scheduling_policy: TaskSchedulingPolicy::PullStaged,
        task_distribution: TaskDistributionPolicy::RoundRobin,
        executor_timeout_seconds: options.executor_timeout,
        expire_dead_executor_interval_seconds: (options.executor_timeout / 4).max(1),
        no_executors_grace_period_seconds: options.executor_timeout,
        finished_job_data_clean_up_interval_seconds: options.keep_results,
        finished_job_state_clean_up_interval_seconds: options.keep_results.max(300),
        override_config_producer: Some(Arc::new(session_config)),
        override_session_builder: Some(Arc::new(move |config| state(config, &functions, &stores))),
        ..SchedulerConfig::default()
    };
    config.validate().map_err(ballista)?;
    let cluster = BallistaCluster::new_from_config(&config).await.map_err(ballista)?;
    let scheduler =
        create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(config))
            .await
            .map_err(ballista)?;
    listening(&format!("df://{host}:{port}"));
    start_grpc_service_with_listener(listener, scheduler).await.map_err(ballista)
}

/// The host that executors call back.
fn host(options: &Options) -> Result<String, ClusterError> {
    match (&options.advertise, options.bind) {
        (Some(host), _) => Ok(host.clone()),
        (None, bind) if bind.is_unspecified() => Err(ClusterError::Bind(format!(
            "--bind {bind} is every address of this machine, and executors need one: \
             add --advertise HOST"
        ))),
        (None, IpAddr::V6(bind)) => Ok(format!("[{bind}]")),
        (None, bind) => Ok(bind.to_string()),
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ClusterError> {
    TcpListener::bind(address).await.map_err(|error| {
        ClusterError::Bind(format!(
            "cannot listen at {address}: {error}. Choose another with --bind and --port"
        ))
    })
}

fn ballista(error: ballista_core::error::BallistaError) -> ClusterError {
    ClusterError::Ballista(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn options(words: &[&str]) -> Options {
        Options::parse_from([&["ae-fleet-scheduler"], words].concat())
    }

    #[test]
    fn loopback_unless_told() {
        assert!(options(&[]).bind.is_loopback());
        assert_eq!(host(&options(&[])).unwrap(), "127.0.0.1");
        assert_eq!(host(&options(&["--bind", "::1"])).unwrap(), "[::1]");
    }

    #[test]
    fn every_address_is_none_to_call_back() {
        let error = host(&options(&["--bind", "0.0.0.0"])).unwrap_err().to_string();
        assert!(error.contains("--advertise HOST"), "{error}");
        let told = options(&["--bind", "0.0.0.0", "--advertise", "machine-a"]);
        assert_eq!(host(&told).unwrap(), "machine-a");
    }

    #[tokio::test]
    async fn a_port_that_is_taken() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let error = bind(address).await.unwrap_err().to_string();
        assert!(error.contains(&address.to_string()) && error.contains("--port"), "{error}");
    }
}
