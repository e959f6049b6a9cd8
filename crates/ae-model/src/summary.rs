//! The model's layers as rows of figures, and as a table.

use std::fmt;

use ae_core::Activation;
use serde::Serialize;

use super::{AutoencoderConfig, Words};

/// One layer in the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SummaryRow {
    /// `encoder.0` and so on, as in the file of weights.
    pub layer: String,
    /// Its kind, such as `dense`.
    pub kind: &'static str,
    /// What goes in and what comes out, as maps where it has maps.
    pub shape: String,
    /// Values that go in.
    pub inputs: usize,
    /// Values that come out.
    pub outputs: usize,
    /// The activation's name, `linear` where there is none, `one-hot` of prototypes, `sigmoid` after
    /// the logits.
    pub activation: String,
    /// Weights and biases.
    pub parameters: usize,
    /// Multiply-adds for one sample.
    pub multiply_adds: usize,
    /// Bytes in the board's flash, when known.
    pub flash_bytes: Option<usize>,
    /// Bytes of the board's memory for input and output, when known.
    pub ram_bytes: Option<usize>,
}

/// Bytes of one layer on the board: flash, then memory.
pub type BoardBytes = (usize, usize);

/// The summary of a model, one row a layer.
///
/// Its `Display` is a table as wide as its contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Encoder, then decoder.
    pub rows: Vec<SummaryRow>,
    /// Weights and biases of the whole model.
    pub parameters: usize,
    /// Multiply-adds of one reconstruction.
    pub multiply_adds: usize,
    /// Bytes in flash of the whole model, when known.
    pub flash_bytes: Option<usize>,
    /// Bytes of memory of the whole model, when known. Less than the rows'
    /// sum, because layers share their buffers.
    pub ram_bytes: Option<usize>,
}

impl Summary {
    /// The summary of a valid configuration, without the board's bytes.
    pub fn new(config: &AutoencoderConfig) -> Self {
        let stacks = [("encoder", config.encoder_shapes()), ("decoder", config.decoder_shapes())];
        let mut rows = Vec::new();
        for (stack, shapes) in stacks {
            for (index, shape) in shapes.into_iter().enumerate() {
                let words = Words(shape.geometry);
                rows.push(SummaryRow {
                    layer: format!("{stack}.{index}"),
                    kind: words.kind(),
                    shape: words.to_string(),
                    inputs: shape.inputs(),
                    outputs: shape.outputs(),
                    activation: activation_name(shape.activation),
                    parameters: shape.parameters(),
                    multiply_adds: shape.multiply_adds(),
                    flash_bytes: None,
                    ram_bytes: None,
                });
            }
        }
        Self {
            rows,
            parameters: config.parameters(),
            multiply_adds: config.multiply_adds(),
            flash_bytes: None,
            ram_bytes: None,
        }
    }

    /// Adds the board's bytes: those of each row, and those of the whole.
    #[must_use]
    pub fn with_board_bytes(
        mut self,
        of_rows: impl IntoIterator<Item = BoardBytes>,
        whole: BoardBytes,
    ) -> Self {
        for (row, (flash, ram)) in self.rows.iter_mut().zip(of_rows) {
            row.flash_bytes = Some(flash);
            row.ram_bytes = Some(ram);
        }
        self.flash_bytes = Some(whole.0);
        self.ram_bytes = Some(whole.1);
        self
    }

