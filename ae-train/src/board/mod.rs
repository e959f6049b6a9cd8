//! A blob on a board against the same blob on the host, byte for byte.
//!
//! [`expected_answers`] computes on the host what the program `equivalence` must answer,
//! [`compare_on_board`] asks a board for the same, and [`Agreement`] counts what is equal.
//! [`watch_on_board`] does so for the decisions of the program `monitor`, which [`Decided`] counts.

mod agreement;
mod compare;
mod expected;
mod monitor;
mod report;

pub use agreement::{Agreement, Count, LayerCount};
pub use compare::{BoardError, Emulators, SerialBoard, compare_on_board};
pub use expected::{Expected, expected_answers};
pub use monitor::{
    Decided, Difference, MonitorError, Recording, Watched, watch_on_board, watch_on_host,
};
pub use report::BoardReport;
