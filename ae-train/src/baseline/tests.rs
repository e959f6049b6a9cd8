//! The baselines on the real images that are built into the program.

use std::sync::atomic::AtomicBool;

use nalgebra::DMatrix;

use super::covariance::moments;
use super::{LogisticPca, Pca};
use crate::data::{self, Dataset};

const LATENT: usize = 20;

fn sample() -> Dataset {
    data::load(Some(data::sample::NAME)).unwrap()
}

#[test]
fn pca_of_the_sample_obeys_its_theory() {
    let Dataset { train, test, .. } = sample();
    let pca = Pca::fit(&train, LATENT).unwrap();
    let gram = &pca.components * pca.components.transpose();
    assert!((gram - DMatrix::identity(LATENT, LATENT)).amax() < 1e-12);
    // What is not explained is the error on the training images: found in another way, image by
    // image.
    let total = moments(&train).covariance.trace();
    let left_out = (total - pca.explained.iter().sum::<f64>()) / train.features() as f64;
    let mse = pca.test_mse(&train).unwrap().unclipped;
    assert!((mse / left_out - 1.0).abs() < 1e-10, "{mse} {left_out}");
    let error = pca.test_mse(&test).unwrap();
    assert!(error.clipped < error.unclipped && error.unclipped < 0.02, "{error:?}");
}

#[test]
fn logistic_pca_beats_pca_on_the_sample() {
    let data = sample();
    let linear = Pca::fit(&data.train, LATENT).unwrap().report(&data.test, 0.0).unwrap();
    let logistic = LogisticPca::fit(&data, LATENT, &AtomicBool::new(false)).unwrap().report(0.0);
    assert!(logistic.test_mse < 0.95 * linear.test_mse_clipped, "{logistic:?} {linear:?}");
    assert!(logistic.test_bce.unwrap() < 0.30, "{logistic:?}");
}
