//! From tables to layers, with the shapes between them.

use ae_core::{Activation, Axis, Geometry, Spatial, SpatialKind};

use super::map::Flow;
use super::{
    Architecture, ArchitectureError, Extent, LayerKind, LayerTable, Map, Outputs, Padding,
};
use crate::LayerShape;

/// The layers of an encoder and a decoder.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layers {
    pub(crate) encoder: Vec<LayerShape>,
    pub(crate) decoder: Vec<LayerShape>,
    /// Values that the encoder ends in.
    pub(crate) latent: usize,
}

/// Walks through a resolved architecture. `hidden` is the activation of hidden layers whose table
/// says none.
pub(crate) fn walk(
    architecture: &Architecture,
    hidden: Activation,
) -> Result<Layers, ArchitectureError> {
    let input = architecture.input_map();
    let mut walker = Walker { flow: Flow::Map(input), is_signal: input.is_signal(), hidden };
    let encoder = walker.part("encoder", &architecture.encoder, Activation::Identity)?;
    let latent = walker.flow.values();
    let decoder = walker.part("decoder", &architecture.decoder, Activation::Sigmoid)?;
    if walker.flow.values() != input.values() {
        let found = walker.flow.to_string();
        return Err(ArchitectureError::Output { expected: input, found });
    }
    Ok(Layers { encoder, decoder, latent })
}

struct Walker {
    /// What the layer before gives.
    flow: Flow,
    is_signal: bool,
    hidden: Activation,
}

impl Walker {
    fn part(
        &mut self,
        part: &'static str,
        tables: &[LayerTable],
        last: Activation,
    ) -> Result<Vec<LayerShape>, ArchitectureError> {
        let Some(of_last) = tables.iter().rposition(|table| table.kind != LayerKind::Reshape)
        else {
            return Err(ArchitectureError::NoLayers { part });
        };
        let mut shapes = Vec::new();
        for (index, table) in tables.iter().enumerate() {
            // A reshape is none, and is called as the layer behind it.
            let at = At { layer: format!("{part}.{}", shapes.len()), table };
            table.check_fields(&at.layer)?;
            let Some((geometry, after)) = self.layer(&at)? else { continue };
            let before = std::mem::replace(&mut self.flow, after);
            geometry.check().map_err(|reason| ArchitectureError::Layer {
                layer: at.layer.clone(),
                kind: table.kind,
                before: before.to_string(),
                after: after.to_string(),
                reason: reason.into(),
            })?;
            let activation = match table.activation {
                Some(given) if index == of_last && last != Activation::from(given) => {
                    return Err(at.field("activation", given.name(), last_expected(last)));
                }
                _ if index == of_last => last,
                Some(given) => given.into(),
                None if geometry.weights() > 0 => self.hidden,
                None => Activation::Identity,
            };
            shapes.push(LayerShape { geometry, activation });
        }
        Ok(shapes)
    }

    /// The geometry of a layer, and what comes out of it; `None` of a reshape.
    fn layer(&mut self, at: &At<'_>) -> Result<Option<(Geometry, Flow)>, ArchitectureError> {
        let table = at.table;
        match table.kind {
            LayerKind::Dense => {
                let Some(Outputs::Count(outputs)) = table.outputs else {
                    return Err(at.field("outputs", "latent", "a number".to_owned()));
                };
                let geometry = Geometry::dense(self.flow.values(), outputs);
                return Ok(Some((geometry, Flow::Values(outputs))));
            }
            LayerKind::Reshape => {
                let map = Map {
                    height: at.narrow("height", table.height.unwrap_or(1))?.into(),
                    width: at.narrow("width", table.width.unwrap_or(1))?.into(),
                    channels: at.narrow("channels", table.channels.unwrap_or(1))?.into(),
                };
                let (expected, found) = (self.flow.values(), map.values());
                if expected != found {
                    let layer = at.layer.clone();
                    return Err(ArchitectureError::Reshape { layer, expected, map, found });
                }
                self.flow = Flow::Map(map);
                return Ok(None);
            }
            _ => (),
        }
        let Flow::Map(before) = self.flow else {
            let (layer, kind, found) = (at.layer.clone(), table.kind, self.flow.values());
            return Err(ArchitectureError::NoMap { layer, kind, found });
        };
        let spatial = self.spatial(at, before)?;
        let after = Map {
            height: spatial.height.outputs.into(),
            width: spatial.width.outputs.into(),
            channels: spatial.channels_out.into(),
        };
        Ok(Some((Geometry::Spatial(spatial), Flow::Map(after))))
    }

