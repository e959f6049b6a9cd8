//! Pages and pictures: figures made into bytes of files for a person.
//!
//! Every function returns the bytes of a file and writes none.
#![forbid(unsafe_code)]

mod page;
pub mod picture;

pub use page::{html, with_warning};
