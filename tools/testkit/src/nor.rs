//! A NOR flash in memory whose power is cut, and which holds programs to the rules.
//!
//! Bits are written from 1 to 0, a word once between two erasures, and what is erased at once are
//! whole pages. The [`Supply`] counts operations: a call that writes, or a page that is erased. At
//! those that a test chooses it cuts the power, and leaves the operation [`Torn`]: MCUboot's
//! simulator cuts before an operation; here it may also be done, begun from either end, or have
//! bits that read differently in each life, or each time.
//!
//! What breaks a rule is kept as a [fault](Supply::fault): a test shows so that it can fail.

mod chip;
mod supply;

pub use chip::{Nor, PowerOff};
pub use supply::{Reads, Supply, Torn};
