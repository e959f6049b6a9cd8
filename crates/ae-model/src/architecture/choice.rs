//! What a user says of the layers.

use super::{Architecture, ArchitectureError, Map, Preset};

/// What a user says of the layers, before the data is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchitectureChoice {
    /// A name.
    Preset(Preset),
    /// A table of layers.
    Table(Architecture),
}

impl ArchitectureChoice {
    /// The layers for such data. Without a latent size, a preset gets `unless_given`, and so does a
    /// table that leaves it open.
    ///
    /// # Errors
    /// The table is not one for the data or for the latent size.
    pub fn resolve(
        &self,
        data: Map,
        latent: Option<usize>,
        unless_given: usize,
    ) -> Result<Architecture, ArchitectureError> {
        match self {
            Self::Preset(preset) => Ok(preset.architecture(data, latent.unwrap_or(unless_given))),
            Self::Table(table) => {
                let latent =
                    if table.leaves_latent_open() { latent.or(Some(unless_given)) } else { latent };
                table.clone().resolve(data, latent)
            }
        }
    }

    /// Whether the latent size is for others to say.
    #[must_use]
    pub fn leaves_latent_open(&self) -> bool {
        match self {
            Self::Preset(_) => true,
            Self::Table(table) => table.leaves_latent_open(),
        }
    }
}
