//! What starts a board anew whose program hangs.

/// A chip's watchdog. It stops while a debugger halts the core.
pub trait Watchdog {
    /// Starts it, for good.
    fn start(&mut self);

    /// Tells it that the program goes on.
    fn feed(&mut self);
}

/// For a board whose UART cannot be asked whether a byte has come: its program would not be there to
/// feed a watchdog while it waits.
pub struct NoWatchdog;

impl Watchdog for NoWatchdog {
    fn start(&mut self) {}

    fn feed(&mut self) {}
}
