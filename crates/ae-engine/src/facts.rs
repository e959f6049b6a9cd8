//! What a blob says of itself, whatever its contract.

use ae_core::{Contract, Geometry, Header, Int8Model, LoadError};
use ae_infer::{Autoencoder, Compute, Visitor, with_model};

/// The blob's contract, after a look at its header.
///
/// # Errors
/// The header is not one.
pub fn contract_of(blob: &[u8]) -> Result<Contract, LoadError> {
    let header = Header::read(blob);
    // A damaged header is called damaged, not unknown: a parse looks at the checksum first.
    let header = header.map_err(|error| Int8Model::parse(blob).err().unwrap_or(error))?;
    Ok(header.contract)
}

/// Checks the whole blob, whatever its contract, its detection section too.
///
/// # Errors
/// As [`ae_core::Model::parse`] and [`ae_core::Model::detection`].
pub fn check(blob: &[u8]) -> Result<Header, LoadError> {
    struct Check;

    impl<'a> Visitor<'a> for Check {
        type Output = Result<Header, LoadError>;

        fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
            model.model().detection()?;
            Ok(*model.model().header())
        }
    }

    with_model(blob, Check)?
}

/// What a blob says of its making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Name and version of the program.
    pub tool: String,
    /// Digest of the configuration.
    pub config: Vec<u8>,
    /// Digest of the data.
    pub data: Vec<u8>,
}

/// What the blob says of its making.
///
/// # Errors
/// As [`ae_core::Model::parse`].
pub fn provenance(blob: &[u8]) -> Result<Provenance, LoadError> {
    struct Read;

    impl<'a> Visitor<'a> for Read {
        type Output = Provenance;

        fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
            let found = model.model().provenance();
            Provenance {
                tool: found.tool.to_owned(),
                config: found.config.to_vec(),
                data: found.data.to_vec(),
            }
        }
    }

    with_model(blob, Read)
}

/// The layers of the encoder and of the decoder, none of a part that the blob does not hold.
///
/// # Errors
/// As [`ae_core::Model::parse`].
pub fn geometries(blob: &[u8]) -> Result<[Vec<Geometry>; 2], LoadError> {
    struct Geometries;

    impl<'a> Visitor<'a> for Geometries {
        type Output = [Vec<Geometry>; 2];

        fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
            let model = model.model();
            [model.encoder(), model.decoder()].map(|part| {
                let layers = part.into_iter().flat_map(ae_core::Part::layers);
                layers.map(|layer| layer.geometry()).collect()
            })
        }
    }

    with_model(blob, Geometries)
}
