//! Every number here was computed by hand from FORMAT.md.

use super::{Buffers, Chain, Geometry, Layout, Storage, Totals};
use crate::contract::Contract;
use crate::error::LayerError;
use crate::format::MAX_WIDTH;

const ROWS: Storage = Storage::Int8(Layout::Rows);
const ROW_PAIRS: Storage = Storage::Int8(Layout::RowPairs);

#[test]
fn a_layer_counts_products_parameters_and_bytes() {
    // Inputs, outputs; products, parameters; bytes in rows, in row pairs, as f32.
    let layers: [[u64; 7]; 5] = [
        // 1 weight, 3 zeros, 9 bytes; one quad and the parameters of a block.
        [1, 1, 1, 2, 13, 52, 8],
        // 15 weights, 1 zero, 27 bytes; two quads.
        [5, 3, 15, 18, 43, 68, 72],
        // 20 weights, 45 bytes; two blocks of one quad.
        [4, 5, 20, 25, 65, 104, 100],
        // 200,704 weights, 2,304 bytes; 64 blocks of 196 quads.
        [784, 256, 200_704, 200_960, 203_008, 203_008, 803_840],
        // 4,294,836,225 weights, 3 zeros, 589,815 bytes; 16,384 blocks of 16,384 quads.
        [
            65_535,
            65_535,
            4_294_836_225,
            4_294_901_760,
            4_295_426_043,
            4_295_557_120,
            17_179_607_040,
        ],
    ];
    for [inputs, outputs, products, parameters, rows, row_pairs, columns] in layers {
        let layer = Geometry::dense(inputs as usize, outputs as usize);
        assert_eq!((layer.inputs() as u64, layer.outputs() as u64), (inputs, outputs));
        assert_eq!((layer.multiply_adds(), layer.weights()), (products, products));
        assert_eq!(layer.parameters(), parameters);
        assert_eq!(layer.data_len(ROWS), rows, "{inputs} to {outputs} in rows");
        assert_eq!(layer.data_len(ROW_PAIRS), row_pairs, "{inputs} to {outputs} in row pairs");
        // Without multipliers and shifts: five bytes fewer for each output.
        assert_eq!(
            layer.data_len(Storage::OneHot),
            rows - 5 * outputs,
            "{inputs} to {outputs} one-hot"
        );
        assert_eq!(layer.data_len(Storage::F32), columns, "{inputs} to {outputs} as f32");
        assert_eq!(layer.check(), Ok(()));
    }
}

#[test]
fn row_pairs_alone_need_room() {
    for (inputs, room) in [(1, 11), (4, 11), (5, 19), (784, 1571), (MAX_WIDTH, 131_075)] {
        let layer = Geometry::dense(inputs, 7);
        assert_eq!(layer.room(ROW_PAIRS), room);
        assert_eq!((layer.room(ROWS), layer.room(Storage::OneHot)), (0, 0));
        assert_eq!(layer.room(Storage::F32), 0);
    }
}

#[test]
fn counts_saturate() {
    for (inputs, outputs) in [(usize::MAX, usize::MAX), (usize::MAX, 2), (2, usize::MAX)] {
        let layer = Geometry::dense(inputs, outputs);
        assert_eq!((layer.multiply_adds(), layer.parameters()), (u64::MAX, u64::MAX));
        for storage in [ROWS, Storage::F32] {
            assert_eq!(layer.data_len(storage), u64::MAX);
        }
        let totals = Totals::of([layer, layer]);
        assert_eq!(totals.multiply_adds, u64::MAX);
        assert_eq!(totals.parameters, u64::MAX);
    }
    let layer = Geometry::dense(usize::MAX, usize::MAX);
    assert_eq!((layer.room(ROW_PAIRS), layer.data_len(ROW_PAIRS)), (usize::MAX, u64::MAX));
    assert_eq!(Totals::of([layer, layer]).outputs, u64::MAX);
    let buffers = Buffers {
        contract: Contract::F32,
        features: usize::MAX,
        latent: usize::MAX,
        encoder_scratch: usize::MAX,
        decoder_scratch: usize::MAX,
    };
    assert_eq!((buffers.scratch_len(), buffers.scratch_bytes()), (usize::MAX, u64::MAX));
    for alignment in [0, 1, 8] {
        assert_eq!(buffers.total_bytes(alignment), u64::MAX);
    }
}

