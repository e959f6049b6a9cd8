//! The model of a detector, chosen among candidates without any label.
//!
//! Each candidate is trained on a part of the training windows, ever longer, until its error on the
//! others falls no more. Then it is quantised, and faults are planted in those other windows. Of the
//! candidates that notice as much as the best, the cheapest is taken. Windows of the calibration and
//! of the test have no part in it.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use ae_core::{Contract, Header};
use ae_data::Dataset;
use ae_detect::cost::Cost;
use ae_detect::make::rule_of;
use ae_detect::planted::{Against, Planter, Trial, cheapest_of_the_best, judge};
use ae_detect::report::{CandidateFigures, ChoiceFigures};
use ae_detect::windows::{WindowSets, Windows};
use ae_model::{Code, Network};
use ae_quantize::QuantizeError;
use ae_run::blobs::{BlobRecipe, TOOL, make_blob};
use ae_run::{Baselines, DataConfig, Recipe, RunConfig, file};

use super::{DetectSettings, Shape};
use crate::pipeline::observer::{Phase, PipelineObserver};
use crate::pipeline::{PipelineError, limits, windows};
use crate::train::{EpochOutcome, TrainError, Trainer};

/// Steps that a candidate is trained for, one after the other, each time from the beginning and with
/// a schedule of its own.
const STEPS: [u64; 4] = [100, 300, 1000, 3000];

/// A longer training must lower the error on the validation windows by this share to be worth it.
const GAIN: f64 = 0.02;

/// Epochs of a training whose steps were chosen: it is saved after each.
const EPOCHS: u64 = 20;

/// The share of the training windows that candidates are compared on.
const VALIDATION_SHARE: f64 = 0.2;

/// With fewer training windows there is nothing to compare on.
const LEAST_WINDOWS: usize = 50;

/// Most windows to train a candidate on, and to compare candidates on.
const MOST_TRAINED: usize = 20_000;
/// See [`MOST_TRAINED`].
const MOST_VALIDATED: usize = 400;

/// A model that was chosen.
pub(super) struct Choice {
    pub(super) shape: Shape,
    pub(super) recipe: Recipe,
    pub(super) figures: ChoiceFigures,
}

