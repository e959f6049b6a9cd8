//! The whole state of a training as bytes, exact to the bit.
//!
//! The bytes are a safetensors file. For each tensor `i` of the training there
//! are `weights.i`, `first.i`, `second.i` (Adam's moments), and `average.i` if
//! weights are averaged: first the weights and biases in the order of the
//! layers, then what training alone has. Once an epoch is the best so far,
//! there is `best.i` for each tensor of its network. `metrics` has a row of
//! 64-bit floats an epoch. The rest is TOML in the metadata's one key, `training`, together with the SHA-256
//! of the whole file, computed with zeros in its place.

use std::collections::{BTreeMap, HashMap};

use ae_files::sealed::{self, Damaged};
use ae_model::{AutoencoderConfig, ModelError};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::{EpochMetrics, Recipe, RecipeError, tensors};

const KEY: &str = "training";

/// Figures of [`EpochMetrics`] in the `metrics` tensor; a variational latent has one more.
const METRICS: usize = 5;

/// What Adam keeps for each tensor of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Decaying mean of the gradient.
    pub first: Vec<f32>,
    /// Decaying mean of the squared gradient.
    pub second: Vec<f32>,
    /// Moving average of the weights; empty if the recipe has none.
    pub average: Vec<f32>,
}

/// The epoch that reconstructs the held-out images best.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Mean squared error of the held-out images' reconstructions.
    pub held_out_mse: f64,
}

/// The whole state of a training between two epochs, as plain numbers.
///
/// Weights are in the order of the layers: for each the matrix, `inputs` rows of `outputs` values,
/// then the bias. Behind them is what training alone has: for each normalised layer the scale, the
/// running mean and the running variance of its channels; and of a variational latent weights and
/// bias of the layer that gives its log-variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The model's configuration.
    pub config: AutoencoderConfig,
    /// The recipe.
    pub recipe: Recipe,
    /// Training images, held out or not, to notice other data.
    pub train_images: usize,
    /// Steps done in the whole training.
    pub step: u64,
    /// All tensors of the training.
    pub weights: Vec<Vec<f32>>,
    /// Adam's state, for each of them.
    pub moments: Vec<Moments>,
    /// The figures of the epochs done.
    pub metrics: Vec<EpochMetrics>,
    /// The best epoch so far, with weights and biases of its network.
    pub best: Option<(Best, Vec<Vec<f32>>)>,
}

/// Why bytes are no checkpoint.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CheckpointError {
    /// A number of the recipe in it cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The model in it cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The bytes are no checkpoint.
    #[error("not a checkpoint of this program: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
    /// The bytes are not what was written.
    #[error("damaged since it was written: its SHA-256 is {found}, expected {expected}")]
    Damaged {
        /// The digest in the checkpoint.
        expected: String,
        /// The digest of the checkpoint.
        found: String,
    },
}

/// What is in the metadata.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// Of the whole file. Older programs wrote none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    step: u64,
    train_images: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    best: Option<Best>,
    model: AutoencoderConfig,
    recipe: Recipe,
}

