//! Blobs that are whole by length and checksum but wrong in header, form or what belongs to no
//! single layer: each is refused by its name and numbers.

use ae_core::{
    Arithmetic, Contract, F32, Header, Int8, LoadError, MAX_LAYERS, PartKind, PartSelection,
};
use ae_testkit::fields::Fields;
use ae_testkit::varint::varint;
use ae_tests::models::small_blobs;

/// 12→7→3→7→12, int8 and f32.
fn both() -> [Fields; 2] {
    small_blobs(PartSelection::Both).map(|blob| Fields::of(&blob))
}

fn int8() -> Fields {
    let [int8, _] = both();
    int8
}

fn f32() -> Fields {
    let [_, f32] = both();
    f32
}

fn refused<'a, A: Arithmetic<'a>>(fields: &Fields) -> LoadError {
    A::validate(&fields.sealed()).expect_err("a blob with a wrong meaning")
}

#[test]
fn the_blobs_are_good_before_they_are_changed() {
    assert_eq!(Int8::validate(&int8().sealed()), Ok(()));
    assert_eq!(F32::validate(&f32().sealed()), Ok(()));
}

#[test]
fn latent_maps_of_impossible_values_and_lengths() {
    let value =
        |field: &str, value: f32| refused::<Int8<'_>>(&int8().with(field, value.to_le_bytes()));
    for scale in [f32::NAN, 0.0, -0.0, -1.0, f32::INFINITY, f32::NEG_INFINITY] {
        assert_eq!(value("latent_map[1].scale", scale), LoadError::LatentMapValue { latent: 1 });
    }
    for offset in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert_eq!(value("latent_map[2].offset", offset), LoadError::LatentMapValue { latent: 2 });
    }
    for found in [0, 20, 23, 25, 32] {
        let fields = int8().without("latent_map[");
        let mut map = varint(found as u64);
        map.resize(1 + found, 0x3f);
        let fields = fields.with("latent_map.len", map).realigned();
        let error = LoadError::LatentMapLength { expected: 24, found };
        assert_eq!(refused::<Int8<'_>>(&fields), error);
    }
    let fields = f32().with("latent_map.len", [&[24][..], &[0x3f; 24]].concat()).realigned();
    let error = LoadError::LatentMapLength { expected: 0, found: 24 };
    assert_eq!(refused::<F32>(&fields), error);
}

