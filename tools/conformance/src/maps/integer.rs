//! The int8 contract.

use ae_core::{
    Geometry, Int8, Int8Model, Layer, LayerSpec, Layout, Rounding, Spatial, SpatialKind,
};
use ae_infer::ComputeLayer;
use ae_testkit::random::XorShift32;

use super::{Blame, MAP_BYTES, differing, write};
use crate::float::Bits;
use crate::numbers::{Numbers, form, rounding};
use crate::values::Values;
use crate::{Buffers, Failure, MAX_PLACES, shapes};

/// A layer to make.
#[derive(Clone, Copy)]
struct Case {
    spatial: Spatial,
    layout: Layout,
    rounding: Rounding,
    weights: Values,
    /// Tables behind the requantisation, at most.
    tables: usize,
    /// Bytes from a boundary to the blob.
    offset: usize,
    around: fn(bool),
}

pub(super) fn run(buffers: &mut Buffers<'_>, around: fn(bool)) -> Result<u32, Failure> {
    let mut random = XorShift32::default();
    let mut drawn = XorShift32::new(16);
    let mut layers = 0;
    for (turn, spatial) in shapes::all(&mut drawn).enumerate() {
        let layouts = match spatial.kind {
            SpatialKind::Convolution => &Layout::ALL[..],
            _ => &[Layout::Rows],
        };
        for &layout in layouts {
            let offset = match layout {
                Layout::Rows => turn % 4,
                // A kernel takes row pairs on a boundary of 4.
                Layout::RowPairs => [0, 4, 8, 1][turn % 4],
            };
            let weights = Values::ALL[(turn / 2) % 4];
            // Not in step with the offset, as kernels take some offsets alone.
            let tables = (turn + turn / 4) % 4;
            let has_weights = spatial.kind.has_weights();
            let is_rounded = has_weights || spatial.kind == SpatialKind::Average;
            let rounding = if is_rounded { rounding(turn) } else { Rounding::Once };
            let case = Case { spatial, layout, rounding, weights, tables, offset, around };
            layers += case.run(buffers, &mut random)?;
        }
    }
    Ok(layers)
}

impl Case {
    fn run(self, buffers: &mut Buffers<'_>, random: &mut XorShift32) -> Result<u32, Failure> {
        let Self { spatial, offset, .. } = self;
        let mut tables = [0; 256 * 3];
        tables.fill_with(|| random.bits() as u8);
        let cannot_be_made = || self.blame("none", 0).failure(u32::MAX, [0; 2]);
        let len = self.blob(buffers, &tables, random).ok_or_else(cannot_be_made)?;
        let Buffers { blob, room, pixels, values, found, .. } = buffers;
        let blob = blob.get(offset..).and_then(|blob| blob.get(..len));
        let model = Int8Model::parse(blob.unwrap_or_default()).ok();
        let part = model.as_ref().and_then(Int8Model::encoder);
        let layer = part.and_then(|part| part.layers().next()).ok_or_else(cannot_be_made)?;

        let inputs = spatial.inputs();
        for (shift, kind) in Values::ALL.into_iter().enumerate() {
            let (pixels, values) = (pixels.get_mut(shift..), values.get_mut(shift..));
            let pixels = pixels.and_then(|it| it.get_mut(..inputs)).unwrap_or_default();
            let values = values.and_then(|it| it.get_mut(..inputs)).unwrap_or_default();
            for (place, (pixel, value)) in pixels.iter_mut().zip(&mut *values).enumerate() {
                *value = kind.at(place, -128, random);
                *pixel = *value as u8 ^ 0x80;
            }
            let room = room.get_mut((shift + offset) % 4..).unwrap_or_default();
            let room = room.get_mut(..layer.room()).ok_or_else(cannot_be_made)?;
            self.compare(&layer, pixels, room, found.values, shift)?;
            self.compare(&layer, values, room, found.pixels, shift)?;
        }
        Ok(8)
    }

    /// Computes `layer` twice.
    fn compare<'a, X, Y: Bits>(
        self,
        layer: &Layer<'a, Int8<'a>>,
        x: &[X],
        room: &mut [i8],
        memory: &mut [Y],
        shift: usize,
    ) -> Result<(), Failure>
    where
        Int8<'a>: ComputeLayer<'a, X, Y, Element = i8>,
    {
        // What a room held before must not matter.
        room.fill(99);
        let differing = differing(
            memory,
            shift,
            self.spatial.outputs(),
            |y| Int8::portable(layer, x, y),
            |y| {
                (self.around)(true);
                Int8::compute(layer, x, y, room);
                (self.around)(false);
            },
        );
        match differing {
            None => Ok(()),
            Some((output, bits)) => {
                let kernel = <Int8<'a> as ComputeLayer<'a, X, Y>>::kernel(layer);
                Err(self.blame(kernel, shift).failure(output, bits))
            }
        }
    }

    /// Writes a blob with the layer as its encoder; gives its length.
    fn blob(
        self,
        buffers: &mut Buffers<'_>,
        tables: &[u8],
        random: &mut XorShift32,
    ) -> Option<usize> {
        let Self { spatial, layout, weights, .. } = self;
        let Buffers { blob, data, pixels, .. } = buffers;
        let (latent_map, data) = data.split_at_mut_checked(MAP_BYTES * MAX_PLACES)?;
        let (inputs, outputs) = (spatial.field(), spatial.columns());
        let is_by_tap = spatial.kind == SpatialKind::Depthwise;
        let numbers = Numbers { layout: Some(layout), inputs, outputs, is_by_tap, weights };
        let has_weights = spatial.kind.has_weights();
        let data = data.get_mut(..if has_weights { numbers.places().bytes() } else { 0 })?;
        if has_weights {
            numbers.fill(data, random)?;
        }
        let used = match self.tables {
            0 => 0,
            tables => outputs.div_ceil(outputs.div_ceil(tables)),
        };
        let zero_point = if has_weights { [-128, 0, 127, 5][inputs % 4] } else { 0 };
        let padding = (outputs + self.tables) % 4;
        let padding = if has_weights { [-128, 0, 127, -3][padding] } else { 0 };
        let arithmetic = Int8::new(layout, zero_point, tables.get(..256 * used)?);
        let arithmetic = arithmetic.rounded(self.rounding);
        let layer = LayerSpec {
            geometry: Geometry::Spatial(spatial),
            digest: 0,
            arithmetic: arithmetic.with_padding(padding),
            data,
        };
        write(layer, latent_map, pixels, blob.get_mut(self.offset..)?)
    }

    fn blame(self, kernel: &'static str, shift: usize) -> Blame {
        Blame {
            layout: form(self.layout, self.rounding),
            kernel,
            spatial: self.spatial,
            offsets: [self.offset as u8, shift as u8],
        }
    }
}
