//! Which model may run: without the feature `signed`, whatever lies in the model's place.

#[cfg(feature = "signed")]
mod signed;
#[cfg(not(feature = "signed"))]
mod unsigned;

#[cfg(feature = "signed")]
pub(crate) use signed::{Refused, admit, floor, verify};
#[cfg(all(feature = "signed", feature = "update"))]
pub(crate) use signed::{least, trust};
#[cfg(not(feature = "signed"))]
pub(crate) use unsigned::admit;
#[cfg(all(not(feature = "signed"), feature = "update"))]
pub(crate) use unsigned::{least, trust};

/// A model that may run. Loading it tells whether it can.
#[derive(Clone, Copy)]
pub(crate) struct Admitted {
    pub(crate) blob: &'static [u8],
    #[cfg(feature = "signed")]
    version: u32,
}