#[test]
fn test_inputs_of_another_length() {
    for (part, name, expected) in
        [(PartKind::Encoder, "encoder", 12), (PartKind::Decoder, "decoder", 3)]
    {
        for found in [0, expected - 1, expected + 1, 4 * expected] {
            let fields = int8().with(&format!("{name}.test_input.len"), [found as u8]);
            let fields = fields.with(&format!("{name}.test_input"), vec![1; found]).realigned();
            let error = LoadError::TestInputLength { part, expected, found };
            assert_eq!(refused::<Int8<'_>>(&fields), error);
        }
    }
    // A latent of the f32 contract has four bytes a value.
    let fields = f32().with("decoder.test_input.len", [3]).with("decoder.test_input", [0; 3]);
    let error = LoadError::TestInputLength { part: PartKind::Decoder, expected: 12, found: 3 };
    assert_eq!(refused::<F32>(&fields), error);
}

#[test]
fn layer_counts_of_nothing_and_beyond_the_limit() {
    for (part, name) in [(PartKind::Encoder, "encoder"), (PartKind::Decoder, "decoder")] {
        for found in [0, MAX_LAYERS as u32 + 1, u32::MAX] {
            let fields = int8().with(&format!("{name}.count"), varint(found.into())).realigned();
            let error = LoadError::LayerCount { part, limit: MAX_LAYERS, found };
            assert_eq!(refused::<Int8<'_>>(&fields), error);
        }
        // One layer more or less than there is: what follows is taken for something else.
        for count in [1, 3] {
            refused::<Int8<'_>>(&int8().with(&format!("{name}.count"), [count]));
        }
    }
}

#[test]
fn header_fields_that_disagree_with_the_body() {
    for (field, body) in
        [("features", 12), ("latent", 3), ("encoder_scratch", 7), ("decoder_scratch", 7)]
    {
        for header in [0, body - 1, body + 1, u32::MAX] {
            let fields = f32().with(&format!("header.{field}"), header.to_le_bytes());
            assert_eq!(refused::<F32>(&fields), LoadError::HeaderDisagrees { field, header, body });
        }
    }
    // The latent map of an int8 blob is measured by the header before there is a layer.
    let fields = int8().with("header.latent", 4_u32.to_le_bytes());
    assert_eq!(
        refused::<Int8<'_>>(&fields),
        LoadError::LatentMapLength { expected: 32, found: 24 }
    );
}

#[test]
fn encoder_and_decoder_of_different_latents() {
    // A true 2→7 layer behind an encoder of three latent values.
    let mut fields = int8().with("decoder.0.inputs", [2]).with("decoder.0.padding", [0, 0]);
    for row in 0..7 {
        fields.bytes(&format!("decoder.0.weights[{row}]")).pop();
    }
    let fields = fields.with("decoder.0.data.len", varint(16 + 63));
    let fields = fields.with("decoder.test_input.len", [2]).with("decoder.test_input", [0, 0]);
    let error = LoadError::HeaderDisagrees { field: "latent", header: 3, body: 2 };
    assert_eq!(refused::<Int8<'_>>(&fields.realigned()), error);
}

#[test]
fn parts_that_the_header_promises_or_denies() {
    let parts = |fields: Fields, parts: u16| fields.with("header.parts", parts.to_le_bytes());
    for (number, field, header) in [(1, "has_decoder", 0), (2, "has_encoder", 0)] {
        let error = LoadError::HeaderDisagrees { field, header, body: 1 };
        assert_eq!(refused::<Int8<'_>>(&parts(int8(), number)), error);
    }
    for name in ["encoder", "decoder"] {
        let gone = int8().without(&format!("{name}.")).with(name, [0]).realigned();
        let field = if name == "encoder" { "has_encoder" } else { "has_decoder" };
        let error = LoadError::HeaderDisagrees { field, header: 1, body: 0 };
        assert_eq!(refused::<Int8<'_>>(&gone), error);
    }
    // No layer of it is computed in strips.
    let error = LoadError::HeaderDisagrees { field: "in_strips", header: 1, body: 0 };
    assert_eq!(refused::<Int8<'_>>(&parts(int8(), 7)), error);
    for found in [0, 4, 8, u16::MAX] {
        assert_eq!(refused::<Int8<'_>>(&parts(int8(), found)), LoadError::UnknownParts { found });
    }
}

#[test]
fn versions_and_contracts_that_are_not_known_or_not_wanted() {
    let (supported, found) = (Header::VERSION, Header::VERSION + 1);
    let newer = refused::<Int8<'_>>(&int8().with("header.version", found.to_le_bytes()));
    assert_eq!(newer, LoadError::UnsupportedVersion { supported, found });
    assert!(newer.to_string().contains("newer program"), "{newer}");
    let older = refused::<Int8<'_>>(&int8().with("header.version", [0; 4])).to_string();
    assert!(older.contains("quantise the model again"), "{older}");
    for found in [0_u16, 3, u16::MAX] {
        let fields = int8().with("header.contract", found.to_le_bytes());
        assert_eq!(refused::<Int8<'_>>(&fields), LoadError::UnknownContract { found });
    }
    let (int8_contract, f32_contract) = (Contract::Int8, Contract::F32);
    let error = LoadError::WrongContract { expected: f32_contract, found: int8_contract };
    assert_eq!(refused::<F32>(&int8()), error);
    let error = LoadError::WrongContract { expected: int8_contract, found: f32_contract };
    assert_eq!(refused::<Int8<'_>>(&f32()), error);
    // A blob relabelled to the other contract has the wrong form for it.
    refused::<F32>(&int8().with("header.contract", [2, 0]));
    refused::<Int8<'_>>(&f32().with("header.contract", [1, 0]));
}

#[test]
fn bytes_behind_the_last_value() {
    for count in [1, 2, 64] {
        let mut fields = int8();
        let offset = fields.joined().len();
        fields.bytes("decoder.test_input").extend(vec![0; count]);
        assert_eq!(refused::<Int8<'_>>(&fields), LoadError::TrailingBytes { offset, count });
    }
}

#[test]
fn values_of_no_kind() {
    for (field, bytes, at) in [
        ("input", [1], "input"),
        ("encoder", [2], "encoder"),
        ("decoder", [0x80], "decoder"),
        ("tool", [0xff], "input"),
    ] {
        let offset = int8().offset(at);
        let mut fields = int8();
        fields.bytes(field)[0] = bytes[0];
        assert_eq!(refused::<Int8<'_>>(&fields), LoadError::Malformed { offset }, "{field}");
    }
    for activation in [12, 127] {
        let fields = f32().with("encoder.0.activation", [activation]);
        let offset = fields.offset("encoder.0.inputs");
        assert_eq!(refused::<F32>(&fields), LoadError::Malformed { offset });
    }
}
