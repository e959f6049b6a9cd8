//! Every number here was computed by hand from FORMAT.md.

use super::{Axis, Spatial, SpatialKind};
use crate::error::LayerError;
use crate::geometry::{Dense, Geometry, Layout, Storage, Totals};

use SpatialKind::{Average, Convolution, Depthwise, Maximum, Upsampling};

const ROWS: Storage = Storage::Int8(Layout::Rows);
const ROW_PAIRS: Storage = Storage::Int8(Layout::RowPairs);

const fn square(kind: SpatialKind, [channels_in, channels_out]: [u16; 2], axis: Axis) -> Spatial {
    Spatial { kind, channels_in, channels_out, height: axis, width: axis }
}

/// 28 × 28 × 1 to 14 × 14 × 16.
const FIRST: Spatial = square(Convolution, [1, 16], Axis::same(28, 3, 2));
/// 7 × 7 × 24 to 14 × 14 × 10.
const UP: Spatial = square(Convolution, [24, 10], Axis::transposed(7, 4, 2));
/// A signal of 128 samples of 6 channels, 32 positions of 9.
const SIGNAL: Spatial = Spatial {
    kind: Convolution,
    channels_in: 6,
    channels_out: 10,
    height: Axis::ONE,
    width: Axis::same(128, 9, 4),
};
const DEPTHWISE: Spatial = square(Depthwise, [5, 5], Axis::same(7, 3, 1));
const MAXIMUM: Spatial = square(Maximum, [16, 16], Axis::valid(14, 2, 2));
const GLOBAL: Spatial = square(Average, [24, 24], Axis::whole(7));
const REPEATED: Spatial = square(Upsampling, [8, 8], Axis::repeated(7, 2));

/// Sizes and counts of a layer.
struct Counts {
    layer: Spatial,
    values: [usize; 2],
    field: usize,
    columns: usize,
    parameters: u64,
    multiply_adds: u64,
    /// In rows, in row pairs, as f32.
    data: [u64; 3],
    room: [usize; 3],
}

#[test]
fn a_layer_counts_products_parameters_bytes_and_room() {
    let table = [
        Counts {
            layer: FIRST,
            values: [784, 3136],
            field: 9,
            columns: 16,
            parameters: 160,
            multiply_adds: 196 * 144,
            // 144 weights and 144 bytes; four blocks of three quads and 36 bytes.
            data: [288, 336, 640],
            // Two times 9, in 16s; 3 quads of four in 16 bits, twice, and 3, in whole words.
            room: [32, 52, 25],
        },
        Counts {
            layer: UP,
            values: [1176, 1960],
            // Two by two taps of 24 channels; two by two outputs of 10 channels.
            field: 96,
            columns: 40,
            parameters: 3880,
            // Half a position is cropped in front, and one more gives the other half.
            multiply_adds: 64 * 3840,
            data: [3840 + 360, 10 * (24 * 16 + 36), 4 * 3880],
            room: [192 + 80, 384 + 80 + 4, 136],
        },
        Counts {
            layer: SIGNAL,
            values: [768, 320],
            field: 54,
            columns: 10,
            parameters: 550,
            multiply_adds: 32 * 540,
            data: [540 + 90, 3 * (14 * 16 + 36), 2200],
            room: [128, 14 * 16 + 4, 64],
        },
        Counts {
            layer: DEPTHWISE,
            values: [245, 245],
            field: 9,
            columns: 5,
            parameters: 50,
            multiply_adds: 49 * 45,
            // 45 weights and 3 zeros; row pairs are refused, and counted all the same.
            data: [48 + 45, 2 * (3 * 16 + 36), 200],
            room: [0; 3],
        },
        Counts {
            layer: MAXIMUM,
            values: [3136, 784],
            field: 4,
            columns: 16,
            parameters: 0,
            multiply_adds: 0,
            data: [0; 3],
            room: [0; 3],
        },
        Counts {
            layer: GLOBAL,
            values: [1176, 24],
            field: 49,
            columns: 24,
            parameters: 0,
            multiply_adds: 0,
            data: [0; 3],
            room: [0; 3],
        },
        Counts {
            layer: REPEATED,
            values: [392, 1568],
            field: 1,
            columns: 8,
            parameters: 0,
            multiply_adds: 0,
            data: [0; 3],
            room: [0; 3],
        },
    ];
    for Counts { layer, values, field, columns, parameters, multiply_adds, data, room } in table {
        let name = layer.kind.name();
        assert_eq!((layer.field(), layer.columns()), (field, columns), "{name}");
        let geometry = Geometry::Spatial(layer);
        assert_eq!(geometry.check(), Ok(()), "{name}");
        assert_eq!([geometry.inputs(), geometry.outputs()], values, "{name}");
        assert_eq!(geometry.parameters(), parameters, "{name}");
        assert_eq!(geometry.multiply_adds(), multiply_adds, "{name}");
        let storages = [ROWS, ROW_PAIRS, Storage::F32];
        assert_eq!(storages.map(|storage| geometry.data_len(storage)), data, "{name}");
        assert_eq!(storages.map(|storage| geometry.room(storage)), room, "{name}");
        assert_eq!(geometry.weights_as_dense(), Dense { inputs: field, outputs: columns });
        let totals = Totals::of([geometry]);
        assert_eq!((totals.parameters, totals.multiply_adds), (parameters, multiply_adds));
        assert_eq!(totals.outputs, values[1] as u64);
    }
    assert_eq!((FIRST.positions(), UP.positions(), GLOBAL.positions()), (196, 64, 1));
    assert!(FIRST.is_padded() && !MAXIMUM.is_padded() && !REPEATED.is_padded());
    assert!(UP.is_interleaved() && REPEATED.is_interleaved() && !FIRST.is_interleaved());
}

