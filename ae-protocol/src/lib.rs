//! What a host and a board that runs the firmware program `equivalence` say to each other.
//!
//! The host asks with a [`Request`], the board gives one [`Answer`] to each. Both travel as
//! [frames](frame) over any line of bytes: semihosting in an emulator, a UART on a board. The
//! board computes nothing that it was not asked for, so the host never sends ahead, and a UART
//! without a buffer loses nothing.
#![no_std]
#![forbid(unsafe_code)]

pub mod frame;
mod identity;
mod message;

pub use frame::{FrameError, FrameReader, FrameWriter};
pub use identity::Identity;
pub use message::{Answer, Request};
