//! The samples that a layer's weights are fitted to: what goes into the dense layer that computes a
//! position, and what shall come out.
//!
//! Of a dense layer each image is a sample. Of a convolution each position of each image is one,
//! with the padding as it will be read; there are far more of them than are needed, so a bounded
//! number is taken, the same from every image, at places that are spread over the map.

use std::borrow::Cow;

use ae_core::{Geometry, Spatial, SpatialKind};
use ae_model::LayerF32;
use rayon::prelude::*;

use crate::chain::{Values, finite};
use crate::codes::Codes;
use crate::tile::SIDE;

/// Sample after sample.
pub(super) struct Columns<'v> {
    /// The integers that the weights multiply.
    pub(super) integers: Cow<'v, [i8]>,
    /// What the float network has there, before the activation, in its own order.
    pub(super) wanted: Cow<'v, [f32]>,
}

/// Values of a sample, at the wider end of the layer, times samples: the most that are gathered,
/// unless there are more images.
const GATHERED: usize = 1 << 24;

/// With more, sums of products would not be exact.
const MOST: usize = 1 << 19;

/// Samples that the weights of a layer are fitted to.
pub(super) fn samples(geometry: Geometry, images: usize) -> usize {
    let Geometry::Spatial(spatial) = geometry else { return images };
    let width = match spatial.kind {
        // Each channel is fitted alone, at the price of a tile.
        SpatialKind::Depthwise => SIDE * spatial.columns(),
        _ => spatial.field().max(spatial.columns()),
    };
    let most = (GATHERED / width.max(1)).clamp(images, MOST.max(images));
    images.saturating_mul(spatial.positions()).min(most)
}

/// A map's values in all images, and the places of them that are samples.
pub(super) struct Places<'v> {
    spatial: Spatial,
    layer: &'v LayerF32,
    integers: Cow<'v, [i8]>,
    padding: i8,
    floats: &'v Values<'v, f32>,
    values: &'v [f32],
    images: usize,
    samples: usize,
    /// From the position of a sample to that of the next.
    step: usize,
}

impl<'v> Places<'v> {
    /// `integers` and `floats` are what goes in, and `values` what the float network gives for it.
    pub(super) fn new(
        spatial: Spatial,
        layer: &'v LayerF32,
        codes: &Codes,
        integers: &'v Values<'_, i8>,
        floats: &'v Values<'v, f32>,
        values: &'v [f32],
    ) -> Self {
        let integers = integers.integers();
        let images = integers.len() / spatial.inputs();
        let samples = samples(Geometry::Spatial(spatial), images);
        let step = golden_step(spatial.positions());
        Self {
            spatial,
            layer,
            integers,
            padding: codes.zero,
            floats,
            values,
            images,
            samples,
            step,
        }
    }

