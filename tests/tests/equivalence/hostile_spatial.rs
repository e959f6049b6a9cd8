//! Spatial layers that break a rule, in blobs whose length and checksum are right: each is refused by
//! its name and numbers.

use ae_core::{
    Arithmetic, AxisField, Direction, F32, Int8, LayerError, LoadError, MAX_WIDTH, PartKind,
    SpatialKind,
};
use ae_testkit::blob::{Blob, Layer, Part};
use ae_testkit::fields::Fields;
use ae_testkit::float::Activation;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::{Axis, Kind, Spatial};
use ae_testkit::varint::varint;
use ae_testkit::{float, int8};

const BLOB: &[u8] = include_bytes!("../../golden/tiny.spatial.int8.aeb");
const FLOAT: &[u8] = include_bytes!("../../golden/tiny.spatial.f32.aeb");

/// The encoder's layers in the golden blobs.
const CONVOLUTION: usize = 0;
const MAXIMUM: usize = 1;
const DEPTHWISE: usize = 2;
const AVERAGE: usize = 3;
/// The decoder's; its first is dense.
const UPSAMPLING: usize = 1;
const TRANSPOSED: usize = 2;

/// Each spatial layer of the blobs.
const LAYERS: [(PartKind, usize); 6] = [
    (PartKind::Encoder, CONVOLUTION),
    (PartKind::Encoder, MAXIMUM),
    (PartKind::Encoder, DEPTHWISE),
    (PartKind::Encoder, AVERAGE),
    (PartKind::Decoder, UPSAMPLING),
    (PartKind::Decoder, TRANSPOSED),
];

/// What the loader says of the blob after `change` of a layer, whose inputs and outputs are then made
/// those of its map. An error must be in that layer, or that the next does not fit it.
fn int8_with(
    place: (PartKind, usize),
    change: impl FnOnce(&mut Layer<int8::Int8>),
) -> Result<(), LayerError> {
    let mut blob = Blob::<int8::Int8>::read(BLOB);
    change(layer_of(&mut blob, place));
    let layer = layer_of(&mut blob, place);
    if let Some(spatial) = &layer.spatial {
        // Of more than 32 bits there is none that could be written.
        let most = u32::MAX as usize;
        (layer.inputs, layer.outputs) = (spatial.inputs().min(most), spatial.outputs().min(most));
    }
    if layer.shape().inputs > MAX_WIDTH {
        // Its sizes alone are wrong enough, and its data would be too long to write.
        layer.arithmetic.channels.clear();
    }
    verdict(Int8::validate(&with_latent_of_two(blob).write()), place)
}

/// A dense layer behind the encoder, so that the latent map is as long as it must be, whatever the
/// encoder's last layer gave.
fn with_latent_of_two(mut blob: Blob<int8::Int8>) -> Blob<int8::Int8> {
    let golden = Blob::<int8::Int8>::read(BLOB);
    let dense = golden.decoder.expect("a decoder").layers[0].clone();
    blob.encoder.as_mut().expect("an encoder").layers.push(dense);
    blob
}

fn layer_of<A>(blob: &mut Blob<A>, (part, index): (PartKind, usize)) -> &mut Layer<A> {
    let part: Option<&mut Part<A>> = match part {
        PartKind::Encoder => blob.encoder.as_mut(),
        PartKind::Decoder => blob.decoder.as_mut(),
    };
    &mut part.expect("both parts").layers[index]
}

fn verdict(result: Result<(), LoadError>, place: (PartKind, usize)) -> Result<(), LayerError> {
    match result {
        // The layer is good; only what is around it does not fit.
        Err(
            LoadError::Layer { error: LayerError::Chain { .. }, .. }
            | LoadError::TestInputLength { .. }
            | LoadError::HeaderDisagrees { .. },
        )
        | Ok(()) => Ok(()),
        Err(LoadError::Layer { part, index, error }) if (part, index) == place => Err(error),
        Err(other) => panic!("{place:?}: {other:?}"),
    }
}

