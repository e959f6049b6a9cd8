//! The program killed at random moments of training, quantising and resuming.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::time::{Duration, Instant};

use ae_testkit::random::SplitMix64;

use super::moment::{Moment, UNFINISHED, kill, phase, was_writing};
use super::{OPTIONS, intact, line, same_run, workshop};
use crate::workshop::Workshop;

/// Kills with `AE_TEST_ALL=1`.
const ALL: usize = 200;
/// Kills without: a fifth.
const FEW: usize = ALL / 5;

/// Kills of one run, at most.
const LIVES: usize = 3;

struct Campaign {
    workshop: Workshop,
    wanted: usize,
    /// Kills yet to be made.
    left: AtomicUsize,
    /// Runs begun; the number of each seeds its random numbers.
    begun: AtomicU64,
    training: Duration,
    quantising: Duration,
    /// Kills by what the process was doing.
    phases: Mutex<BTreeMap<&'static str, usize>>,
    /// Those of them while a file was being written.
    writing: AtomicUsize,
    /// Continued trainings that were killed, or were to be.
    resumed: AtomicUsize,
}

#[test]
fn killed_at_random_moments_it_loses_nothing() {
    let wanted = if std::env::var_os("AE_TEST_ALL").is_some() { ALL } else { FEW };
    let campaign = Campaign::new(wanted);
    let survived: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(|| campaign.work())).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    let phases = campaign.phases.into_inner().unwrap();
    let spread: Vec<_> = phases.iter().map(|(phase, count)| format!("{phase} {count}")).collect();
    let text = format!(
        "{survived} of {wanted} kills survived with identical weights. Killed in: {}; {} of them \
         while a file was being written\n",
        spread.join(", "),
        campaign.writing.into_inner()
    );
    // Past the test harness, which shows no output of a test that passes.
    std::io::stderr().write_all(text.as_bytes()).unwrap();
    assert_eq!(survived, wanted);
    assert_eq!(phases.values().sum::<usize>(), wanted);
    for expected in ["before the configuration", "epoch 1", "quantize", "start of resuming"] {
        assert!(phases.contains_key(expected), "{expected}: {phases:?}");
    }
}

impl Campaign {
    fn new(wanted: usize) -> Self {
        let workshop = workshop();
        let timed = |line: &str| {
            let start = Instant::now();
            workshop.ok(line);
            start.elapsed()
        };
        let training = timed(&format!("train --out timed {OPTIONS}"));
        let quantising = timed("quantize timed");
        Self {
            workshop,
            wanted,
            left: AtomicUsize::new(wanted),
            begun: AtomicU64::new(0),
            training,
            quantising,
            phases: Mutex::default(),
            writing: AtomicUsize::new(0),
            resumed: AtomicUsize::new(0),
        }
    }

    /// Kills until enough were killed; the number that survived.
    fn work(&self) -> usize {
        let mut survived = 0;
        loop {
            let number = self.begun.fetch_add(1, Relaxed);
            if self.left.load(Relaxed) == 0 {
                return survived;
            }
            assert!(number < 4 * self.wanted as u64, "the program ends before it can be killed");
            let mut random = SplitMix64::new(number);
            survived += match number % 3 {
                2 => self.quantise(number, &mut random),
                _ => self.train(number, &mut random),
            };
        }
    }

    /// Kills a process at a moment, if one is to be killed yet. Whether it was.
    fn kill(
        &self,
        line: &str,
        run: &str,
        moment: Moment,
        of: impl Fn(&str) -> &'static str,
    ) -> bool {
        if self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err() {
            return false;
        }
        let folder = self.workshop.path(run);
        let Some(said) = kill(self.workshop.command(line), &folder, moment) else {
            self.left.fetch_add(1, Relaxed);
            return false;
        };
        let clears = matches!(moment, Moment::Clearing);
        self.writing.fetch_add(usize::from(!clears && was_writing(&folder)), Relaxed);
        *self.phases.lock().unwrap().entry(of(&said)).or_default() += 1;
        true
    }

