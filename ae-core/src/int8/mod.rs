//! The int8 contract's layer.

mod form;
mod row_pairs;
mod rows;
mod taps;

pub use row_pairs::RowPairs;
pub use rows::Rows;
pub use taps::Taps;

use serde::{Deserialize, Serialize};

use crate::contract::Contract;
use crate::error::{LayerError, LoadError};
use crate::geometry::{Layout, SpatialKind, Storage};
use crate::layer::{Arithmetic, Layer};
use crate::model::Model;
use crate::requant::{Requant, Rounding};
use form::{Form, FormByte};

/// What the int8 contract adds to a layer. Its sums are requantised, and the order of its data
/// section is a [`Layout`]; or the largest of them is marked, and it is [one-hot](Self::ONE_HOT).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Int8<'a> {
    form: FormByte,
    zero_point: i8,
    padding: i8,
    tables: &'a [u8],
}

impl<'a> Int8<'a> {
    /// A layer whose output is 127 where the sum is the largest, the first of equal ones, and −128
    /// elsewhere. Its data section is that of [`Layout::Rows`]; no multiplier and no shift is used.
    pub const ONE_HOT: Self =
        Self { form: FormByte::ONE_HOT, zero_point: 0, padding: 0, tables: &[] };

    /// `zero_point` is that of the requantised output; `tables` is empty, or holds tables of 256
    /// bytes that map this output (index 0 for −128) to the next layer's i8 or to a pixel. With
    /// several tables, the channels are divided among them in order.
    #[must_use]
    pub fn new(layout: Layout, zero_point: i8, tables: &'a [u8]) -> Self {
        let form = Form::new(layout, Rounding::Once).into();
        Self { form, zero_point, padding: 0, tables }
    }

    /// The same, whose sums are rounded like this, or halves of a mean: twice is away from zero. A one-hot layer
    /// has none to round, and stays as it is.
    #[must_use]
    pub fn rounded(self, rounding: Rounding) -> Self {
        if self.is_one_hot() {
            return self;
        }
        Self { form: Form::new(self.layout(), rounding).into(), ..self }
    }

    /// The same, where what a convolution reads outside its map is `padding`: the code of the real
    /// number 0.
    #[must_use]
    pub fn with_padding(self, padding: i8) -> Self {
        Self { padding, ..self }
    }

    /// What a convolution reads outside its map.
    #[must_use]
    pub fn padding(&self) -> i8 {
        self.padding
    }

    /// The order of the data section.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Form::from(self.form).layout()
    }

    /// How sums are rounded.
    #[must_use]
    #[inline(always)]
    pub fn rounding(&self) -> Rounding {
        Form::from(self.form).rounding()
    }

    /// Whether the layer is [one-hot](Self::ONE_HOT). It has but one order of its data.
    #[must_use]
    pub fn is_one_hot(&self) -> bool {
        Form::from(self.form) == Form::OneHot
    }

    /// The zero point of the requantised output, before the table.
    #[must_use]
    pub fn zero_point(&self) -> i8 {
        self.zero_point
    }

    /// The activation tables, if the layer has any.
    #[must_use]
    pub fn tables(&self) -> &'a [[u8; 256]] {
        self.tables.as_chunks().0
    }
}

/// One output channel of an int8 layer, without its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channel<'a> {
    /// What the sum starts from, in units of input scale × weight scale.
    pub bias: i32,
    /// From the sum to i8.
    pub requant: Requant,
    /// From that i8 to the output, if the layer has tables.
    pub table: Option<&'a [u8; 256]>,
}

/// The numbers of one output channel beside its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parameters {
    bias: i32,
    multiplier: i32,
    shift: u8,
}

impl Parameters {
    /// Of outputs that only fill a block.
    const NONE: Self = Self { bias: 0, multiplier: 0, shift: 0 };
}