impl Checkpoint {
    /// Everything, as bytes; equal states give equal bytes.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] when the header cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let header = Header {
            sha256: Some(sealed::BLANK.to_owned()),
            step: self.step,
            train_images: self.train_images,
            best: self.best.as_ref().map(|(best, _)| *best),
            model: self.config.clone(),
            recipe: self.recipe.clone(),
        };
        let header = toml::to_string(&header).map_err(unusable)?;
        let mut tensors = BTreeMap::new();
        let mut put = |group: &str, index: usize, values: &[f32]| {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            tensors.insert(format!("{group}.{index}"), (Dtype::F32, vec![values.len()], bytes));
        };
        for (index, values) in self.weights.iter().enumerate() {
            put("weights", index, values);
        }
        for (index, moments) in self.moments.iter().enumerate() {
            put("first", index, &moments.first);
            put("second", index, &moments.second);
            if self.recipe.weight_average.is_some() {
                put("average", index, &moments.average);
            }
        }
        if let Some((_, weights)) = &self.best {
            for (index, values) in weights.iter().enumerate() {
                put("best", index, values);
            }
        }
        let figures = self.metrics.iter().flat_map(|m| {
            let figures = [f64::from(m.epoch), m.train_loss, m.test_bce, m.test_mse, m.seconds];
            figures.into_iter().chain(m.kl)
        });
        let bytes: Vec<u8> = figures.flat_map(f64::to_le_bytes).collect();
        let shape = vec![self.metrics.len(), figures_of(&self.recipe)];
        tensors.insert("metrics".to_owned(), (Dtype::F64, shape, bytes));

        let mut views = Vec::with_capacity(tensors.len());
        for (name, (dtype, shape, bytes)) in &tensors {
            let view = TensorView::new(*dtype, shape.clone(), bytes).map_err(unusable)?;
            views.push((name, view));
        }
        let metadata = HashMap::from([(KEY.to_owned(), header)]);
        safetensors::serialize(views, Some(metadata)).map(sealed::seal).map_err(unusable)
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] when the bytes are no checkpoint, when they are not what
    /// was written, or when their parts do not belong together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(unusable)?;
        let text = header.metadata().as_ref().and_then(|map| map.get(KEY));
        let text = text.ok_or_else(|| unusable("it has no header"))?;
        let header: Header = toml::from_str(text).map_err(unusable)?;
        if let Some(digest) = &header.sha256 {
            sealed::check(bytes, digest).map_err(|Damaged { expected, found }| {
                CheckpointError::Damaged { expected, found }
            })?;
        }
        header.recipe.validate()?;
        header.model.validate()?;

        let file = SafeTensors::deserialize(bytes).map_err(unusable)?;
        let mut reader = Reader { tensors: file.tensors().into_iter().collect() };
        let lengths = tensors::of_training(&header.model, &header.recipe);
        let weights = reader.group("weights", &lengths)?;
        let first = reader.group("first", &lengths)?;
        let second = reader.group("second", &lengths)?;
        let average = match header.recipe.weight_average {
            Some(_) => reader.group("average", &lengths)?,
            None => vec![Vec::new(); lengths.len()],
        };
        let moments = first.into_iter().zip(second).zip(average);
        let moments = moments.map(|((first, second), average)| Moments { first, second, average });
        let best = match header.best {
            Some(best) => Some((best, reader.group("best", &tensors::of_network(&header.model))?)),
            None => None,
        };

        let checkpoint = Self {
            metrics: reader.metrics(&header.recipe)?,
            config: header.model,
            recipe: header.recipe,
            train_images: header.train_images,
            step: header.step,
            weights,
            moments: moments.collect(),
            best,
        };
        if let Some(name) = reader.tensors.keys().next() {
            return Err(unusable(format!("tensor `{name}` does not belong there")));
        }
        Ok(checkpoint)
    }
}

/// The tensors of a file that have not been read yet.
struct Reader<'a> {
    tensors: BTreeMap<String, TensorView<'a>>,
}

impl Reader<'_> {
    /// Takes one tensor's bytes.
    fn take(&mut self, name: &str, dtype: Dtype) -> Result<Vec<u8>, CheckpointError> {
        let tensor = self.tensors.remove(name);
        let tensor = tensor.ok_or_else(|| unusable(format!("tensor `{name}` is missing")))?;
        if tensor.dtype() != dtype {
            let found = tensor.dtype();
            return Err(unusable(format!("tensor `{name}` holds {found:?}, expected {dtype:?}")));
        }
        Ok(tensor.data().to_vec())
    }

    /// Takes the tensors of a group, which must have these lengths.
    fn group(&mut self, group: &str, lengths: &[usize]) -> Result<Vec<Vec<f32>>, CheckpointError> {
        let tensors = lengths.iter().enumerate().map(|(index, &expected)| {
            let name = format!("{group}.{index}");
            let bytes = self.take(&name, Dtype::F32)?;
            let words = bytes.as_chunks::<4>().0;
            if words.len() != expected {
                let found = words.len();
                return Err(unusable(format!(
                    "tensor `{name}` has {found} values, expected {expected}"
                )));
            }
            Ok(words.iter().map(|&word| f32::from_le_bytes(word)).collect())
        });
        tensors.collect()
    }

    fn metrics(&mut self, recipe: &Recipe) -> Result<Vec<EpochMetrics>, CheckpointError> {
        let bytes = self.take("metrics", Dtype::F64)?;
        let figures: Vec<f64> =
            bytes.as_chunks::<8>().0.iter().map(|&word| f64::from_le_bytes(word)).collect();
        let rows = figures.chunks_exact(figures_of(recipe));
        if !rows.remainder().is_empty() {
            return Err(unusable("the last row of `metrics` is cut off"));
        }
        let rows = rows.zip(1_u32..).map(|(row, expected)| {
            let &[epoch, train_loss, test_bce, test_mse, seconds, ref kl @ ..] = row else {
                return Err(unusable(format!("row {expected} of `metrics` is too short")));
            };
            if epoch != f64::from(expected) {
                return Err(unusable(format!("row {expected} of `metrics` is of epoch {epoch}")));
            }
            let kl = kl.first().copied();
            Ok(EpochMetrics { epoch: expected, train_loss, test_bce, test_mse, kl, seconds })
        });
        rows.collect()
    }
}

/// Figures of an epoch.
fn figures_of(recipe: &Recipe) -> usize {
    METRICS + usize::from(recipe.is_variational())
}

fn unusable(reason: impl ToString) -> CheckpointError {
    CheckpointError::Malformed { reason: reason.to_string() }
}
