//! Pooling and upsampling.

use super::convolution::padding;
use super::shape::positions;
use super::{Layer, Translation};
use crate::{ImportError, Operation, Pool};

impl Translation<'_> {
    /// A window over each channel. TensorFlow's mean counts what is in the map alone.
    pub(super) fn pool(
        &mut self,
        layer: &Layer<'_>,
        dimensions: usize,
        operation: fn(Pool) -> Operation,
    ) -> Result<(), ImportError> {
        self.expect_map(layer, dimensions)?;
        // Keras 1 called it pool_length in one dimension; those files are not read.
        let kernel = layer.pair("pool_size", dimensions, 1)?;
        let kernel = kernel.ok_or_else(|| layer.damaged("it has no `pool_size`"))?;
        let stride = layer.pair("strides", dimensions, 1)?.unwrap_or(kernel);
        let padding = padding(layer)?;
        self.shape = positions(&self.shape, kernel, stride, [1, 1], padding, self.channels());
        let pool = Pool { kernel, stride, padding, counts_padding: false };
        self.push(layer.operator(operation(pool)));
        Ok(())
    }

    /// The mean of each channel. Where the layer does not keep the map, it becomes flat behind it.
    pub(super) fn global_average(
        &mut self,
        layer: &Layer<'_>,
        dimensions: usize,
    ) -> Result<(), ImportError> {
        self.expect_map(layer, dimensions)?;
        let channels = self.channels();
        self.push(layer.operator(Operation::GlobalAverage));
        if layer.flag("keepdims", false)? {
            self.shape = [vec![Some(1); dimensions], vec![channels]].concat();
            return Ok(());
        }
        let unknown = || layer.damaged("its number of channels is not known");
        self.reshaped(layer, vec![channels.ok_or_else(unknown)?])
    }

    /// Each value repeated.
    pub(super) fn upsampling(
        &mut self,
        layer: &Layer<'_>,
        dimensions: usize,
    ) -> Result<(), ImportError> {
        self.expect_map(layer, dimensions)?;
        let interpolation = layer.word("interpolation", "nearest")?;
        if interpolation != "nearest" {
            let reason = format!("its interpolation is `{interpolation}`");
            return Err(layer.refuse(reason, "use interpolation=\"nearest\""));
        }
        let factors = layer.pair("size", dimensions, 1)?.unwrap_or([1, 2]);
        for (size, factor) in self.shape.iter_mut().zip(factors.iter().skip(2 - dimensions)) {
            *size = size.and_then(|size| size.checked_mul(*factor));
        }
        self.push(layer.operator(Operation::Upsampling(factors)));
        Ok(())
    }
}
