//! Layers of the int8 contract: their data (`FORMAT.md`, "Layer data"), and what they compute
//! ("Arithmetic: int8").

use std::fmt::Arguments;

use crate::arithmetic::{Arithmetic, one_hot};
use crate::fields::Kind;
use crate::places::{Layout, Parameters, Places};
use crate::reader::{Reader, list};
use crate::spatial::{Kind as SpatialKind, Shape, Spatial};
use crate::writer::{push_number, push_slice};

/// A layer of integers. One without weights has no channels here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Int8 {
    /// The order of its data.
    pub layout: Layout,
    /// Whether sums are rounded twice, or halves of a mean away from zero.
    pub is_rounded_twice: bool,
    /// What is added to a requantised sum.
    pub zero_point: i8,
    /// What a convolution reads outside its map.
    pub padding: i8,
    /// Tables of 256 bytes, end to end.
    pub tables: Vec<u8>,
    /// One for each output.
    pub channels: Vec<Channel>,
}

/// The numbers of one output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// One for each input, or for each tap of a depthwise convolution; −127 to 127.
    pub weights: Vec<i8>,
    /// Bias, multiplier and shift.
    pub parameters: Parameters,
}

impl Channel {
    /// The largest bias with which the sum cannot overflow.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn largest_bias(weights: &[i8]) -> i32 {
        let sum: i64 = weights.iter().map(|&weight| i64::from(weight).abs()).sum();
        let largest = i64::from(i32::MAX) - 128 * sum;
        assert!(largest >= 0, "weights whose sum cannot overflow");
        largest as i32
    }

    /// Whether the numbers follow the rules of the format.
    fn is_valid(&self) -> bool {
        let Parameters { bias, multiplier, shift } = self.parameters;
        !self.weights.contains(&-128)
            && multiplier >= 0
            && (1..=22).contains(&shift)
            && i64::from(bias).abs() <= i64::from(Self::largest_bias(&self.weights))
    }

    /// `bias + Σ weight · x`.
    fn sum(&self, x: &[i64]) -> i64 {
        assert_eq!(x.len(), self.weights.len(), "values that go in");
        let products = self.weights.iter().zip(x).map(|(&weight, x)| i64::from(weight) * x);
        i64::from(self.parameters.bias) + products.sum::<i64>()
    }

    /// The requantised sum and the zero point, clipped to an i8.
    fn output(&self, x: &[i64], is_rounded_twice: bool, zero_point: i8) -> i64 {
        let requantise = if is_rounded_twice { requantise_twice } else { requantise };
        let value = requantise(self.sum(x), self.parameters.multiplier, self.parameters.shift);
        (value + i64::from(zero_point)).clamp(-128, 127)
    }
}

/// `⌊sum · multiplier / 2^(32 + shift) + 1/2⌋`.
pub(crate) fn requantise(sum: i64, multiplier: i32, shift: u8) -> i64 {
    let numerator = i128::from(sum) * i128::from(multiplier);
    let denominator = 1_i128 << (32 + shift);
    // ⌊n/d + 1/2⌋ = ⌊(2n + d) / 2d⌋
    (2 * numerator + denominator).div_euclid(2 * denominator) as i64
}

/// `sum · multiplier / 2^31` to the nearest integer, halves up; then that over `2^(shift + 1)` to the
/// nearest, halves away from zero.
fn requantise_twice(sum: i64, multiplier: i32, shift: u8) -> i64 {
    let product = i128::from(sum) * i128::from(multiplier);
    let first = (product + (1 << 30)).div_euclid(1 << 31) as i64;
    let (magnitude, divisor) = (first.abs(), 2_i64 << shift);
    first.signum() * (magnitude / divisor + i64::from(2 * (magnitude % divisor) >= divisor))
}

impl Int8 {
    /// The layer of these data.
    ///
    /// # Panics
    /// If the data are of another length, or break a rule of the format.
    #[must_use]
    pub fn of_data(places: Places, zero_point: i8, tables: &[u8], data: &[u8]) -> Self {
        assert_eq!(data.len(), places.bytes(), "bytes of the layer's data");
        assert!(places.has_zeros_elsewhere(data), "bytes that hold no number");
        let channels = (0..places.outputs).map(|output| {
            let weights = (0..places.inputs).map(|input| {
                let weight = places.weight(data, output, input).expect("data of that length");
                i8::try_from(weight).expect("a weight of an i8")
            });
            let parameters = places.parameters(data, output).expect("data of that length");
            let channel = Channel { weights: weights.collect(), parameters };
            assert!(channel.is_valid(), "output {output}");
            channel
        });
        let channels = channels.collect();
        let is_plain = zero_point == 0 && tables.is_empty();
        assert!(places.layout != Layout::OneHot || is_plain, "zero point and tables of one-hot");
        let (layout, tables) = (places.layout, tables.to_vec());
        Self { layout, is_rounded_twice: false, zero_point, padding: 0, tables, channels }
    }

