//! x86-64: AVX2, and what the processor has beside it.

mod avx2;
mod avx512;
mod avx_vnni;
pub(crate) mod columns;
mod columns_avx2;
mod columns_avx512;
pub(crate) mod dense;
mod gelu;
pub(crate) mod kernel;
pub(crate) mod rows;
mod rows_avx2;
mod rows_avx512;
#[cfg(test)]
mod tests;
mod turn;
mod vnni;
