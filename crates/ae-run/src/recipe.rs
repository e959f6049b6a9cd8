//! How to train: everything that decides the result beside model and data.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// A number of a recipe that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {found}, it must be {expected}")]
pub struct RecipeError {
    /// The field of the recipe.
    pub field: &'static str,
    /// Its value.
    pub found: String,
    /// The values it may have.
    pub expected: &'static str,
}

/// What the training makes small. Either way the reconstruction is the
/// sigmoid of the logits `z`, and `x` are the pixels in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// Sigmoid cross-entropy, mean over pixels, from the logits in the form
    /// that cannot overflow: `max(z, 0) − z·x + ln(1 + exp(−|z|))`.
    Bce,
    /// Mean over pixels of `(sigmoid(z) − x)²`.
    Mse,
}

/// The learning rate over all steps; during the warm-up it is lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// The same at every step.
    Constant,
    /// Half a cosine from the full rate at the first step to zero after the
    /// last one. Source: Loshchilov and Hutter, "SGDR", 2017, equation 5.
    Cosine,
}

/// The weights before the first step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// Random ones: Glorot and Bengio, 2010, equation 16.
    #[default]
    Glorot,
    /// Principal components of the training images as a path through all layers, and random ones
    /// beside it that do not reach the output yet. So the training begins about where PCA ends.
    Pca,
    /// Centres of the training images by k-means, for a one-hot code alone. They are the result too,
    /// and no step moves them: each centre is the mean of its images already, and the choice of the
    /// nearest has no gradient.
    KMeans,
}

impl Start {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The most that a warm-up takes of a run, where nobody decides its steps: a tenth. A run of 500
/// steps that warmed up for all of them would never have trained at the full rate.
pub const WARMUP_SHARE: f64 = 0.1;

/// Most epochs of a run, so that its figures have a size that a reader can expect.
pub const MOST_EPOCHS: u32 = 1_000_000;

/// Epochs that were trained when the run was still to end earlier. Their learning rates are those of
/// the shorter run, so that the recipe alone says the rate of every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The last epoch of this stage, from 1.
    pub until: u32,
    /// The epochs that the run was to have.
    pub epochs: u32,
}

/// How to train. [`Recipe::default`] is the one that reconstructs
/// Fashion-MNIST best in 100 epochs of those tried; [`Recipe::article`] is the
/// source article's. Test MSE at 20 latent values after 100 epochs: batches
/// of 64 0.008491 (the default), of 128 0.008544, the article's 0.009802.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the training makes small.
    pub loss: Loss,
    /// The weights before the first step.
    #[serde(default, skip_serializing_if = "Start::is_default")]
    pub start: Start,
    /// Times through the training images, or through so many times as `passes` says.
    pub epochs: u32,
    /// Times through the training images in an epoch. Few images make short epochs, and a run
    /// evaluates and saves after each.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub passes: u32,
    /// Images a step; an epoch's last step takes what is left.
    pub batch_size: usize,
    /// Adam's step size, before warm-up and schedule.
    pub learning_rate: f64,
    /// Adam's decay of the mean of gradients.
    pub beta1: f64,
    /// Adam's decay of the mean of squared gradients.
    pub beta2: f64,
    /// Adam's addend to the root of the mean of squares.
    pub epsilon: f64,
    /// Steps over which the learning rate rises linearly from zero.
    pub warmup_steps: u64,
    /// The learning rate over all steps, times the warm-up's share.
    pub schedule: Schedule,
    /// Decay of a moving average of the weights, which then is the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_average: Option<f64>,
    /// Share of the training images held out to choose the best epoch on.
    /// Without it, the last epoch's weights are the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_best: Option<f64>,
    /// Decides initial weights, order of images, and which are held out.
    /// Below 2⁶³, the largest integer of a TOML file.
    pub seed: u64,
    /// Steps between two reports of the loss.
    pub log_every: u64,
    /// Standard deviation of what is added to each pixel in 0..=1 before the network sees it; it is
    /// compared with the image without it. New numbers each time, and none when it is tested.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub noise: f64,
    /// How much the mean size of a latent value counts beside the loss, so that values which help
    /// little become zero. The loss is reported without it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub latent_l1: f64,
    /// Whether dense layers of the decoder have the weights of the encoder's, transposed: the first
    /// of the decoder those of the last of the encoder, and so on, as far as their sizes are each
    /// other's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tied: bool,
    /// Whether the sums of [hidden layers](Self::normalised_layers) are normalised channel by channel,
    /// over the batch and all positions, before their activation. The network that comes out has it in
    /// its weights.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub batch_norm: bool,
    /// How much the Kullback-Leibler divergence of an image's latent distribution from N(0, 1), summed
    /// over the latent values, counts beside the loss, summed over the pixels. Above 0 the decoder is
    /// trained on latents that are drawn; the network that comes out has their mean. The loss is
    /// reported without it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub variational: f64,
    /// What was trained before the run was made longer, in order; empty for most runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Stage>,
}

