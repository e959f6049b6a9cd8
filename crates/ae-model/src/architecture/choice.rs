//! What a user says of the layers.

use super::{Architecture, Map, Preset};
use crate::ModelError;

/// What a user says of the layers, before the data is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchitectureChoice {
    name: String,
    layers: Layers,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Layers {
    Preset(Preset),
    Table(Architecture),
}

impl ArchitectureChoice {
    /// A table of layers, and what it is called.
    #[must_use]
    pub fn table(name: String, table: Architecture) -> Self {
        Self { name, layers: Layers::Table(table) }
    }

    /// The preset's name, or what the table is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The layers for such data. Without a latent size, a preset gets `unless_given`, and so does a
    /// table that leaves it open.
    ///
    /// # Errors
    /// The latent has no values, or the table is not one for the data or for the latent size.
    pub fn resolve(
        &self,
        data: Map,
        latent: Option<usize>,
        unless_given: usize,
    ) -> Result<Architecture, ModelError> {
        if latent == Some(0) {
            return Err(ModelError::EmptyLatent);
        }
        match &self.layers {
            Layers::Preset(preset) => Ok(preset.architecture(data, latent.unwrap_or(unless_given))),
            Layers::Table(table) => {
                let open = table.leaves_latent_open().then_some(unless_given);
                Ok(table.clone().resolve(data, latent.or(open))?)
            }
        }
    }

    /// Whether others say the latent size.
    #[must_use]
    pub fn leaves_latent_open(&self) -> bool {
        match &self.layers {
            Layers::Preset(_) => true,
            Layers::Table(table) => table.leaves_latent_open(),
        }
    }
}

impl From<Preset> for ArchitectureChoice {
    fn from(preset: Preset) -> Self {
        Self { name: preset.name().to_owned(), layers: Layers::Preset(preset) }
    }
}
