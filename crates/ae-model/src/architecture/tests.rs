use ae_core::{Activation, Geometry, SpatialKind, Totals};

use super::walk::walk;
use super::*;
use crate::{AutoencoderConfig, Code, LayerShape, ModelError};

const IMAGE: Map = Map::image(28, 28);

fn config(architecture: Architecture) -> AutoencoderConfig {
    AutoencoderConfig {
        input: architecture.input_map().values(),
        hidden: Vec::new(),
        latent: architecture.latent().unwrap_or_default(),
        activation: crate::Activation::Relu,
        code: Code::Linear,
        architecture: Some(architecture),
    }
}

fn preset(preset: Preset, data: Map, latent: usize) -> AutoencoderConfig {
    config(preset.architecture(data, latent))
}

/// Such as `28×28×1 → 14×14×16`.
fn shapes(config: &AutoencoderConfig) -> Vec<String> {
    let of = |shape: LayerShape| match shape.geometry {
        Geometry::Dense(dense) => format!("{} → {}", dense.inputs, dense.outputs),
        Geometry::Spatial(it) => format!(
            "{}×{}×{} → {}×{}×{}",
            it.height.inputs,
            it.width.inputs,
            it.channels_in,
            it.height.outputs,
            it.width.outputs,
            it.channels_out
        ),
    };
    config.shapes().into_iter().map(of).collect()
}

fn resolved(text: &str) -> Result<Architecture, ArchitectureError> {
    Architecture::from_toml(text)?.resolve(Map::image(6, 6), None)
}

fn refused(text: &str) -> String {
    resolved(text).unwrap_err().to_string()
}

/// A table whose first layer is this one.
fn with_first(layer: &str) -> String {
    format!(
        "[[encoder]]\n{layer}\n\n[[encoder]]\nkind = \"dense\"\noutputs = 2\n\n[[decoder]]\nkind = \
         \"dense\"\noutputs = 36\n"
    )
}

#[test]
fn conv_is_the_network_of_the_figures() {
    let config = preset(Preset::Conv, IMAGE, 20);
    config.validate().unwrap();
    let expected = [
        "28×28×1 → 14×14×16",
        "14×14×16 → 7×7×24",
        "7×7×24 → 4×4×48",
        "768 → 20",
        "20 → 980",
        "7×7×20 → 7×7×24",
        "7×7×24 → 14×14×16",
        "14×14×16 → 28×28×1",
    ];
    assert_eq!(shapes(&config), expected);
    assert_eq!((config.parameters(), config.multiply_adds()), (56_540, 798_256));
    use Activation::{Identity, Relu, Sigmoid};
    let activations: Vec<_> = config.shapes().iter().map(|shape| shape.activation).collect();
    assert_eq!(activations, [Relu, Relu, Relu, Identity, Relu, Relu, Relu, Sigmoid]);
}

#[test]
fn conv1d_is_the_network_it_is_measured_against() {
    let config = preset(Preset::Conv1d, Map::window(256, 3), 8);
    config.validate().unwrap();
    let expected = [
        "1×256×3 → 1×64×16",
        "1×64×16 → 1×32×32",
        "1×32×32 → 1×16×32",
        "512 → 8",
        "8 → 512",
        "1×16×32 → 1×32×32",
        "1×32×32 → 1×64×16",
        "1×64×16 → 1×256×3",
    ];
    assert_eq!(shapes(&config), expected);
    // As CMSIS-NN counts N2.
    assert_eq!(config.multiply_adds(), 244_736);
}

#[test]
fn separable_works_channel_by_channel() {
    let config = preset(Preset::Separable, IMAGE, 20);
    let kinds: Vec<_> = config.shapes().into_iter().map(|shape| shape.geometry).collect();
    let count = |kind| {
        let of_kind = |it: &&Geometry| matches!(it, Geometry::Spatial(it) if it.kind == kind);
        kinds.iter().filter(of_kind).count()
    };
    use SpatialKind::{Average, Convolution, Depthwise, Maximum, Upsampling};
    let counts = [Convolution, Depthwise, Maximum, Average, Upsampling].map(count);
    // Three pointwise ones on the way back, and one of them and one with a stride on the way there.
    assert_eq!(counts, [5, 3, 1, 0, 2]);
    assert!(config.multiply_adds() < preset(Preset::Conv, IMAGE, 20).multiply_adds());
}