fn one() -> u32 {
    1
}

/// Serde gives a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_one(passes: &u32) -> bool {
    *passes == 1
}

/// Serde gives a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            loss: Loss::Bce,
            start: Start::Glorot,
            epochs: 100,
            passes: 1,
            batch_size: 64,
            learning_rate: 2e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            warmup_steps: 500,
            schedule: Schedule::Cosine,
            weight_average: None,
            keep_best: None,
            seed: 0,
            log_every: 100,
            noise: 0.0,
            latent_l1: 0.0,
            tied: false,
            batch_norm: false,
            variational: 0.0,
            earlier: Vec::new(),
        }
    }
}

impl Recipe {
    /// The source article's recipe: Adam at 1e-3, batch 512, a constant rate.
    /// Its network has ReLU after the hidden layers.
    pub fn article() -> Self {
        Self {
            batch_size: 512,
            learning_rate: 1e-3,
            warmup_steps: 0,
            schedule: Schedule::Constant,
            ..Self::default()
        }
    }

    /// Checks every number.
    ///
    /// # Errors
    ///
    /// [`RecipeError`] names the first number that cannot be.
    pub fn validate(&self) -> Result<(), RecipeError> {
        let refuse = |field: &'static str, found: String, expected: &'static str| {
            Err(RecipeError { field, found, expected })
        };
        if !(1..=MOST_EPOCHS).contains(&self.epochs) {
            return refuse("epochs", self.epochs.to_string(), "from 1 to 1000000");
        }
        if self.passes == 0 {
            return refuse("passes", "0".into(), "at least 1");
        }
        if self.batch_size == 0 {
            return refuse("batch_size", "0".into(), "at least 1");
        }
        if self.log_every == 0 {
            return refuse("log_every", "0".into(), "at least 1");
        }
        if self.seed > i64::MAX as u64 {
            return refuse("seed", self.seed.to_string(), "below 2^63");
        }
        for (field, value) in [("learning_rate", self.learning_rate), ("epsilon", self.epsilon)] {
            if !(value > 0.0 && value.is_finite()) {
                return refuse(field, value.to_string(), "above 0 and finite");
            }
        }
        let decays = [
            ("beta1", Some(self.beta1)),
            ("beta2", Some(self.beta2)),
            ("weight_average", self.weight_average),
        ];
        for (field, value) in decays {
            if value.is_some_and(|value| !(0.0..1.0).contains(&value)) {
                let found = value.unwrap_or_default().to_string();
                return refuse(field, found, "from 0 to below 1");
            }
        }
        if !(0.0..=1.0).contains(&self.noise) {
            return refuse("noise", self.noise.to_string(), "from 0 to 1");
        }
        if !(self.latent_l1 >= 0.0 && self.latent_l1.is_finite()) {
            return refuse("latent_l1", self.latent_l1.to_string(), "at least 0 and finite");
        }
        if self.tied && self.start != Start::Glorot {
            let expected = "glorot where weights are tied, since no other start has them tied";
            return refuse("start", format!("{:?}", self.start).to_lowercase(), expected);
        }
        if !(self.variational >= 0.0 && self.variational.is_finite()) {
            return refuse("variational", self.variational.to_string(), "at least 0 and finite");
        }
        if self.batch_norm {
            self.validate_batch_norm()?;
        }
        if let Some(share) = self.keep_best
            && !(share > 0.0 && share < 1.0)
        {
            return refuse("keep_best", share.to_string(), "above 0 and below 1");
        }
        let mut before = 0;
        for Stage { until, epochs } in &self.earlier {
            let found = || format!("{epochs} epochs until epoch {until}");
            if *until <= before || until > epochs || *until >= self.epochs {
                let expected = "rising, at most the epochs beside it, and below those of the run";
                return refuse("earlier.until", found(), expected);
            }
            before = *until;
        }
        Ok(())
    }