/// Chooses among the shapes that `settings` leave open. `None` where they leave nothing open, or
/// where there are too few windows to compare on.
pub(super) fn choose(
    settings: &DetectSettings,
    windows: &WindowSets,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<Option<Choice>, PipelineError> {
    let all = &windows.train.codes;
    if settings.shapes.is_empty() || all.len() < LEAST_WINDOWS {
        return Ok(None);
    }
    let parts = Parts::of(&windows.train, settings);
    let planter = Planter::new(&parts.data.test, settings.recipe.seed);
    let (windows, features) = (parts.data.train.len(), all.features());
    let is_possible = |shape: &&Shape| shape.latent <= shape.most_latent(windows, features);
    let shapes: Vec<&Shape> = settings.shapes.iter().filter(is_possible).collect();
    let mut tried = Vec::new();
    let mut last_error = None;
    for (index, &shape) in shapes.iter().enumerate() {
        observer.on_phase(Phase::Trying { candidate: index + 1, of: shapes.len() });
        match parts.try_out(shape, settings, &planter, observer, stop) {
            Ok(Some((recipe, trial, figures))) => tried.push((shape, recipe, trial, figures)),
            // Windows of a single sample cannot have most faults.
            Ok(None) => return Ok(None),
            Err(PipelineError::Train(
                error @ (TrainError::NonFiniteLoss { .. } | TrainError::NonFiniteWeight { .. }),
            )) => last_error = Some(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    let costs: Vec<(&Trial, u64)> =
        tried.iter().map(|(.., trial, figures)| (trial, figures.instructions)).collect();
    let Some(chosen) = cheapest_of_the_best(&costs) else {
        return match last_error {
            Some(reason) => Err(PipelineError::NoCandidate { tried: shapes.len(), reason }),
            None => Ok(None),
        };
    };
    tried[chosen].3.chosen = true;
    let (shape, recipe) = (tried[chosen].0.clone(), tried[chosen].1.clone());
    let figures = ChoiceFigures {
        trained: parts.data.train.len(),
        validated: parts.data.test.len(),
        candidates: tried.into_iter().map(|(.., figures)| figures).collect(),
    };
    Ok(Some(Choice { shape, recipe, figures }))
}

/// Training windows, divided once more: those to train candidates on, and those to compare them on.
struct Parts {
    data: Dataset,
    /// Training windows that the parts were taken from.
    all: usize,
    /// What faults in the windows to compare on are compared with.
    against: Against,
}

impl Parts {
    /// The last windows are those to compare on: where there are several recordings, whole ones but
    /// for one, and of a single recording the end, as the future is of the past. No window of one part
    /// overlaps one of the other.
    fn of(windows: &Windows, settings: &DetectSettings) -> Self {
        let all = &windows.codes;
        let validated = ((VALIDATION_SHARE * all.len() as f64) as usize).max(1);
        let apart = settings.spacing.window.div_ceil(settings.spacing.train_stride.max(1)) - 1;
        let trained = (all.len() - validated).saturating_sub(apart).max(all.len() / 2);
        let train = all.range(0..trained).spread(MOST_TRAINED);
        let test = all.range(all.len() - validated..all.len()).spread(MOST_VALIDATED);
        let mut recordings = windows.at.iter().rev().take(validated).map(|at| at.recording);
        let against = match recordings.next() {
            Some(last) if recordings.all(|recording| recording == last) => Against::Neighbours,
            _ => Against::All,
        };
        let data = windows::dataset(&settings.folder, train, test);
        Self { data, all: all.len(), against }
    }

    /// Trains a candidate as long as it helps, and judges it. The recipe is the one for all training
    /// windows.
    fn try_out(
        &self,
        shape: &Shape,
        settings: &DetectSettings,
        planter: &Planter<'_>,
        observer: &mut dyn PipelineObserver,
        stop: &AtomicBool,
    ) -> Result<Option<(Recipe, Trial, CandidateFigures)>, PipelineError> {
        let model = shape.model(self.data.train.features(), settings.activation);
        limits::check(&model)?;
        let is_open = settings.lengths_open && shape.code == Code::Linear;
        let recipe = shape.recipe(settings.recipe.clone());
        let lengths = match is_open {
            false => vec![recipe],
            true => lengths(&recipe, self.data.train.len()),
        };
        // Each length begins with the same weights, which take their time.
        let start = Trainer::start(&model, &lengths[0], &self.data)?;
        let mut best: Option<(f64, u64, &Recipe, Network)> = None;
        for recipe in &lengths {
            let trainer =
                Trainer::starting_with(&start, model.clone(), recipe.clone(), &self.data)?;
            let (network, error, steps) = trained(trainer, settings, observer, stop)?;
            if best.as_ref().is_some_and(|(least, ..)| error > least * (1.0 - GAIN)) {
                break;
            }
            best = Some((error, steps, recipe, network));
        }
        let Some((validation_mse, steps, recipe, network)) = best else { return Ok(None) };
        let config = RunConfig {
            tool: TOOL.to_owned(),
            baselines: Baselines::default(),
            data: DataConfig::of(&self.data, file::WINDOWS.to_owned()),
            model,
            recipe: recipe.clone(),
            detect: None,
        };
        let train = &self.data.train;
        let mut watch = |_| match stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let blob_recipe = BlobRecipe::of_run(&config, train);
        let blob = match make_blob(&network, Contract::Int8, &blob_recipe, &mut watch) {
            Err(QuantizeError::Stopped) => return Err(PipelineError::StoppedChoosing),
            made => made?.bytes,
        };
        let rule = rule_of(&blob, train, settings.weighted, settings.smoothing)?;
        let Some(trial) = judge(&blob, &rule, planter, self.against)? else { return Ok(None) };
        let cost = Cost::of(&network, &blob, &Header::read(&blob)?);
        let figures = CandidateFigures {
            network: network.sizes(),
            latent: network.latent(),
            steps: if shape.code == Code::OneHot { 0 } else { steps },
            validation_mse,
            noticed: trial.noticed,
            flash_bytes: cost.flash_bytes,
            instructions: cost.instructions,
            chosen: false,
        };
        let recipe = match is_open {
            true => of_steps(recipe, steps, self.all),
            false => recipe.clone(),
        };
        Ok(Some((recipe, trial, figures)))
    }
}

/// A trained network, its error on the windows to compare on, and the steps that it took.
fn trained(
    mut trainer: Trainer<'_>,
    settings: &DetectSettings,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<(Network, f64, u64), PipelineError> {
    if let Some(threads) = settings.threads {
        trainer = trainer.with_threads(threads);
    }
    while !trainer.is_finished() {
        if let EpochOutcome::Stopped = trainer.run_epoch(observer, stop)? {
            return Err(PipelineError::StoppedChoosing);
        }
    }
    let steps = trainer.steps_per_epoch() * u64::from(trainer.recipe().epochs);
    Ok((trainer.result_network()?, trainer.evaluate_result().mse, steps))
}

/// Trainings of [`STEPS`] on so many windows, each of them once: where a pass over the windows
/// has more steps than the shortest, that is one pass.
fn lengths(recipe: &Recipe, windows: usize) -> Vec<Recipe> {
    let mut lengths: Vec<Recipe> =
        STEPS.iter().map(|&steps| of_steps(recipe, steps, windows)).collect();
    lengths.dedup_by_key(|recipe| (recipe.epochs, recipe.passes));
    lengths
}

/// The recipe that takes at least so many steps on so many windows, in at most [`EPOCHS`] epochs.
fn of_steps(recipe: &Recipe, steps: u64, windows: usize) -> Recipe {
    let of_a_pass = windows.div_ceil(recipe.batch_size).max(1) as u64;
    let passes = steps.div_ceil(of_a_pass).max(1);
    let epochs = passes.min(EPOCHS);
    let passes = passes.div_ceil(epochs);
    Recipe { epochs: epochs as u32, passes: passes as u32, ..recipe.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_a_whole_number_of_passes_in_few_epochs() {
        let recipe = Recipe { batch_size: 64, ..Recipe::default() };
        let of = |steps, windows| {
            let Recipe { epochs, passes, .. } = of_steps(&recipe, steps, windows);
            (epochs, passes)
        };
        // Three steps a pass: 100 passes of 300 steps; 3,907 a pass: one has more than are wanted.
        assert_eq!([of(300, 190), of(30, 190), of(3000, 250_000)], [(20, 5), (10, 1), (1, 1)]);
    }

    #[test]
    fn no_training_is_tried_twice() {
        let recipe = Recipe { batch_size: 64, ..Recipe::default() };
        // 313 steps a pass: 100 and 300 steps are the same one pass.
        let passes: Vec<u32> =
            lengths(&recipe, 20_000).iter().map(|it| it.epochs * it.passes).collect();
        assert_eq!(passes, [1, 4, 10]);
    }
}
