//! The f32 contract.

use ae_core::{Activation, F32, F32Model, Geometry, Layer, LayerSpec, Spatial};
use ae_infer::ComputeLayer;
use ae_testkit::random::XorShift32;

use super::{Blame, differing, write};
use crate::float::{Bits, nth_activation, real};
use crate::{Buffers, Failure, shapes};

/// A layer to make.
#[derive(Clone, Copy)]
struct Case {
    spatial: Spatial,
    activation: Activation,
    /// Bytes from a boundary to the blob.
    offset: usize,
    around: fn(bool),
}

pub(super) fn run(buffers: &mut Buffers<'_>, around: fn(bool)) -> Result<u32, Failure> {
    let mut random = XorShift32::default();
    let mut drawn = XorShift32::new(17);
    let mut layers = 0;
    for (turn, spatial) in shapes::all(&mut drawn).enumerate() {
        let activation = nth_activation(turn);
        let case = Case { spatial, activation, offset: turn % 5, around };
        layers += case.run(buffers, &mut random)?;
    }
    Ok(layers)
}

impl Case {
    fn run(self, buffers: &mut Buffers<'_>, random: &mut XorShift32) -> Result<u32, Failure> {
        let Self { spatial, offset, .. } = self;
        let cannot_be_made = || self.blame("none", 0).failure(u32::MAX, [0; 2]);
        let len = self.blob(buffers, random).ok_or_else(cannot_be_made)?;
        let Buffers { blob, pixels, reals, found, .. } = buffers;
        let blob = blob.get(offset..).and_then(|blob| blob.get(..len));
        let model = F32Model::parse(blob.unwrap_or_default()).ok();
        let part = model.as_ref().and_then(F32Model::encoder);
        let layer = part.and_then(|part| part.layers().next()).ok_or_else(cannot_be_made)?;

        let inputs = spatial.inputs();
        let (reals, room) = reals.split_at_mut_checked(inputs).ok_or_else(cannot_be_made)?;
        let room = room.get_mut(..layer.room()).ok_or_else(cannot_be_made)?;
        for shift in 0..2 {
            let pixels = pixels.get_mut(shift..).and_then(|it| it.get_mut(..inputs));
            let pixels = pixels.unwrap_or_default();
            pixels.fill_with(|| random.bits() as u8);
            // At last with what is not finite.
            reals.fill_with(|| real(random, if shift == 1 { 0 } else { 8 }));
            self.compare(&layer, pixels, room, found.reals, shift)?;
            self.compare(&layer, reals, room, found.pixels, shift)?;
            self.compare(&layer, reals, room, found.reals, shift)?;
        }
        Ok(6)
    }

    /// Computes `layer` twice.
    fn compare<X, Y: Bits>(
        self,
        layer: &Layer<'_, F32>,
        x: &[X],
        room: &mut [f32],
        memory: &mut [Y],
        shift: usize,
    ) -> Result<(), Failure>
    where
        F32: for<'a> ComputeLayer<'a, X, Y, Element = f32>,
    {
        // What a room held before must not matter.
        room.fill(f32::NAN);
        let differing = differing(
            memory,
            shift,
            self.spatial.outputs(),
            |y| F32::portable(layer, x, y),
            |y| {
                (self.around)(true);
                F32::compute(layer, x, y, room);
                (self.around)(false);
            },
        );
        match differing {
            None => Ok(()),
            Some((output, bits)) => {
                let kernel = <F32 as ComputeLayer<'_, X, Y>>::kernel(layer);
                Err(self.blame(kernel, shift).failure(output, bits))
            }
        }
    }

    /// Writes a blob with the layer as its encoder; gives its length.
    fn blob(self, buffers: &mut Buffers<'_>, random: &mut XorShift32) -> Option<usize> {
        let Self { spatial, activation, .. } = self;
        let Buffers { blob, data, pixels, .. } = buffers;
        let numbers = (spatial.field() + 1) * spatial.columns();
        let data = data.get_mut(..if spatial.kind.has_weights() { 4 * numbers } else { 0 })?;
        for word in data.as_chunks_mut().0 {
            *word = real(random, 8).to_le_bytes();
        }
        let layer = LayerSpec {
            geometry: Geometry::Spatial(spatial),
            digest: 0,
            arithmetic: F32::new(activation),
            data,
        };
        write(layer, &mut [], pixels, blob.get_mut(self.offset..)?)
    }

    fn blame(self, kernel: &'static str, shift: usize) -> Blame {
        Blame {
            layout: "f32",
            kernel,
            spatial: self.spatial,
            offsets: [self.offset as u8, shift as u8],
        }
    }
}
