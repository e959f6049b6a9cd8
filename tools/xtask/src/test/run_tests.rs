//! Unit, integration and documentation tests.

use std::io::{self, BufRead, BufReader, Write};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::boards;
use crate::{command, gate};

/// By this the tests know that nothing is to be shortened.
const ALL: &str = "AE_TEST_ALL";

pub(super) fn run(all: bool) -> Result<String> {
    boards::build_firmware(|_| true)?;
    gate::build_trial_for_tests()?;
    let mut tests = tests();
    if all {
        tests.env(ALL, "1");
    }
    let line = command::line(&tests);
    let mut child =
        tests.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let output = child.stdout.take().context("the output of the tests is piped")?;
    let counts = pass_on(output, io::stdout().lock())?;
    let status = child.wait()?;
    if !status.success() {
        bail!("`{line}` ended with {status}: {counts}");
    }
    if counts.passed == 0 {
        bail!("`{line}` ran no test");
    }
    Ok(counts.to_string())
}

fn tests() -> Command {
    command::cargo("test --workspace --release --no-fail-fast")
}

/// The call of cargo that builds what this step runs.
pub(super) fn only_build() -> Command {
    let mut tests = tests();
    tests.arg("--no-run");
    tests
}

/// Copies the output of the tests line by line, and counts what it reports.
fn pass_on(from: impl io::Read, mut to: impl Write) -> io::Result<Counts> {
    let mut from = BufReader::new(from);
    let mut counts = Counts::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        if let Some(more) = Counts::of(&String::from_utf8_lossy(&line)) {
            counts += more;
        }
        line.clear();
    }
    Ok(counts)
}

/// Tests counted by their result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Counts {
    /// Of a line `test result: ok. 3 passed; 0 failed; 1 ignored; …`, and of no other.
    fn of(line: &str) -> Option<Self> {
        let line = line.strip_prefix("test result: ")?;
        let count = |what: &str| {
            let mut words = line.split([' ', ';']);
            let mut before = "";
            words.find_map(|word| {
                let number = (word == what).then(|| before.parse().ok()).flatten();
                before = word;
                number
            })
        };
        Some(Self {
            passed: count("passed")?,
            failed: count("failed")?,
            ignored: count("ignored")?,
        })
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.ignored += more.ignored;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, pass_on};

    #[test]
    fn results_are_passed_on_and_added_up() {
        let output = "running 2 tests\n\
            test a ... ok\n\
            test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 9 filtered out\n\
            my test result: 5 passed\n\
            test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; in 1.00s";
        let mut copy = Vec::new();
        let counts = pass_on(output.as_bytes(), &mut copy).unwrap();
        assert_eq!(copy, output.as_bytes());
        assert_eq!(counts, Counts { passed: 16, failed: 3, ignored: 1 });
        assert_eq!(counts.to_string(), "16 passed, 3 failed, 1 ignored");
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(Counts::of("test result: ok."), None);
        assert_eq!(Counts::of("test a ... ok"), None);
    }
}
