//! The boards that there is firmware for, and how a host puts a model on one and talks to it.
//!
//! [`Board::find`] knows what a board is, [`Firmware`] is what was built for it,
//! [`Image::with_model`] puts a model in its place, and a [`Session`] asks the program
//! `equivalence` on an emulated or a real board to compute. [`update`](mod@update) brings a new model to
//! a board that runs already.
#![forbid(unsafe_code)]

mod board;
mod elf;
mod emulator;
pub mod equivalence;
mod firmware;
mod fit;
mod flash_file;
pub mod monitor;
mod probe;
mod process;
mod serial;
mod session;
pub mod update;
mod waiting;

pub use board::{
    Board, Emulator, FlashMap, Line, Probe, Tool, UnknownBoard, UnknownCore, layout_for,
};
pub use elf::{ElfError, Gate, Image, Sizes};
pub use emulator::{EmulatorError, EmulatorRun, Talk, icount_run, run, watch};
pub use firmware::{Firmware, FirmwareError, PROGRAMS};
pub use fit::{DoesNotFit, Needs};
pub use flash_file::{FlashFile, FlashFileError};
pub use probe::{ProbeError, Then, probe_commands};
pub use process::{Running, lines};
pub use serial::{SerialError, only_serial_port};
pub use session::{BoardIdentity, BoardModels, Session, SessionError};