    fn spatial(&self, at: &At<'_>, before: Map) -> Result<Spatial, ArchitectureError> {
        let table = at.table;
        let kind = match table.kind {
            LayerKind::Depthwise => SpatialKind::Depthwise,
            LayerKind::Maximum => SpatialKind::Maximum,
            LayerKind::Average | LayerKind::GlobalAverage => SpatialKind::Average,
            LayerKind::Upsampling => SpatialKind::Upsampling,
            _ => SpatialKind::Convolution,
        };
        let channels_in = at.narrow("channels", before.channels)?;
        let channels_out = match table.channels {
            Some(channels) => at.narrow("channels", channels)?,
            None => channels_in,
        };
        let inputs = [at.narrow("height", before.height)?, at.narrow("width", before.width)?];
        let one = [1; 2];
        let kernel = self.extent(at, "kernel", table.kernel, one)?;
        let axes = match table.kind {
            LayerKind::GlobalAverage => inputs.map(Axis::whole),
            LayerKind::Upsampling => {
                let factor = self.extent(at, "factor", table.factor, one)?;
                check_longer(at, "factor", inputs, factor)?;
                let whole = [0, 1].map(|way| Axis::repeated(inputs[way], factor[way]));
                self.cropped(at, whole, factor)?
            }
            LayerKind::Transposed => {
                let stride = self.extent(at, "stride", table.stride, kernel)?;
                check_longer(at, "stride", inputs, stride)?;
                for way in [0, 1] {
                    if !kernel[way].is_multiple_of(stride[way]) {
                        let expected = format!("a multiple of the stride {}", stride[way]);
                        return Err(at.field("kernel", &kernel[way].to_string(), expected));
                    }
                }
                let whole =
                    [0, 1].map(|way| Axis::transposed(inputs[way], kernel[way], stride[way]));
                self.cropped(at, whole, stride)?
            }
            _ => {
                let is_pool = matches!(table.kind, LayerKind::Maximum | LayerKind::Average);
                let unless_given = if is_pool { kernel } else { one };
                let stride = self.extent(at, "stride", table.stride, unless_given)?;
                let dilation = self.extent(at, "dilation", table.dilation, one)?;
                let of = match table.padding.unwrap_or(Padding::Same) {
                    Padding::Same => Axis::same_dilated,
                    Padding::Valid => Axis::valid_dilated,
                };
                [0, 1].map(|way| of(inputs[way], kernel[way], stride[way], dilation[way]))
            }
        };
        let [height, width] = axes;
        for (axis, name) in [(&height, "height"), (&width, "width")] {
            if axis.outputs == 0 {
                return Err(ArchitectureError::NoPosition {
                    layer: at.layer.clone(),
                    kind: table.kind,
                    axis: name,
                    expected: axis.extent(),
                    found: axis.inputs.into(),
                    before,
                });
            }
        }
        Ok(Spatial { kind, channels_in, channels_out, height, width })
    }

    fn extent(
        &self,
        at: &At<'_>,
        field: &'static str,
        given: Option<Extent>,
        unless_given: [u16; 2],
    ) -> Result<[u16; 2], ArchitectureError> {
        let Some(given) = given else { return Ok(unless_given) };
        let [height, width] = given.each(self.is_signal);
        Ok([at.narrow(field, height)?, at.narrow(field, width)?])
    }

    /// The axes with as many outputs as the table's `size` says. Those of the last input may be left
    /// out, but for one of them.
    fn cropped(
        &self,
        at: &At<'_>,
        whole: [Axis; 2],
        stride: [u16; 2],
    ) -> Result<[Axis; 2], ArchitectureError> {
        let all = whole.map(|axis| axis.outputs);
        let size = self.extent(at, "size", at.table.size, all)?;
        let mut axes = whole;
        for way in [0, 1] {
            let least = all[way].saturating_sub(stride[way].saturating_sub(1)).max(1);
            if !(least..=all[way]).contains(&size[way]) {
                let expected = format!("{least} to {}", all[way]);
                return Err(at.field("size", &size[way].to_string(), expected));
            }
            axes[way].outputs = size[way];
        }
        Ok(axes)
    }
}

/// That a map can be so many times as long: a length has 16 bits.
fn check_longer(
    at: &At<'_>,
    field: &'static str,
    inputs: [u16; 2],
    times: [u16; 2],
) -> Result<(), ArchitectureError> {
    for (inputs, times) in inputs.into_iter().zip(times) {
        // With a size, what is too long is left out.
        if at.table.size.is_none() && inputs.checked_mul(times).is_none() {
            let expected = format!("at most {} where the map is {inputs} long", u16::MAX / inputs);
            return Err(at.field(field, &times.to_string(), expected));
        }
    }
    Ok(())
}

fn last_expected(last: Activation) -> String {
    match last {
        Activation::Identity => "none: the latent has no activation".to_owned(),
        _ => "none: the last layer ends in a sigmoid".to_owned(),
    }
}

/// A layer, and what its errors call it.
struct At<'a> {
    layer: String,
    table: &'a LayerTable,
}

impl At<'_> {
    fn field(&self, field: &'static str, found: &str, expected: String) -> ArchitectureError {
        let (layer, kind, found) = (self.layer.clone(), self.table.kind, found.to_owned());
        ArchitectureError::Field { layer, kind, field, expected, found }
    }

    fn narrow(&self, field: &'static str, number: usize) -> Result<u16, ArchitectureError> {
        u16::try_from(number)
            .ok()
            .filter(|&number| number > 0)
            .ok_or_else(|| self.field(field, &number.to_string(), format!("1 to {}", u16::MAX)))
    }
}
