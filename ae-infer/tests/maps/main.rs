//! Layers that work position by position: each kind by numbers worked out by hand, and whole models of
//! all kinds by the test kit's oracle, which knows the format alone.

mod buffers;
mod float;
mod int8;
mod models;
mod runs;

use ae_core::{Axis, Spatial, SpatialKind};

/// A layer over a signal: its height is 1.
fn signal(kind: SpatialKind, channels: [u16; 2], width: Axis) -> Spatial {
    let [channels_in, channels_out] = channels;
    Spatial { kind, channels_in, channels_out, height: Axis::ONE, width }
}

/// A layer over a map.
fn map(kind: SpatialKind, channels: [u16; 2], height: Axis, width: Axis) -> Spatial {
    Spatial { height, ..signal(kind, channels, width) }
}
