//! A plugin for QEMU that counts the instructions that an emulated program executes, stretch by
//! stretch. A stretch ends where the program comes to a mark, an address that the host names.
//!
//! `cargo xtask bench --boards` builds it and loads it with
//! `-plugin libae_counter.so,mark=ADDRESS,out=FILE`. When QEMU ends, the file has two kinds of lines:
//!
//! ```text
//! instruction BLOCK ADDRESS BYTES TEXT      the instructions of each block, in order
//! count STRETCH BLOCK EXECUTED JUMPED       how often it ran, and did not go on behind its end
//! ```
//!
//! A block is a run of instructions that QEMU translated in one piece: all of it is executed or
//! none. Numbers are decimal.

mod count;
#[cfg(all(unix, not(test)))]
mod plugin;
