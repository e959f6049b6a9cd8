//! Behind its header a blob is one postcard value: any program with postcard and these few types
//! can read it.

use ae_core::{F32Model, Header, Int8Model, PartSelection};
use ae_tests::models::{PROVENANCE, small_blobs};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// All that stands behind the header; `A` is what the contract adds to a layer.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Body<A> {
    input: InputMap,
    latent_map: Vec<u8>,
    provenance: Provenance,
    detection: Vec<u8>,
    encoder: Option<Part<A>>,
    decoder: Option<Part<A>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum InputMap {
    Pixels,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Provenance {
    tool: String,
    config: Vec<u8>,
    data: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Part<A> {
    layers: Vec<Layer<A>>,
    test_input: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Layer<A> {
    inputs: u32,
    outputs: u32,
    spatial: Vec<u8>,
    digest: u32,
    arithmetic: A,
    pad: Vec<u8>,
    data: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Layout {
    Rows,
    RowPairs,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Int8 {
    layout: Layout,
    zero_point: i8,
    padding: i8,
    tables: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum F32 {
    Identity,
    Relu,
    Gelu,
    Silu,
    Sigmoid,
}

/// The body, found to be all there is behind the header, and to be written as it was read.
fn body<A: Serialize + DeserializeOwned>(blob: &[u8]) -> Body<A> {
    let bytes = &blob[Header::LEN..];
    let (body, rest) = postcard::take_from_bytes::<Body<A>>(bytes).expect("one value");
    assert_eq!(rest, [0; 0]);
    let mut again = vec![0; bytes.len()];
    assert_eq!(postcard::to_slice(&body, &mut again).expect("as long as before"), bytes);
    body
}

fn check_preamble<A>(body: &Body<A>) {
    assert_eq!(body.input, InputMap::Pixels);
    assert_eq!(body.provenance.tool, PROVENANCE.tool);
    assert_eq!(body.provenance.config, PROVENANCE.config);
    assert_eq!(body.provenance.data, PROVENANCE.data);
}

#[test]
fn an_int8_blob_is_read_to_the_same_numbers() {
    for parts in [PartSelection::Both, PartSelection::Encoder, PartSelection::Decoder] {
        let [blob, _] = small_blobs(parts);
        let (body, model) = (body::<Int8>(&blob), Int8Model::parse(&blob).expect("a valid blob"));
        check_preamble(&body);
        let map: Vec<u8> = model
            .latent_map()
            .flat_map(|(scale, offset)| [scale.to_le_bytes(), offset.to_le_bytes()].concat())
            .collect();
        assert_eq!(body.latent_map, map);
        for (found, part) in [(body.encoder, model.encoder()), (body.decoder, model.decoder())] {
            assert_eq!(found.is_some(), part.is_some());
            let (Some(found), Some(part)) = (found, part) else { continue };
            assert_eq!(found.test_input, part.test_input());
            assert_eq!(found.layers.len(), part.layers().len());
            for (found, layer) in found.layers.iter().zip(part.layers()) {
                let widths = (found.inputs as usize, found.outputs as usize);
                assert_eq!(widths, (layer.inputs(), layer.outputs()));
                assert_eq!(found.digest, layer.digest());
                assert_eq!(found.arithmetic.zero_point, layer.arithmetic().zero_point());
                assert_eq!(found.arithmetic.tables, layer.arithmetic().tables().as_flattened());
                assert_eq!(found.data, layer.data());
            }
        }
    }
}

#[test]
fn an_f32_blob_is_read_to_the_same_numbers() {
    let [_, blob] = small_blobs(PartSelection::Both);
    let (body, model) = (body::<F32>(&blob), F32Model::parse(&blob).expect("a valid blob"));
    check_preamble(&body);
    assert!(body.latent_map.is_empty());
    let activations = |part: &Part<F32>| -> Vec<String> {
        part.layers.iter().map(|layer| format!("{:?}", layer.arithmetic)).collect()
    };
    let (encoder, decoder) = (body.encoder.expect("both parts"), body.decoder.expect("both parts"));
    assert_eq!(activations(&encoder), ["Gelu", "Identity"]);
    assert_eq!(activations(&decoder), ["Gelu", "Sigmoid"]);
    let layers = encoder.layers.iter().chain(&decoder.layers);
    let parts = [model.encoder(), model.decoder()].into_iter().flatten();
    for (found, layer) in layers.zip(parts.flat_map(|part| part.layers())) {
        assert_eq!(found.data, layer.data());
        assert_eq!(
            format!("{:?}", found.arithmetic),
            format!("{:?}", layer.arithmetic().activation())
        );
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Detection {
    samples: SampleMap,
    window: u32,
    stride: u32,
    weights: Vec<u8>,
    threshold: u64,
    calibration: Calibration,
    debounce: Debounce,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum SampleMap {
    Pixels,
    Counts(Vec<u8>),
    Values(Vec<u8>),
    CountCurves(Vec<u8>),
    ValueCurves(Vec<u8>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Calibration {
    alarm_ppm: u32,
    scores: u32,
    digest: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Debounce {
    hits: u8,
    of: u8,
}

#[test]
fn a_detection_section_is_one_value_as_well() {
    let counts = include_bytes!("../../golden/tiny.counts.int8.aeb");
    let body = body::<Int8>(counts);
    let (found, rest) = postcard::take_from_bytes::<Detection>(&body.detection).expect("a value");
    assert_eq!(rest, [0; 0]);
    let mut again = vec![0; body.detection.len()];
    assert_eq!(postcard::to_slice(&found, &mut again).expect("as long"), body.detection);
    let model = Int8Model::parse(counts).expect("a valid blob");
    let section = model.detection().expect("a good section").expect("a section");
    let expected = Detection {
        samples: match section.samples {
            ae_core::SampleMap::Pixels => SampleMap::Pixels,
            ae_core::SampleMap::Counts(map) => SampleMap::Counts(map.to_vec()),
            ae_core::SampleMap::Values(map) => SampleMap::Values(map.to_vec()),
            ae_core::SampleMap::CountCurves(map) => SampleMap::CountCurves(map.to_vec()),
            ae_core::SampleMap::ValueCurves(map) => SampleMap::ValueCurves(map.to_vec()),
        },
        window: section.window,
        stride: section.stride,
        weights: section.weights.to_vec(),
        threshold: section.threshold,
        calibration: Calibration {
            alarm_ppm: section.calibration.alarm_ppm,
            scores: section.calibration.scores,
            digest: section.calibration.digest.to_vec(),
        },
        debounce: Debounce { hits: section.debounce.hits, of: section.debounce.of },
    };
    assert_eq!(found, expected);
    assert_eq!(found.threshold, 1_000_000);
}

/// The types above are the format's and no others.
#[test]
fn a_value_of_another_type_does_not_fit() {
    /// Whether the bytes are one value of this type, to the last, and written as they were read.
    fn fits<A: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
        let Ok((body, [])) = postcard::take_from_bytes::<Body<A>>(bytes) else { return false };
        let mut again = vec![0; bytes.len()];
        postcard::to_slice(&body, &mut again).is_ok_and(|again| again == bytes)
    }
    let [int8, f32] = small_blobs(PartSelection::Both).map(|blob| blob[Header::LEN..].to_vec());
    assert!(fits::<Int8>(&int8) && fits::<F32>(&f32));
    assert!(!fits::<F32>(&int8) && !fits::<Int8>(&f32));
    assert!(!fits::<Int8>(&int8[1..]) && !fits::<Int8>(&int8[..int8.len() - 1]));
    assert!(!fits::<Int8>(&[&int8[..], &[0]].concat()));
}
