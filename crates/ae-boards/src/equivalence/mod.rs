//! A blob on a board against the same blob on the host, byte for byte.
//!
//! [`expected_answers`] computes on the host what the program `equivalence` must answer,
//! [`compare_on_board`] asks a board for the same, and [`Agreement`] counts what is equal.

mod agreement;
mod compare;
mod expected;
mod report;

pub use agreement::{Agreement, Count, LayerCount};
pub use compare::{BoardError, Emulators, SerialBoard, compare_on_board};
pub(crate) use compare::{Connect, check_identity};
pub use expected::{Expected, expected_answers};
pub use report::BoardReport;
