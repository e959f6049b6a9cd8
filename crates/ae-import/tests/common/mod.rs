//! What the tests of lowered models share.
#![allow(dead_code, reason = "each test uses some of it")]

pub(crate) mod draw;
pub(crate) mod forward;
pub(crate) mod integers;
pub(crate) mod layers;
pub(crate) mod made;
pub(crate) mod models;
pub(crate) mod parts;
