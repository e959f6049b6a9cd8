//! The figures of an epoch.

use serde::{Deserialize, Serialize};

/// The figures of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Mean loss over all training images, each with the weights of the step
    /// that it was in (so those of early steps are worse than at the end).
    pub train_loss: f64,
    /// Cross-entropy of the test images, mean over pixels, from logits.
    pub test_bce: f64,
    /// Mean squared error of the test images' reconstructions, pixels in 0..=1.
    pub test_mse: f64,
    /// Kullback-Leibler divergence of an image's latent distribution from N(0, 1), summed over the
    /// latent values, in nats; mean over all training images, as of the loss. Of a variational latent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kl: Option<f64>,
    /// Wall-clock time of the epoch's steps, without the test.
    pub seconds: f64,
}

impl EpochMetrics {
    /// Whether two trainings agree: everything but the time, bit for bit.
    pub fn same_training(&self, other: &Self) -> bool {
        let key = |m: &Self| {
            let figures = [m.train_loss, m.test_bce, m.test_mse];
            (m.epoch, figures.map(f64::to_bits), m.kl.map(f64::to_bits))
        };
        key(self) == key(other)
    }
}

/// The bytes of `metrics.csv`, with a head line. There is a column `kl` if an epoch has it. Numbers are written with as
/// many digits as it takes to read the same number back.
pub fn metrics_csv(epochs: &[EpochMetrics]) -> Vec<u8> {
    let has_kl = epochs.iter().any(|m| m.kl.is_some());
    let head = if has_kl { ",kl" } else { "" };
    let mut text = format!("epoch,train_loss,test_bce,test_mse{head},seconds\n");
    for m in epochs {
        let kl = m.kl.map(|kl| format!(",{kl}")).unwrap_or_default();
        text += &format!(
            "{},{},{},{}{kl},{:.3}\n",
            m.epoch, m.train_loss, m.test_bce, m.test_mse, m.seconds
        );
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_csv_has_the_agreed_head_and_loses_no_digit() {
        let epoch = EpochMetrics {
            epoch: 1,
            train_loss: 0.1 + 0.2,
            test_bce: 0.25,
            test_mse: 1.0 / 3.0,
            kl: None,
            seconds: 1.23456,
        };
        let text = String::from_utf8(metrics_csv(&[epoch])).unwrap();
        let expected = "epoch,train_loss,test_bce,test_mse,seconds\n\
                        1,0.30000000000000004,0.25,0.3333333333333333,1.235\n";
        assert_eq!(text, expected);
        let text = String::from_utf8(metrics_csv(&[EpochMetrics { kl: Some(2.5), ..epoch }]));
        let expected = "epoch,train_loss,test_bce,test_mse,kl,seconds\n\
                        1,0.30000000000000004,0.25,0.3333333333333333,2.5,1.235\n";
        assert_eq!(text.unwrap(), expected);
    }
}
