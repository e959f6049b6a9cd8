//! What can be wrong with a table of layers.

use super::{LayerKind, Map};

/// What can be wrong with a table of layers. A layer is named by its part and its place in it, from
/// 0, such as `encoder.2`; a reshape, which is no layer, as the layer behind it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchitectureError {
    /// The text is no such table.
    #[error("{reason}")]
    Text {
        /// What is wrong, and in which line.
        reason: String,
    },
    /// A part has no layers.
    #[error("the {part} has no layers; a table [[{part}]] is one")]
    NoLayers {
        /// `encoder` or `decoder`.
        part: &'static str,
    },
    /// The data has another height, width or number of channels.
    #[error("[input] says {field} = {found}, the data has {expected} ({data})")]
    Input {
        /// `height`, `width` or `channels`.
        field: &'static str,
        /// That of the data.
        expected: usize,
        /// That of the table.
        found: usize,
        /// What the data has.
        data: Map,
    },
    /// A layer lacks a field.
    #[error("{layer} is {kind}, which needs `{field}`")]
    MissingField {
        /// The layer.
        layer: String,
        /// What it does.
        kind: LayerKind,
        /// What is missing.
        field: &'static str,
    },
    /// A layer has a field that its kind has no use for.
    #[error("{layer} is {kind}, which has no `{field}`, but {expected}")]
    UnusedField {
        /// The layer.
        layer: String,
        /// What it does.
        kind: LayerKind,
        /// What it has no use for.
        field: &'static str,
        /// What its kind has.
        expected: String,
    },
    /// A number or a name of a layer cannot be.
    #[error("{layer} ({kind}) has {field} = {found}, expected {expected}")]
    Field {
        /// The layer.
        layer: String,
        /// What it does.
        kind: LayerKind,
        /// Which field.
        field: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A layer works on a map, and the one before gives single values.
    #[error(
        "{layer} ({kind}) takes a map of height × width × channels, the layer before gives {found} \
         values; a reshape between them says which map they are"
    )]
    NoMap {
        /// The layer.
        layer: String,
        /// What it does.
        kind: LayerKind,
        /// Values before it.
        found: usize,
    },
    /// A reshape has more or fewer values than there are.
    #[error("{layer} (reshape) sees {expected} values as {map}, which has {found}")]
    Reshape {
        /// The layer.
        layer: String,
        /// Values before it.
        expected: usize,
        /// The map that it says.
        map: Map,
        /// Values of that map.
        found: usize,
    },
    /// No position lies in the map.
    #[error(
        "{layer} ({kind}) reads {expected} values along the {axis} of {before}, which has {found}; \
         padding = \"same\" reaches beyond it"
    )]
    NoPosition {
        /// The layer.
        layer: String,
        /// What it does.
        kind: LayerKind,
        /// `height` or `width`.
        axis: &'static str,
        /// Values from the first to the last that a position reads.
        expected: usize,
        /// Values there are.
        found: usize,
        /// The map before the layer.
        before: Map,
    },
    /// A layer that a blob cannot hold.
    #[error("{layer} ({kind}, {before} → {after}) cannot be: {reason}")]
    Layer {
        /// The layer.
        layer: String,
        /// What it does.
        kind: LayerKind,
        /// What goes in.
        before: String,
        /// What comes out.
        after: String,
        /// What stands against it.
        reason: Box<ae_core::LayerError>,
    },
    /// A table leaves the latent size open, and nobody says it.
    #[error("a dense layer has outputs = \"latent\", and no latent size is given")]
    LatentOpen,
    /// The encoder does not end in the latent values asked for.
    #[error(
        "the encoder ends in {found} values, expected a latent of {expected}; a last dense layer \
         with outputs = \"latent\" gives as many as are asked for"
    )]
    Latent {
        /// Latent values asked for.
        expected: usize,
        /// What the last layer gives.
        found: usize,
    },
    /// The decoder does not end in what the encoder begins with.
    #[error("the decoder ends in {found}, expected the input, {expected}")]
    Output {
        /// The input.
        expected: Map,
        /// What the last layer gives.
        found: String,
    },
}
