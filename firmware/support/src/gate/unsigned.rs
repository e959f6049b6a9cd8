//! Every model may run.

use core::convert::Infallible;

use super::Admitted;
use crate::board::Board;
use crate::model::{Unusable, blob};
use crate::text::{Line, Reason};

#[allow(clippy::unnecessary_wraps, reason = "as where signatures are checked")]
pub(crate) fn admit<B: Board>(_: &mut B) -> Result<Admitted, Unusable> {
    Ok(Admitted { blob: blob() })
}

/// Nobody's signature is asked for.
#[cfg(feature = "update")]
pub(crate) fn trust() -> Option<ae_signature::Trust<'static>> {
    None
}

/// No version is.
#[cfg(feature = "update")]
pub(crate) fn least() -> u32 {
    0
}

impl Admitted {
    /// Nothing is counted.
    #[allow(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as where versions are counted"
    )]
    pub(crate) fn passed<B: Board>(self, _: &mut B) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Reason for Infallible {
    fn say(&self, _: &mut Line) {
        match *self {}
    }
}