/// The same after a change of the layer's sizes.
fn sized(place: (PartKind, usize), change: impl FnOnce(&mut Spatial)) -> Result<(), LayerError> {
    int8_with(place, |layer| change(layer.spatial.as_mut().expect("a spatial layer")))
}

const fn encoder(index: usize) -> (PartKind, usize) {
    (PartKind::Encoder, index)
}

#[test]
fn every_number_of_a_direction_has_its_bounds() {
    let most = u32::from(u16::MAX);
    for place in LAYERS {
        for (at, axis) in [Direction::Height, Direction::Width].into_iter().enumerate() {
            let refused = |field, least, most, found| {
                Err(LayerError::Axis { axis, field, least, most, found })
            };
            let with = |change: fn(&mut Axis)| sized(place, |it| change(&mut it.axes[at]));
            assert_eq!(with(|axis| axis.inputs = 0), refused(AxisField::Inputs, 1, most, 0));
            assert_eq!(with(|axis| axis.outputs = 0), refused(AxisField::Outputs, 1, most, 0));
            assert_eq!(with(|axis| axis.kernel = 0), refused(AxisField::Kernel, 1, most, 0));
            assert_eq!(with(|axis| axis.stride = 0), refused(AxisField::Stride, 1, most, 0));
            assert_eq!(with(|axis| axis.dilation = 0), refused(AxisField::Dilation, 1, most, 0));
            assert_eq!(
                with(|axis| axis.interleave = 0),
                refused(AxisField::Interleave, 1, most, 0)
            );
            let one_tap = |axis: &mut Axis| (axis.kernel, axis.before) = (1, 1);
            assert_eq!(with(one_tap), refused(AxisField::Padding, 0, 0, 1));
            let all_cropped = |axis: &mut Axis| (axis.interleave, axis.crop) = (3, 3);
            assert_eq!(with(all_cropped), refused(AxisField::Crop, 0, 2, 3));
            // Positions begin at the places 0 and 7 of seven.
            let behind = |axis: &mut Axis| {
                *axis = Axis { stride: 7, outputs: 2, ..Axis::of(7) };
            };
            assert_eq!(with(behind), refused(AxisField::LastPosition, 0, 6, 7));
        }
    }
}

/// Any numbers near their bounds: refused exactly where the format's words say so.
#[test]
fn the_loader_takes_the_sizes_that_the_format_allows() {
    let mut random = SplitMix64::new(5);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..4000 {
        let place = random.one_of(&LAYERS);
        let mut rules = None;
        let result = sized(place, |spatial| {
            for _ in 0..1 + random.below(3) {
                let number = random.one_of(&[0, 1, 1, 2, 2, 3, 4, 5, 7, 255, 256, 257, 65_535]);
                let axis = &mut spatial.axes[random.below(2)];
                match random.below(12) {
                    0 => axis.inputs = number,
                    1 => axis.outputs = number,
                    2 => axis.kernel = number,
                    3 | 4 => axis.stride = number,
                    5 => axis.dilation = number,
                    6 => axis.before = number,
                    7 => axis.interleave = number,
                    8 => axis.crop = number,
                    9 => spatial.channels_in = number,
                    10 => spatial.channels_out = number,
                    _ => (spatial.channels_in, spatial.channels_out) = (number, number),
                }
            }
            rules = Some(no_zeros(spatial) && spatial.follows_the_rules());
        });
        match (result, rules.expect("sizes")) {
            // The data are those of other sizes, or the tables of other channels.
            (
                Ok(()) | Err(LayerError::DataLength { .. } | LayerError::TableLength { .. }),
                true,
            ) => {
                accepted += 1;
            }
            (
                Err(
                    LayerError::Axis { .. }
                    | LayerError::Channels { .. }
                    | LayerError::Kind { .. }
                    | LayerError::Products { .. }
                    | LayerError::Map { .. }
                    | LayerError::Width { .. },
                ),
                false,
            ) => refused += 1,
            (result, rules) => panic!("{result:?}, and the rules say {rules}"),
        }
    }
    println!("{accepted} sizes taken, {refused} refused, as the format says");
    assert!(accepted > 300 && refused > 300);
}

