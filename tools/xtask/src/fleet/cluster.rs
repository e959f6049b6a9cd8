//! A scheduler and executors on loopback.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{command, fleet};

/// They end when it is dropped.
pub(crate) struct Cluster {
    processes: Vec<Process>,
    /// As `--scheduler` takes it.
    pub(crate) address: String,
}

/// A process that is ended with what holds it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself cannot be ended again.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Cluster {
    /// Starts them, of a profile, on ports that are free. `models` is the folder of each executor's models.
    ///
    /// # Errors
    /// One is not built, or does not start.
    pub(crate) fn start(profile: &str, models: &Path, executors: usize) -> Result<Self> {
        let mut scheduler = command::program(fleet::program(profile, "ae-fleet-scheduler")?);
        let (scheduler, said) = start(scheduler.args(["--port", "0"]))?;
        let address = said.rsplit(' ').next().unwrap_or_default().to_owned();
        let mut processes = vec![scheduler];
        for _ in 0..executors {
            let mut executor = command::program(fleet::program(profile, "ae-fleet-executor")?);
            executor.args(["--port", "0", "--cores", "1", "--wait", "60"]);
            executor.args(["--scheduler", &address]).arg("--models").arg(models);
            processes.push(start(&mut executor)?.0);
        }
        Ok(Self { processes, address })
    }

    /// That none has ended meanwhile.
    ///
    /// # Errors
    /// One has.
    pub(crate) fn check(&mut self) -> Result<()> {
        for Process(child) in &mut self.processes {
            if let Some(status) = child.try_wait()? {
                bail!("a process of the cluster ended with {status}");
            }
        }
        Ok(())
    }
}

/// Starts a program, and waits for the line that it says when it is ready.
fn start(program: &mut Command) -> Result<(Process, String)> {
    let line = command::line(program);
    let child = program.stdout(Stdio::piped()).spawn();
    let mut process = Process(child.with_context(|| line.clone())?);
    let mut said = String::new();
    let output = process.0.stdout.take().context("it has no output")?;
    BufReader::new(output).read_line(&mut said)?;
    if said.trim().is_empty() {
        bail!("`{line}` ended before it was ready");
    }
    Ok((process, said.trim().to_owned()))
}