#[test]
fn presets_fit_every_size() {
    let sizes = [1, 2, 3, 4, 5, 7, 8, 9, 11, 16, 27, 31, 64, 100, 255];
    for it in Preset::ALL {
        for height in sizes {
            for width in sizes {
                let data = Map::image(height, width);
                preset(it, data, 1)
                    .validate()
                    .unwrap_or_else(|error| panic!("{it} {data}: {error}"));
            }
        }
        for samples in [1, 2, 3, 5, 10, 50, 63, 64, 97, 120, 1000] {
            for channels in [1, 2, 3, 6, 9, 51] {
                let data = Map::window(samples, channels);
                preset(it, data, 3)
                    .validate()
                    .unwrap_or_else(|error| panic!("{it} {data}: {error}"));
            }
        }
    }
    // A dense layer of more values could not be quantised.
    for (it, data) in [
        (Preset::Conv, Map::image(250, 250)),
        (Preset::Conv1d, Map::window(60_000, 1)),
        (Preset::Separable, Map::image(4, 16_000)),
    ] {
        let latent = preset(it, data, 1).encoder_shapes().pop().unwrap();
        assert!(latent.inputs() <= 8192, "{it} {data}: {}", latent.inputs());
    }
    // The widest that a blob can hold.
    for data in [Map::image(1, 65_535), Map::image(255, 257), Map::window(65_535, 1)] {
        for it in Preset::ALL {
            preset(it, data, 1).validate().unwrap_or_else(|error| panic!("{it} {data}: {error}"));
        }
    }
}

#[test]
fn what_strides_made_too_many_is_left_out() {
    let config = preset(Preset::Conv, Map::image(27, 31), 4);
    let shapes = shapes(&config);
    assert_eq!(shapes[0], "27×31×1 → 14×16×16");
    assert_eq!(shapes[1], "14×16×16 → 7×8×24");
    assert_eq!(shapes[7], "14×16×16 → 27×31×1");
    // Strides of a window divide it, where they can.
    let config = preset(Preset::Conv1d, Map::window(45, 2), 4);
    assert_eq!(self::shapes(&config)[..3], ["1×45×2 → 1×15×16", "1×15×16 → 1×5×32", "160 → 4"]);
}

#[test]
fn the_rows_of_an_image_are_samples_of_a_signal() {
    let config = preset(Preset::Conv1d, IMAGE, 4);
    assert_eq!(shapes(&config)[0], "1×28×28 → 1×7×32");
    assert_eq!(config.input, 784);
}

#[test]
fn every_kind_has_its_shape() {
    let text = r#"
        [input]
        height = 12

        [[encoder]]
        kind = "convolution"
        channels = 4
        kernel = [5, 3]
        dilation = [2, 1]
        padding = "valid"
        activation = "silu"

        [[encoder]]
        kind = "depthwise"
        kernel = 3
        stride = [1, 2]

        [[encoder]]
        kind = "maximum"
        kernel = [2, 1]

        [[encoder]]
        kind = "average"
        kernel = 2
        stride = 1
        padding = "valid"

        [[encoder]]
        kind = "global-average"

        [[decoder]]
        kind = "dense"
        outputs = 12

        [[decoder]]
        kind = "reshape"
        height = 3
        width = 2
        channels = 2

        [[decoder]]
        kind = "upsampling"
        factor = 2
        size = [5, 4]

        [[decoder]]
        kind = "transposed"
        channels = 1
        kernel = [5, 4]
        stride = [5, 2]
        size = [24, 8]

        [[decoder]]
        kind = "average"
        kernel = [2, 1]
    "#;
    let architecture = Architecture::from_toml(text).unwrap();
    let architecture = architecture.resolve(Map::image(12, 8), None).unwrap();
    let config = config(architecture);
    config.validate().unwrap();
    let expected = [
        "12×8×1 → 4×6×4",
        "4×6×4 → 4×3×4",
        "4×3×4 → 2×3×4",
        "2×3×4 → 1×2×4",
        "1×2×4 → 1×1×4",
        "4 → 12",
        "3×2×2 → 5×4×2",
        "5×4×2 → 24×8×1",
        "24×8×1 → 12×8×1",
    ];
    assert_eq!(shapes(&config), expected);
    use Activation::{Identity, Relu, Sigmoid, Silu};
    let activations: Vec<_> = config.shapes().iter().map(|shape| shape.activation).collect();
    let expected = [Silu, Relu, Identity, Identity, Identity, Relu, Identity, Relu, Sigmoid];
    assert_eq!(activations, expected);
    let Geometry::Spatial(transposed) = config.shapes()[7].geometry else { panic!("no map") };
    assert_eq!(transposed.width, ae_core::Axis::transposed(4, 4, 2));
    assert_eq!((transposed.height.interleave, transposed.height.positions()), (5, 5));
    // What has no weights has no parameters.
    let pools = config.shapes().into_iter().filter(|shape| shape.weights() == 0);
    assert_eq!(Totals::of(pools.map(|shape| shape.geometry)).parameters, 0);
}

