//! Programs that end with the test that started them.

use ae_fleet_cluster::{Address, health};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SCHEDULER: &str = env!("CARGO_BIN_EXE_ae-fleet-scheduler");
const EXECUTOR: &str = env!("CARGO_BIN_EXE_ae-fleet-executor");

/// Longer than any program takes to start on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running program; it is killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    /// The first line that it printed.
    pub(crate) said: String,
    logs: TempDir,
}

impl Program {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let logs = tempfile::tempdir().unwrap();
        let log = File::create(logs.path().join("stderr")).unwrap();
        let mut child = Command::new(program)
            .args(arguments)
            // Its folder goes with the test, even when it is killed.
            .env("TMPDIR", logs.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let (sender, receiver) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let said = receiver.recv_timeout(PATIENCE);
        let mut program = Self { child, said: String::new(), logs };
        match said {
            Ok(line) => program.said = line,
            Err(_) => panic!("{arguments:?} did not start: {}", program.log()),
        }
        program
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.logs.path().join("stderr")).unwrap()
    }

    /// As `kill` does, until it has ended.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        self.child.wait().unwrap()
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) -> ExitStatus {
        let _ = self.child.kill();
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("{}\n{}", self.said, self.log());
        }
    }
}

/// A scheduler that counts an executor as lost after seven seconds.
pub(crate) struct Cluster {
    pub(crate) scheduler: Program,
    pub(crate) address: Address,
    pub(crate) executors: Vec<Program>,
}

impl Cluster {
    pub(crate) fn without_executors() -> Self {
        let scheduler = Program::start(SCHEDULER, &["--port", "0", "--executor-timeout", "7"]);
        let address = scheduler.said.rsplit(' ').next().unwrap().parse().unwrap();
        Self { scheduler, address, executors: Vec::new() }
    }

    /// Two executors of one core each.
    pub(crate) async fn with_two(models: &Path) -> Self {
        let mut cluster = Self::without_executors();
        cluster.add(models);
        cluster.add(models);
        cluster.wait_for(2).await;
        cluster
    }

    /// Starts one more executor with these models, and gives its name.
    pub(crate) fn add(&mut self, models: &Path) -> String {
        self.add_with(&["--models", models.to_str().unwrap()])
    }

    /// The same with these options.
    pub(crate) fn add_with(&mut self, options: &[&str]) -> String {
        let authority = self.address.authority();
        let always = ["--scheduler", &authority, "--cores", "1", "--memory", "1GB", "--port", "0"];
        let executor = Program::start(EXECUTOR, &[&always, options].concat());
        let name = executor.said.split(' ').nth(1).unwrap().to_owned();
        self.executors.push(executor);
        name
    }

    /// Until the scheduler hears of so many.
    pub(crate) async fn wait_for(&self, executors: usize) {
        let begun = Instant::now();
        while health(&self.address).await.unwrap().executors != executors {
            assert!(begun.elapsed() < PATIENCE, "never {executors} executors");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Runs a program to its end: whether it ended with 2, and what it wrote to standard error.
pub(crate) fn refused(executor: bool, arguments: &[&str]) -> String {
    let program = if executor { EXECUTOR } else { SCHEDULER };
    let done = Command::new(program).args(arguments).output().unwrap();
    let text = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2), "{text}");
    text
}
