//! Playing recordings through detectors, wherever they run.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use ae_core::Samples;

/// A detector that recordings are played through: this machine's, or that of a board.
pub trait Sink {
    /// What it says of a window.
    type Decision: Send;
    /// What is known of it when all is played.
    type Summary: Send;
    /// Why it cannot go on.
    type Error: Send;

    /// The decisions on a recording, from a start without a past.
    ///
    /// # Errors
    /// The samples are not the detector's, or it does not answer.
    fn play(&mut self, samples: Samples<'_>) -> Result<Vec<Self::Decision>, Self::Error>;

    /// Ends the playing.
    ///
    /// # Errors
    /// The detector does not answer.
    fn finish(self) -> Result<Self::Summary, Self::Error>;
}

/// What all sinks gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playing<D, S> {
    /// The decisions on each recording.
    pub decisions: Vec<Vec<D>>,
    /// What is known of each sink.
    pub summaries: Vec<S>,
}

/// Plays every recording once, each on the first sink that is free. There are `sinks` of them, but
/// no more than recordings; `open` makes one. `decided` is told the number of windows as they are
/// decided.
///
/// # Errors
/// A sink cannot be opened or go on. The others then end after the recording that they are at.
pub fn play_all<S: Sink>(
    sinks: usize,
    open: &(impl Fn() -> Result<S, S::Error> + Sync),
    recordings: &[Samples<'_>],
    decided: &(impl Fn(usize) + Sync),
) -> Result<Playing<S::Decision, S::Summary>, S::Error> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let played = play_some(open, recordings, &next, &failed, decided);
        // The others need not go on.
        failed.fetch_or(played.is_err(), Ordering::Relaxed);
        played
    };
    let results: Vec<Result<_, S::Error>> = thread::scope(|scope| {
        let count = sinks.clamp(1, recordings.len().max(1));
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().map(join).collect()
    });
    let mut decisions: Vec<Vec<S::Decision>> = recordings.iter().map(|_| Vec::new()).collect();
    let mut summaries = Vec::new();
    for result in results {
        let share: Share<S> = result?;
        summaries.push(share.summary);
        for (index, of_recording) in share.played {
            decisions[index] = of_recording;
        }
    }
    Ok(Playing { decisions, summaries })
}

/// What one sink has played.
struct Share<S: Sink> {
    summary: S::Summary,
    /// The decisions on a recording, with its place among all.
    played: Vec<(usize, Vec<S::Decision>)>,
}

/// Plays recordings that no other sink has been given.
fn play_some<S: Sink>(
    open: &impl Fn() -> Result<S, S::Error>,
    recordings: &[Samples<'_>],
    next: &AtomicUsize,
    failed: &AtomicBool,
    decided: &impl Fn(usize),
) -> Result<Share<S>, S::Error> {
    let mut sink = open()?;
    let mut played = Vec::new();
    while !failed.load(Ordering::Relaxed) {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(&samples) = recordings.get(index) else { break };
        let decisions = sink.play(samples)?;
        decided(decisions.len());
        played.push((index, decisions));
    }
    Ok(Share { summary: sink.finish()?, played })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says of each value what it is, and refuses a 7.
    struct Echo(usize);

    impl Sink for Echo {
        type Decision = u8;
        type Summary = usize;
        type Error = String;

        fn play(&mut self, samples: Samples<'_>) -> Result<Vec<u8>, String> {
            let values: Vec<u8> = samples.le_bytes().collect();
            self.0 += 1;
            if values.contains(&7) { Err("a seven".to_owned()) } else { Ok(values) }
        }

        fn finish(self) -> Result<usize, String> {
            Ok(self.0)
        }
    }

    #[test]
    fn every_recording_is_played_once_and_keeps_its_place() {
        let values: Vec<[u8; 2]> = (0..50).map(|at| [at + 100, at]).collect();
        let recordings: Vec<Samples<'_>> = values.iter().map(|it| Samples::Pixels(it)).collect();
        let windows = AtomicUsize::new(0);
        let decided = |count| {
            windows.fetch_add(count, Ordering::Relaxed);
        };
        let playing = play_all(3, &|| Ok(Echo(0)), &recordings[8..], &decided).unwrap();
        assert_eq!(playing.decisions.concat(), values[8..].concat());
        assert_eq!(playing.summaries.len(), 3);
        assert_eq!(playing.summaries.iter().sum::<usize>(), 42);
        assert_eq!(windows.into_inner(), 84);
        let error = play_all(3, &|| Ok(Echo(0)), &recordings, &|_| ()).unwrap_err();
        assert_eq!(error, "a seven");
    }
}