#[test]
fn one_number_is_for_the_width_of_a_signal() {
    let text = with_first("kind = \"convolution\"\nchannels = 1\nkernel = 5\nstride = 2");
    let signal = Architecture::from_toml(&text).unwrap();
    let signal = config(signal.resolve(Map::window(36, 1), None).unwrap());
    assert_eq!(shapes(&signal)[0], "1×36×1 → 1×18×1");
    assert_eq!(signal.shapes()[0].weights(), 5);
    let image = config(resolved(&text).unwrap());
    assert_eq!(shapes(&image)[0], "6×6×1 → 3×3×1");
    assert_eq!(image.shapes()[0].weights(), 25);
}

#[test]
fn the_latent_is_what_was_asked_for() {
    let text = with_first("kind = \"maximum\"\nkernel = 2");
    let open = text.replace("outputs = 2", "outputs = \"latent\"");
    let resolve = |text: &str, latent| {
        Architecture::from_toml(text).unwrap().resolve(Map::image(6, 6), latent)
    };
    assert_eq!(resolve(&open, Some(7)).unwrap().latent(), Ok(7));
    assert_eq!(resolve(&open, None), Err(ArchitectureError::LatentOpen));
    assert_eq!(resolve(&text, None).unwrap().latent(), Ok(2));
    let error = resolve(&text, Some(7)).unwrap_err();
    assert_eq!(error, ArchitectureError::Latent { expected: 7, found: 2 });

    let chosen = |choice: ArchitectureChoice, latent| -> Result<usize, ModelError> {
        Ok(choice.resolve(Map::image(6, 6), latent, 4)?.latent()?)
    };
    let table =
        |text: &str| ArchitectureChoice::table("a".into(), Architecture::from_toml(text).unwrap());
    let conv = ArchitectureChoice::from(Preset::Conv);
    assert_eq!([chosen(conv.clone(), None), chosen(conv, Some(3))], [Ok(4), Ok(3)]);
    assert_eq!([chosen(table(&open), None), chosen(table(&open), Some(3))], [Ok(4), Ok(3)]);
    assert_eq!(chosen(table(&text), None), Ok(2));
    assert!(chosen(table(&text), Some(3)).is_err());
    assert_eq!(chosen(table(&open), Some(0)), Err(ModelError::EmptyLatent));
}

