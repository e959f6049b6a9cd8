//! What the firmware of every board shares: its programs, and what they need of a board.
//!
//! | program | what it does |
//! | --- | --- |
//! | [`selftest`] | checks the model's own test vector layer by layer, and says so in one line |
//! | [`equivalence`] | computes what a host asks for and sends all of it back |
//! | [`monitor`] | watches a signal that a host sends, and tells of alarms |
//! | [`mod@bench`] | measures one inference: time, stack, buffers |
//! | `calls` | calls the engine's functions between marks; with the feature of its name |
//! | `frame` | measures the features of a frame; with the feature of its name |
//! | `store` | measures the stack of a store, of an update and of what learns in place; with the feature of its name |
//! | `soak` | infers for as long as a host likes; with the feature of its name |
//! | `update` | runs the model that the board's store says, and takes a new one over the line; with the feature of its name |
//! | `planted` | ends by a fault that a host asks for; with the feature of its name |
//!
//! With the feature `signed` they run no model but one that the holder of a key has signed.
//!
//! A board's package implements [`Board`]; `firmware/programs` has the programs, which are the same for
//! every board.
#![no_std]

mod arena;
mod board;
mod company;
mod exchange;
mod gate;
mod inference;
mod kept;

mod mark;
mod model;
mod sample;
mod stack;
mod text;

#[cfg(target_arch = "arm")]
mod fault;
#[cfg(target_arch = "arm")]
mod systick;

pub mod bench;
#[cfg(feature = "calls")]
pub mod calls;
pub mod equivalence;
#[cfg(feature = "frame")]
pub mod frame;
pub mod last_words;
pub mod monitor;
#[cfg(feature = "planted")]
pub mod planted;
pub mod selftest;
#[cfg(feature = "soak")]
pub mod soak;
#[cfg(feature = "store")]
pub mod store;
#[cfg(feature = "update")]
pub mod update;

#[cfg(target_arch = "arm")]
pub use systick::SysTick;

pub use arena::{Arena, Memory, TooLittle};
pub use board::Board;
#[cfg(target_arch = "arm")]
pub use board::cortex_m;
pub use kept::LEN as KEPT;
