//! A valid blob taken apart into its fields, once, so that any of them can be changed quickly.

use std::ops::Range;

use ae_core::{Contract, Header};
use ae_testkit::fields::{self, Fields};

/// What the bytes of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes of no order.
    Bytes,
    /// A number of fixed length, little-endian.
    Number,
    /// An f32, little-endian.
    Real,
    /// An unsigned integer of seven bits a byte.
    Varint,
    /// Values that go into a layer.
    Inputs,
    /// Values that come out of it.
    Outputs,
    /// The number of a part's layers.
    Count,
    /// Length of the padding before a layer's data.
    PadLen,
    /// That padding.
    Pad,
    /// Length of a layer's data.
    DataLen,
    /// Length of the detection section.
    SectionLen,
}

impl Kind {
    /// Some names say more than the kit's kind.
    fn of(field: &fields::Field) -> Self {
        let (owner, last) = field.name.rsplit_once('.').unwrap_or(("", &field.name));
        match field.kind {
            fields::Kind::Bytes if last == "pad" => Self::Pad,
            fields::Kind::Bytes => Self::Bytes,
            fields::Kind::Number => Self::Number,
            fields::Kind::Reals => Self::Real,
            fields::Kind::Varint => match last {
                "count" => Self::Count,
                "inputs" => Self::Inputs,
                "outputs" => Self::Outputs,
                "len" if owner.ends_with(".pad") => Self::PadLen,
                "len" if owner.ends_with(".data") => Self::DataLen,
                "len" if owner == "detection" => Self::SectionLen,
                _ => Self::Varint,
            },
        }
    }
}

/// A run of bytes with one meaning.
#[derive(Debug, Clone)]
pub struct Field {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub place: Range<usize>,
}

/// What a run of fields is, which may be moved as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Header and preamble.
    Front,
    /// The detection section's length, and the section if there is one.
    Detection,
    /// A part's tag, and the number of its layers if there is one.
    Part,
    /// A layer.
    Layer,
    /// A part's test input.
    Test,
}

impl Role {
    /// The role of the segment that a field of this name belongs to, and whose it is: two fields
    /// one behind the other are of one segment if both are equal.
    fn of(field: &str) -> (Self, &str) {
        let (part, in_part) = field.split_once('.').unwrap_or((field, ""));
        match (part, in_part.split('.').next()) {
            ("encoder" | "decoder", Some("" | "count")) => (Self::Part, part),
            ("encoder" | "decoder", Some("test_input")) => (Self::Test, part),
            ("encoder" | "decoder", layer) => (Self::Layer, layer.unwrap_or_default()),
            ("detection", _) => (Self::Detection, ""),
            _ => (Self::Front, ""),
        }
    }
}

/// A run of fields.
#[derive(Debug, Clone)]
pub struct Segment {
    /// What it is.
    pub role: Role,
    /// Its fields.
    pub fields: Range<usize>,
    /// Its bytes.
    pub place: Range<usize>,
}

/// A blob and its fields in order.
pub struct Parsed {
    /// The blob.
    pub blob: Vec<u8>,
    /// Its arithmetic.
    pub contract: Contract,
    /// All fields, one behind the other.
    pub fields: Vec<Field>,
    /// All segments, one behind the other.
    pub segments: Vec<Segment>,
}

impl Parsed {
    /// Takes a valid blob apart.
    ///
    /// # Panics
    /// If the blob is not valid.
    #[must_use]
    pub fn of(blob: Vec<u8>) -> Self {
        let contract = Header::check(&blob).expect("a valid blob").contract;
        let (mut fields, mut segments) = (Vec::new(), Vec::<Segment>::new());
        let (mut at, mut last) = (0, None);
        let all = Fields::of(&blob);
        for field in all.as_slice() {
            let segment = Role::of(&field.name);
            if last != Some(segment) {
                let (fields, place) = (fields.len()..fields.len(), at..at);
                segments.push(Segment { role: segment.0, fields, place });
                last = Some(segment);
            }
            push(field, &mut at, &mut fields);
            let segment = segments.last_mut().expect("it has just been pushed");
            (segment.fields.end, segment.place.end) = (fields.len(), at);
        }
        Self { blob, contract, fields, segments }
    }
}

/// Adds a field, or one for each of several numbers, and moves `at` behind it.
fn push(field: &fields::Field, at: &mut usize, to: &mut Vec<Field>) {
    let (kind, len) = (Kind::of(field), field.bytes.len());
    let (count, len) = if kind == Kind::Real { (len / 4, 4) } else { (1, len) };
    for _ in 0..count {
        to.push(Field { kind, place: *at..*at + len });
        *at += len;
    }
}
