//! Blobs written again, compared with the golden ones byte by byte.

use ae_core::{
    Detection, F32Model, Header, Int8Model, LayerError, Layout, LoadError, Part, PartKind,
    PartSelection, RewriteError, WriteError, arrange, select_parts, with_detection,
};

const ROWS: &[u8] = include_bytes!("../../../tests/golden/tiny.int8.aeb");
const ROW_PAIRS: &[u8] = include_bytes!("../../../tests/golden/tiny.row-pairs.int8.aeb");
const COUNTS: &[u8] = include_bytes!("../../../tests/golden/tiny.counts.int8.aeb");
const FLOAT: &[u8] = include_bytes!("../../../tests/golden/tiny.f32.aeb");
const VALUES: &[u8] = include_bytes!("../../../tests/golden/tiny.values.f32.aeb");
const PROTOTYPES: &[u8] = include_bytes!("../../../tests/golden/tiny.prototypes.int8.aeb");
const CURVES: &[u8] = include_bytes!("../../../tests/golden/tiny.count-curves.int8.aeb");
#[cfg(all(
    feature = "convolution",
    feature = "depthwise",
    feature = "pooling",
    feature = "upsampling"
))]
mod spatial;

const ALL: [&[u8]; 7] = [ROWS, ROW_PAIRS, COUNTS, FLOAT, VALUES, PROTOTYPES, CURVES];

#[test]
fn another_layout_changes_the_order_alone() {
    assert_eq!(arrange(ROWS, Layout::RowPairs).unwrap(), ROW_PAIRS);
    assert_eq!(arrange(ROW_PAIRS, Layout::Rows).unwrap(), ROWS);
    // A detection section goes along.
    let arranged = arrange(COUNTS, Layout::RowPairs).unwrap();
    assert_ne!(arranged, COUNTS);
    assert_eq!(arrange(&arranged, Layout::Rows).unwrap(), COUNTS);
}

#[test]
fn what_is_so_already_stays_as_it_is() {
    for blob in [ROWS, COUNTS, FLOAT, VALUES, PROTOTYPES, CURVES] {
        assert_eq!(arrange(blob, Layout::Rows).unwrap(), blob);
    }
    assert_eq!(arrange(FLOAT, Layout::RowPairs).unwrap(), FLOAT);
    for blob in ALL {
        assert_eq!(select_parts(blob, PartSelection::Both).unwrap(), blob);
    }
}

#[test]
fn a_one_hot_layer_keeps_its_only_order() {
    let arranged = arrange(PROTOTYPES, Layout::RowPairs).unwrap();
    let model = Int8Model::parse(&arranged).unwrap();
    let parts = [model.encoder(), model.decoder()].into_iter().flatten();
    let forms = parts.flat_map(Part::layers).map(|layer| *layer.arithmetic());
    let forms: Vec<_> = forms.map(|it| (it.is_one_hot(), it.layout())).collect();
    assert_eq!(forms, [(true, Layout::Rows), (false, Layout::RowPairs)]);
    assert_eq!(arrange(&arranged, Layout::Rows).unwrap(), PROTOTYPES);
    let layer = model.encoder().unwrap().layers().next().unwrap();
    let mut data = vec![0xff; layer.data().len()];
    layer.arrange(Layout::RowPairs, &mut data);
    assert_eq!(data, layer.data());
}

