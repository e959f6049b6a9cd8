//! Runs the tasks of queries of a fleet's archive.

use ae_fleet_cluster::{executor, log_to_stderr};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = executor::Options::parse();
    log_to_stderr(options.log);
    let scheduler = options.scheduler.clone();
    ae_fleet_cluster::program("ae-fleet-executor", async move {
        executor::run(options, move |name| {
            println!("ae-fleet-executor {name} works for {scheduler}");
        })
        .await
    })
}
