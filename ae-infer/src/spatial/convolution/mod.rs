//! Convolutions. A position is a dense layer over its field: what it reads, side by side.

mod f32;
mod int8;
mod places;

pub(super) use f32::f32;
pub(super) use int8::int8;
