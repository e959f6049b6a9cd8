//! What a run takes, and where it ends.

use super::super::{Axis, Chain, Geometry, Layout, Spatial, SpatialKind, Storage};
use super::{MAX_RUN, Run};

const ROWS: Storage = Storage::Int8(Layout::Rows);

fn convolution(height: Axis, width: Axis, channels_in: u16, channels_out: u16) -> Geometry {
    let kind = SpatialKind::Convolution;
    Geometry::Spatial(Spatial { kind, channels_in, channels_out, height, width })
}

fn square(axis: Axis, channels_in: u16, channels_out: u16) -> Geometry {
    convolution(axis, axis, channels_in, channels_out)
}

#[test]
fn layers_of_a_run_pass_on_a_map() {
    let first = square(Axis::same(28, 3, 2), 1, 16);
    let second = Axis::same(14, 3, 2);
    let goes_on = |layer| Run::new(first, ROWS, 0).push(layer, ROWS);
    assert!(goes_on(square(second, 16, 32)));
    // As many values of another shape.
    assert!(!goes_on(convolution(Axis::same(7, 3, 1), Axis::same(28, 3, 1), 16, 32)));
    assert!(!goes_on(convolution(second, Axis::same(28, 3, 1), 8, 32)));
    assert!(!goes_on(Geometry::dense(3136, 20)));
    assert!(!Run::new(Geometry::dense(784, 3136), ROWS, 0).push(square(second, 16, 32), ROWS));
    // A row that becomes a column of rows is cut the other way.
    let row = convolution(Axis::ONE, Axis::same(9, 3, 1), 1, 1);
    let taller = convolution(Axis::repeated(1, 2), Axis::same(9, 3, 1), 1, 1);
    assert!(Run::new(row, ROWS, 0).push(row, ROWS));
    assert!(!Run::new(row, ROWS, 0).push(taller, ROWS));
    let same = square(Axis::same(9, 3, 1), 4, 4);
    let mut run = Run::new(same, ROWS, 0);
    for layers in 1..MAX_RUN {
        assert_eq!(run.layers(), layers);
        assert!(run.push(same, ROWS));
    }
    assert!(!run.push(same, ROWS));
    assert_eq!((run.layers(), run.outputs()), (MAX_RUN, 324));
}

#[test]
fn a_chain_takes_what_its_largest_run_does() {
    let mut chain = Chain::with_strips(true);
    let layers = [
        square(Axis::same(28, 3, 2), 1, 16),
        square(Axis::same(14, 3, 2), 16, 32),
        Geometry::dense(1568, 20),
    ];
    for layer in layers {
        chain.push(layer, ROWS).unwrap();
    }
    // A window would be ten of fourteen rows. The output is read by the dense layer.
    assert_eq!(layers.map(|layer| layer.room(ROWS)), [32, 288, 0]);
    assert_eq!(chain.scratch(), 14 * 14 * 16 + 288 + 1568);
    let (mut decoder, mut whole) = (Chain::with_strips(true), Chain::new());
    for layer in [
        Geometry::dense(20, 1568),
        square(Axis::transposed(7, 2, 2), 32, 16),
        square(Axis::transposed(14, 2, 2), 16, 8),
        square(Axis::same(28, 3, 1), 8, 1),
    ] {
        decoder.push(layer, ROWS).unwrap();
        whole.push(layer, ROWS).unwrap();
    }
    assert_eq!(whole.scratch(), 3136 + 6272 + 96);
    // Four rows of 7 positions are a strip, and two of 14 or 28. Windows have eight rows of 14 × 16, of
    // which none waits, and seven of 28 × 8, of which three do.
    assert_eq!(decoder.scratch(), 1568 + 8 * 14 * 16 + 7 * 28 * 8 + 192);
}

#[test]
fn maps_are_whole_where_windows_are_no_smaller() {
    // Every window would be a whole map.
    let whole = square(Axis::same(3, 3, 1), 8, 8);
    let mut run = Run::new(whole, ROWS, 0);
    assert!(run.push(whole, ROWS) && run.push(whole, ROWS));
    assert!(!run.is_in_strips(0) && !run.is_in_strips(72));
    assert_eq!(run.scratch(0), 72 + whole.room(ROWS) + 72);
    // A single layer has no window.
    let large = square(Axis::same(28, 3, 1), 8, 8);
    let run = Run::new(large, ROWS, 6272);
    assert!(!run.is_in_strips(6272));
    assert_eq!(run.scratch(6272), 6272 + large.room(ROWS) + 6272);
}

#[test]
fn sizes_saturate() {
    let most = Axis { kernel: u16::MAX, before: u16::MAX - 1, ..Axis::valid(u16::MAX, 1, 1) };
    let layer = square(Axis { inputs: u16::MAX, outputs: u16::MAX, ..most }, u16::MAX, u16::MAX);
    let mut run = Run::new(layer, ROWS, usize::MAX);
    assert!(run.push(layer, ROWS));
    assert_eq!(run.scratch(usize::MAX), usize::MAX);
}