/// Whether the rules can be asked at all.
fn no_zeros(spatial: &Spatial) -> bool {
    spatial.axes.iter().all(|axis| axis.kernel > 0 && axis.interleave > 0 && axis.outputs > 0)
}

#[test]
fn kinds_that_are_not_known_and_sizes_of_another_length() {
    for place in LAYERS {
        let name = |field: &str| format!("{}.{}.{field}", place.0, place.1);
        let refused = |fields: Fields| verdict(Int8::validate(&fields.realigned().sealed()), place);
        for found in [0, 6, 128, 255] {
            let fields = Fields::of(BLOB).with(&name("kind"), [found]);
            assert_eq!(refused(fields), Err(LayerError::UnknownKind { found }));
        }
        let expected = Spatial::BYTES;
        let shorter = Fields::of(BLOB).with(&name("spatial.len"), varint(35));
        let shorter = shorter.with(&name("width.crop"), []);
        assert_eq!(refused(shorter), Err(LayerError::SpatialLength { expected, found: 35 }));
        let longer = Fields::of(BLOB).with(&name("spatial.len"), varint(38));
        let longer = longer.with(&name("width.crop"), [0, 0, 0]);
        assert_eq!(refused(longer), Err(LayerError::SpatialLength { expected, found: 38 }));
    }
}

#[test]
fn maps_of_another_number_of_values() {
    for place in LAYERS {
        let mut blob = Blob::<int8::Int8>::read(BLOB);
        let layer = layer_of(&mut blob, place);
        let expected = (layer.inputs, layer.outputs);
        for found in [
            (expected.0 + 1, expected.1),
            (expected.0, expected.1 - 1),
            (0, expected.1),
            (expected.0, u32::MAX as usize),
        ] {
            let mut blob = with_latent_of_two(blob.clone());
            let layer = layer_of(&mut blob, place);
            (layer.inputs, layer.outputs) = found;
            let pair = |(inputs, outputs): (usize, usize)| [inputs as u32, outputs as u32];
            let error = LayerError::Map { expected: pair(expected), found: pair(found) };
            assert_eq!(verdict(Int8::validate(&blob.write()), place), Err(error));
        }
    }
}

#[test]
fn channels_and_widths_out_of_their_bounds() {
    for (place, kind) in [
        (encoder(MAXIMUM), SpatialKind::Maximum),
        (encoder(DEPTHWISE), SpatialKind::Depthwise),
        (encoder(AVERAGE), SpatialKind::Average),
        ((PartKind::Decoder, UPSAMPLING), SpatialKind::Upsampling),
    ] {
        let error = LayerError::Channels { kind, expected: 2, found: 3 };
        assert_eq!(sized(place, |spatial| spatial.channels_out = 3), Err(error));
    }
    let none = Err(LayerError::Width { limit: MAX_WIDTH, found: 0 });
    assert_eq!(sized(encoder(CONVOLUTION), |spatial| spatial.channels_out = 0), none);
    // 16 places of 4,096 channels.
    let over = Err(LayerError::Width { limit: MAX_WIDTH, found: 65_536 });
    assert_eq!(sized(encoder(CONVOLUTION), |spatial| spatial.channels_in = 4096), over);
    // A transposed convolution of two outputs in each direction, of 16,384 channels.
    let most = |spatial: &mut Spatial| {
        spatial.axes = [Axis { interleave: 2, ..Axis::of(1) }; 2];
        spatial.channels_out = 16_384;
    };
    assert_eq!(sized(encoder(CONVOLUTION), most), over);
}