    /// Checks what batch normalisation does not go with.
    fn validate_batch_norm(&self) -> Result<(), RecipeError> {
        let refuse = |field, found, expected| Err(RecipeError { field, found, expected });
        if self.tied {
            let expected = "false where layers are normalised, since folding gives each layer \
                            weights of its own";
            return refuse("tied", "true".into(), expected);
        }
        if self.start != Start::Glorot {
            let expected =
                "glorot where layers are normalised, since that undoes every other start";
            return refuse("start", format!("{:?}", self.start).to_lowercase(), expected);
        }
        if self.batch_size < 2 {
            let expected = "at least 2 where layers are normalised by batch";
            return refuse("batch_size", self.batch_size.to_string(), expected);
        }
        Ok(())
    }

    /// The recipe with a warm-up of at most [`WARMUP_SHARE`] of a run of so many steps.
    #[must_use]
    pub fn with_short_warmup(self, steps_per_epoch: u64) -> Self {
        let steps = u64::from(self.epochs).saturating_mul(steps_per_epoch);
        let most = (WARMUP_SHARE * steps as f64) as u64;
        Self { warmup_steps: self.warmup_steps.min(most), ..self }
    }

    /// The recipe of the same run with another number of epochs, of which `done` are trained. Stages
    /// that it has not trained to their end, since it goes on from an earlier checkpoint, end there.
    #[must_use]
    pub fn with_epochs(mut self, epochs: u32, done: u32) -> Self {
        if epochs != self.epochs {
            let stage = self.earlier.iter().find(|stage| stage.until >= done);
            let planned = stage.map_or(self.epochs, |stage| stage.epochs);
            self.earlier.retain(|stage| stage.until < done);
            if done > 0 && planned != epochs {
                self.earlier.push(Stage { until: done, epochs: planned });
            }
        }
        Self { epochs, ..self }
    }

    /// Whether this is `shorter`, made longer with [`Self::with_epochs`]. If so, `earlier` has more
    /// stages than that of `shorter`.
    #[must_use]
    pub fn goes_on_from(&self, shorter: &Self) -> bool {
        let Some(rest) = self.earlier.strip_prefix(&*shorter.earlier) else { return false };
        let Some(next) = rest.first() else { return false };
        let same =
            Self { epochs: shorter.epochs, earlier: shorter.earlier.clone(), ..self.clone() };
        next.epochs == shorter.epochs && same == *shorter
    }

    /// The learning rate of a step, counted from 0.
    pub fn learning_rate_at(&self, step: u64, steps_per_epoch: u64) -> f64 {
        let earlier = self.earlier.iter();
        let stage = earlier
            .copied()
            .find(|stage| step < u64::from(stage.until).saturating_mul(steps_per_epoch));
        let epochs = stage.map_or(self.epochs, |stage| stage.epochs);
        let total_steps = u64::from(epochs).saturating_mul(steps_per_epoch);
        let warmup = if step < self.warmup_steps {
            (step + 1) as f64 / self.warmup_steps as f64
        } else {
            1.0
        };
        let schedule = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine => {
                let done = step as f64 / total_steps.max(1) as f64;
                0.5 * (1.0 + (PI * done.min(1.0)).cos())
            }
        };
        self.learning_rate * warmup * schedule
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_recipes_are_valid_and_survive_toml() {
        for recipe in [Recipe::default(), Recipe::article()] {
            recipe.validate().unwrap();
            let text = toml::to_string(&recipe).unwrap();
            assert_eq!(toml::from_str::<Recipe>(&text).unwrap(), recipe);
        }
    }

    #[test]
    fn the_rate_rises_linearly_and_falls_along_a_cosine() {
        let recipe = Recipe {
            learning_rate: 2.0,
            warmup_steps: 4,
            schedule: Schedule::Constant,
            ..Recipe::default()
        };
        let rates = [0, 1, 3, 4, 99].map(|step| recipe.learning_rate_at(step, 1));
        assert_eq!(rates, [0.5, 1.0, 2.0, 2.0, 2.0]);
        let recipe = Recipe { warmup_steps: 0, schedule: Schedule::Cosine, ..recipe };
        assert_eq!(recipe.learning_rate_at(0, 1), 2.0);
        assert!((recipe.learning_rate_at(50, 1) - 1.0).abs() < 1e-12);
        assert!(recipe.learning_rate_at(99, 1) < 1e-3);
        assert!(recipe.learning_rate_at(100, 1).abs() < 1e-12);
    }