/// The data section of a layer, in the layout that it has.
#[derive(Debug, Clone, Copy)]
pub enum Weights<'a> {
    /// In [`Layout::Rows`].
    Rows(Rows<'a>),
    /// In [`Layout::RowPairs`].
    RowPairs(RowPairs<'a>),
}

impl Weights<'_> {
    fn row(&self, inputs: usize, output: usize) -> impl Iterator<Item = i8> {
        (0..inputs).map(move |input| self.at(output, input))
    }

    /// The weight of an output for an input; 0 where there is none.
    #[must_use]
    #[inline(never)]
    pub fn at(&self, output: usize, input: usize) -> i8 {
        match self {
            Self::Rows(rows) => rows.row(output).get(input).map_or(0, |&weight| weight as i8),
            Self::RowPairs(pairs) => pairs.at(output, input),
        }
    }

    fn parameters(&self, output: usize) -> Parameters {
        match self {
            Self::Rows(rows) => rows.parameters(output),
            Self::RowPairs(pairs) => pairs.parameters(output),
        }
    }
}

impl<'a> Layer<'a, Int8<'a>> {
    /// The data section, in the layout that it has.
    #[must_use]
    pub fn weights(&self) -> Weights<'a> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        match self.arithmetic.layout() {
            Layout::Rows => Weights::Rows(Rows::new(inputs, outputs, self.data())),
            Layout::RowPairs => Weights::RowPairs(RowPairs::new(inputs, outputs, self.data())),
        }
    }

    /// The output channels in order, of a layer whose data section is `rows`.
    pub fn channels(&self, rows: &Rows<'a>) -> impl Iterator<Item = Channel<'a>> + use<'a> {
        let (zero_point, rounding) = (self.arithmetic.zero_point, self.arithmetic.rounding());
        let mut tables = self.arithmetic.tables().iter();
        let span = self.table_span();
        let (mut table, mut left) = (tables.next(), span);
        rows.all_parameters().map(move |Parameters { bias, multiplier, shift }| {
            // A counter, not a division: the smallest cores have none.
            if left == 0 {
                (table, left) = (tables.next(), span);
            }
            left = left.wrapping_sub(1);
            let requant = Requant::new(multiplier, shift.into(), zero_point).rounded(rounding);
            Channel { bias, requant, table }
        })
    }

    /// The weights of a depthwise convolution, whose data section stands tap after tap.
    #[must_use]
    pub fn taps(&self) -> Taps<'a> {
        Taps::new(self.inputs(), self.outputs(), self.data())
    }

    /// One output channel, in any layout; `weights` is the data section.
    #[must_use]
    #[inline(never)]
    pub fn channel(&self, weights: &Weights<'a>, output: usize) -> Channel<'a> {
        let Parameters { bias, multiplier, shift } = weights.parameters(output);
        let Int8 { zero_point, .. } = self.arithmetic;
        let requant = Requant::new(multiplier, shift.into(), zero_point);
        let requant = requant.rounded(self.arithmetic.rounding());
        let table = output.checked_div(self.table_span());
        let table = table.and_then(|table| self.arithmetic.tables().get(table));
        Channel { bias, requant, table }
    }

    /// Channels that share a table: all but the last table serve as many.
    #[must_use]
    pub fn table_span(&self) -> usize {
        self.outputs().div_ceil(self.arithmetic.tables().len().max(1))
    }
}

