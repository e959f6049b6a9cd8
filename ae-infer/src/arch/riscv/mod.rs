//! RISC-V.

pub(crate) mod rv32;