#[test]
fn numbers_that_a_kind_has_no_use_for() {
    let twice = |spatial: &mut Spatial| spatial.axes[1].interleave = 2;
    let holes = |spatial: &mut Spatial| spatial.axes[0].dilation = 2;
    let refused = |kind| Err(LayerError::Kind { kind });
    for (index, kind) in [(MAXIMUM, SpatialKind::Maximum), (AVERAGE, SpatialKind::Average)] {
        assert_eq!(sized(encoder(index), twice), refused(kind));
        assert_eq!(sized(encoder(index), holes), refused(kind));
    }
    assert_eq!(sized(encoder(DEPTHWISE), twice), refused(SpatialKind::Depthwise));
    assert_eq!(sized(encoder(DEPTHWISE), holes), Ok(()));
    let upsampling = (PartKind::Decoder, UPSAMPLING);
    let two_taps = |spatial: &mut Spatial| spatial.axes[0].kernel = 2;
    let strides = |spatial: &mut Spatial| spatial.axes[1].stride = 2;
    assert_eq!(sized(upsampling, two_taps), refused(SpatialKind::Upsampling));
    assert_eq!(sized(upsampling, strides), refused(SpatialKind::Upsampling));
}

#[test]
fn fields_that_a_kind_makes_no_use_of() {
    let unused = |field| Err(LayerError::Unused { field });
    let without_weights = [encoder(MAXIMUM), encoder(AVERAGE), (PartKind::Decoder, UPSAMPLING)];
    for place in without_weights {
        let padding = int8_with(place, |layer| layer.arithmetic.padding = 1);
        assert_eq!(padding, unused("code for the padding"));
        let zero_point = int8_with(place, |layer| layer.arithmetic.zero_point = -1);
        assert_eq!(zero_point, unused("zero point"));
        let layout = int8_with(place, |layer| layer.arithmetic.layout = Layout::RowPairs);
        assert_eq!(layout, unused("layout"));
        // A mean alone has halves.
        let rounding = int8_with(place, |layer| layer.arithmetic.is_rounded_twice = true);
        let is_mean = place == encoder(AVERAGE);
        assert_eq!(rounding, if is_mean { Ok(()) } else { unused("second rounding") });
    }
    let dense = int8_with((PartKind::Decoder, 0), |layer| layer.arithmetic.padding = -128);
    assert_eq!(dense, unused("code for the padding"));
    let pairs = |layer: &mut Layer<int8::Int8>| layer.arithmetic.layout = Layout::RowPairs;
    assert_eq!(int8_with(encoder(DEPTHWISE), pairs), unused("layout"));
    assert_eq!(int8_with(encoder(CONVOLUTION), pairs), Ok(()));
    // Only dense layers are one-hot.
    for place in LAYERS {
        let one_hot = int8_with(place, |layer| {
            layer.arithmetic.layout = Layout::OneHot;
            (layer.arithmetic.zero_point, layer.arithmetic.padding) = (0, 0);
            layer.arithmetic.tables.clear();
        });
        assert_eq!(one_hot, Err(LayerError::OneHot), "{place:?}");
    }
}

#[test]
fn codes_for_the_padding_are_any_i8() {
    for place in [encoder(CONVOLUTION), encoder(DEPTHWISE), (PartKind::Decoder, TRANSPOSED)] {
        for padding in [-128, -1, 0, 127] {
            assert_eq!(int8_with(place, |layer| layer.arithmetic.padding = padding), Ok(()));
        }
    }
}

#[test]
fn data_where_there_is_none_and_of_other_lengths() {
    // Bytes behind a pool, as if it had weights.
    let fields = Fields::of(BLOB).with("encoder.1.data.len", [1, 0]).realigned();
    let error = LayerError::DataLength { expected: 0, found: 1 };
    assert_eq!(verdict(Int8::validate(&fields.sealed()), encoder(MAXIMUM)), Err(error));
    let refused = |place, fields: Fields| verdict(Int8::validate(&fields.sealed()), place);
    // One tap more in a direction: 12 weights of 2 outputs, and 18 bytes.
    let more = Fields::of(BLOB).with("encoder.0.height.kernel", [4, 0]);
    let error = LayerError::DataLength { expected: 24 + 18, found: 38 };
    assert_eq!(refused(encoder(CONVOLUTION), more), Err(error));
    let more = Fields::of(BLOB).with("encoder.2.width.kernel", [3, 0]);
    let error = LayerError::DataLength { expected: 12 + 18, found: 26 };
    assert_eq!(refused(encoder(DEPTHWISE), more), Err(error));
    // One channel less for each of four outputs of a position.
    let less = Fields::of(BLOB).with("decoder.2.channels_in", [1, 0]).with("decoder.2.inputs", [4]);
    let error = LayerError::DataLength { expected: 16 + 36, found: 32 + 36 };
    assert_eq!(refused((PartKind::Decoder, TRANSPOSED), less), Err(error));
}

