//! Layers of the int8 contract.

use ae_core::{
    Description, Geometry, Int8, Int8Model, Layer, LayerSpec, Layout, PartSpec, Provenance,
    Rounding,
};
use ae_infer::{ComputeLayer, Value};
use ae_testkit::random::XorShift32;

use crate::numbers::{Numbers, form, rounding};
use crate::values::Values;
use crate::{Buffers, Extent, Failure, MAX_OUTPUTS, lengths};

/// A layer to make.
#[derive(Clone, Copy)]
struct Case {
    /// `None` of a one-hot layer.
    layout: Option<Layout>,
    rounding: Rounding,
    inputs: usize,
    outputs: usize,
    weights: Values,
    /// Tables behind the requantisation.
    tables: usize,
    /// Bytes from a boundary to the blob.
    offset: usize,
    /// Where in the round of pairs of inputs and alignments this layer begins, if it takes a part.
    first: Option<usize>,
    around: fn(bool),
}

pub(crate) fn run(
    buffers: &mut Buffers<'_>,
    extent: Extent,
    around: fn(bool),
) -> Result<u32, Failure> {
    let mut random = XorShift32::default();
    let (mut layers, mut cases) = (0, 0);
    for layout in [Some(Layout::Rows), Some(Layout::RowPairs), None] {
        for (index, inputs) in lengths().enumerate() {
            for (weights, turn) in Values::ALL.into_iter().zip(index..) {
                // Long layers take turns with what short ones have all of.
                let is_long = inputs > 67;
                let offsets = match layout {
                    Some(Layout::Rows) | None => [0, 1, 2, 3],
                    // A kernel takes row pairs on a boundary of 4.
                    Some(Layout::RowPairs) => [0, 4, 8, if is_long { 12 } else { 1 }],
                };
                let offsets = offsets.into_iter().skip(if is_long { turn % 4 } else { 0 });
                let some = if is_long || layout.is_none() { 1 } else { 4 };
                for (place, offset) in offsets.take(some).enumerate() {
                    let outputs = 1 + (index + 3 * place + turn / 4) % 13;
                    let tables = if layout.is_some() { (turn + index / 4) % 4 } else { 0 };
                    let rounding = rounding(cases);
                    cases += 1;
                    let case = Case {
                        layout,
                        rounding,
                        inputs,
                        outputs,
                        weights,
                        tables,
                        offset,
                        first: first(extent, [index, turn, place]),
                        around,
                    };
                    layers += case.run(buffers, &mut random)?;
                }
            }
        }
    }
    Ok(layers)
}

/// See [`Extent`]. Lengths are divided by 4, for `turn` counts with them, and kernels take some of them
/// alone; `turn` also counts the kinds of weights, and `place` the alignments of the blob.
fn first(extent: Extent, [index, turn, place]: [usize; 3]) -> Option<usize> {
    (extent == Extent::Part).then_some(index / 4 + turn + place)
}

/// Whether a layer takes inputs of the kind with this number at this alignment.
fn is_taken(first: Option<usize>, kind: usize, shift: usize) -> bool {
    first.is_none_or(|first| (first + kind + shift).is_multiple_of(4))
}

impl Case {
    fn run(self, buffers: &mut Buffers<'_>, random: &mut XorShift32) -> Result<u32, Failure> {
        let Self { inputs, offset, .. } = self;
        let mut tables = [0; 256 * 3];
        for byte in &mut tables {
            *byte = random.bits() as u8;
        }
        let len = self.blob(buffers, &tables, random).ok_or(self.cannot_be_made())?;
        let Buffers { blob, room, pixels, values, .. } = buffers;
        let blob = blob.get(offset..).and_then(|blob| blob.get(..len));
        let model = Int8Model::parse(blob.unwrap_or_default()).ok();
        let part = model.as_ref().and_then(Int8Model::encoder);
        let layer = part.and_then(|part| part.layers().next()).ok_or(self.cannot_be_made())?;

        let mut layers = 0;
        for (number, kind) in Values::ALL.into_iter().enumerate() {
            for shift in (0..4).filter(|&shift| is_taken(self.first, number, shift)) {
                let (pixels, values) = (pixels.get_mut(shift..), values.get_mut(shift..));
                let pixels = pixels.and_then(|it| it.get_mut(..inputs)).unwrap_or_default();
                let values = values.and_then(|it| it.get_mut(..inputs)).unwrap_or_default();
                for (place, (pixel, value)) in pixels.iter_mut().zip(&mut *values).enumerate() {
                    *value = kind.at(place, -128, random);
                    *pixel = *value as u8 ^ 0x80;
                }
                let room = room.get_mut((shift + offset) % 4..).unwrap_or_default();
                let room = room.get_mut(..layer.room()).unwrap_or_default();
                self.compare::<u8, i8>(&layer, pixels, room, shift)?;
                self.compare::<i8, i8>(&layer, values, room, shift)?;
                self.compare::<i8, u8>(&layer, values, room, shift)?;
                self.compare::<u8, u8>(&layer, pixels, room, shift)?;
                layers += 4;
            }
        }
        Ok(layers)
    }