    /// The samples of a convolution.
    pub(super) fn all(&self) -> Columns<'static> {
        let (field, rows) = (self.spatial.field(), self.spatial.columns());
        let mut integers = vec![0; self.samples * field];
        integers.par_chunks_mut(field).enumerate().for_each(|(sample, column)| {
            self.read(sample, 0..self.spatial.channels_in.into(), column);
        });
        let mut wanted = vec![0.0; self.samples * rows];
        wanted.par_chunks_mut(rows).enumerate().for_each(|(sample, values)| {
            let values = values.iter_mut().enumerate();
            values.for_each(|(row, value)| *value = self.value(sample, row));
        });
        Columns { integers: integers.into(), wanted: wanted.into() }
    }

    /// The samples of one channel of a depthwise convolution, which is the float network's `float`.
    pub(super) fn of_channel(&self, channel: usize, float: usize) -> Columns<'static> {
        let taps = self.spatial.taps();
        let mut integers = vec![0; self.samples * taps];
        for (sample, column) in integers.chunks_exact_mut(taps).enumerate() {
            self.read(sample, channel..channel + 1, column);
        }
        let wanted: Vec<f32> = (0..self.samples).map(|it| self.value(it, float)).collect();
        Columns { integers: integers.into(), wanted: wanted.into() }
    }

    /// The image of a sample, and its position by height and width.
    fn place(&self, sample: usize) -> (usize, usize, usize) {
        // Each image has as many samples as others, but for one.
        let image = (sample as u128 * self.images as u128 / self.samples as u128) as usize;
        let positions = self.spatial.positions() as u128;
        let position = (sample as u128 * self.step as u128 % positions) as usize;
        let width = self.spatial.width.positions();
        (image, position / width, position % width)
    }

    /// What a sample's position reads of some channels, tap after tap.
    fn read(&self, sample: usize, channels: std::ops::Range<usize>, column: &mut [i8]) {
        let (image, height, width) = self.place(sample);
        let Spatial { height: rows, width: columns, channels_in, .. } = self.spatial;
        let map = &self.integers[image * self.spatial.inputs()..][..self.spatial.inputs()];
        let taps = (0..usize::from(rows.kernel))
            .flat_map(|row| (0..usize::from(columns.kernel)).map(move |column| (row, column)));
        for ((row, tap), part) in taps.zip(column.chunks_exact_mut(channels.len())) {
            match (rows.input(height, row), columns.input(width, tap)) {
                (Some(y), Some(x)) => {
                    let at = (y * usize::from(columns.inputs) + x) * usize::from(channels_in);
                    part.copy_from_slice(&map[at..][channels.clone()]);
                }
                _ => part.fill(self.padding),
            }
        }
    }

    /// What the float network has at a sample's position for one of the weights' rows.
    fn value(&self, sample: usize, row: usize) -> f32 {
        let (image, height, width) = self.place(sample);
        let Spatial { height: rows, width: columns, channels_out, .. } = self.spatial;
        let channels = usize::from(channels_out);
        let (phase, channel) = (row / channels, row % channels);
        let across = usize::from(columns.interleave);
        let output = |axis: ae_core::Axis, position: usize, phase: usize| {
            let at = position * usize::from(axis.interleave) + phase;
            at.checked_sub(axis.crop.into()).filter(|&at| at < axis.outputs.into())
        };
        match (output(rows, height, phase / across), output(columns, width, phase % across)) {
            (Some(y), Some(x)) => {
                let at = (y * usize::from(columns.outputs) + x) * channels + channel;
                self.values[image * self.spatial.outputs() + at]
            }
            // Left out of the map, but the weights have to be fitted to something here as well.
            _ => self.sum(image, height, width, row),
        }
    }

    /// A convolution's sum for a row of its weights.
    fn sum(&self, image: usize, height: usize, width: usize, row: usize) -> f32 {
        let Spatial { height: rows, width: columns, channels_in, .. } = self.spatial;
        let channels = usize::from(channels_in);
        let weights = &self.layer.weights[row * self.spatial.field()..][..self.spatial.field()];
        let mut sum = f64::from(self.layer.bias[row]);
        for (tap, weights) in weights.chunks_exact(channels).enumerate() {
            let across = usize::from(columns.kernel);
            let place = (rows.input(height, tap / across), columns.input(width, tap % across));
            if let (Some(y), Some(x)) = place {
                let at = (y * usize::from(columns.inputs) + x) * channels;
                let at = image * self.spatial.inputs() + at;
                let values = (at..).map(|at| self.floats.real(at));
                sum += weights.iter().zip(values).map(|(&w, x)| f64::from(w) * x).sum::<f64>();
            }
        }
        finite(sum as f32)
    }
}

