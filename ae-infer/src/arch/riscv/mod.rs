//! RISC-V.

pub(crate) mod rv32;
pub(crate) mod rv32_depthwise;
pub(crate) mod rv32_pairs;
pub(crate) mod rv32_single;
