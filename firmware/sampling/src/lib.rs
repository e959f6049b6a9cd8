//! A signal that does not wait, and what a program says that watched it: which samples it missed,
//! and whether it decided as a detector in one does. The model lies in a second flash.
//!
//! There are two detectors: [`windows`] of the signal itself, and [`frames`] of which features are computed.
#![no_std]

pub mod clock;
pub mod frames;
pub mod windows;

use ae_infer::{Decision, DetectorError};
use cortex_m::peripheral::{SYST, syst::SystClkSource};
use semihosting::{println, process::exit};

/// Where `memory.x` puts the model.
const MODEL_FLASH: core::ops::Range<usize> = 0x2100_0000..0x2110_0000;
/// Most windows that are decided.
pub const MOST: usize = 400;

/// The half of a detector that an interrupt owns, with its signal, and what the program is compared with.
pub trait Source {
    /// What the other half takes: a window, or a frame.
    type Piece;
    /// Ticks from a sample to the next. A decision takes longer than that, and less than the time between
    /// two pieces.
    const PERIOD: u32;
    /// Windows that are decided, at most [`MOST`].
    const WINDOWS: usize;

    /// Takes the sample of a time, and gives the piece that it ends.
    fn take(&mut self, at: u32) -> Option<Self::Piece>;

    /// The model.
    fn blob() -> &'static [u8];

    /// What a detector that is not split decides about the same samples, one after another.
    fn decisions_of_push() -> [Option<Decision>; MOST];
}

/// What an interrupt owns, and what it missed.
pub struct Sampling<S> {
    source: S,
    /// Samples that were taken.
    taken: u32,
    /// Samples that were due and found no interrupt.
    missed: u32,
    /// Pieces that were whole before the one before had been taken.
    lost: u32,
}

impl<S: Source> Sampling<S> {
    fn new(source: S) -> Self {
        Self { source, taken: 0, missed: 0, lost: 0 }
    }

    /// Takes the sample of this time, as a sensor gives it: one that is missed is never seen again.
    /// `send` is given a piece that is whole, and says whether there was room for it.
    ///
    /// # Panics
    /// The model takes other samples.
    pub fn take(&mut self, send: impl FnOnce(S::Piece) -> bool) {
        let at = clock::ticks() / S::PERIOD;
        if let Some(piece) = self.source.take(at) {
            self.lost += u32::from(!send(piece));
        }
        self.taken += 1;
        self.missed = at - self.taken;
    }

    /// Samples that were taken.
    #[must_use]
    pub fn taken(&self) -> u32 {
        self.taken
    }
}

/// What was decided while samples came.
pub struct Decided {
    decisions: [Option<Decision>; MOST],
    count: usize,
    /// Windows that are to be decided.
    wanted: usize,
    /// Samples that came during decisions.
    meanwhile: u32,
    /// Decisions during which none came.
    alone: u32,
}

impl Decided {
    /// Before the first window of a source.
    #[must_use]
    pub const fn about<S: Source>() -> Self {
        Self { decisions: [None; MOST], count: 0, wanted: S::WINDOWS, meanwhile: 0, alone: 0 }
    }

    /// Takes what the judge says of a piece, which may end no window. `taken` says how many samples have
    /// been taken.
    pub fn decide(
        &mut self,
        judge: impl FnOnce() -> Result<Option<Decision>, DetectorError>,
        mut taken: impl FnMut() -> u32,
    ) {
        let before = taken();
        let said = judge();
        let came = taken() - before;
        if let Ok(None) = said {
            return;
        }
        if let Some(place) = self.decisions.get_mut(self.count) {
            // One that failed is not what `push` decides.
            *place = said.unwrap_or(None);
        }
        self.count += 1;
        self.meanwhile += came;
        self.alone += u32::from(came == 0);
    }

    /// Whether all windows are decided.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.count >= self.wanted
    }

    /// Says what was kept and what was not, and ends the program.
    pub fn report<S: Source>(&self, sampling: &Sampling<S>) -> ! {
        let Self { decisions, meanwhile, alone, wanted, .. } = self;
        let Sampling { taken, missed, lost, .. } = sampling;
        let alarms = decisions.iter().flatten().filter(|it| it.is_alarm()).count();
        let checks = [
            ("the model lies in its own flash", MODEL_FLASH.contains(&S::blob().as_ptr().addr())),
            ("no sample was missed", *missed == 0),
            ("no window was lost", *lost == 0),
            ("a sample came during every decision", *alone == 0),
            ("there are alarms, and windows without", alarms > 0 && alarms < *wanted),
            ("the decisions are those of push", *decisions == S::decisions_of_push()),
        ];
        for (check, _) in checks.iter().filter(|(_, kept)| !kept) {
            println!("FAILED: {check}");
        }
        let summary = format_args!(
            "{taken} samples, {meanwhile} of them during decisions, {missed} missed; {wanted} \
             windows, {alarms} alarms, {lost} lost"
        );
        let kept = checks.iter().all(|(_, kept)| *kept);
        println!("{}: {summary}", if kept { "ok" } else { "FAILED" });
        exit(i32::from(!kept))
    }
}

/// From here on an interrupt comes every period of the source, the first one a period from now.
pub fn start<S: Source>(timer: &mut SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(S::PERIOD - 1);
    timer.clear_current();
    timer.enable_interrupt();
    clock::start();
    timer.enable_counter();
}
