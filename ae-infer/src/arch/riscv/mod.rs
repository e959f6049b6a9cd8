//! RISC-V.

pub(super) mod rv32;
