//! PCA on the real images that are built into the program.

use ae_data as data;
use ae_data::Dataset;
use nalgebra::DMatrix;

use super::Pca;
use super::covariance::moments;

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
