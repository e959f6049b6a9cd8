//! A network as a table of layers.

mod choice;
mod error;
mod map;
mod presets;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod walk;

use ae_core::Activation;
use serde::{Deserialize, Serialize};

pub use choice::ArchitectureChoice;
pub use error::ArchitectureError;
pub use map::Map;
pub use presets::Preset;
pub use table::{Extent, LayerKind, LayerTable, Outputs, Padding, TableActivation};

/// A network as a table of layers, from the map that comes in.
///
/// ```
/// # use ae_model::{Architecture, Map};
/// let text = r#"
///     [[encoder]]
///     kind = "convolution"
///     channels = 8
///     kernel = 3
///     stride = 2
///
///     [[encoder]]
///     kind = "dense"
///     outputs = "latent"
///
///     [[decoder]]
///     kind = "dense"
///     outputs = 392
///
///     [[decoder]]
///     kind = "reshape"
///     height = 7
///     width = 7
///     channels = 8
///
///     [[decoder]]
///     kind = "transposed"
///     channels = 1
///     kernel = 2
/// "#;
/// let architecture = Architecture::from_toml(text)?.resolve(Map::image(14, 14), Some(5))?;
/// assert_eq!(architecture.latent()?, 5);
/// // A transposed convolution alone makes 14 × 14 × 1 of 7 × 7 × 8, with a stride of 2.
/// assert_eq!(architecture.decoder.len(), 3);
/// # Ok::<(), ae_model::ArchitectureError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// What comes in. A table may leave open what the data says.
    #[serde(default, skip_serializing_if = "Input::is_open")]
    pub input: Input,
    /// The encoder's layers.
    pub encoder: Vec<LayerTable>,
    /// The decoder's layers.
    pub decoder: Vec<LayerTable>,
}

/// What comes in, as far as a table says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// From the top to the bottom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<usize>,
    /// From the left to the right; samples of a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// Values of a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<usize>,
}

impl Input {
    fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Map> for Input {
    fn from(map: Map) -> Self {
        let Map { height, width, channels } = map;
        Self { height: Some(height), width: Some(width), channels: Some(channels) }
    }
}

impl Architecture {
    /// Reads a table.
    ///
    /// # Errors
    /// The text is no TOML, lacks a part, or has a key that no layer has. The line is named.
    pub fn from_toml(text: &str) -> Result<Self, ArchitectureError> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| 1 + before.matches('\n').count());
            let message = error.message();
            let reason = match line {
                Some(line) => format!("line {line}: {message}"),
                None => message.to_owned(),
            };
            ArchitectureError::Text { reason }
        })
    }

    /// The same with all that was left open: the input from the data, and the latent size where a
    /// table says `"latent"`.
    ///
    /// # Errors
    /// The table says another input than the data has or another latent size than asked for, or its
    /// layers do not fit each other.
    pub fn resolve(mut self, data: Map, latent: Option<usize>) -> Result<Self, ArchitectureError> {
        let Input { height, width, channels } = self.input;
        for (field, given, expected) in [
            ("height", height, data.height),
            ("width", width, data.width),
            ("channels", channels, data.channels),
        ] {
            if let Some(found) = given.filter(|&found| found != expected) {
                return Err(ArchitectureError::Input { field, expected, found, data });
            }
        }
        self.input = data.into();
        let tables = self.encoder.iter_mut().chain(&mut self.decoder);
        for table in tables.filter(|table| table.outputs == Some(Outputs::Latent)) {
            let count = latent.ok_or(ArchitectureError::LatentOpen)?;
            table.outputs = Some(Outputs::Count(count));
        }
        let found = self.latent()?;
        match latent {
            Some(expected) if expected != found => {
                Err(ArchitectureError::Latent { expected, found })
            }
            _ => Ok(self),
        }
    }

    /// Whether a table says `"latent"`.
    #[must_use]
    pub fn leaves_latent_open(&self) -> bool {
        let mut tables = self.encoder.iter().chain(&self.decoder);
        tables.any(|table| table.outputs == Some(Outputs::Latent))
    }

    /// Values that the encoder ends in.
    ///
    /// # Errors
    /// The layers do not fit each other.
    pub fn latent(&self) -> Result<usize, ArchitectureError> {
        walk::walk(self, Activation::Identity).map(|layers| layers.latent)
    }

    /// What comes in; what a table leaves open counts as 1.
    #[must_use]
    pub fn input_map(&self) -> Map {
        let Input { height, width, channels } = self.input;
        let open = |given: Option<usize>| given.unwrap_or(1);
        Map { height: open(height), width: open(width), channels: open(channels) }
    }
}
