//! Time that passes whether or not an interrupt is taken: the board's timer 0, which counts down at
//! the rate of SysTick.

const TIMER: *mut u32 = 0x4000_0000 as *mut u32;
/// Words from the timer's first register.
const VALUE: usize = 1;
const RELOAD: usize = 2;

/// Starts at 0.
pub fn start() {
    #[allow(unsafe_code, reason = "registers")]
    // SAFETY: the timer's registers, which nothing else uses; its interrupt stays off.
    unsafe {
        TIMER.add(RELOAD).write_volatile(u32::MAX);
        TIMER.add(VALUE).write_volatile(u32::MAX);
        TIMER.write_volatile(1);
    }
}

/// Ticks since the start.
pub fn ticks() -> u32 {
    #[allow(unsafe_code, reason = "a register")]
    // SAFETY: reading it changes nothing.
    let left = unsafe { TIMER.add(VALUE).read_volatile() };
    u32::MAX - left
}
