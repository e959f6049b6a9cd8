//! Hosts without a kernel for tiles. There [`Bulk`](crate::bulk::Bulk) takes one sample after the
//! other.

use ae_core::Activation;

use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{Kernel, PANEL, QUADS, Quad, ROW};

/// No value of this type exists.
#[derive(Debug, Clone, Copy)]
pub enum Absent {}

impl Kernel for Absent {
    const OFFSET: i32 = 0;

    fn detect() -> Option<Self> {
        None
    }

    fn name(self) -> &'static str {
        match self {}
    }

    fn chain_limit(self) -> i32 {
        match self {}
    }

    fn outputs(self, _: &[Quad<'_>; QUADS], _: &[Line], _: &mut [Line]) {
        match self {}
    }

    fn look_up(self, _: &mut Line, _: &[u8; 256]) {
        match self {}
    }

    fn panel(self, _: &[[u32; PANEL]], _: &[Line], _: &mut [Line; PANEL]) {
        match self {}
    }

    fn peak(self, _: u32) -> Option<u64> {
        match self {}
    }

    fn activate(self, _: Activation, _: &mut [Line]) {
        match self {}
    }

    fn to_lines(self, _: &[[u32; ROW]; SAMPLES], _: u32, _: &mut [Line; ROW]) {
        match self {}
    }

    fn to_rows(self, _: &[Line; ROW], _: u32, _: &mut [[u32; ROW]; SAMPLES]) {
        match self {}
    }

    fn to_reals(self, _: &Line, _: &mut [Line; 4]) {
        match self {}
    }

    fn to_pixels(self, _: &[Line; 4], _: &mut Line) {
        match self {}
    }
}
