//! Layers over maps.

use std::collections::BTreeSet;

use ae_core::{F32, Int8};
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::{Blob, Layer, Part};
use ae_testkit::draw::spatial_model;
use ae_testkit::float::{self as reals, Activation};
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::{Axis, Kind, Shape, Spatial};

use crate::compare;

/// Models of each contract.
const MODELS: usize = 300;

/// Every kind first, where it takes pixels, with every kind last, where it gives them.
fn kinds(index: usize, random: &mut SplitMix64) -> [Kind; 4] {
    let of = |index: usize| Kind::ALL[index % Kind::ALL.len()];
    [of(index), random.one_of(&Kind::ALL), random.one_of(&Kind::ALL), of(index / 5)]
}

#[test]
fn integers_of_every_kind_in_odd_shapes() {
    let (mut random, mut seen) = (SplitMix64::new(1), BTreeSet::new());
    for index in 0..MODELS {
        let (samples, kinds) = ([1, 33, 31, 32, 5][index % 5], kinds(index, &mut random));
        let layout = [Layout::Rows, Layout::RowPairs][index % 2];
        let model = spatial_model::int8(kinds, layout, &mut random);
        compare::<Int8<'_>>(&model.write(), samples, &mut random).unwrap();
        for (layer, spatial) in layers(&model) {
            let tables = layer.arithmetic.tables.len() / 256;
            let tables = ["no table", "one table", "many tables"][tables.min(2)];
            seen.insert(format!("{:?} {tables}", spatial.kind));
            seen.extend(sizes(spatial));
        }
    }
    let all = expected().chain(Kind::ALL.into_iter().flat_map(|kind| {
        ["no table", "one table", "many tables"].map(|tables| format!("{kind:?} {tables}"))
    }));
    assert_eq!(all.filter(|it| !seen.contains(it)).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn reals_of_every_kind_in_odd_shapes() {
    let (mut random, mut seen) = (SplitMix64::new(1), BTreeSet::new());
    for index in 0..MODELS {
        let (samples, kinds) = ([1, 33, 31, 32, 5][index % 5], kinds(index, &mut random));
        let model = spatial_model::float(kinds, &mut random);
        compare::<F32>(&model.write(), samples, &mut random).unwrap();
        seen.extend(layers(&model).flat_map(|(_, spatial)| sizes(spatial)));
    }
    assert_eq!(expected().filter(|it| !seen.contains(it)).collect::<Vec<_>>(), [""; 0]);
}

/// A kernel whose taps lie so far from each other that some positions read padding alone.
#[test]
fn taps_far_beside_the_map() {
    let mut random = SplitMix64::new(2);
    let far = Axis { kernel: 2, dilation: 30_000, before: 30_000, ..Axis::of(3) };
    for kind in [Kind::Convolution, Kind::Depthwise] {
        let spatial = Spatial { kind, channels_in: 3, channels_out: 3, axes: [far; 2] };
        let mut arithmetic = |shape, is_output| {
            spatial_model::int8_layer(shape, Layout::Rows, is_output, &mut random)
        };
        let encoder = vec![Layer::of(spatial, arithmetic(spatial.shape(), false))];
        let (inputs, outputs) = (spatial.outputs(), spatial.inputs());
        let back = arithmetic(Shape { kind: None, inputs, outputs }, true);
        let latent_map = [1.0_f32, 0.0].map(f32::to_le_bytes).concat().repeat(inputs);
        compare::<Int8<'_>>(&blob(encoder, back, latent_map).write(), 33, &mut random).unwrap();
    }
}

/// 0 and −0 are equal: the one that comes first is the largest.
#[test]
fn the_first_of_equal_numbers_is_the_largest() {
    let mut random = SplitMix64::new(3);
    let line = |kind, width| {
        let spatial = Spatial { kind, channels_in: 1, channels_out: 1, axes: [Axis::of(1), width] };
        assert!(spatial.follows_the_rules());
        spatial
    };
    let activation = Activation::Identity;
    let double = line(Kind::Convolution, Axis { outputs: 8, interleave: 2, ..Axis::of(4) });
    // Black pixels become −0 and 0 in turn.
    let signs = reals::F32 { activation, weights: vec![-1.0, 1.0], biases: vec![-0.0, 0.0] };
    let pairs = line(Kind::Maximum, Axis { kernel: 2, outputs: 7, ..Axis::of(8) });
    let largest = reals::F32 { activation, weights: Vec::new(), biases: Vec::new() };
    let encoder = vec![Layer::of(double, signs), Layer::of(pairs, largest)];
    let back = reals::F32 { activation, weights: vec![1.0; 28], biases: vec![0.0; 4] };
    compare::<F32>(&blob(encoder, back, Vec::new()).write(), 40, &mut random).unwrap();
}

/// A model whose decoder is one dense layer.
fn blob<A: Arithmetic>(encoder: Vec<Layer<A>>, back: A, latent_map: Vec<u8>) -> Blob<A> {
    let ends = encoder.first().zip(encoder.last()).expect("a layer");
    let (inputs, outputs) = (ends.1.outputs, ends.0.inputs);
    let decoder = vec![Layer { inputs, outputs, spatial: None, digest: 0, arithmetic: back }];
    let latent_bytes = if latent_map.is_empty() { 4 * inputs } else { inputs };
    Blob {
        model_id: [0; 16],
        in_strips: false,
        latent_map,
        tool: String::new(),
        config: Vec::new(),
        data: Vec::new(),
        detection: Vec::new(),
        encoder: Some(Part { layers: encoder, test_input: vec![0; outputs] }),
        decoder: Some(Part { layers: decoder, test_input: vec![0; latent_bytes] }),
    }
}

/// The layers over maps.
fn layers<A>(model: &Blob<A>) -> impl Iterator<Item = (&Layer<A>, &Spatial)> {
    let parts = [&model.encoder, &model.decoder].into_iter().flatten();
    let layers = parts.flat_map(|part| &part.layers);
    layers.filter_map(|layer| Some((layer, layer.spatial.as_ref()?)))
}

/// What is odd in the sizes of a layer.
fn sizes(spatial: &Spatial) -> impl Iterator<Item = String> {
    let kind = spatial.kind;
    let channels = [("in", spatial.channels_in), ("out", spatial.channels_out)];
    let channels = channels.map(|(end, count)| format!("{kind:?} {count} channels {end}"));
    let axes = spatial.axes.iter().zip(["height", "width"]);
    let axes = axes.flat_map(move |(axis, name)| {
        let end = (axis.positions() - 1) * axis.stride + axis.extent();
        let odd = [
            (axis.kernel > 1, "taps"),
            (axis.kernel > axis.inputs, "more taps than places"),
            (axis.stride > 1, "a stride"),
            (axis.dilation > 1, "a dilation"),
            (axis.before > 0, "padding before"),
            (end > axis.inputs + axis.before, "padding behind"),
            (axis.interleave > 1, "an interleave"),
            (axis.crop > 0, "a crop"),
            ((axis.outputs + axis.crop) % axis.interleave > 0, "outputs left out at the end"),
        ];
        odd.into_iter().filter(|(is, _)| *is).map(move |(_, odd)| format!("{kind:?} {name} {odd}"))
    });
    channels.into_iter().chain(axes)
}

/// What must have come up.
fn expected() -> impl Iterator<Item = String> {
    Kind::ALL.into_iter().flat_map(|kind| {
        // Convolutions are drawn with up to 6 channels out; other kinds give as many as they take.
        let channels = (1..=7).map(move |count| format!("{kind:?} {count} channels in"));
        let most = if kind == Kind::Convolution { 6 } else { 7 };
        let out = (1..=most).map(move |count| format!("{kind:?} {count} channels out"));
        let channels = channels.chain(out);
        let is_moved = kind != Kind::Upsampling;
        let odd = [
            (is_moved, "taps"),
            (is_moved, "more taps than places"),
            (is_moved, "a stride"),
            (kind.has_weights(), "a dilation"),
            (is_moved, "padding before"),
            (is_moved, "padding behind"),
            (kind.may_interleave(), "an interleave"),
            (kind.may_interleave(), "a crop"),
            (kind.may_interleave(), "outputs left out at the end"),
        ];
        let axes = ["height", "width"].into_iter().flat_map(move |name| {
            let odd = odd.into_iter().filter(|(may, _)| *may);
            odd.map(move |(_, odd)| format!("{kind:?} {name} {odd}"))
        });
        channels.chain(axes)
    })
}
