//! Processors without a kernel.

use ae_core::Activation;

use super::kernel::{Kernel, PANEL, Quad};
use super::line::Line;

/// No value of this type exists.
#[derive(Debug, Clone, Copy)]
pub enum Absent {}

impl Absent {
    pub(super) fn detect() -> Option<Self> {
        None
    }
}

impl Kernel for Absent {
    const NAME: &'static str = "portable";
    const OFFSET: i32 = 0;
    const CHAIN_LIMIT: i32 = 0;

    fn outputs(self, _: &Quad<'_>, _: &[Line], _: &mut Line) {
        match self {}
    }

    fn look_up(self, _: &mut Line, _: &[u8; 256]) {
        match self {}
    }

    fn panel(self, _: &[[u32; PANEL]], _: &[Line], _: &mut [Line; PANEL]) {
        match self {}
    }

    fn activate(self, _: Activation, _: &mut [Line]) {
        match self {}
    }
}
