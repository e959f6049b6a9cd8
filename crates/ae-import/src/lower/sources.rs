//! Where the file has what a layer of the blob gives.

use ae_core::MAX_LAYERS;
use serde::{Deserialize, Serialize};

use super::blob::sizes;
use super::chain::Chain;
use super::notes::Notes;
use crate::{Codes, SourceModel};

/// What an operator of the file gives, which a layer of the blob gives too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerSource {
    /// The operator's [short name](crate::Operator::short_name), or nothing where that is too long for
    /// a blob.
    pub name: String,
    /// What integers stand for there, in a model of integers.
    pub codes: Option<Codes>,
    /// Height, width and channels, where the file has the channels first. Here they come last.
    pub channels_first: Option<[u32; 3]>,
}

/// Bytes of a name that a blob carries.
const MOST_BYTES: usize = 64;

/// For each layer the operator that gives the same, if one does: nothing is known of a layer in front of
/// which the file has something that is behind it here, or the other way around.
pub(super) fn sources(
    model: &SourceModel,
    chain: &Chain,
    notes: &Notes,
    layers: usize,
) -> Vec<Option<LayerSource>> {
    let source = |layer: usize| {
        let number = notes.operator_of(layer)?;
        let operator = model.operators.get(number)?;
        let stage = chain.stages.iter().find(|stage| stage.operator == number)?;
        let name = Some(operator.short_name()).filter(|name| name.len() <= MOST_BYTES);
        Some(LayerSource {
            name: name.unwrap_or_default().to_owned(),
            codes: stage.codes,
            channels_first: sizes(stage.order),
        })
    };
    (0..layers.min(2 * MAX_LAYERS)).map(source).collect()
}
