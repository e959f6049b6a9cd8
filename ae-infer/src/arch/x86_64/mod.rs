//! x86-64: AVX2, and what the processor has beside it.

mod avx2;
mod avx512;
mod avx_vnni;
pub(crate) mod kernel;
mod turn;
mod vnni;