/// A step with which samples visit all of so many positions before any of them twice, and lie well
/// apart all the time: as near to the golden section as has no divisor in common with them.
fn golden_step(positions: usize) -> usize {
    let golden = (positions as f64 * 0.618_033_988_749_895) as usize;
    let is_coprime = |&step: &usize| {
        let (mut a, mut b) = (step, positions);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a == 1
    };
    (golden.max(1)..=positions.max(1)).find(is_coprime).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use ae_core::{Activation, Axis};
    use ae_data::Images;

    use super::*;
    use crate::chain::run_layer;
    use crate::contract::F32Contract;
    use crate::{LayerBytes, float_layers};

    fn map(height: Axis, width: Axis) -> Spatial {
        let kind = SpatialKind::Convolution;
        Spatial { kind, channels_in: 2, channels_out: 3, height, width }
    }

    /// A layer with small whole weights, the whole values that go in, and those that come out.
    fn example(spatial: Spatial, images: usize) -> (LayerF32, Vec<i8>, Vec<f32>) {
        let geometry = Geometry::Spatial(spatial);
        let layer = LayerF32 {
            geometry,
            weights: (0..geometry.weights()).map(|at| (at * at % 11) as f32 - 5.0).collect(),
            bias: (0..spatial.columns()).map(|row| row as f32).collect(),
            activation: Activation::Identity,
        };
        let count = images * spatial.inputs();
        let integers: Vec<i8> = (0..count).map(|at| (at * at % 23) as i8 - 9).collect();
        let floats = Values::Elements(integers.iter().map(|&value| value.into()).collect());
        let data = float_layers([&layer]);
        let bytes = LayerBytes { geometry, parameters: &Activation::Identity, data: &data[0] };
        let values = run_layer::<F32Contract>(&bytes, &floats, |_| Ok(())).unwrap();
        (layer, integers, values)
    }

    #[test]
    fn each_sample_is_what_a_position_reads_and_what_it_gives() {
        let valid = Axis::valid(5, 2, 1);
        let shapes = [
            map(Axis::ONE, Axis::same(7, 3, 2)),
            map(Axis::same_dilated(6, 3, 1, 2), valid),
            map(Axis::transposed(3, 2, 2), Axis::transposed(4, 3, 2)),
            // Positions at both ends have outputs that are left out.
            map(Axis::transposed(3, 4, 2), Axis::transposed(1, 4, 2)),
            map(Axis::transposed(3, 7, 3), Axis::ONE),
        ];
        for spatial in shapes {
            let (layer, integers, values) = example(spatial, 4);
            let floats = Values::Elements(integers.iter().map(|&value| value.into()).collect());
            let integers = Values::Elements(integers);
            // The code of zero is zero here.
            let codes = Codes { zero: 0, ..Codes::pixels() };
            let places = Places::new(spatial, &layer, &codes, &integers, &floats, &values);
            let columns = places.all();
            assert_eq!(places.samples, 4 * spatial.positions());
            let samples = columns.integers.chunks_exact(spatial.field());
            for (sample, wanted) in samples.zip(columns.wanted.chunks_exact(spatial.columns())) {
                let rows = layer.weights.chunks_exact(spatial.field()).zip(&layer.bias);
                for ((row, bias), &wanted) in rows.zip(wanted) {
                    let terms = row.iter().zip(sample).map(|(&w, &x)| w * f32::from(x));
                    assert_eq!(bias + terms.sum::<f32>(), wanted, "{spatial:?}");
                }
            }
        }
    }

    #[test]
    fn samples_are_bounded_and_come_from_all_images_and_all_positions() {
        let spatial = map(Axis::same(60, 3, 1), Axis::same(50, 3, 1));
        assert_eq!(samples(Geometry::Spatial(spatial), 2000), MOST);
        assert_eq!(samples(Geometry::Spatial(spatial), 2), 2 * 3000);
        assert_eq!(samples(Geometry::dense(7, 5), 2000), 2000);
        let deep = Spatial { channels_in: 400, channels_out: 400, ..spatial };
        assert_eq!(samples(Geometry::Spatial(deep), 2000), GATHERED / 3600);
        // One an image, where even that is more.
        assert_eq!(samples(Geometry::Spatial(deep), 9000), 9000);

        let (layer, integers, values) = example(spatial, 2);
        let (integers, floats) = (Values::Elements(integers), Values::Elements(Vec::new()));
        let codes = Codes::pixels();
        let mut places = Places::new(spatial, &layer, &codes, &integers, &floats, &values);
        // Half of all positions of one image, and half of the other's.
        places.samples = spatial.positions();
        let mut found: Vec<_> = (0..places.samples).map(|sample| places.place(sample)).collect();
        let of_first = found.iter().filter(|(image, _, _)| *image == 0).count();
        assert_eq!(of_first, places.samples / 2);
        found.sort_by_key(|&(_, height, width)| (height, width));
        found.dedup_by_key(|&mut (_, height, width)| (height, width));
        assert_eq!(found.len(), places.samples, "no position twice");
        // Few of them are spread over the map.
        for quarter in 0..4 {
            let here = (0..40).filter(|&it| places.place(it).1 / 15 == quarter).count();
            assert!((8..=12).contains(&here), "{here} of 40 in quarter {quarter}");
        }
    }

    #[test]
    fn pixels_are_read_as_the_weights_see_them() {
        let images = Images::new(vec![0, 51, 255], 1, 3).unwrap();
        let values: Values<'_, f32> = Values::Pixels(&images);
        assert_eq!([0, 1, 2].map(|at| values.real(at)), [0.0, 0.2, 1.0]);
    }
}
