//! Layers that work position by position, of every kind, in both contracts.

mod float;
mod integer;

use ae_core::{Description, LayerSpec, PartSpec, Provenance, Spatial};

use crate::float::Bits;
use crate::{Buffers, Failure, MAX_PLACES};

/// Bytes of the latent map for an output: scale and offset.
const MAP_BYTES: usize = 8;

pub(crate) fn run(buffers: &mut Buffers<'_>, around: fn(bool)) -> Result<u32, Failure> {
    Ok(integer::run(buffers, around)? + float::run(buffers, around)?)
}

/// Writes a blob with the layer as its encoder; gives its length. `latent_map` is memory for the map
/// of its outputs.
fn write<'m, A: ae_core::Arithmetic<'m>>(
    layer: LayerSpec<'m, A>,
    latent_map: &mut [u8],
    test_input: &[u8],
    blob: &mut [u8],
) -> Option<usize> {
    let inputs = layer.geometry.inputs();
    let map_len = A::LATENT_MAP_BYTES * layer.geometry.outputs();
    let latent_map = latent_map.get_mut(..map_len)?;
    for pair in latent_map.as_chunks_mut::<MAP_BYTES>().0 {
        *pair = [0, 0, 0x80, 0x3f, 0, 0, 0, 0];
    }
    let description = Description {
        model_id: [0; 16],
        latent_map,
        provenance: Provenance { tool: "conformance", config: &[], data: &[] },
        detection: None,
        in_strips: false,
        encoder: Some(PartSpec { layers: &[layer], test_input: test_input.get(..inputs)? }),
        decoder: None,
    };
    ae_core::write(&description, blob).ok()
}

/// What differs, or why a layer could not be made.
struct Blame {
    layout: &'static str,
    kernel: &'static str,
    spatial: Spatial,
    offsets: [u8; 2],
}

impl Blame {
    fn failure(&self, output: u32, [expected, found]: [u32; 2]) -> Failure {
        Failure {
            kind: self.spatial.kind.name(),
            layout: self.layout,
            kernel: self.kernel,
            inputs: self.spatial.inputs() as u32,
            outputs: self.spatial.outputs() as u32,
            offsets: self.offsets,
            output,
            expected,
            found,
        }
    }
}

/// Computes a layer into each half of `memory`, from place `shift + 1` on; gives the first output that
/// differs, and both. Places beside the outputs must stay as they are.
fn differing<Y: Bits>(
    memory: &mut [Y],
    shift: usize,
    outputs: usize,
    portable: impl FnOnce(&mut [Y]),
    kernel: impl FnOnce(&mut [Y]),
) -> Option<(u32, [u32; 2])> {
    memory.fill(Y::HELD);
    let (expected, found) = memory.split_at_mut_checked(MAX_PLACES + 8)?;
    let window = shift + 1..shift + 1 + outputs;
    portable(expected.get_mut(window.clone())?);
    kernel(found.get_mut(window)?);
    let mut bits = expected.iter().zip(&*found).map(|(a, b)| [a.bits(), b.bits()]).enumerate();
    let (place, bits) = bits.find(|(_, [expected, found])| expected != found)?;
    Some((place.wrapping_sub(shift + 1) as u32, bits))
}
