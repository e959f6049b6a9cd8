//! What a model is made of, as far as figures are told by it.

use ae_core::{Arithmetic, Contract, F32Model, Header, Int8, Int8Model, Layer, Model};
use anyhow::Result;

/// Contract, layout and layers of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) contract: &'static str,
    /// Of the first layer; `columns` for f32, which has this one.
    pub(crate) layout: &'static str,
    pub(crate) layers: Vec<LayerShape>,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerShape {
    /// Such as `encoder.0`.
    pub(crate) name: String,
    /// Multiply-adds of one inference.
    pub(crate) macs: u64,
}

impl Shape {
    /// The shape of a blob.
    ///
    /// # Errors
    /// It is no model.
    pub(crate) fn of(blob: &[u8]) -> Result<Self> {
        let contract = Header::check(blob)?.contract;
        let (layers, layout) = match contract {
            Contract::Int8 => {
                let model = Int8Model::parse(blob)?;
                let first = all_layers(&model).next();
                let layout = first.map(|(_, layer)| int8_layout(&layer));
                (shapes(&model), layout.unwrap_or_default())
            }
            Contract::F32 => (shapes(&F32Model::parse(blob)?), "columns"),
        };
        Ok(Self { contract: contract.name(), layout, layers })
    }

    /// Multiply-adds of one inference.
    pub(crate) fn macs(&self) -> u64 {
        self.layers.iter().map(|layer| layer.macs).sum()
    }
}

fn int8_layout(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    layer.arithmetic().layout().name()
}

fn all_layers<'a, A: Arithmetic<'a>>(
    model: &Model<'a, A>,
) -> impl Iterator<Item = (String, Layer<'a, A>)> {
    let parts = [("encoder", model.encoder()), ("decoder", model.decoder())];
    parts.into_iter().flat_map(|(name, part)| {
        let layers = part.into_iter().flat_map(ae_core::Part::layers).enumerate();
        layers.map(move |(index, layer)| (format!("{name}.{index}"), layer))
    })
}

fn shapes<'a, A: Arithmetic<'a>>(model: &Model<'a, A>) -> Vec<LayerShape> {
    let shape = |(name, layer): (String, Layer<'a, A>)| LayerShape {
        name,
        macs: layer.inputs() as u64 * layer.outputs() as u64,
    };
    all_layers(model).map(shape).collect()
}
