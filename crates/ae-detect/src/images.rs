//! Labelled images as windows: one label or more is normal, the others are not.
//!
//! An image is a window of as many samples as it has rows, so a detector takes it row by row.

use std::collections::BTreeSet;

use ae_data::{Dataset, Images};

use super::maps::Maps;
use super::met::Met;
use super::windows::{WindowSets, Windows};

/// Of so many normal training images one is held back, to calibrate on.
const CALIBRATION_SHARE: usize = 10;

/// Why labelled images give no windows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// It is not said what is normal.
    #[error("it is not said which labels are normal; there are {}", list(labels))]
    NotSaid {
        /// The labels there are.
        labels: BTreeSet<u8>,
    },
    /// A label that no image has.
    #[error("no training image has the label `{found}`; there are {}", list(labels))]
    Unknown {
        /// What was asked for.
        found: String,
        /// The labels there are.
        labels: BTreeSet<u8>,
    },
    /// No test image is normal.
    #[error("no test image has a normal label; there are {}", list(labels))]
    NoTest {
        /// The labels of the test images.
        labels: BTreeSet<u8>,
    },
}

fn list(labels: &BTreeSet<u8>) -> String {
    labels.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

impl WindowSets {
    /// Divides labelled images: of the normal training images every tenth calibrates, the others
    /// train; the test images are held out. `labels` are those of both halves.
    ///
    /// # Errors
    /// A label that is not there.
    ///
    /// # Panics
    /// If there are not as many labels as images.
    pub fn of_images(
        dataset: &Dataset,
        labels: [&[u8]; 2],
        normal: &[String],
    ) -> Result<Self, LabelError> {
        let [train_labels, test_labels] = labels;
        let there: BTreeSet<u8> = train_labels.iter().copied().collect();
        if normal.is_empty() {
            return Err(LabelError::NotSaid { labels: there });
        }
        let mut wanted = BTreeSet::new();
        for text in normal {
            match text.parse() {
                Ok(label) if there.contains(&label) => wanted.insert(label),
                _ => return Err(LabelError::Unknown { found: text.clone(), labels: there }),
            };
        }
        let normal_at = |labels: &[u8]| -> Vec<usize> {
            (0..labels.len()).filter(|&at| wanted.contains(&labels[at])).collect()
        };
        let (calibration, train): (Vec<_>, Vec<_>) = normal_at(train_labels)
            .into_iter()
            .enumerate()
            .partition(|(count, _)| count % CALIBRATION_SHARE == CALIBRATION_SHARE - 1);
        let normal = normal_at(test_labels);
        if normal.is_empty() {
            let labels = test_labels.iter().copied().collect();
            return Err(LabelError::NoTest { labels });
        }
        let abnormal: Vec<usize> =
            (0..test_labels.len()).filter(|&at| !wanted.contains(&test_labels[at])).collect();
        let of_train = |at: Vec<(usize, usize)>| {
            let at: Vec<usize> = at.into_iter().map(|(_, index)| index).collect();
            gather(&dataset.train, train_labels, &at)
        };
        let held_out = gather(&dataset.test, test_labels, &normal);
        Ok(Self {
            features: None,
            maps: Maps::Pixels,
            train: Windows { exact: Vec::new(), ..of_train(train) },
            calibration: of_train(calibration),
            normal: held_out.clone(),
            held_out,
            abnormal: gather(&dataset.test, test_labels, &abnormal),
            met: Met::default(),
            notes: Vec::new(),
            calibration_notes: Vec::new(),
            left_out: 0,
            scale: None,
            trained_groups: Vec::new(),
            calibrates_on_new_groups: false,
        })
    }
}

fn gather(images: &Images, labels: &[u8], at: &[usize]) -> Windows {
    assert_eq!(images.len(), labels.len(), "a label for each image");
    let pixels: Vec<u8> = at.iter().flat_map(|&index| images.image(index)).copied().collect();
    Windows {
        exact: pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect(),
        codes: Images::new(pixels, images.height(), images.width()).expect("whole images"),
        labels: at.iter().map(|&index| labels[index].to_string()).collect(),
        at: Vec::new(),
        groups: Vec::new(),
        stride: images.height(),
    }
}

#[cfg(test)]
mod tests {
    use ae_data::Origin;

    use super::*;

    fn dataset() -> (Dataset, Vec<u8>, Vec<u8>) {
        let images = |count: u8| Images::new((0..count).flat_map(|n| [n, n]).collect(), 1, 2);
        let (train, test) = (images(40).unwrap(), images(6).unwrap());
        let dataset = Dataset { name: String::new(), origin: Origin::Sample, train, test };
        (dataset, (0..40).map(|n| n % 2 + 3).collect(), vec![3, 4, 3, 4, 5, 3])
    }

    fn firsts(windows: &Windows) -> Vec<u8> {
        windows.codes.iter().map(|image| image[0]).collect()
    }

    #[test]
    fn normal_images_are_divided_and_the_others_are_abnormal() {
        let (dataset, train, test) = dataset();
        let sets = WindowSets::of_images(&dataset, [&train, &test], &["3".into()]).unwrap();
        assert_eq!(firsts(&sets.calibration), [18, 38]);
        assert_eq!(sets.train.len(), 18);
        assert!(firsts(&sets.train).iter().all(|n| n % 2 == 0 && *n != 18));
        assert_eq!(firsts(&sets.held_out), [0, 2, 5]);
        assert_eq!(firsts(&sets.abnormal), [1, 3, 4]);
        assert_eq!(sets.abnormal.labels, ["4", "4", "5"]);
    }

    #[test]
    fn labels_that_are_not_there_are_named() {
        let (dataset, train, test) = dataset();
        let of = |normal: &[String]| WindowSets::of_images(&dataset, [&train, &test], normal);
        for (normal, words) in [
            (vec![], "not said which"),
            (vec!["shoe".to_owned()], "`shoe`; there are 3, 4"),
            (vec!["3".to_owned(), "9".to_owned()], "`9`"),
        ] {
            let error = of(&normal).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let error = WindowSets::of_images(&dataset, [&train, &[7; 6]], &["3".into()]).unwrap_err();
        assert!(error.to_string().contains("there are 7"), "{error}");
    }
}
