//! The shape of a model, as figures need it.

use ae_core::{Arithmetic, Contract, F32Model, Header, Int8Model, Layer, Model, PartKind};
use anyhow::Result;

/// Contract, layout and layers of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) contract: &'static str,
    /// Of the first layer.
    pub(crate) layout: &'static str,
    pub(crate) layers: Vec<LayerShape>,
    /// Whether some layer works position by position.
    pub(crate) is_spatial: bool,
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
    /// It is not a model.
    pub(crate) fn of(blob: &[u8]) -> Result<Self> {
        let contract = Header::check(blob)?.contract;
        Ok(match contract {
            Contract::Int8 => Self::of_model(&Int8Model::parse(blob)?),
            Contract::F32 => Self::of_model(&F32Model::parse(blob)?),
        })
    }

    fn of_model<'a, A: Arithmetic<'a>>(model: &Model<'a, A>) -> Self {
        let first = all_layers(model).next();
        let layout = first.map(|(_, layer)| layer.arithmetic().storage().name());
        let layers = all_layers(model)
            .map(|(name, layer)| LayerShape { name, macs: layer.geometry().multiply_adds() });
        Self {
            contract: A::CONTRACT.name(),
            layout: layout.unwrap_or_default(),
            layers: layers.collect(),
            is_spatial: all_layers(model).any(|(_, layer)| layer.is_spatial()),
        }
    }

    /// Multiply-adds of one inference.
    pub(crate) fn macs(&self) -> u64 {
        self.layers.iter().map(|layer| layer.macs).sum()
    }
}

fn all_layers<'a, A: Arithmetic<'a>>(
    model: &Model<'a, A>,
) -> impl Iterator<Item = (String, Layer<'a, A>)> {
    let parts = [(PartKind::Encoder, model.encoder()), (PartKind::Decoder, model.decoder())];
    parts.into_iter().flat_map(|(name, part)| {
        let layers = part.into_iter().flat_map(ae_core::Part::layers).enumerate();
        layers.map(move |(index, layer)| (format!("{name}.{index}"), layer))
    })
}
