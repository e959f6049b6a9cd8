//! The watchdog.

use ae_arm_board::Watchdog;
use rp235x_hal::fugit::ExtU32;
use rp235x_hal::pac::WATCHDOG;

/// The chip's watchdog (RP2350 datasheet, section 12.9), whose tick is set up with the clocks.
pub struct Rp2350Watchdog(rp235x_hal::Watchdog);

impl Rp2350Watchdog {
    pub(crate) fn new(mut watchdog: rp235x_hal::Watchdog) -> Self {
        watchdog.pause_on_debug(true);
        Self(watchdog)
    }
}

impl Watchdog for Rp2350Watchdog {
    /// Nearly the most that the HAL allows.
    fn start(&mut self) {
        self.0.start(8.secs());
    }

    fn feed(&mut self) {
        self.0.feed();
    }
}

/// Whether its timer was the last to reset the chip: `REASON.TIMER`.
pub(crate) fn has_bitten(watchdog: &WATCHDOG) -> bool {
    watchdog.reason().read().timer().bit()
}
