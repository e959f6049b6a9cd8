//! Boards in an emulator, by the programs that run on real ones. These need QEMU, and firmware that
//! `cargo xtask test` builds.

mod boards;
mod companions;
mod kept;
mod monitors;
mod signed_boards;
mod updates;