#[test]
fn tables_are_those_of_channels() {
    // The transposed convolution has four outputs of a position, all other layers two channels.
    for (place, least, rows) in [
        (encoder(CONVOLUTION), 0, 2),
        (encoder(MAXIMUM), 0, 2),
        (encoder(DEPTHWISE), 0, 2),
        (encoder(AVERAGE), 0, 2),
        ((PartKind::Decoder, UPSAMPLING), 0, 2),
        ((PartKind::Decoder, TRANSPOSED), 1, 4),
    ] {
        for tables in 0..6 {
            let found = int8_with(place, |layer| layer.arithmetic.tables = vec![7; 256 * tables]);
            let fits = tables <= rows && tables != 3 && tables >= least;
            let error = match tables {
                0 => LayerError::NoOutputTable,
                _ => LayerError::TableLength { found: 256 * tables },
            };
            assert_eq!(found, if fits { Ok(()) } else { Err(error) }, "{place:?} {tables}");
        }
    }
}

/// A decoder's last layer gives pixels, whatever its kind.
#[test]
fn a_last_layer_without_a_table() {
    for kind in Kind::ALL {
        let mut random = SplitMix64::new(9);
        let mut blob = ae_testkit::draw::spatial_model::int8([kind; 4], Layout::Rows, &mut random);
        assert_eq!(Int8::validate(&blob.write()), Ok(()));
        let last = blob.decoder.as_mut().and_then(|part| part.layers.last_mut());
        last.expect("a layer").arithmetic.tables.clear();
        let found = verdict(Int8::validate(&blob.write()), (PartKind::Decoder, 2));
        assert_eq!(found, Err(LayerError::NoOutputTable), "{kind:?}");
    }
}

#[test]
fn weights_biases_multipliers_and_shifts_out_of_range() {
    for (place, channel) in
        [(encoder(CONVOLUTION), 1), (encoder(DEPTHWISE), 1), ((PartKind::Decoder, TRANSPOSED), 3)]
    {
        let with = |change: &dyn Fn(&mut int8::Channel)| {
            int8_with(place, |layer| change(&mut layer.arithmetic.channels[channel]))
        };
        let weight = with(&|it| *it.weights.last_mut().unwrap() = -128);
        assert_eq!(weight, Err(LayerError::WeightRange { channel }));
        let multiplier = with(&|it| it.parameters.multiplier = -1);
        assert_eq!(multiplier, Err(LayerError::Multiplier { channel, found: -1 }));
        for found in [0, 23] {
            let shift = with(&|it| it.parameters.shift = found);
            assert_eq!(shift, Err(LayerError::Shift { channel, found }));
        }
        let largest = |it: &int8::Channel| int8::Channel::largest_bias(&it.weights);
        for sign in [-1, 1] {
            assert_eq!(with(&|it| it.parameters.bias = sign * largest(it)), Ok(()));
            let beyond = with(&|it| it.parameters.bias = sign * (largest(it) + 1));
            assert_eq!(beyond, Err(LayerError::SumOverflow { channel, bound: 1 << 31 }));
        }
    }
}

