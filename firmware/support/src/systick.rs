//! The timer that every Cortex-M has.

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// Counts the core's clock, up to 2^24 ticks.
pub struct SysTick(SYST);

impl SysTick {
    const MAX: u32 = 0x00ff_ffff;

    /// Starts the timer.
    #[must_use]
    pub fn new(mut timer: SYST) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(Self::MAX);
        timer.enable_counter();
        Self(timer)
    }

    /// Runs `work` and counts the ticks that it took, or `None` if they were more than 2^24 − 1.
    pub fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>) {
        self.0.clear_current();
        // The counter takes its start value with the next tick, and the flag is cleared by reading.
        while SYST::get_current() == 0 {}
        let _ = self.0.has_wrapped();
        let start = SYST::get_current();
        let result = work();
        let end = SYST::get_current();
        let count = if self.0.has_wrapped() { None } else { start.checked_sub(end) };
        (result, count)
    }
}
