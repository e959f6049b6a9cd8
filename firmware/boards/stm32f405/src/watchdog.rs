//! The independent watchdog.

use ae_arm_board::Watchdog;
use stm32f4xx_hal::pac::{DBGMCU, IWDG, RCC};
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::watchdog::IndependentWatchdog;

/// IWDG (RM0090, section 21). Its oscillator is exact to a factor of two.
pub struct Iwdg(IndependentWatchdog);

impl Iwdg {
    pub(crate) fn new(iwdg: IWDG, debug: &DBGMCU) -> Self {
        let watchdog = IndependentWatchdog::new(iwdg);
        watchdog.stop_on_debug(debug, true);
        Self(watchdog)
    }
}

impl Watchdog for Iwdg {
    /// Many times what loading a model of the largest size takes.
    fn start(&mut self) {
        self.0.start(30.secs());
    }

    fn feed(&mut self) {
        self.0.feed();
    }
}

/// Whether the watchdog was the last to reset the chip: `RCC_CSR.IWDGRSTF`, which is cleared by
/// `RMVF` (RM0090, section 7.3.21).
pub(crate) fn has_bitten(rcc: &RCC) -> bool {
    let bitten = rcc.csr().read().wdgrstf().bit();
    rcc.csr().modify(|_, w| w.rmvf().set_bit());
    bitten
}
