//! One process of the fuzzer, and what it says.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::build::{Folders, Sanitizer, program};
use super::targets::Target;
use crate::command;

/// Memory that a process may take, and what it may ask for at once. It is the sanitizer that needs
/// most of it; the readers have a limit of their own.
const MEMORY_MB: u32 = 1024;

/// When a process ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    Time(Duration),
    /// After so many inputs, the same ones every time.
    Runs(u64),
}

/// A process that is running.
pub(crate) struct Process {
    child: Child,
    /// What is built into the program.
    sanitizer: Sanitizer,
    log: PathBuf,
    start: Instant,
}

/// What a process did, or several.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    /// Inputs that were run.
    pub(crate) executions: u64,
    /// Of these, blobs that got behind length and checksum.
    pub(crate) sealed: u64,
    /// Of these, what was accepted, written again and run.
    pub(crate) accepted: u64,
    /// Edges of the control flow graph that were reached.
    pub(super) edges: u64,
    /// Edges by how often they were passed.
    pub(super) features: u64,
    /// Inputs worth keeping.
    pub(super) corpus: u64,
    /// What processes took, added up.
    pub(super) time: Duration,
    /// What went wrong: the fuzzer's summary, and the input's file.
    pub(super) findings: Vec<(String, Option<PathBuf>)>,
}

impl Process {
    /// Starts the target's program.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(
        target: &Target,
        sanitizer: Sanitizer,
        folders: &Folders,
        job: usize,
        limit: Limit,
    ) -> Result<Self> {
        let log = folders.logs.join(format!("{job}.log"));
        let mut fuzzer = command::program(program(sanitizer, target)?);
        fuzzer.args([&folders.corpus, &folders.seeds]);
        fuzzer.arg(format!("-artifact_prefix={}/", folders.findings.display()));
        fuzzer.arg(format!("-max_len={}", target.max_len));
        fuzzer
            .args([format!("-rss_limit_mb={MEMORY_MB}"), format!("-malloc_limit_mb={MEMORY_MB}")]);
        // Entropic schedules are slow where executions are quick.
        fuzzer.args(["-print_final_stats=1", "-timeout=20", "-entropic=0", "-detect_leaks=0"]);
        match limit {
            Limit::Time(time) => {
                fuzzer.arg(format!("-max_total_time={}", time.as_secs().max(1)));
            }
            Limit::Runs(runs) => {
                fuzzer.args([format!("-runs={runs}"), "-seed=1".to_owned()]);
            }
        }
        // What is rare in Rust and slow to look for: use of locals behind their life. Freed memory is
        // kept for less long.
        let options = "detect_stack_use_after_return=0:quarantine_size_mb=8:malloc_context_size=2";
        fuzzer.env("ASAN_OPTIONS", options);
        let output =
            File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        fuzzer.stdout(Stdio::null()).stderr(output);
        let child =
            fuzzer.spawn().with_context(|| format!("cannot start `{}`", command::line(&fuzzer)))?;
        let sanitizer = target.sanitizer(sanitizer);
        Ok(Self { child, sanitizer, log, start: Instant::now() })
    }

    /// Waits for the end, and reads what the process said.
    ///
    /// # Errors
    /// The operating system's.
    pub(crate) fn wait(mut self) -> Result<Seen> {
        let status = self.child.wait()?;
        let log =
            fs::read(&self.log).with_context(|| format!("cannot read {}", self.log.display()))?;
        let mut seen = Seen::of(&String::from_utf8_lossy(&log), self.sanitizer);
        seen.time = self.start.elapsed();
        if !status.success() && seen.findings.is_empty() {
            seen.findings.push((format!("ended with {status}; see {}", self.log.display()), None));
        }
        Ok(seen)
    }
}