    /// A run that is killed, continued and killed until it is let through; how often it was killed.
    fn train(&self, number: u64, random: &mut SplitMix64) -> usize {
        let workshop = &self.workshop;
        let run = format!("run{number}");
        let folder = workshop.path(&run);
        let mut kills = 0;
        let lives = 1 + random.below(LIVES);
        while kills < lives {
            let resumed = workshop.exists(&format!("{run}/config.toml"));
            let moment = if resumed {
                let chosen = self.resumed.fetch_add(1, Relaxed);
                Moment::OF_RESUMING.get(chosen).copied()
            } else {
                let chosen = usize::try_from(number / 3 * 2 + number % 3).unwrap();
                Moment::OF_TRAINING.get(chosen).copied().filter(|_| kills == 0)
            };
            let at_random = Moment::of_training(random, self.training, resumed);
            let moment = moment.unwrap_or(at_random);
            let of = |said: &str| phase(&folder, said, resumed);
            let killed = self.kill(&line(workshop, &run), &run, moment, of);
            if folder.exists() {
                self.check(&run, &format!("run {number}, kill {kills} at {moment:?}"));
            }
            if !killed {
                break;
            }
            kills += 1;
        }
        if kills > 0 {
            workshop.ok(&line(workshop, &run));
            same_run(workshop, &run, &format!("run {number}"));
        }
        if folder.exists() {
            std::fs::remove_dir_all(folder).unwrap();
        }
        kills
    }

    /// Everything there is whole, and `verify` knows what it is.
    fn check(&self, run: &str, context: &str) {
        let workshop = &self.workshop;
        if let Err(error) = intact::check(workshop, run) {
            panic!("{context}: {error}");
        }
        let verify = format!("verify {run}/model.int8.aeb");
        if workshop.exists(&format!("{run}/model.int8.aeb")) {
            workshop.ok(&verify);
        } else if workshop.exists(&format!("{run}/config.toml")) {
            workshop.refused(&verify, &["cannot read", &format!("ae-train train --resume {run}")]);
        } else {
            workshop.refused(&verify, &["cannot read"]);
        }
    }

    /// A finished run that is quantised again, and that process killed.
    fn quantise(&self, number: u64, random: &mut SplitMix64) -> usize {
        let workshop = &self.workshop;
        let run = format!("run{number}");
        let before = workshop.files("whole");
        std::fs::create_dir(workshop.path(&run)).unwrap();
        for (name, bytes) in &before {
            workshop.write(&format!("{run}/{name}"), bytes);
        }
        let (options, blob) = random.one_of(&[
            ("", "model.int8.aeb"),
            ("--contract f32", "model.f32.aeb"),
            ("--part encoder", "model.encoder.int8.aeb"),
            ("--for cortex-m4", "model.cortex-m4.int8.aeb"),
        ]);
        let line = format!("quantize {run} {options}");
        let moment = Moment::of_quantising(random, self.quantising);
        let folder = workshop.path(&run);
        let killed = self.kill(&line, &run, moment, |_| "quantize");
        let context = format!("run {number}, {line} killed at {moment:?}");
        self.check(&run, &context);
        for (name, bytes) in workshop.files(&run) {
            if name == "run.lock" || name.starts_with(UNFINISHED) {
                continue;
            }
            match before.get(&name) {
                Some(was) => assert!(bytes == *was, "{context}: {name} was changed"),
                None => assert_eq!(name, blob, "{context}"),
            }
        }
        if killed {
            let (out, whole) = (format!("{run}/{blob}"), format!("whole-{blob}"));
            workshop.ok(&line);
            workshop.ok(&format!("quantize whole {options} --out {whole}"));
            assert!(workshop.read(&out) == workshop.read(&whole), "{context}: another blob");
            let left = workshop.names(&run);
            assert!(!left.iter().any(|name| name.starts_with(UNFINISHED)), "{context}: {left:?}");
        }
        std::fs::remove_dir_all(folder).unwrap();
        usize::from(killed)
    }
}
