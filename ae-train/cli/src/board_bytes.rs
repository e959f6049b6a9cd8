//! What a model will take on a board, known before it is trained.

use ae_core::Layout;
use ae_model::{AutoencoderConfig, Summary};
use ae_quantize::hidden_table_bytes;

/// Bytes of the table from the last layer's integers to pixels.
const PIXEL_TABLE: usize = 256;

/// The model's table with the bytes of its int8 form. Flash is weights, biases, requantisation and
/// tables; the blob adds its header, its test
/// vector and some 40 bytes a layer; RAM is a layer's input and output,
/// and for the whole image, reconstruction and scratch.
pub(super) fn summary(config: &AutoencoderConfig) -> Summary {
    let summary = Summary::new(config);
    let flash = |inputs, outputs, activation: &str| {
        let tables = match activation {
            "linear" => 0,
            "sigmoid" => PIXEL_TABLE,
            _ => hidden_table_bytes(config.activation, outputs),
        };
        usize::try_from(Layout::Rows.data_len(inputs, outputs)).unwrap_or(usize::MAX) + tables
    };
    let whole_flash =
        summary.rows.iter().map(|row| flash(row.inputs, row.outputs, row.activation)).sum();
    let scratch = neighbours(&config.hidden) + config.latent;
    let whole = (whole_flash, 2 * config.input + scratch);
    summary.with_board_bytes(
        |row| (flash(row.inputs, row.outputs, row.activation), row.inputs + row.outputs),
        whole,
    )
}

/// Most activations between layers held at once: two neighbouring hidden widths, or a single one.
fn neighbours(hidden: &[usize]) -> usize {
    let pairs = hidden.windows(2).map(|pair| pair[0] + pair[1]);
    pairs.chain(hidden.first().copied()).max().unwrap_or(0)
}