impl Seen {
    /// Of what a process wrote. That the program was built with another sanitizer is a finding, too.
    fn of(log: &str, sanitizer: Sanitizer) -> Self {
        let mut seen = Self::default();
        let mut summary: Option<String> = None;
        let built = format!("tally: sanitizer {},", sanitizer.name());
        if !log.lines().any(|line| line.starts_with(&built)) {
            seen.findings.push((format!("it does not say \"{built}\""), None));
        }
        for line in log.lines() {
            let number = |text: &str| text.trim().parse::<u64>().ok();
            if let Some(rest) = line.strip_prefix('#') {
                let mut words = rest.split_whitespace().peekable();
                seen.executions = words.next().and_then(number).unwrap_or(seen.executions);
                while let Some(word) = words.next() {
                    let next = words.peek().and_then(|word| number(word.split('/').next()?));
                    let field = match word {
                        "cov:" => &mut seen.edges,
                        "ft:" => &mut seen.features,
                        "corp:" => &mut seen.corpus,
                        _ => continue,
                    };
                    *field = next.unwrap_or(*field);
                }
            } else if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
                seen.executions = number(count).unwrap_or(seen.executions);
            } else if let Some(count) = line.strip_prefix("tally: sealed ") {
                seen.sealed = number(count).unwrap_or_default();
            } else if let Some(count) = line.strip_prefix("tally: accepted ") {
                seen.accepted = number(count).unwrap_or_default();
            } else if line.contains(" panicked at ") || line.contains("ERROR: ") {
                summary.get_or_insert_with(|| line.trim().to_owned());
            } else if let Some((_, path)) = line.split_once("Test unit written to ") {
                let summary = summary.clone().unwrap_or_else(|| "the fuzzer ended".to_owned());
                seen.findings.push((summary, Some(PathBuf::from(path.trim()))));
            }
        }
        seen
    }

    /// Both together. They began with the same inputs, so what they reached is not added up.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.executions += other.executions;
        self.sealed += other.sealed;
        self.accepted += other.accepted;
        self.edges = self.edges.max(other.edges);
        self.features = self.features.max(other.features);
        self.corpus = self.corpus.max(other.corpus);
        self.time += other.time;
        self.findings.extend(other.findings);
        self
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Sanitizer, Seen};

    const GOOD: &str = "tally: sanitizer address, kernel avx2\n\
        INFO: seed corpus: files: 136\n\
        #2\tINITED cov: 3 ft: 4 corp: 1/2b exec/s: 0 rss: 31Mb\n\
        #20000\tDONE   cov: 4182 ft: 13148 corp: 800/21Kb lim: 65 exec/s: 2000 rss: 148Mb\n\
        Done 20000 runs in 10 second(s)\n\
        stat::number_of_executed_units: 20001\n\
        tally: executed 20001\n\
        tally: sealed 14202\n\
        tally: accepted 3254\n";

    #[test]
    fn figures_are_read_and_added_up() {
        let seen = Seen::of(GOOD, Sanitizer::Address);
        assert_eq!((seen.executions, seen.sealed, seen.accepted), (20_001, 14_202, 3_254));
        assert_eq!((seen.edges, seen.features, seen.corpus), (4_182, 13_148, 800));
        assert!(seen.findings.is_empty());
        let both = seen.clone().with(seen);
        assert_eq!((both.executions, both.edges), (40_002, 4_182));
    }

    #[test]
    fn a_program_with_another_sanitizer_is_found() {
        let seen = Seen::of(GOOD, Sanitizer::None);
        assert_eq!(
            seen.findings,
            [("it does not say \"tally: sanitizer none,\"".to_owned(), None)]
        );
    }

    #[test]
    fn a_crash_is_found_with_its_input() {
        let log = "tally: sanitizer none, kernel avx2\n\
            #5\tNEW    cov: 7 ft: 9 corp: 2/2b lim: 4 exec/s: 0 rss: 31Mb\n\
            thread '<unnamed>' (7) panicked at src/run.rs:7:9:\n\
            the latent differs\n\
            ==7== ERROR: libFuzzer: deadly signal\n\
            SUMMARY: libFuzzer: deadly signal\n\
            artifact_prefix='/x/'; Test unit written to /x/crash-12\n";
        let seen = Seen::of(log, Sanitizer::None);
        assert_eq!((seen.executions, seen.edges), (5, 7));
        let summary = "thread '<unnamed>' (7) panicked at src/run.rs:7:9:".to_owned();
        assert_eq!(seen.findings, [(summary, Some(PathBuf::from("/x/crash-12")))]);
    }
}
