//! What a model will take on a board, known before it is trained.

use ae_core::{Buffers, Chain, Contract, Geometry, Layout, Storage};
use ae_model::{AutoencoderConfig, LayerShape, Summary};
use ae_quantize::hidden_table_bytes;

/// Bytes of the table from the last layer's integers to pixels.
const PIXEL_TABLE: usize = 256;
/// How the int8 form of every model is stored, until it is arranged for a core.
const STORAGE: Storage = Storage::Int8(Layout::Rows);

/// The model's table with the bytes of its int8 form.
///
/// Flash is weights, biases, requantisation and tables; the blob adds its header, its test vector
/// and some 40 bytes a layer. RAM is a layer's input and output, and for the whole image,
/// reconstruction and scratch.
pub(super) fn summary(config: &AutoencoderConfig) -> Summary {
    let summary = Summary::new(config);
    let flash = |inputs, outputs, activation: &str| {
        let tables = match activation {
            "linear" => 0,
            "sigmoid" => PIXEL_TABLE,
            _ => hidden_table_bytes(config.activation, outputs),
        };
        size(Geometry::dense(inputs, outputs).data_len(STORAGE)) + tables
    };
    let whole_flash =
        summary.rows.iter().map(|row| flash(row.inputs, row.outputs, row.activation)).sum();
    let (encoder, decoder) = (chain(config.encoder_shapes()), chain(config.decoder_shapes()));
    let buffers = Buffers::of(Contract::Int8, Some(&encoder), Some(&decoder));
    let whole = (whole_flash, size(buffers.total_bytes(1)));
    summary.with_board_bytes(
        |row| (flash(row.inputs, row.outputs, row.activation), row.inputs + row.outputs),
        whole,
    )
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