#[test]
fn what_cannot_be_is_named_with_its_layer_and_its_numbers() {
    for (layer, words) in [
        ("kind = \"convolution\"\nkernel = 3", "encoder.0 is convolution, which needs `channels`"),
        (
            "kind = \"global-average\"\nactivation = \"relu\"",
            "encoder.0 is global-average, which has no `activation`, but its kind",
        ),
        (
            "kind = \"maximum\"\nkernel = 2\nchannels = 3",
            "encoder.0 is maximum, which has no `channels`, but kernel, stride, padding",
        ),
        ("kind = \"convolve\"", "line 2: unknown variant `convolve`"),
        ("kind = \"dense\"\noutputs = 3\nwidths = 2", "line 4: unknown field `widths`"),
        (
            "kind = \"dense\"\noutputs = \"all\"",
            "line 3: invalid value: string \"all\", expected a",
        ),
        ("kind = \"average\"\nkernel = [1, 2, 3]", "line 3: "),
        ("kind = \"average\"\nkernel = -1", "line 3: a number below 0"),
        (
            "kind = \"average\"\nkernel = 0",
            "encoder.0 (average) has kernel = 0, expected 1 to 65535",
        ),
        (
            "kind = \"convolution\"\nchannels = 70000\nkernel = 3",
            "has channels = 70000, expected 1 to 65535",
        ),
        (
            "kind = \"average\"\nkernel = [2, 7]\npadding = \"valid\"",
            "encoder.0 (average) reads 7 values along the width of 6×6×1, which has 6",
        ),
        (
            "kind = \"transposed\"\nchannels = 2\nkernel = 3\nstride = 2",
            "has kernel = 3, expected a multiple of the stride 2",
        ),
        ("kind = \"upsampling\"\nfactor = 3\nsize = [18, 15]", "has size = 15, expected 16 to 18"),
        (
            "kind = \"upsampling\"\nfactor = 20000",
            "has factor = 20000, expected at most 10922 where the map is 6 long",
        ),
        (
            "kind = \"convolution\"\nchannels = 4000\nkernel = 1",
            "encoder.0 (convolution, 6×6×1 → 6×6×4000) cannot be: ",
        ),
        (
            "kind = \"reshape\"\nwidth = 5\nchannels = 7",
            "encoder.0 (reshape) sees 36 values as 1×5×7, which has 35",
        ),
        (
            "kind = \"dense\"\noutputs = 36\n\n[[encoder]]\nkind = \"depthwise\"\nkernel = 3",
            "encoder.1 (depthwise) takes a map of height × width × channels, the layer before gives \
             36 values",
        ),
    ] {
        let message = refused(&with_first(layer));
        assert!(message.contains(words), "{words}: {message}");
    }
    // A reshape does not count.
    let behind = "kind = \"reshape\"\nwidth = 6\nchannels = 6\n\n[[encoder]]\nkind = \"depthwise\"";
    let behind = refused(&with_first(behind));
    assert_eq!(behind, "encoder.0 is depthwise, which needs `kernel`");
    let good = with_first("kind = \"maximum\"\nkernel = 2");
    resolved(&good).unwrap();
    let short = refused(&good.replace("36", "35"));
    assert_eq!(short, "the decoder ends in 35 values, expected the input, 6×6×1");
    let active = good.replace("outputs = 2\n", "outputs = 2\nactivation = \"relu\"\n");
    let active = refused(&active);
    assert!(
        active.starts_with("encoder.1 (dense) has activation = relu, expected none"),
        "{active}"
    );
    let last = refused(&format!("{good}activation = \"identity\""));
    assert!(last.starts_with("decoder.0 (dense) has activation = identity"), "{last}");
    let other = refused(&format!("[input]\nchannels = 3\n{good}"));
    assert_eq!(other, "[input] says channels = 3, the data has 1 (6×6×1)");
    let nothing = refused("decoder = []\nencoder = []");
    assert!(nothing.starts_with("the encoder has no layers"), "{nothing}");
    assert!(refused("[[encoder]]\nkind = \"global-average\"").contains("missing field `decoder`"));
}

#[test]
fn a_configuration_agrees_with_its_architecture() {
    let good = preset(Preset::Conv, IMAGE, 20);
    let hidden = AutoencoderConfig { hidden: vec![3], ..good.clone() };
    assert_eq!(hidden.validate(), Err(ModelError::HiddenBesideArchitecture { found: 1 }));
    let code = AutoencoderConfig { code: Code::OneHot, ..good.clone() };
    assert_eq!(code.validate(), Err(ModelError::PrototypesWithArchitecture));
    let input = AutoencoderConfig { input: 783, ..good.clone() };
    assert_eq!(
        input.validate(),
        Err(ModelError::ArchitectureInput { expected: IMAGE, found: 783 })
    );
    let latent = AutoencoderConfig { latent: 3, ..good.clone() };
    let error = ArchitectureError::Latent { expected: 3, found: 20 };
    assert_eq!(latent.validate(), Err(error.into()));
    let mut broken = good;
    broken.architecture.as_mut().unwrap().encoder.clear();
    assert!(matches!(broken.validate(), Err(ModelError::Architecture(_))));
    // Whoever asks in spite of that is told of no layers.
    assert_eq!((broken.shapes().len(), broken.parameters()), (0, 0));
}

#[test]
fn a_resolved_architecture_is_the_same_as_text() {
    for it in Preset::ALL {
        let config = preset(it, Map::image(27, 31), 4);
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<AutoencoderConfig>(&json).unwrap(), config);
        let toml = toml::to_string(config.architecture.as_ref().unwrap()).unwrap();
        assert_eq!(
            Architecture::from_toml(&toml).as_ref(),
            Ok(config.architecture.as_ref().unwrap())
        );
    }
    let open = with_first("kind = \"maximum\"\nkernel = 2");
    let open = open.replace("outputs = 2\n", "outputs = \"latent\"\n");
    let table = Architecture::from_toml(&open).unwrap();
    assert_eq!(table.encoder[1].outputs, Some(Outputs::Latent));
    assert_eq!(Architecture::from_toml(&toml::to_string(&table).unwrap()), Ok(table.clone()));
    // Before it is resolved, it has no shapes.
    assert!(walk(&table, Activation::Relu).is_err());
}