#[test]
fn bytes_stand_as_the_format_says() {
    let layer = Spatial {
        kind: Depthwise,
        channels_in: 0x0102,
        channels_out: 0x0304,
        height: Axis::from_numbers(&core::array::from_fn(|at| [at as u8 + 5, 1])),
        width: Axis::from_numbers(&core::array::from_fn(|at| [at as u8 + 13, 2])),
    };
    let bytes = layer.to_bytes();
    assert_eq!(bytes[..5], [2, 2, 1, 4, 3]);
    assert_eq!(bytes[5..9], [5, 1, 6, 1]);
    assert_eq!(bytes[35..], [20, 2]);
    let Axis { inputs, outputs, kernel, stride, dilation, before, interleave, crop } = layer.height;
    let numbers = [inputs, outputs, kernel, stride, dilation, before, interleave, crop];
    assert_eq!(numbers, [261, 262, 263, 264, 265, 266, 267, 268]);
    assert_eq!(Spatial::from_bytes(&bytes), Some(layer));
    assert_eq!(Spatial::from_bytes(&bytes[..36]), None);
    assert_eq!(Spatial::from_bytes(&[&bytes[..], &[0]].concat()), None);
    assert_eq!(Spatial::from_bytes(&[]), None);
}

#[test]
fn kinds_have_their_numbers() {
    for (number, kind) in (1..).zip(SpatialKind::ALL) {
        assert_eq!((kind as u8, SpatialKind::from_number(number)), (number, Some(kind)));
        let mut bytes = FIRST.to_bytes();
        bytes[0] = number;
        assert_eq!(Spatial::from_bytes(&bytes).map(|layer| layer.kind), Some(kind));
    }
    for number in [0, 6, 255] {
        assert_eq!(SpatialKind::from_number(number), None);
    }
    assert_eq!(SpatialKind::ALL.map(SpatialKind::has_weights), [true, true, false, false, false]);
}

#[test]
fn numbers_that_a_kind_has_no_use_for() {
    let twice = Axis { interleave: 2, outputs: 14, ..Axis::valid(7, 1, 1) };
    let holes = Axis::same_dilated(7, 3, 1, 2);
    let two_taps = Axis { kernel: 2, ..Axis::repeated(7, 2) };
    let strides = Axis { stride: 2, outputs: 4, interleave: 1, ..Axis::repeated(7, 2) };
    let refused = [
        (Depthwise, twice),
        (Maximum, twice),
        (Average, twice),
        (Maximum, holes),
        (Average, holes),
        (Upsampling, two_taps),
        (Upsampling, strides),
    ];
    for (kind, axis) in refused {
        let layer = square(kind, [3, 3], axis);
        let error = Err(LayerError::Kind { kind });
        assert_eq!(layer.check(), error, "{layer:?}");
        // In one direction alone.
        let one = square(kind, [3, 3], Axis::repeated(7, 1));
        assert_eq!(one.check(), Ok(()));
        assert_eq!(Spatial { height: axis, ..one }.check(), error, "{layer:?}");
        assert_eq!(Spatial { width: axis, ..one }.check(), error, "{layer:?}");
    }
    for (kind, axis) in
        [(Convolution, twice), (Convolution, holes), (Depthwise, holes), (Upsampling, twice)]
    {
        assert_eq!(square(kind, [3, 3], axis).check(), Ok(()), "{kind:?}");
    }
}