#[test]
fn a_part_alone_keeps_its_layers_and_loses_the_detection_section() {
    let whole = Header::read(COUNTS).unwrap();
    for (selection, lacks, other) in [
        (PartSelection::Encoder, PartKind::Decoder, PartSelection::Decoder),
        (PartSelection::Decoder, PartKind::Encoder, PartSelection::Encoder),
    ] {
        let part = select_parts(COUNTS, selection).unwrap();
        assert_eq!(part, select_parts(ROWS, selection).unwrap());
        let model = Int8Model::parse(&part).unwrap();
        let header = model.header();
        assert_eq!(header.parts(), selection);
        assert_eq!((header.features, header.latent), (whole.features, whole.latent));
        assert_eq!(header.model_id, whole.model_id);
        assert_eq!(model.detection(), Ok(None));

        for missing in [other, PartSelection::Both] {
            let error = select_parts(&part, missing).unwrap_err();
            assert_eq!(error, RewriteError::Lacks(lacks));
            assert_eq!(error.to_string(), format!("the blob has no {lacks}"));
        }
        // Nothing is selected here, so nothing is missing.
        assert_eq!(arrange(&part, Layout::Rows).unwrap(), part);
    }
}

#[test]
fn a_detection_section_is_put_in_and_replaced() {
    let counts = Int8Model::parse(COUNTS).unwrap().detection().unwrap().unwrap();
    assert_eq!(with_detection(ROWS, &counts).unwrap(), COUNTS);
    let values = F32Model::parse(VALUES).unwrap().detection().unwrap().unwrap();
    assert_eq!(with_detection(FLOAT, &values).unwrap(), VALUES);

    let other = with_detection(COUNTS, &Detection { stride: counts.stride + 1, ..counts }).unwrap();
    assert_ne!(other, COUNTS);
    assert_eq!(with_detection(&other, &counts).unwrap(), COUNTS);

    let bad = with_detection(ROWS, &Detection { stride: 0, ..counts });
    let expected = LoadError::Detection(ae_core::DetectionError::NoStride);
    assert_eq!(bad, Err(RewriteError::Write(WriteError::Invalid(expected))));
}

#[test]
fn bytes_that_are_no_model_are_refused_with_the_loaders_error() {
    for blob in ALL {
        let mut damaged = blob.to_vec();
        *damaged.last_mut().unwrap() ^= 1;
        let error = RewriteError::Load(Header::check(&damaged).unwrap_err());
        assert_eq!(arrange(&damaged, Layout::Rows), Err(error));
        assert_eq!(select_parts(&damaged, PartSelection::Both), Err(error));
    }
    let error = LoadError::TooShort { needed: Header::LEN, found: 0 };
    assert_eq!(arrange(&[], Layout::Rows), Err(RewriteError::Load(error)));
}

#[test]
fn a_model_knows_its_totals_and_its_buffers() {
    // Four pixels and back; see the manifest of the golden files.
    for blob in [ROWS, ROW_PAIRS] {
        let model = Int8Model::parse(blob).unwrap();
        let parts = [model.encoder(), model.decoder()];
        let layers = || parts.into_iter().flatten().flat_map(ae_core::Part::layers);
        let products: usize = layers().map(|layer| layer.inputs() * layer.outputs()).sum();
        let outputs: usize = layers().map(|layer| layer.outputs()).sum();
        let totals = model.totals();
        assert_eq!(totals.multiply_adds, products as u64);
        assert_eq!(totals.parameters, (products + outputs) as u64);
        assert_eq!(totals.outputs, outputs as u64);
        for layer in layers() {
            let storage = ae_core::Arithmetic::storage(layer.arithmetic());
            assert_eq!(layer.geometry().data_len(storage), layer.data().len() as u64);
        }
        let header = model.header();
        let larger = header.encoder_scratch.max(header.decoder_scratch);
        let total = 2 * header.features + larger + header.latent;
        assert_eq!(header.buffers().total_bytes(1), u64::from(total));
    }
}

#[test]
fn a_write_error_is_told_in_its_own_words() {
    let layer = LayerError::Width { limit: 65_535, found: 0 };
    let load = LoadError::Layer { part: PartKind::Encoder, index: 2, error: layer };
    let write = WriteError::Invalid(load);
    assert_eq!(RewriteError::Write(write).to_string(), write.to_string());
    assert_eq!(RewriteError::Load(load).to_string(), load.to_string());
}