    /// The same layer with its data in another order.
    #[must_use]
    pub fn arranged(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// The output of a requantised sum, or of a value that goes in; it is one of `outputs`.
    fn behind_table(&self, output: usize, outputs: usize, value: i64) -> i64 {
        let tables = self.tables.len() / 256;
        if tables == 0 {
            return value;
        }
        // Each table but the last serves as many outputs.
        let span = outputs.div_ceil(tables);
        let place = 256 * (output / span) + (value + 128) as usize;
        i64::from(self.tables[place] as i8)
    }
}

impl Arithmetic for Int8 {
    const CONTRACT: u16 = 1;

    /// In 64 bits.
    type Value = i64;

    fn read(reader: &mut Reader<'_>, layer: Arguments<'_>, shape: Shape) -> Self {
        let Shape { kind, inputs, outputs } = shape;
        let names =
            ["rows", "row pairs", "one-hot", "rows, rounded twice", "row pairs, rounded twice"];
        let name = |layout| names[layout as usize].into();
        let number = reader.varint(format_args!("{layer}.layout"), name);
        let layout = match number {
            0 | 3 if kind == Some(SpatialKind::Depthwise) => Layout::Taps,
            0 | 3 => Layout::Rows,
            1 | 4 => Layout::RowPairs,
            _ => Layout::OneHot,
        };
        let is_rounded_twice = number >= 3;
        let byte = |bytes: &[u8]| (bytes[0] as i8).to_string();
        let zero_point = reader.take(format_args!("{layer}.zero_point"), Kind::Number, 1, byte);
        let zero_point = zero_point[0] as i8;
        let padding = reader.take(format_args!("{layer}.padding_code"), Kind::Number, 1, byte);
        let padding = padding[0] as i8;
        let has_weights = kind.is_none_or(SpatialKind::has_weights);
        let is_used = |used: bool, field: i8| used || field == 0;
        assert!(is_used(kind.is_some() && has_weights, padding), "the padding code of {layer}");
        assert!(is_used(has_weights, zero_point), "the zero point of {layer}");
        let is_rounded = has_weights || kind == Some(SpatialKind::Average);
        assert!(is_rounded || !is_rounded_twice, "the rounding of {layer}");
        let layouts: &[Layout] = match kind {
            None => &[Layout::Rows, Layout::RowPairs, Layout::OneHot],
            Some(SpatialKind::Convolution) => &[Layout::Rows, Layout::RowPairs],
            Some(SpatialKind::Depthwise) => &[Layout::Taps],
            Some(_) => &[Layout::Rows],
        };
        assert!(layouts.contains(&layout), "the layout of {layer}");
        let tables = reader.slice(format_args!("{layer}.tables"));
        let count = tables.len() / 256;
        let is_used = count == 0 || outputs.div_ceil(outputs.div_ceil(count)) == count;
        assert!(tables.len().is_multiple_of(256) && is_used, "tables of {layer}");
        let len = reader.padding(layer);
        let data = reader.ahead(len);
        if !has_weights {
            assert_eq!(len, 0, "bytes of the layer's data");
            let tables = tables.to_vec();
            let channels = Vec::new();
            return Self { layout, is_rounded_twice, zero_point, padding, tables, channels };
        }
        let places = Places { layout, inputs, outputs };
        match layout {
            Layout::Rows | Layout::OneHot => take_rows(reader, layer, places),
            Layout::Taps => take_taps(reader, layer, places),
            Layout::RowPairs => take_row_pairs(reader, layer, places),
        }
        Self { is_rounded_twice, padding, ..Self::of_data(places, zero_point, tables, data) }
    }

    fn write(&self, body: &mut Vec<u8>) {
        let further = if self.is_rounded_twice { 3 } else { 0 };
        push_number(self.layout.number() + further, body);
        body.extend([self.zero_point as u8, self.padding as u8]);
        push_slice(&self.tables, body);
    }

    fn data(&self, inputs: usize) -> Vec<u8> {
        let places = Places { layout: self.layout, inputs, outputs: self.channels.len() };
        let mut data = vec![0; places.bytes()];
        for (output, channel) in self.channels.iter().enumerate() {
            for (input, &weight) in channel.weights.iter().enumerate() {
                places.set_weight(&mut data, output, input, weight).expect("data of that length");
            }
            let set = places.set_parameters(&mut data, output, channel.parameters);
            set.expect("data of that length");
        }
        data
    }

    fn room(&self, inputs: usize) -> usize {
        match self.layout {
            Layout::Rows | Layout::Taps | Layout::OneHot => 0,
            Layout::RowPairs => 8 * inputs.div_ceil(4) + 3,
        }
    }

    fn room_of_positions(&self, spatial: &Spatial) -> usize {
        let Shape { inputs, outputs, .. } = spatial.shape();
        let scattered = if spatial.is_interleaved() { 2 * outputs } else { 0 };
        match self.layout {
            Layout::RowPairs => (16 * inputs.div_ceil(4) + scattered + 3).next_multiple_of(4),
            Layout::Rows | Layout::Taps | Layout::OneHot => 32 * inputs.div_ceil(16) + scattered,
        }
    }