    #[test]
    fn a_warm_up_that_nobody_chose_is_a_tenth_of_the_run_at_most() {
        let short = |epochs, steps| {
            Recipe { epochs, ..Recipe::default() }.with_short_warmup(steps).warmup_steps
        };
        // The whole of Fashion-MNIST, its sample, fifty images.
        assert_eq!([short(100, 938), short(100, 94), short(100, 1)], [500, 500, 10]);
        assert_eq!([short(1, 1), short(u32::MAX, u64::MAX)], [0, 500]);
        assert_eq!(Recipe::article().with_short_warmup(118).warmup_steps, 0);
    }

    #[test]
    fn a_longer_run_keeps_the_rates_of_the_epochs_done_and_then_has_those_of_its_new_length() {
        let short = Recipe { epochs: 4, warmup_steps: 0, ..Recipe::default() };
        let long = Recipe { epochs: 10, ..short.clone() };
        let longer = short.clone().with_epochs(10, 4);
        longer.validate().unwrap();
        assert_eq!(longer.earlier, [Stage { until: 4, epochs: 4 }]);
        for step in 0..30 {
            let expected = if step < 12 { &short } else { &long };
            assert_eq!(longer.learning_rate_at(step, 3), expected.learning_rate_at(step, 3));
        }
        let text = toml::to_string(&longer).unwrap();
        assert_eq!(toml::from_str::<Recipe>(&text).unwrap(), longer);

        let longest = longer.clone().with_epochs(12, 7);
        assert!(longer.goes_on_from(&short) && longest.goes_on_from(&longer));
        assert!(longest.goes_on_from(&short));
        let other = Recipe { seed: 1, ..longer.clone() };
        for (recipe, shorter) in
            [(&short, &short), (&short, &longer), (&long, &short), (&other, &short)]
        {
            assert!(!recipe.goes_on_from(shorter), "{recipe:?} {shorter:?}");
        }
        // Before its first epoch a run has done nothing by another schedule.
        assert_eq!(short.clone().with_epochs(10, 0), long);
        // From a checkpoint within an earlier stage, or at its end, that stage ends there.
        let stages = |recipe: &Recipe, done| recipe.clone().with_epochs(20, done).earlier;
        assert_eq!(
            stages(&longest, 6),
            [Stage { until: 4, epochs: 4 }, Stage { until: 6, epochs: 10 }]
        );
        assert_eq!(stages(&longest, 2), [Stage { until: 2, epochs: 4 }]);
        assert_eq!(stages(&longer, 4), longer.earlier);
        assert_eq!(longer.clone().with_epochs(4, 2), short);
    }

    #[test]
    fn numbers_that_cannot_be_are_named() {
        type Break = fn(&mut Recipe);
        let cases: [(&str, Break); 22] = [
            ("epochs", |r| r.epochs = 0),
            ("epochs", |r| r.epochs = MOST_EPOCHS + 1),
            ("batch_size", |r| r.batch_size = 0),
            ("log_every", |r| r.log_every = 0),
            ("seed", |r| r.seed = u64::MAX),
            ("learning_rate", |r| r.learning_rate = f64::NAN),
            ("epsilon", |r| r.epsilon = 0.0),
            ("beta2", |r| r.beta2 = 1.0),
            ("weight_average", |r| r.weight_average = Some(-0.1)),
            ("keep_best", |r| r.keep_best = Some(1.0)),
            ("noise", |r| r.noise = 1.5),
            ("noise", |r| r.noise = f64::NAN),
            ("latent_l1", |r| r.latent_l1 = -1.0),
            ("start", |r| (r.start, r.tied) = (Start::Pca, true)),
            ("variational", |r| r.variational = f64::INFINITY),
            ("variational", |r| r.variational = -0.5),
            ("tied", |r| (r.batch_norm, r.tied) = (true, true)),
            ("start", |r| (r.batch_norm, r.start) = (true, Start::Pca)),
            ("batch_size", |r| (r.batch_norm, r.batch_size) = (true, 1)),
            ("earlier.until", |r| r.earlier = vec![Stage { until: 0, epochs: 3 }]),
            ("earlier.until", |r| r.earlier = vec![Stage { until: 4, epochs: 3 }]),
            ("earlier.until", |r| r.earlier = vec![Stage { until: 100, epochs: 100 }]),
        ];
        for (name, change) in cases {
            let mut recipe = Recipe::default();
            change(&mut recipe);
            match recipe.validate() {
                Err(RecipeError { field, .. }) => assert_eq!(field, name),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}
