//! Layers that change the shape alone, and the shapes behind others.

use serde_json::Value;

use super::{Layer, Translation};
use crate::keras::config::{shortened, size};
use crate::{ImportError, Operation, Padding};

impl Translation<'_> {
    /// Every value in one dimension.
    pub(super) fn flatten(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        if self.shape.len() > 1 {
            self.expect_map(layer, self.shape.len() - 1)?;
        }
        let values = self.values(layer)?;
        self.reshaped(layer, vec![values])
    }

    /// The shape that the layer says, in which one size may be left open as −1.
    pub(super) fn reshape(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        let target = layer.get("target_shape").and_then(Value::as_array);
        let target = target.ok_or_else(|| layer.damaged("it has no `target_shape`"))?;
        let values = self.values(layer)?;
        let known: Vec<Option<usize>> = target.iter().map(size).collect();
        let product = known.iter().flatten().try_fold(1_usize, |all, &size| all.checked_mul(size));
        let open = known.iter().filter(|size| size.is_none()).count();
        let rest = product.filter(|&product| product > 0 && values.is_multiple_of(product));
        let rest = rest.map(|product| values / product);
        match (open, rest) {
            (0, Some(1)) | (1, Some(_)) => {
                let shape = known.iter().filter_map(|&size| size.or(rest)).collect();
                self.reshaped(layer, shape)
            }
            _ => {
                let target = shortened(&Value::Array(target.clone()));
                Err(layer.damaged(format!("{values} values cannot have the shape {target}")))
            }
        }
    }

    /// Puts an operator for the new shape behind the layer.
    pub(super) fn reshaped(
        &mut self,
        layer: &Layer<'_>,
        shape: Vec<usize>,
    ) -> Result<(), ImportError> {
        self.shape = shape.iter().map(|&size| Some(size)).collect();
        self.push(layer.operator(Operation::Reshape(shape)));
        Ok(())
    }

    /// How many values the layer is given.
    fn values(&self, layer: &Layer<'_>) -> Result<usize, ImportError> {
        let sizes = self.shape.iter().copied();
        let values = sizes.reduce(|all, size| all?.checked_mul(size?)).flatten();
        values.ok_or_else(|| {
            layer.refuse(
                "the file does not say how many values it is given",
                "give the model an input of fixed size and save it again",
            )
        })
    }
}

/// The shape behind a window that slides over a map. What is not known stays so.
pub(super) fn positions(
    shape: &[Option<usize>],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
    channels: Option<usize>,
) -> Vec<Option<usize>> {
    let dimensions = shape.len().saturating_sub(1);
    let position = |(&places, axis): (&Option<usize>, usize)| {
        let (kernel, stride, dilation) = (kernel[axis], stride[axis], dilation[axis]);
        let reach = kernel.checked_sub(1)?.checked_mul(dilation)?;
        match padding {
            Padding::Same => places.filter(|_| stride > 0).map(|places| places.div_ceil(stride)),
            // Zeros around the map are in its shape.
            _ => places?.checked_sub(reach)?.checked_sub(1)?.checked_div(stride)?.checked_add(1),
        }
    };
    let axes = 2_usize.saturating_sub(dimensions)..2;
    shape.iter().take(dimensions).zip(axes).map(position).chain([channels]).collect()
}

/// What is put before and behind a map in height and width.
pub(super) fn sides(layer: &Layer<'_>, dimensions: usize) -> Result<[[usize; 2]; 2], ImportError> {
    let padding = layer.get("padding").unwrap_or(&Value::Null);
    let side = |value: &Value| -> Option<[usize; 2]> {
        match value {
            Value::Array(pair) => match pair.as_slice() {
                [before, after] => Some([size(before)?, size(after)?]),
                _ => None,
            },
            value => size(value).map(|both| [both, both]),
        }
    };
    let sides = match (dimensions, padding.as_array().map(Vec::as_slice)) {
        (1, _) => side(padding).map(|width| [[0, 0], width]),
        (_, Some([height, width])) => side(height).zip(side(width)).map(<[_; 2]>::from),
        _ => side(padding).map(|both| [both, both]),
    };
    let [height, width] = sides.ok_or_else(|| {
        layer.damaged(format!(
            "its `padding` is {}; whole numbers were expected",
            shortened(padding)
        ))
    })?;
    Ok([[height[0], width[0]], [height[1], width[1]]])
}
