//! Shapes of layers that work position by position.

use core::iter::repeat_n;

use ae_core::{Axis, Geometry, Spatial, SpatialKind};
use ae_testkit::random::XorShift32;

use crate::{MAX_INPUTS, MAX_PLACES};

/// Most inputs of a position's sums, and most of these.
const MOST: (usize, usize) = (700, 40);
/// Random shapes of each kind.
const SHAPES: usize = 150;

/// Convolutions of many inputs a position, about where packed sums are split.
const LONG: [(u16, u16); 4] = [(172, 3), (129, 4), (257, 2), (130, 5)];

/// Channels and values of a mean, about where it is a product no more.
const MANY: [(u16, u16); 4] = [(8, 127), (8, 128), (4, 129), (5, 128)];

/// Channels in and out and a stride of convolutions that mostly read inside the map: those with one output,
/// which have ways of their own, and those whose values are whole words.
const INNER: [(u16, u16, u16); 8] =
    [(8, 1, 1), (4, 1, 2), (3, 1, 1), (1, 1, 1), (4, 4, 1), (8, 6, 2), (1, 3, 1), (8, 9, 1)];

/// Channels in and out, kernel and stride of convolutions along one axis without padding, whose positions
/// read a few whole words side by side. There are more of them than ways to lie, and numbers of tables.
const SHORT: [(u16, u16, u16, u16); 8] = [
    (8, 6, 1, 1),
    (8, 4, 1, 1),
    (4, 14, 2, 2),
    (8, 12, 1, 2),
    (8, 7, 1, 1),
    (4, 2, 2, 1),
    (4, 8, 1, 1),
    (8, 10, 1, 1),
];

/// Channels, places of a row and a stride of depthwise convolutions with many positions that read the same
/// taps: kernels take some of these together. They come so often that each has all weights.
const NEIGHBOURS: [(u16, u16, u16); 7] =
    [(5, 7, 1), (17, 9, 1), (8, 13, 1), (2, 11, 2), (6, 13, 2), (4, 16, 2), (3, 17, 3)];
/// Channels in and out and factors of transposed convolutions, each of whose positions reads one place and
/// writes to several rows. They come as often.
const TRANSPOSED: [(u16, u16, [u16; 2]); 3] = [(5, 3, [2, 2]), (8, 5, [3, 1]), (7, 4, [2, 3])];
const TIMES: usize = 8;

/// Every shape: odd ones, drawn, and long ones.
pub(crate) fn all(random: &mut XorShift32) -> impl Iterator<Item = Spatial> {
    let long = LONG.into_iter().filter(|_| SpatialKind::Convolution.is_built()).map(
        |(channels_in, kernel)| Spatial {
            kind: SpatialKind::Convolution,
            channels_in,
            channels_out: 5,
            height: Axis::ONE,
            width: Axis::same(4, kernel, 1),
        },
    );
    let many =
        MANY.into_iter().filter(|_| SpatialKind::Average.is_built()).map(|(channels, kernel)| {
            Spatial {
                kind: SpatialKind::Average,
                channels_in: channels,
                channels_out: channels,
                height: Axis::ONE,
                width: Axis::valid(kernel + 1, kernel, 1),
            }
        });
    let inner = INNER.into_iter().filter(|_| SpatialKind::Convolution.is_built()).map(
        |(channels_in, channels_out, stride)| Spatial {
            kind: SpatialKind::Convolution,
            channels_in,
            channels_out,
            height: Axis::same(5, 3, stride),
            width: Axis::same(9, 3, stride),
        },
    );
    let short = SHORT.into_iter().filter(|_| SpatialKind::Convolution.is_built()).map(
        |(channels_in, channels_out, kernel, stride)| Spatial {
            kind: SpatialKind::Convolution,
            channels_in,
            channels_out,
            height: Axis::ONE,
            width: Axis::valid(13, kernel, stride),
        },
    );
    let neighbours = repeat_n(NEIGHBOURS, TIMES).flatten();
    let neighbours = neighbours.filter(|_| SpatialKind::Depthwise.is_built()).map(
        |(channels, inputs, stride)| Spatial {
            kind: SpatialKind::Depthwise,
            channels_in: channels,
            channels_out: channels,
            height: Axis::same(4, 3, 1),
            width: Axis::same(inputs, 3, stride),
        },
    );
    let transposed = repeat_n(TRANSPOSED, TIMES).flatten();
    let transposed = transposed.filter(|_| SpatialKind::Convolution.is_built()).map(
        |(channels_in, channels_out, [down, across])| Spatial {
            kind: SpatialKind::Convolution,
            channels_in,
            channels_out,
            height: Axis::transposed(3, down, down),
            width: Axis::transposed(5, across, across),
        },
    );
    SpatialKind::ALL
        .into_iter()
        .filter(|kind| kind.is_built())
        .flat_map(|kind| repeat_n(kind, SHAPES))
        .filter_map(move |kind| draw(kind, random))
        .chain(long)
        .chain(many)
        .chain(inner)
        .chain(short)
        .chain(neighbours)
        .chain(transposed)
}

/// A shape of a kind; `None` where it would be too large.
fn draw(kind: SpatialKind, random: &mut XorShift32) -> Option<Spatial> {
    let mut number = |from: u16, to: u16| from + random.below(u32::from(to - from) + 1) as u16;
    let keeps_channels = kind != SpatialKind::Convolution;
    let channels_in = number(1, if keeps_channels { 21 } else { 9 });
    let channels_out = if keeps_channels { channels_in } else { number(1, 14) };
    let is_flat = number(0, 2) == 0;
    let width = axis(kind, if is_flat { 24 } else { 9 }, &mut number);
    let height = if is_flat { Axis::ONE } else { axis(kind, 9, &mut number) };
    let spatial = Spatial { kind, channels_in, channels_out, height, width };
    let fits = spatial.inputs() <= MAX_INPUTS
        && spatial.outputs() <= MAX_PLACES
        && spatial.field() <= MOST.0
        && spatial.columns() <= MOST.1;
    (fits && Geometry::Spatial(spatial).check().is_ok()).then_some(spatial)
}

/// An axis of any numbers that a layer of the kind can have.
fn axis(kind: SpatialKind, most: u16, number: &mut impl FnMut(u16, u16) -> u16) -> Axis {
    let inputs = number(1, most);
    let mut axis = Axis::valid(inputs, 1, 1);
    if kind != SpatialKind::Upsampling {
        axis.kernel = number(1, 4);
        axis.stride = number(1, 3);
    }
    if matches!(kind, SpatialKind::Convolution | SpatialKind::Depthwise) {
        axis.dilation = number(1, 3);
    }
    axis.before = number(0, axis.extent() as u16 - 1);
    if matches!(kind, SpatialKind::Convolution | SpatialKind::Upsampling) && number(0, 1) == 0 {
        axis.interleave = number(1, 3);
        axis.crop = number(0, axis.interleave - 1);
    }
    // The last position begins before the inputs end.
    let positions = number(1, (inputs + axis.before).div_ceil(axis.stride));
    let left_out = axis.crop + number(0, axis.interleave - 1);
    axis.outputs = (positions * axis.interleave).saturating_sub(left_out).max(1);
    axis
}
