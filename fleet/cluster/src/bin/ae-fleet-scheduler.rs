//! Plans queries of a fleet's archive and gives their tasks to executors.

use ae_fleet_cluster::{log_to_stderr, scheduler};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = scheduler::Options::parse();
    log_to_stderr(options.log);
    ae_fleet_cluster::program("ae-fleet-scheduler", async move {
        tokio::select! {
            ended = scheduler::run(options, |address| {
                println!("ae-fleet-scheduler listens at {address}");
            }) => ended,
            () = ae_fleet_cluster::asked_to_end() => Ok(()),
        }
    })
}