    /// Computes `layer` twice.
    fn compare<'a, X, Y: Value + Default + PartialEq + Into<i16>>(
        self,
        layer: &Layer<'a, Int8<'a>>,
        x: &[X],
        room: &mut [i8],
        shift: usize,
    ) -> Result<(), Failure>
    where
        Int8<'a>: ComputeLayer<'a, X, Y, Element = i8>,
    {
        // The output, at every alignment, and a byte on each side that must stay.
        let (mut expected, mut found) = ([Y::default(); MAX_OUTPUTS], [Y::default(); MAX_OUTPUTS]);
        let window = |buffer: &mut [Y; MAX_OUTPUTS], compute: &mut dyn FnMut(&mut [Y])| {
            let outputs = buffer.get_mut(1 + shift..).unwrap_or_default();
            compute(outputs.get_mut(..self.outputs).unwrap_or_default());
        };
        window(&mut expected, &mut |y| Int8::portable(layer, x, y));
        window(&mut found, &mut |y| {
            (self.around)(true);
            Int8::compute(layer, x, y, room);
            (self.around)(false);
        });
        match expected.iter().zip(&found).position(|(expected, found)| expected != found) {
            None => Ok(()),
            Some(place) => Err(Failure {
                kind: "dense",
                layout: self.form(),
                kernel: <Int8<'a> as ComputeLayer<'a, X, Y>>::kernel(layer),
                inputs: self.inputs as u32,
                outputs: self.outputs as u32,
                offsets: [self.offset as u8, shift as u8],
                output: place.wrapping_sub(1 + shift) as u32,
                expected: expected.get(place).map_or(0, |&value| value.into() as u32 & 0xff),
                found: found.get(place).map_or(0, |&value| value.into() as u32 & 0xff),
            }),
        }
    }

    /// Writes a blob with the layer as its encoder; gives its length.
    fn blob(
        self,
        buffers: &mut Buffers<'_>,
        tables: &[u8],
        random: &mut XorShift32,
    ) -> Option<usize> {
        let Self { layout, inputs, outputs, .. } = self;
        let Buffers { blob, data, pixels, .. } = buffers;
        let numbers = Numbers { layout, inputs, outputs, is_by_tap: false, weights: self.weights };
        let data = data.get_mut(..numbers.places().bytes())?;
        numbers.fill(data, random)?;
        let used = match self.tables {
            0 => 0,
            tables => outputs.div_ceil(outputs.div_ceil(tables)),
        };
        let zero_point = [-128, 0, 127, 5][inputs % 4];
        let tables = tables.get(..256 * used)?;
        let arithmetic =
            layout.map_or(Int8::ONE_HOT, |layout| Int8::new(layout, zero_point, tables));
        let arithmetic = arithmetic.rounded(self.rounding);
        let (test_input, at) = (pixels.get(..inputs)?, blob.get_mut(self.offset..)?);
        write(arithmetic, (inputs, outputs), data, test_input, at)
    }

    fn form(self) -> &'static str {
        self.layout.map_or("one-hot", |layout| form(layout, self.rounding))
    }

    fn cannot_be_made(self) -> Failure {
        Failure {
            kind: "dense",
            layout: self.form(),
            kernel: "none",
            inputs: self.inputs as u32,
            outputs: self.outputs as u32,
            offsets: [self.offset as u8, 0],
            output: u32::MAX,
            expected: 0,
            found: 0,
        }
    }
}

fn write(
    arithmetic: Int8<'_>,
    (inputs, outputs): (usize, usize),
    data: &[u8],
    test_input: &[u8],
    buffer: &mut [u8],
) -> Option<usize> {
    let latent_map = [[0, 0, 0x80, 0x3f, 0, 0, 0, 0]; MAX_OUTPUTS];
    let layer =
        LayerSpec { geometry: Geometry::dense(inputs, outputs), digest: 0, arithmetic, data };
    let description = Description {
        model_id: [0; 16],
        latent_map: latent_map.as_flattened().get(..8 * outputs)?,
        provenance: Provenance { tool: "conformance", config: &[], data: &[] },
        detection: None,
        in_strips: false,
        encoder: Some(PartSpec { layers: &[layer], test_input }),
        decoder: None,
    };
    ae_core::write(&description, buffer).ok()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::{first, is_taken};
    use crate::Extent;

    /// For each length and alignment of the blob, the pairs of inputs and alignments over all weights.
    fn pairs(extent: Extent, index: usize, place: usize) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for turn in index..index + 4 {
            let first = first(extent, [index, turn, place]);
            let all = (0..4).flat_map(|kind| (0..4).map(move |shift| (kind, shift)));
            pairs.extend(all.filter(|&(kind, shift)| is_taken(first, kind, shift)));
        }
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn a_part_has_every_pair_once_and_the_whole_has_it_with_all_weights() {
        let all: Vec<_> = (0..4).flat_map(|kind| (0..4).map(move |shift| (kind, shift))).collect();
        let four_times: Vec<_> = all.iter().flat_map(|&pair| [pair; 4]).collect();
        for (index, place) in (0..67).flat_map(|index| (0..4).map(move |place| (index, place))) {
            assert_eq!(pairs(Extent::Part, index, place), all);
            assert_eq!(pairs(Extent::Whole, index, place), four_times);
        }
    }

    #[test]
    fn a_part_has_every_pair_with_each_weights_at_lengths_of_every_remainder() {
        for remainder in 0..4 {
            let at = |index: usize| first(Extent::Part, [index, index, 0]).unwrap_or(0) % 4;
            let mut firsts: Vec<usize> = (0..4).map(|four| at(4 * four + remainder)).collect();
            firsts.sort_unstable();
            assert_eq!(firsts, [0, 1, 2, 3]);
        }
    }
}
