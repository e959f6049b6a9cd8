//! The arithmetic of both contracts once more, from what `FORMAT.md` says and in the plainest way.
//! The layers' numbers are read from their bytes; nothing of the engine's arithmetic is used, but
//! for the functions of one variable that `FORMAT.md` takes from other crates.

pub mod detector;
pub mod float;
pub mod int8;
