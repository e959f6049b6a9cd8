//! x86-64: AVX2, and VNNI beside it where the processor has that too.

pub(crate) mod avx2;
mod vnni;
