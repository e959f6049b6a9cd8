//! Where a layer's numbers are in the file.

use super::config::Layer;
use super::hdf5::Hdf5;
use crate::ImportError;
use crate::tensor::{Budget, Tensor};

/// The numbers of a model.
pub(super) struct Weights<'a> {
    file: Hdf5<'a>,
    layout: Layout,
    budget: Budget,
}

/// How Keras arranges them.
enum Layout {
    /// Keras 2: a group for each layer of the outermost model, and in it the weights by names.
    Named,
    /// Keras 3: a group for each layer, in those of the models that it is in, and in it the weights
    /// by numbers.
    Numbered,
}

impl<'a> Weights<'a> {
    /// As `model.save("model.h5")` writes them.
    pub(super) fn named(file: Hdf5<'a>, budget: Budget) -> Self {
        Self { file, layout: Layout::Named, budget }
    }

    /// As `model.weights.h5` has them.
    pub(super) fn numbered(file: Hdf5<'a>, budget: Budget) -> Self {
        Self { file, layout: Layout::Numbered, budget }
    }

    /// The weights of a layer that has these, in this order.
    pub(super) fn read<const N: usize>(
        &self,
        layer: &Layer<'_>,
        names: [&str; N],
    ) -> Result<[Tensor<'a>; N], ImportError> {
        let read = self.read_all(layer, &names)?;
        read.try_into().map_err(|_| layer.damaged("its weights are not there"))
    }

    /// The same for as many as there are.
    pub(super) fn read_all(
        &self,
        layer: &Layer<'_>,
        names: &[&str],
    ) -> Result<Vec<Tensor<'a>>, ImportError> {
        let read = |path: Result<String, ImportError>| {
            let tensor = self.file.tensor(&path?)?;
            if !self.budget.take(tensor.len()) {
                return Err(layer.damaged("the file has fewer numbers than it says"));
            }
            Ok(tensor)
        };
        match self.layout {
            Layout::Named => {
                let there = self.there(layer)?;
                names.iter().map(|name| read(named(layer, &there, name))).collect()
            }
            Layout::Numbered => {
                let group = self.numbers(layer);
                (0..names.len()).map(|number| read(Ok(format!("{group}/{number}")))).collect()
            }
        }
    }

    /// The paths of all weights of the outermost model's layer that `layer` is, or is in.
    fn there(&self, layer: &Layer<'_>) -> Result<Vec<String>, ImportError> {
        let outermost = layer.place.names.first().map_or("", String::as_str);
        // Files of weights alone have no group `model_weights` around them, but no model either.
        let group = format!("model_weights/{outermost}");
        let names = self.file.names(&group, "weight_names")?;
        Ok(names.into_iter().map(|name| format!("{group}/{name}")).collect())
    }

    /// The group of a layer's numbered weights.
    fn numbers(&self, layer: &Layer<'_>) -> String {
        let within = |folder: &str| {
            let inside: Vec<String> =
                layer.place.numbered.iter().map(|part| format!("{folder}/{part}")).collect();
            format!("{}/vars", inside.join("/"))
        };
        let group = within("layers");
        // Its name in the files of TensorFlow 2.12 and 2.13.
        let older = within("_layer_checkpoint_dependencies");
        if !self.file.has(&group) && self.file.has(&older) { older } else { group }
    }
}

/// The one of these paths that ends like the layer and this weight.
fn named(layer: &Layer<'_>, there: &[String], weight: &str) -> Result<String, ImportError> {
    let is_weight = |path: &&String| {
        let last = path.rsplit('/').next().unwrap_or_default();
        let name = last.split_once(':').map_or(last, |(name, _)| name);
        // Keras 3 calls a depthwise layer's weights like all others.
        name == weight || (weight == "depthwise_kernel" && name == "kernel")
    };
    let mut found: Vec<&String> = there.iter().filter(is_weight).collect();
    // Of a layer of the outermost model there is one such weight, whatever its path is. In a model
    // inside it the layer's name tells, and if that is not enough the name of the model around it.
    let parents = layer.place.names.iter().skip(1).rev().enumerate();
    for (depth, parent) in parents {
        if found.len() == 1 && depth > 0 {
            break;
        }
        found.retain(|path| path.rsplit('/').nth(depth + 1) == Some(parent));
    }
    match found.as_slice() {
        [path] => Ok((*path).clone()),
        [] => Err(layer.damaged(format!("its weights have no `{weight}`"))),
        several => {
            let count = several.len();
            Err(layer.damaged(format!("its weights have {count} called `{weight}`")))
        }
    }
}
