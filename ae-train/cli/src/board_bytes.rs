//! What a model will take on a board, known before it is trained.

use ae_core::{Buffers, Chain, Contract, Layout, Storage};
use ae_model::{AutoencoderConfig, BoardBytes, LayerShape, Summary};
use ae_quantize::table_bytes;

/// How the int8 form of every model is stored, until it is arranged for a core.
const STORAGE: Storage = Storage::Int8(Layout::Rows);

/// The model's table with the bytes of its int8 form.
///
/// Flash is weights, biases, requantisation and tables; the blob adds its header, its test vector
/// and some 40 bytes a layer. RAM is a layer's input and output, and for the whole image,
/// reconstruction and scratch.
pub(super) fn summary(config: &AutoencoderConfig) -> Summary {
    let shapes = config.shapes();
    // What cannot be quantised is refused before there is anything to show.
    let tables = table_bytes(config).unwrap_or_else(|_| vec![0; shapes.len()]);
    let bytes = |(shape, tables): (&LayerShape, usize)| {
        let flash = size(shape.geometry.data_len(STORAGE)) + tables;
        (flash, shape.inputs() + shape.outputs())
    };
    let rows: Vec<BoardBytes> = shapes.iter().zip(tables).map(bytes).collect();
    let (encoder, decoder) = (chain(config.encoder_shapes()), chain(config.decoder_shapes()));
    let buffers = Buffers::of(Contract::Int8, Some(&encoder), Some(&decoder));
    let flash = rows.iter().map(|(flash, _)| flash).sum();
    Summary::new(config).with_board_bytes(rows, (flash, size(buffers.total_bytes(1))))
}

fn chain(layers: Vec<LayerShape>) -> Chain {
    let mut chain = Chain::new();
    for layer in layers {
        // A configuration's layers have the widths of their neighbours.
        chain.push(layer.geometry, STORAGE).expect("layers that chain");
    }
    chain
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
