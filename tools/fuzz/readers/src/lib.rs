//! What the targets for readers share.

pub mod arrays;
pub mod elf;
pub mod limited;
pub mod seeds;
pub mod tensors;
pub mod text;
