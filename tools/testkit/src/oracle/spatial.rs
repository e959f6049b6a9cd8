//! What a layer gives that works position by position, output after output.

use crate::arithmetic::Arithmetic;
use crate::spatial::{Kind, Spatial};

/// The outputs of a layer for a map of height × width × channels.
///
/// # Panics
/// If the map is of another size.
#[must_use]
pub fn outputs<A: Arithmetic>(spatial: &Spatial, layer: &A, map: &[A::Value]) -> Vec<A::Value> {
    assert_eq!(map.len(), spatial.inputs(), "values that go in");
    let [height, width] = &spatial.axes;
    let mut outputs = Vec::new();
    for row in 0..height.outputs {
        for column in 0..width.outputs {
            let ((top, phase_row), (left, phase_column)) =
                (height.position(row), width.position(column));
            let phase = phase_row * width.interleave + phase_column;
            for channel in 0..spatial.channels_out {
                let position = Position { spatial, map, place: [top, left] };
                outputs.push(position.output(layer, phase, channel));
            }
        }
    }
    outputs
}

struct Position<'a, V> {
    spatial: &'a Spatial,
    map: &'a [V],
    place: [usize; 2],
}

impl<V: Copy + PartialOrd> Position<'_, V> {
    fn output<A: Arithmetic<Value = V>>(&self, layer: &A, phase: usize, channel: usize) -> V {
        let channels = self.spatial.channels_out;
        let padded = |value: Option<V>| value.unwrap_or(layer.padding());
        match self.spatial.kind {
            Kind::Convolution => {
                let all = (0..self.spatial.channels_in).map(|channel| self.taps(channel));
                let all: Vec<Vec<Option<V>>> = all.collect();
                // The channels of a tap stand side by side.
                let taps = 0..all[0].len();
                let x = taps.flat_map(|tap| all.iter().map(move |taps| padded(taps[tap])));
                layer.output(phase * channels + channel, &x.collect::<Vec<V>>())
            }
            Kind::Depthwise => {
                let x: Vec<V> = self.taps(channel).into_iter().map(padded).collect();
                layer.output(channel, &x)
            }
            Kind::Maximum => layer.passed(channel, channels, largest(&self.inside(channel))),
            Kind::Average => layer.passed(channel, channels, layer.mean(&self.inside(channel))),
            Kind::Upsampling => layer.passed(channel, channels, self.inside(channel)[0]),
        }
    }

    /// What the taps read of a channel, row after row; none in the padding.
    fn taps(&self, channel: usize) -> Vec<Option<V>> {
        let [height, width] = &self.spatial.axes;
        let mut taps = Vec::new();
        for row in 0..height.kernel {
            for column in 0..width.kernel {
                let at = (height.input(self.place[0], row), width.input(self.place[1], column));
                taps.push(match at {
                    (Some(row), Some(column)) => {
                        let place = row * width.inputs + column;
                        Some(self.map[place * self.spatial.channels_in + channel])
                    }
                    _ => None,
                });
            }
        }
        taps
    }

    /// What the taps read of a channel that do not lie in the padding.
    fn inside(&self, channel: usize) -> Vec<V> {
        self.taps(channel).into_iter().flatten().collect()
    }
}

/// The first value, unless a later one is larger.
fn largest<V: Copy + PartialOrd>(values: &[V]) -> V {
    let larger = |largest, value| if value > largest { value } else { largest };
    values[1..].iter().copied().fold(values[0], larger)
}