    fn into_one_hot(self) -> Self {
        Self {
            layout: Layout::OneHot,
            is_rounded_twice: false,
            zero_point: 0,
            tables: Vec::new(),
            ..self
        }
    }

    fn of_pixel(pixel: u8) -> i64 {
        i64::from(pixel) - 128
    }

    fn of_bytes(bytes: &[u8]) -> Vec<i64> {
        bytes.iter().map(|&byte| i64::from(byte as i8)).collect()
    }

    fn outputs(&self, x: &[i64]) -> Vec<i64> {
        if self.layout == Layout::OneHot {
            let sums: Vec<i64> = self.channels.iter().map(|channel| channel.sum(x)).collect();
            return one_hot(&sums, 127, -128);
        }
        (0..self.channels.len()).map(|output| self.output(output, x)).collect()
    }

    fn output(&self, output: usize, x: &[i64]) -> i64 {
        let channel = &self.channels[output];
        let value = channel.output(x, self.is_rounded_twice, self.zero_point);
        self.behind_table(output, self.channels.len(), value)
    }

    fn padding(&self) -> i64 {
        self.padding.into()
    }

    /// `⌊sum / count + 1/2⌋`; with a second rounding that of the magnitude, with the sum's sign.
    fn mean(&self, values: &[i64]) -> i64 {
        let (sum, count) = (values.iter().sum::<i64>(), values.len() as i64);
        if self.is_rounded_twice {
            return sum.signum() * ((2 * sum.abs() + count) / (2 * count));
        }
        // ⌊s/c + 1/2⌋ = ⌊(2s + c) / 2c⌋
        (2 * sum + count).div_euclid(2 * count)
    }

    fn passed(&self, channel: usize, channels: usize, value: i64) -> i64 {
        self.behind_table(channel, channels, value)
    }

    fn pixel(value: i64) -> u8 {
        value as u8
    }

    fn push_bytes(value: i64, to: &mut Vec<u8>) {
        to.push(value as u8);
    }
}

fn take_rows(reader: &mut Reader<'_>, layer: Arguments<'_>, places: Places) {
    let Places { inputs, outputs, .. } = places;
    for row in 0..outputs {
        let weights = |bytes: &[u8]| -> Vec<i8> { bytes.iter().map(|&byte| byte as i8).collect() };
        let name = format_args!("{layer}.weights[{row}]");
        reader.take(name, Kind::Bytes, inputs, |bytes| list(&weights(bytes)));
    }
    reader.bytes(format_args!("{layer}.padding"), (inputs * outputs).wrapping_neg() % 4);
    take_parameters(reader, layer, 0..outputs);
}

fn take_taps(reader: &mut Reader<'_>, layer: Arguments<'_>, places: Places) {
    let Places { inputs, outputs, .. } = places;
    for tap in 0..inputs {
        let weights = |bytes: &[u8]| -> Vec<i8> { bytes.iter().map(|&byte| byte as i8).collect() };
        let name = format_args!("{layer}.weights[{tap}]");
        reader.take(name, Kind::Bytes, outputs, |bytes| list(&weights(bytes)));
    }
    reader.bytes(format_args!("{layer}.padding"), (inputs * outputs).wrapping_neg() % 4);
    take_parameters(reader, layer, 0..outputs);
}

fn take_row_pairs(reader: &mut Reader<'_>, layer: Arguments<'_>, places: Places) {
    let Places { inputs, outputs, .. } = places;
    for block in 0..outputs.div_ceil(4) {
        for quad in 0..inputs.div_ceil(4) {
            let lanes = |bytes: &[u8]| -> Vec<i16> {
                bytes.chunks(2).map(|lane| i16::from_le_bytes([lane[0], lane[1]])).collect()
            };
            let name = format_args!("{layer}.block[{block}].weights[{quad}]");
            reader.take(name, Kind::Bytes, 16, |bytes| list(&lanes(bytes)));
        }
        take_parameters(reader, layer, 4 * block..4 * block + 4);
    }
}

fn take_parameters(reader: &mut Reader<'_>, layer: Arguments<'_>, rows: std::ops::Range<usize>) {
    for row in rows.clone() {
        reader.i32(format_args!("{layer}.bias[{row}]"));
    }
    for row in rows.clone() {
        reader.i32(format_args!("{layer}.multiplier[{row}]"));
    }
    for row in rows {
        reader.byte(format_args!("{layer}.shift[{row}]"));
    }
}

#[cfg(test)]
mod tests {
    use super::{requantise, requantise_twice};

    #[test]
    fn halves_round_up() {
        // A multiplier of 2^30 and a shift of 1 are an eighth.
        let eighth = |sum| requantise(sum, 1 << 30, 1);
        assert_eq!([40, 44, 43, -44, -45, -36].map(eighth), [5, 6, 5, -5, -6, -4]);
    }

    #[test]
    fn halves_round_up_and_then_away_from_zero() {
        // Halves are the first result here, and quarters of them the second.
        let eighth = |sum| requantise_twice(sum, 1 << 30, 1);
        assert_eq!([40, 44, 43, -44, -45, -43].map(eighth), [5, 6, 6, -6, -6, -5]);
    }
}