    /// The table's cells, the head first and the sum last.
    fn cells(&self) -> Vec<[String; COLUMNS]> {
        let bytes = |value: Option<usize>| value.map_or_else(|| "-".to_owned(), grouped);
        let head = [
            "layer",
            "kind",
            "shape",
            "activation",
            "parameters",
            "multiply-adds",
            "flash bytes",
            "RAM bytes",
        ];
        let mut cells = vec![head.map(str::to_owned)];
        cells.extend(self.rows.iter().map(|row| {
            [
                row.layer.clone(),
                row.kind.to_owned(),
                row.shape.clone(),
                row.activation.clone(),
                grouped(row.parameters),
                grouped(row.multiply_adds),
                bytes(row.flash_bytes),
                bytes(row.ram_bytes),
            ]
        }));
        cells.push([
            "total".to_owned(),
            String::new(),
            String::new(),
            String::new(),
            grouped(self.parameters),
            grouped(self.multiply_adds),
            bytes(self.flash_bytes),
            bytes(self.ram_bytes),
        ]);
        cells
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = self.cells();
        let mut widths = [0; COLUMNS];
        for row in &cells {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let rule = || -> String {
            let dashes: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
            dashes.join("  ")
        };
        for (index, row) in cells.iter().enumerate() {
            if index == 1 || index + 1 == cells.len() {
                writeln!(f, "{}", rule())?;
            }
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                // Words start their column, figures end it.
                line += &match column {
                    0 => format!("{cell:<width$}"),
                    1..=3 => format!("  {cell:<width$}"),
                    _ => format!("  {cell:>width$}"),
                };
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Columns of the table.
const COLUMNS: usize = 8;

/// The name of what stands behind a layer; where there is nothing, the layer is linear.
#[must_use]
pub fn activation_name(activation: Activation) -> String {
    match activation {
        Activation::Identity => "linear".to_owned(),
        Activation::Relu => "relu".to_owned(),
        Activation::Gelu => "gelu".to_owned(),
        Activation::Silu => "silu".to_owned(),
        Activation::Sigmoid => "sigmoid".to_owned(),
        Activation::OneHot => "one-hot".to_owned(),
        Activation::Relu6 => "relu6".to_owned(),
        Activation::LeakyRelu(slope) => format!("leaky relu of {}", slope.value()),
        Activation::Elu(factor) => format!("elu of {}", factor.value()),
        Activation::Logistic => "logistic".to_owned(),
        Activation::Tanh => "tanh".to_owned(),
        Activation::Softplus => "softplus".to_owned(),
    }
}

/// Decimal digits in groups of three: 472064 → `472,064`.
fn grouped(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{Activation, Code, Map, Preset};
    use super::*;

    fn summary() -> Summary {
        Summary::new(&AutoencoderConfig {
            input: 784,
            hidden: vec![256],
            latent: 20,
            activation: Activation::Gelu,
            code: Code::Linear,
            architecture: None,
        })
    }

    #[test]
    fn the_table_is_as_wide_as_its_contents() {
        let expected = "\
layer      kind   shape      activation  parameters  multiply-adds  flash bytes  RAM bytes
---------  -----  ---------  ----------  ----------  -------------  -----------  ---------
encoder.0  dense  784 → 256  gelu           200,960        200,704            -          -
encoder.1  dense  256 → 20   linear           5,140          5,120            -          -
decoder.0  dense  20 → 256   gelu             5,376          5,120            -          -
decoder.1  dense  256 → 784  sigmoid        201,488        200,704            -          -
---------  -----  ---------  ----------  ----------  -------------  -----------  ---------
total                                       412,964        411,648            -          -
";
        assert_eq!(summary().to_string(), expected);
    }

    #[test]
    fn maps_are_shown_as_maps() {
        let architecture = Preset::Conv.architecture(Map::image(28, 28), 20);
        let config = AutoencoderConfig {
            input: 784,
            hidden: Vec::new(),
            latent: 20,
            activation: Activation::Relu,
            code: Code::Linear,
            architecture: Some(architecture),
        };
        let text = Summary::new(&config).to_string();
        let expected =
            "encoder.1  convolution             14×14×16 → 7×7×24   relu             3,480";
        assert!(text.contains(expected), "{text}");
        let row = "decoder.2  transposed convolution  7×7×24 → 14×14×16   relu             1,600";
        assert!(text.contains(row), "{text}");
    }

    #[test]
    fn bytes_of_the_board_are_shown_whole_however_long() {
        let huge = 123_456_789_012_345;
        let summary = summary().with_board_bytes([(200_960, huge); 4], (5, 6));
        let text = summary.to_string();
        let line = text.lines().find(|line| line.starts_with("encoder.0")).unwrap();
        assert!(line.ends_with("200,960  123,456,789,012,345"), "{line}");
        assert!(text.trim_end().ends_with("6"));
    }

    #[test]
    fn digits_are_grouped_by_three() {
        let values = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(values, ["0", "999", "1,000", "1,234,567"]);
    }
}