impl<'a> Arithmetic<'a> for Int8<'a> {
    const CONTRACT: Contract = Contract::Int8;
    type Element = i8;
    /// Scale and offset, f32 each.
    const LATENT_MAP_BYTES: usize = 8;

    fn storage(&self) -> Storage {
        Storage::Int8(self.layout())
    }

    fn with_layout(self, layout: Layout) -> Self {
        if self.is_one_hot() {
            return self;
        }
        Self { form: Form::new(layout, self.rounding()).into(), ..self }
    }

    fn arrange(layer: &Layer<'a, Self>, layout: Layout, data: &mut [u8]) {
        if layer.arithmetic_in(layout).storage() == layer.arithmetic.storage() {
            data.iter_mut().zip(layer.data()).for_each(|(place, byte)| *place = *byte);
            return;
        }
        data.fill(0);
        let layer = layer.as_dense();
        let (inputs, outputs, from) = (layer.inputs(), layer.outputs(), layer.weights());
        match layout {
            Layout::Rows => Rows::fill(data, inputs, outputs, &from),
            Layout::RowPairs => RowPairs::fill(data, inputs, outputs, &from),
        }
    }

    fn validate(blob: &[u8]) -> Result<(), LoadError> {
        Model::<Int8<'_>>::parse(blob)?.detection().map(|_| ())
    }

    fn check(
        layer: &Layer<'a, Self>,
        kind: Option<SpatialKind>,
        is_output: bool,
    ) -> Result<(), LayerError> {
        if !Form::from(layer.arithmetic.form).is_built() {
            return Err(LayerError::RoundingNotBuilt);
        }
        // Compilers see that there is none where no kind is built.
        let kind = kind.filter(|_| SpatialKind::ANY);
        let Int8 { zero_point, padding, tables, .. } = layer.arithmetic;
        let is_idle = is_output || kind.is_some() || zero_point != 0 || !tables.is_empty();
        if layer.arithmetic.is_one_hot() && is_idle {
            return Err(LayerError::OneHot);
        }
        let has_weights = kind.is_none_or(SpatialKind::has_weights);
        if padding != 0 && (kind.is_none() || !has_weights) {
            return Err(LayerError::Unused { field: "code for the padding" });
        }
        if zero_point != 0 && !has_weights {
            return Err(LayerError::Unused { field: "zero point" });
        }
        // A mean has halves too.
        let is_rounded = has_weights || kind == Some(SpatialKind::Average);
        if layer.arithmetic.rounding() != Rounding::Once && !is_rounded {
            return Err(LayerError::Unused { field: "second rounding" });
        }
        let tables = layer.arithmetic.tables().len();
        if tables == 0 && is_output {
            return Err(LayerError::NoOutputTable);
        }
        // Whole tables, and none that no channel uses.
        let used = layer.outputs().div_ceil(layer.table_span().max(1));
        if !layer.arithmetic.tables.len().is_multiple_of(256) || tables != 0 && tables != used {
            return Err(LayerError::TableLength { found: layer.arithmetic.tables.len() });
        }
        let (inputs, outputs) = (layer.inputs(), layer.outputs());
        match (kind, layer.arithmetic.layout()) {
            (None | Some(SpatialKind::Convolution), Layout::Rows) => {
                Rows::check(inputs, outputs, layer.data())
            }
            (None | Some(SpatialKind::Convolution), Layout::RowPairs) => {
                RowPairs::check(inputs, outputs, layer.data())
            }
            (Some(_), Layout::RowPairs) => Err(LayerError::Unused { field: "layout" }),
            (Some(SpatialKind::Depthwise), Layout::Rows)
                if const { SpatialKind::Depthwise.is_built() } =>
            {
                Taps::check(inputs, outputs, layer.data())
            }
            (Some(_), Layout::Rows) => Ok(()),
        }
    }
}

/// A channel whose weights have a sum of absolute values of `magnitude`. No input of i8 can make
/// the sum leave i32: `|bias| + 128 · Σ|w|` stays within it.
fn check_channel(
    channel: usize,
    magnitude: u32,
    parameters: &Parameters,
) -> Result<(), LayerError> {
    let Parameters { bias, multiplier, shift } = *parameters;
    if multiplier < 0 {
        return Err(LayerError::Multiplier { channel, found: multiplier });
    }
    if !(Requant::MIN_SHIFT..=Requant::MAX_SHIFT).contains(&u32::from(shift)) {
        return Err(LayerError::Shift { channel, found: shift });
    }
    // Both terms are below 2^40.
    let bound =
        u64::from(bias.unsigned_abs()).saturating_add(u64::from(magnitude).saturating_mul(128));
    if bound > i32::MAX as u64 {
        return Err(LayerError::SumOverflow { channel, bound });
    }
    Ok(())
}
