//! What the targets for readers share.

pub mod arrays;
pub mod edits;
pub mod elf;
pub mod limited;
pub mod models;
pub mod seeds;
pub mod tensors;
pub mod text;