#[test]
fn zeros_inside_the_data_are_zero() {
    // Nine weights of two outputs, and two zeros; a dense layer of four weights has none.
    let mut fields = Fields::of(BLOB);
    fields.bytes("encoder.0.padding")[1] = 1;
    let found = verdict(Int8::validate(&fields.sealed()), encoder(CONVOLUTION));
    assert_eq!(found, Err(LayerError::PaddingNotZero));
    // Of a depthwise convolution of three channels and five taps there is one.
    let mut random = SplitMix64::new(3);
    let width = Axis { kernel: 5, before: 2, ..Axis::of(4) };
    let spatial = Spatial {
        kind: Kind::Depthwise,
        channels_in: 3,
        channels_out: 3,
        axes: [Axis::of(1), width],
    };
    let arithmetic = ae_testkit::draw::spatial_model::int8_layer(
        spatial.shape(),
        Layout::Rows,
        true,
        &mut random,
    );
    let mut blob = Blob::<int8::Int8>::read(BLOB);
    let decoder = blob.decoder.as_mut().expect("a decoder");
    decoder.layers = vec![Layer::of(spatial, arithmetic)];
    decoder.test_input = vec![0; 12];
    blob.latent_map = [1.0_f32, 0.0].map(f32::to_le_bytes).concat().repeat(12);
    blob.encoder = None;
    assert_eq!(Int8::validate(&blob.write()), Ok(()));
    let mut fields = Fields::of(&blob.write());
    fields.bytes("decoder.0.padding")[0] = 0x80;
    let found = verdict(Int8::validate(&fields.sealed()), (PartKind::Decoder, 0));
    assert_eq!(found, Err(LayerError::PaddingNotZero));
}

#[test]
fn reals_are_finite_and_not_one_hot() {
    let with = |place, change: &dyn Fn(&mut float::F32)| {
        let mut blob = Blob::<float::F32>::read(FLOAT);
        change(&mut layer_of(&mut blob, place).arithmetic);
        verdict(F32::validate(&blob.write()), place)
    };
    for place in LAYERS {
        let one_hot = with(place, &|it| it.activation = Activation::OneHot);
        assert_eq!(one_hot, Err(LayerError::OneHot), "{place:?}");
        for activation in Activation::ALL {
            assert_eq!(with(place, &|it| it.activation = activation), Ok(()));
        }
    }
    for value in [f32::NAN, f32::INFINITY] {
        let weight = with(encoder(DEPTHWISE), &|it| it.weights[5] = value);
        assert_eq!(weight, Err(LayerError::NotFinite { index: 5 }));
        let bias = with(encoder(CONVOLUTION), &|it| it.biases[1] = value);
        assert_eq!(bias, Err(LayerError::NotFinite { index: 19 }));
    }
    let weights = |it: &mut float::F32| it.weights.push(0.0);
    let error = LayerError::DataLength { expected: 0, found: 4 };
    assert_eq!(with(encoder(AVERAGE), &weights), Err(error));
}

/// What the header says of scratch is what the layers take, to the element.
#[test]
fn scratch_is_that_of_the_layers() {
    for blob in [BLOB, FLOAT] {
        for (field, part) in [("encoder_scratch", 0), ("decoder_scratch", 1)] {
            let sizes = if blob == BLOB {
                Blob::<int8::Int8>::read(blob).sizes()
            } else {
                Blob::<float::F32>::read(blob).sizes()
            };
            let body = sizes.scratch[part] as u32;
            for header in [body - 1, body + 1] {
                let name = format!("header.{field}");
                let sealed = Fields::of(blob).with(&name, header.to_le_bytes()).sealed();
                let found =
                    if blob == BLOB { Int8::validate(&sealed) } else { F32::validate(&sealed) };
                assert_eq!(found, Err(LoadError::HeaderDisagrees { field, header, body }));
            }
        }
    }
}

/// What was made before there were spatial layers, with the way to make it anew.
#[test]
fn version_3_is_refused_by_its_number() {
    let blob = Fields::of(BLOB).with("header.version", 3_u32.to_le_bytes()).sealed();
    let error = Int8::validate(&blob).unwrap_err();
    assert_eq!(error, LoadError::UnsupportedVersion { supported: 4, found: 3 });
    assert!(error.to_string().contains("quantise the model again"), "{error}");
}
