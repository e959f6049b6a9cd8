//! The windows of convolutions and pools, and pools.

use crate::graph::{Extent, Pending, Refusal, Shape, Understood, places};
use crate::{Operation, Padding, Pool};

use super::Reader;
use super::schema::Node;

/// A kernel, and where it is laid. Of a signal, height and vertical steps are 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) padding: Padding,
}

/// One number for each of a map's places, or of a signal's.
pub(super) fn pair(numbers: &[i64], of_signal: usize, what: &str) -> Understood<[usize; 2]> {
    let size = |number: i64| usize::try_from(number).ok();
    let sizes = match numbers {
        [height, width] => size(*height).zip(size(*width)),
        [width] => Some(of_signal).zip(size(*width)),
        _ => None,
    };
    let (height, width) = sizes.ok_or_else(|| {
        Refusal::new(
            format!("its {what} is {numbers:?}"),
            "only maps with height and width, and signals, can be imported",
        )
    })?;
    Ok([height, width])
}

impl<'a> Reader<'_, 'a> {
    pub(super) fn window(&self, node: &Node<'a>, kernel: [usize; 2]) -> Understood<Window> {
        let numbers = |name: &str| -> Understood<[usize; 2]> {
            let pair = pair(&node.i64s(name)?.unwrap_or_else(|| vec![1, 1]), 1, name)?;
            if pair.contains(&0) || kernel.contains(&0) {
                return Err(Refusal::damaged(format!("its kernel or {name} is 0")));
            }
            Ok(pair)
        };
        let (stride, dilation) = (numbers("strides")?, numbers("dilations")?);
        let lower_is_upper =
            kernel.iter().zip(dilation).zip(stride).all(|((kernel, dilation), stride)| {
                let reach = kernel.saturating_sub(1).saturating_mul(dilation);
                stride == 1 && reach.is_multiple_of(2)
            });
        let padding = match node.text("auto_pad")? {
            "" | "NOTSET" => explicit(&node.i64s("pads")?.unwrap_or_default())?,
            "VALID" => Padding::Valid,
            "SAME_UPPER" => Padding::Same,
            "SAME_LOWER" if lower_is_upper => Padding::Same,
            other => {
                return Err(Refusal::new(
                    format!("its auto_pad is {other}, with the odd place of the padding in front"),
                    "export the model with SAME_UPPER or with pads",
                ));
            }
        };
        Ok(Window { kernel, stride, dilation, padding })
    }

    /// The window with the zeros that were put around the map before it.
    pub(super) fn padded(&mut self, mut window: Window) -> Understood<Window> {
        let Some(Pending::Pad { mut before, mut after }) = self.chain.pending else {
            self.chain.settled()?;
            return Ok(window);
        };
        let own = match window.padding {
            Padding::Same => {
                return Err(Refusal::new(
                    "zeros are put around the map before it and by itself",
                    "give the convolution alone its padding",
                ));
            }
            Padding::Valid => ([0, 0], [0, 0]),
            Padding::Explicit { before, after } => (before, after),
        };
        for (sum, more) in [(&mut before, own.0), (&mut after, own.1)] {
            for (sum, more) in sum.iter_mut().zip(more) {
                *sum = sum.saturating_add(more);
            }
        }
        self.chain.pending = None;
        window.padding = Padding::Explicit { before, after };
        Ok(window)
    }

    pub(super) fn shape_behind(&self, window: &Window, channels: Extent) -> Understood<Shape> {
        let ([height, width], _) = self.chain.map()?;
        let Window { kernel: [kh, kw], stride: [sh, sw], dilation: [dh, dw], padding } = *window;
        let places =
            [places(height, kh, sh, dh, padding, 0), places(width, kw, sw, dw, padding, 1)];
        Ok(self.chain.map_shape(places, channels))
    }

    pub(super) fn pool(
        &mut self,
        node: &Node<'a>,
        operation: impl Fn(Pool) -> Operation,
    ) -> Understood<()> {
        let kernel = pair(&node.i64s("kernel_shape")?.unwrap_or_default(), 1, "kernel_shape")?;
        let window = self.window(node, kernel)?;
        if window.dilation != [1, 1] {
            return Err(Refusal::new("it has dilations", "use a pool without dilations"));
        }
        let (map, channels) = self.chain.map()?;
        if node.i64("ceil_mode", 0)? != 0 && !whole(map, &window) {
            return Err(Refusal::new(
                "with ceil_mode its last window lies partly outside the map",
                "export the model without ceil_mode",
            ));
        }
        let shape = self.shape_behind(&window, channels)?;
        let counts_padding = node.i64("count_include_pad", 0)? != 0;
        let Window { kernel, stride, padding, .. } = window;
        self.push(node, operation(Pool { kernel, stride, padding, counts_padding }), shape)
    }
}

/// Whether the strides end where the map does.
fn whole(map: [Extent; 2], window: &Window) -> bool {
    [0, 1].into_iter().all(|axis| {
        let at = |sizes: [usize; 2]| sizes.get(axis).copied();
        let padded = || {
            let (before, after) = match window.padding {
                Padding::Same => return Some(0),
                Padding::Valid => (0, 0),
                Padding::Explicit { before, after } => (at(before)?, at(after)?),
            };
            let extent = map.get(axis).copied()??.checked_add(before)?.checked_add(after)?;
            extent.checked_sub(at(window.kernel)?)?.checked_rem(at(window.stride)?)
        };
        padded() == Some(0)
    })
}

/// Padding as the file has it: all in front, then all behind.
pub(super) fn explicit(pads: &[i64]) -> Understood<Padding> {
    let sizes: Option<Vec<usize>> = pads.iter().map(|pad| usize::try_from(*pad).ok()).collect();
    let (before, after) = match sizes.as_deref() {
        Some([]) => return Ok(Padding::Valid),
        Some([left, right]) => ([0, *left], [0, *right]),
        Some([top, left, bottom, right]) => ([*top, *left], [*bottom, *right]),
        _ => {
            return Err(Refusal::new(
                format!("its pads are {pads:?}"),
                "only maps with height and width, and signals, can be padded, and not cut",
            ));
        }
    };
    match (before, after) {
        ([0, 0], [0, 0]) => Ok(Padding::Valid),
        _ => Ok(Padding::Explicit { before, after }),
    }
}
