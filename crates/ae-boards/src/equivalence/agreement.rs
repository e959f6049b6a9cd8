//! How many of a board's answers are the host's.

use serde::Serialize;

use super::expected::{Expected, Sample};

/// Equal ones of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many are equal.
    pub equal: usize,
    /// How many there are.
    pub of: usize,
}

impl Count {
    fn add(&mut self, equal: usize, of: usize) {
        self.equal += equal;
        self.of += of;
    }

    fn is_of_nothing(&self) -> bool {
        self.of == 0
    }

    /// Whether all are equal.
    #[must_use]
    pub fn all(self) -> bool {
        self.equal == self.of
    }
}

/// What agrees of one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerCount {
    /// Its name, such as `encoder.0`.
    pub layer: String,
    /// Samples.
    #[serde(flatten)]
    pub count: Count,
}

/// What agrees, over all samples.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// Samples whose whole answer is equal.
    #[serde(rename = "answers")]
    pub samples: Count,
    /// Layers in the order of the forward pass: samples for which the layer's output is equal.
    pub layers: Vec<LayerCount>,
    /// Bytes of latents.
    #[serde(skip_serializing_if = "Count::is_of_nothing")]
    pub latent_bytes: Count,
    /// Pixels.
    #[serde(skip_serializing_if = "Count::is_of_nothing")]
    pub pixels: Count,
    /// Scores.
    #[serde(skip_serializing_if = "Count::is_of_nothing")]
    pub scores: Count,
    /// The first sample with a different answer, counted in the samples that were compared.
    #[serde(skip)]
    pub first_sample: Option<usize>,
}

impl Agreement {
    /// Of no sample yet.
    #[must_use]
    pub fn new(expected: &Expected) -> Self {
        let none = |layer: &String| LayerCount { layer: layer.clone(), count: Count::default() };
        let layers = expected.layers.iter().map(none);
        Self { layers: layers.collect(), ..Self::default() }
    }

    /// Whether every byte of every answer is equal.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.samples.all()
    }

    /// Counts one answer.
    pub fn add(&mut self, expected: &Expected, index: usize, found: &[u8]) {
        let Sample { answer, .. } = &expected.samples[index];
        let equal = answer == found;
        self.samples.add(equal.into(), 1);
        if !equal && self.first_sample.is_none_or(|first| index < first) {
            self.first_sample = Some(index);
        }
        let mut at = 0;
        let mut next = |len: usize| {
            let section = |bytes: &[u8]| bytes.get(at..at + len).unwrap_or_default().to_vec();
            let pair = (section(answer), section(found));
            at += len;
            pair
        };
        for (count, len) in [
            (&mut self.latent_bytes, expected.latent_bytes),
            (&mut self.pixels, expected.pixel_bytes),
        ] {
            let (wanted, got) = next(len);
            count.add(wanted.iter().zip(&got).filter(|(a, b)| a == b).count(), len);
        }
        if expected.latent_bytes > 0 && expected.pixel_bytes > 0 {
            let (wanted, got) = next(size_of::<u64>());
            self.scores.add((wanted == got).into(), 1);
        }
        for layer in &mut self.layers {
            let (wanted, got) = next(size_of::<u32>());
            layer.count.add((wanted == got).into(), 1);
        }
    }

    /// The first layer, in the order of the forward pass, that differs for any sample.
    #[must_use]
    pub fn first_layer(&self) -> Option<&str> {
        self.layers.iter().find(|layer| !layer.count.all()).map(|layer| &*layer.layer)
    }

    /// This and what was counted of other samples.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (mine, its) in [
            (&mut self.samples, other.samples),
            (&mut self.latent_bytes, other.latent_bytes),
            (&mut self.pixels, other.pixels),
            (&mut self.scores, other.scores),
        ] {
            mine.add(its.equal, its.of);
        }
        for (mine, its) in self.layers.iter_mut().zip(&other.layers) {
            mine.count.add(its.count.equal, its.count.of);
        }
        self.first_sample = match (self.first_sample, other.first_sample) {
            (Some(mine), Some(its)) => Some(mine.min(its)),
            (mine, its) => mine.or(its),
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use ae_protocol::Request;

    use super::{Agreement, Count};
    use crate::equivalence::expected::{Expected, Sample};

    fn expected() -> Expected {
        // A latent of 1 byte, 2 pixels, a score, two digests.
        let answer = [&[1, 2, 3][..], &7_u64.to_le_bytes(), &[9; 4], &[8; 4]].concat();
        let sample = Sample { input: vec![0, 0], answer };
        Expected {
            request: Request::Reconstruct,
            layers: vec!["encoder.0".into(), "decoder.0".into()],
            latent_bytes: 1,
            pixel_bytes: 2,
            samples: vec![sample.clone(), sample],
        }
    }

    #[test]
    fn equal_answers_agree() {
        let expected = expected();
        let mut agreement = Agreement::new(&expected);
        for (index, sample) in expected.samples.iter().enumerate() {
            agreement.add(&expected, index, &sample.answer);
        }
        assert!(agreement.is_complete());
        assert_eq!(agreement.pixels, Count { equal: 4, of: 4 });
        assert_eq!((agreement.first_layer(), agreement.first_sample), (None, None));
    }

    #[test]
    fn every_single_changed_byte_is_noticed_in_its_place() {
        let expected = expected();
        for byte in 0..expected.samples[1].answer.len() {
            let mut agreement = Agreement::new(&expected);
            agreement.add(&expected, 0, &expected.samples[0].answer);
            let mut answer = expected.samples[1].answer.clone();
            answer[byte] ^= 1;
            agreement.add(&expected, 1, &answer);
            assert!(!agreement.is_complete(), "byte {byte}");
            assert_eq!(agreement.first_sample, Some(1));
            let layer = match byte {
                11..15 => Some("encoder.0"),
                15.. => Some("decoder.0"),
                _ => None,
            };
            assert_eq!(agreement.first_layer(), layer, "byte {byte}");
            assert_eq!(agreement.latent_bytes.all(), byte != 0);
            assert_eq!(agreement.pixels.all(), !(1..3).contains(&byte));
            assert_eq!(agreement.scores.all(), !(3..11).contains(&byte));
        }
    }

    #[test]
    fn an_answer_that_is_too_short_or_too_long_differs() {
        let expected = expected();
        let answer = &expected.samples[0].answer;
        for found in [&answer[..5], &[&**answer, &[0]].concat()] {
            let mut agreement = Agreement::new(&expected);
            agreement.add(&expected, 0, found);
            assert!(!agreement.is_complete());
        }
    }

    #[test]
    fn counts_of_parts_add_up() {
        let expected = expected();
        let mut first = Agreement::new(&expected);
        first.add(&expected, 0, &expected.samples[0].answer);
        let mut second = Agreement::new(&expected);
        second.add(&expected, 1, &[0; 19]);
        let both = first.and(second);
        assert_eq!(both.samples, Count { equal: 1, of: 2 });
        assert_eq!(both.first_sample, Some(1));
        assert_eq!(both.first_layer(), Some("encoder.0"));
    }
}
