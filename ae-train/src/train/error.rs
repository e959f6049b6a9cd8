//! What can stop a training.

use ae_model::ModelError;
use ae_pca::PcaError;
use ae_run::RecipeError;

/// What can stop a training.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A number of the recipe cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The model cannot be.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There are no principal components or centres to start from.
    #[error("the weights to start from: {0}")]
    Start(#[from] PcaError),
    /// There are no layers whose weights could be tied.
    #[error(
        "no dense layer of the decoder has the sizes of the encoder's as far from the latent, so \
         there are no weights to tie"
    )]
    NothingToTie,
    /// There is no layer whose sums could be normalised.
    #[error(
        "there is no hidden layer with weights, so there is nothing to normalise: the encoder's last \
         layer and the decoder's last are left as they are"
    )]
    NothingToNormalise,
    /// The encoder's last layer gives no mean that a variance could be beside.
    #[error(
        "the encoder's last layer has no weights, or something else behind its sums, so it gives no \
         mean of a latent to draw; a dense layer or a convolution does"
    )]
    NoMeanOfLatent,
    /// The images are not of the model's size.
    #[error("an image of the {part} set has {found} pixels, the model takes {expected}")]
    Features {
        /// `training` or `test`.
        part: &'static str,
        /// The model's inputs.
        expected: usize,
        /// Pixels of an image.
        found: usize,
    },
    /// There is nothing to train or test on.
    #[error("the {part} set has no images")]
    NoImages {
        /// `training`, `held-out` or `test`.
        part: &'static str,
    },
    /// The loss became infinite or not a number.
    #[error(
        "the loss is {loss} at step {step} of epoch {epoch}; the training has diverged. \
         Try a tenth of the learning rate, or more warm-up steps"
    )]
    NonFiniteLoss {
        /// The epoch, from 1.
        epoch: u32,
        /// The step in the whole training, from 1.
        step: u64,
        /// Mean loss of the step's batch.
        loss: f64,
    },
    /// A weight became infinite or not a number while the loss did not.
    #[error(
        "a weight of layer {layer} is not finite at the end of epoch {epoch}; the training has \
         diverged. Try a tenth of the learning rate, or more warm-up steps"
    )]
    NonFiniteWeight {
        /// The epoch, from 1.
        epoch: u32,
        /// The layer, counted from 0 through encoder and decoder.
        layer: usize,
    },
    /// All epochs of the recipe are done.
    #[error("all {epochs} epochs are done; there is nothing left to train")]
    Finished {
        /// The recipe's number of epochs.
        epochs: u32,
    },
    /// A checkpoint was made with another training set.
    #[error(
        "the checkpoint was made with {expected} training images, there are {found}; \
         resume with the same data"
    )]
    OtherData {
        /// Training images by the checkpoint.
        expected: usize,
        /// Training images given.
        found: usize,
    },
}
