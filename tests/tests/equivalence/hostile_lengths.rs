//! Every variable-length integer of a blob in turn: written longer than need be, or counting
//! bytes that are not there.

use ae_core::{Arithmetic, Int8, LoadError, PartSelection};
use ae_testkit::fields::Fields;
use ae_testkit::varint::varint;
use ae_tests::models::small_blobs;

fn int8() -> Fields {
    Fields::of(&small_blobs(PartSelection::Both)[0])
}

/// Names of the fields that end in one of `ends`, behind the header.
fn names(ends: &[&str]) -> Vec<String> {
    let fields = int8();
    let names = fields.as_slice().iter().map(|field| field.name.clone());
    let names: Vec<_> = names.filter(|name| ends.iter().any(|end| name.ends_with(end))).collect();
    assert!(!names.is_empty());
    names
}

/// Where the value begins that a field is read with: the preamble, a layer, or the field itself.
fn value_offset(field: &str) -> usize {
    let fields = int8();
    let parts: Vec<&str> = field.split('.').collect();
    match parts[..] {
        [part, index, ..] if index.parse::<usize>().is_ok() => {
            fields.offset(&format!("{part}.{index}.inputs"))
        }
        ["latent_map" | "tool" | "config" | "data", "len"] => fields.offset("input"),
        _ => fields.offset(field),
    }
}

#[test]
fn integers_with_a_superfluous_byte() {
    let names = names(&[".len", ".count", ".inputs", ".outputs", ".digest"]);
    for name in &names {
        let mut fields = int8();
        let bytes = fields.bytes(name);
        *bytes.last_mut().expect("an integer has bytes") |= 0x80;
        bytes.push(0);
        let found = Int8::validate(&fields.sealed()).expect_err(name);
        let offset = value_offset(name);
        // Of 32 bits, postcard itself reads no sixth byte.
        if bytes_of(&fields, name) > 5 {
            assert_eq!(found, LoadError::Malformed { offset }, "{name}");
        } else {
            assert_eq!(found, LoadError::NotCanonical { offset }, "{name}");
        }
    }
    println!("{} integers with a superfluous byte refused", names.len());
}

fn bytes_of(fields: &Fields, name: &str) -> usize {
    fields.clone().bytes(name).len()
}

#[test]
fn slices_that_reach_past_the_end() {
    let names = names(&[".len"]);
    let mut count = 0;
    for name in &names {
        let fields = int8();
        let behind = fields.joined().len() - fields.offset(name) - bytes_of(&fields, name);
        for len in [behind as u64 + 1, 1 << 31, u64::from(u32::MAX), 1 << 63, u64::MAX] {
            let found = Int8::validate(&fields.clone().with(name, varint(len)).sealed());
            let offset = value_offset(name);
            assert_eq!(found, Err(LoadError::Malformed { offset }), "{name} of {len}");
            count += 1;
        }
    }
    println!("{count} lengths past the end refused");
}

/// The lengths that the tests above replace are taken as they are.
#[test]
fn lengths_written_again_as_they_were_are_taken() {
    for name in names(&[".len", ".count", ".inputs", ".outputs", ".digest"]) {
        let bytes = int8().bytes(&name).clone();
        assert_eq!(Int8::validate(&int8().with(&name, bytes).sealed()), Ok(()), "{name}");
    }
}