#[test]
fn a_layer_without_values_is_empty_and_refused() {
    let nothing = Geometry::dense(0, 0);
    assert_eq!((nothing.multiply_adds(), nothing.parameters()), (0, 0));
    for storage in [ROWS, ROW_PAIRS, Storage::F32] {
        assert_eq!(nothing.data_len(storage), 0);
    }
    let width = |found| Err(LayerError::Width { limit: MAX_WIDTH, found });
    let cases = [
        (0, 0, 0),
        (0, 5, 0),
        (5, 0, 0),
        (MAX_WIDTH + 1, 5, 65_536),
        (5, MAX_WIDTH + 1, 65_536),
        (usize::MAX, 0, u32::MAX),
    ];
    for (inputs, outputs, found) in cases {
        assert_eq!(Geometry::dense(inputs, outputs).check(), width(found));
    }
}

fn chain(widths: &[usize], storage: Storage) -> Chain {
    let mut chain = Chain::new();
    for pair in widths.windows(2) {
        chain.push(Geometry::dense(pair[0], pair[1]), storage).unwrap();
    }
    chain
}

#[test]
fn scratch_holds_what_lies_between_layers() {
    // Widths; scratch in rows, in row pairs.
    let cases: [(&[usize], usize, usize); 6] = [
        // One layer holds nothing, or its input widened: 8 · 3 + 3.
        (&[9, 4], 0, 27),
        // One hidden width; the first layer's room of 27 beside it.
        (&[9, 5, 2], 5, 32),
        // Two neighbours; 7 + 5 and the second layer's room of 19, or 7 + 27.
        (&[9, 7, 5, 2], 12, 34),
        // The second layer's room decides: 100 + 203 + 5.
        (&[9, 100, 5, 2], 105, 308),
        // The last layer's room decides: 6 + 19; the second has 2 + 11 + 6.
        (&[1, 2, 6, 1], 8, 25),
        (&[MAX_WIDTH, MAX_WIDTH, MAX_WIDTH, 1], 131_070, 262_145),
    ];
    for (widths, rows, row_pairs) in cases {
        assert_eq!(chain(widths, ROWS).scratch(), rows, "{widths:?} in rows");
        assert_eq!(chain(widths, Storage::F32).scratch(), rows, "{widths:?} as f32");
        assert_eq!(chain(widths, ROW_PAIRS).scratch(), row_pairs, "{widths:?} in row pairs");
    }
}

#[test]
fn a_chain_must_hold() {
    let mut chain = chain(&[9, 7], ROWS);
    let error = chain.push(Geometry::dense(6, 5), ROWS);
    assert_eq!(error, Err(LayerError::Chain { expected: 7, found: 6 }));
}

#[test]
fn buffers_of_both_parts_and_of_one() {
    let (encoder, decoder) = (chain(&[784, 256, 128, 20], ROWS), chain(&[20, 10, 784], ROWS));
    let both = Buffers::of(Contract::Int8, Some(&encoder), Some(&decoder));
    assert_eq!((both.features, both.latent), (784, 20));
    assert_eq!((both.encoder_scratch, both.decoder_scratch), (384, 10));
    assert_eq!(both.scratch_len(), 404);
    assert_eq!(both.total_bytes(1), 2 * 784 + 404);
    assert_eq!(both.total_bytes(8), 2 * 784 + 408);
    let real = Buffers { contract: Contract::F32, ..both };
    assert_eq!((real.latent_bytes(), real.scratch_bytes()), (80, 1616));
    assert_eq!((real.encoder_scratch_bytes(), real.decoder_scratch_bytes()), (1536, 40));

    let alone = Buffers::of(Contract::Int8, None, Some(&decoder));
    assert_eq!((alone.features, alone.latent), (784, 20));
    assert_eq!((alone.encoder_scratch, alone.scratch_len()), (0, 30));
}