#[test]
fn channels_that_are_kept() {
    for kind in SpatialKind::ALL {
        let layer = square(kind, [3, 4], Axis::valid(5, 1, 1));
        let error = Err(LayerError::Channels { kind, expected: 3, found: 4 });
        assert_eq!(layer.check(), if kind == Convolution { Ok(()) } else { error });
        let none = square(kind, [0, 0], Axis::valid(5, 1, 1));
        assert_eq!(none.check(), Err(LayerError::Width { limit: 65_535, found: 0 }));
    }
    for channels in [[0, 3], [3, 0]] {
        let layer = square(Convolution, channels, Axis::valid(5, 1, 1));
        assert_eq!(layer.check(), Err(LayerError::Width { limit: 65_535, found: 0 }));
    }
}

/// Inputs, outputs, what a position reads and what it gives.
#[test]
fn widths_end_at_65535() {
    let line = |kind, channels: [u16; 2], width: Axis| Spatial {
        height: Axis::ONE,
        ..square(kind, channels, width)
    };
    let over = |found| Err(LayerError::Width { limit: 65_535, found });
    let inputs = |width| line(Convolution, [257, 1], Axis::valid(width, 1, 255)).check();
    assert_eq!([inputs(255), inputs(256)], [Ok(()), over(65_792)]);
    let outputs = |width| line(Convolution, [1, 257], Axis::valid(width, 1, 1)).check();
    assert_eq!([outputs(255), outputs(256)], [Ok(()), over(65_792)]);
    let field = |kernel| {
        let width = Axis { kernel, before: kernel - 1, outputs: 1, ..Axis::ONE };
        line(Convolution, [257, 1], width).check()
    };
    assert_eq!([field(255), field(256)], [Ok(()), over(65_792)]);
    let columns = |interleave| {
        let width = Axis { interleave, ..Axis::ONE };
        line(Convolution, [1, 257], width).check()
    };
    assert_eq!([columns(255), columns(256)], [Ok(()), over(65_792)]);
    // Products of three numbers of 16 bits.
    let most = Axis { kernel: u16::MAX, before: u16::MAX - 1, ..Axis::valid(u16::MAX, 1, 1) };
    let all = square(Maximum, [u16::MAX, u16::MAX], most);
    assert!(matches!(all.check(), Err(LayerError::Width { found: u32::MAX, .. })));
}

/// Sizes of a board's buffers are known when it is compiled.
#[test]
fn layers_are_made_at_compile_time() {
    const ROOM: usize = Geometry::Spatial(UP).room(ROWS);
    const BUFFER: [i8; ROOM] = [0; ROOM];
    const CHECKED: bool = Geometry::Spatial(UP).check().is_ok();
    assert_eq!((BUFFER.len(), CHECKED), (272, true));
}

#[test]
fn this_program_has_the_kinds_of_its_features() {
    let built = [
        (Convolution, cfg!(feature = "convolution")),
        (Depthwise, cfg!(feature = "depthwise")),
        (Maximum, cfg!(feature = "pooling")),
        (Average, cfg!(feature = "pooling")),
        (Upsampling, cfg!(feature = "upsampling")),
    ];
    for (kind, is_built) in built {
        assert_eq!(kind.is_built(), is_built, "{kind:?}");
    }
    assert_eq!(SpatialKind::ANY, built.iter().any(|&(_, is_built)| is_built));
}

#[test]
fn a_layer_of_few_bytes_makes_a_bounded_number_of_products() {
    let layer = |kernel| Spatial {
        kind: SpatialKind::Depthwise,
        channels_in: 1,
        channels_out: 1,
        height: Axis::ONE,
        width: Axis { kernel, before: 8_192, ..Axis::valid(65_535, 1, 1) },
    };
    // 65,535 positions.
    assert_eq!(layer(16_384).check(), Ok(()));
    let (limit, found) = (1 << 30, 65_535 * 16_385);
    assert_eq!(layer(16_385).check(), Err(LayerError::Products { limit, found }));
}
