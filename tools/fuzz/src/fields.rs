//! A valid blob taken apart into its fields, once, so that any of them can be changed quickly.
//!
//! This reads the format with its own eyes; it uses neither postcard nor the loader.

use std::ops::Range;

use ae_core::{Contract, Header};

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
    /// The number of a part's layers.
    Count,
    /// A layer's inputs.
    Inputs,
    /// A layer's outputs.
    Outputs,
    /// An int8 layer's layout.
    Layout,
    /// Length of the padding before a layer's data.
    PadLen,
    /// That padding.
    Pad,
    /// Length of a layer's data.
    DataLen,
    /// Length of the detection section.
    SectionLen,
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
        let mut reader =
            Reader { blob: &blob, at: 0, contract, fields: Vec::new(), segments: Vec::new() };
        reader.front();
        reader.segment(Role::Detection, Reader::detection);
        reader.part();
        reader.part();
        assert_eq!(reader.at, blob.len(), "bytes behind the last field");
        let (fields, segments) = (reader.fields, reader.segments);
        Self { blob, contract, fields, segments }
    }
}

struct Reader<'a> {
    blob: &'a [u8],
    at: usize,
    contract: Contract,
    fields: Vec<Field>,
    segments: Vec<Segment>,
}

impl Reader<'_> {
    fn take(&mut self, kind: Kind, len: usize) {
        self.fields.push(Field { kind, place: self.at..self.at + len });
        self.at += len;
    }

    fn many(&mut self, kind: Kind, count: usize, len: usize) {
        (0..count).for_each(|_| self.take(kind, len));
    }

    fn varint(&mut self, kind: Kind) -> usize {
        let (value, len) = read_varint(&self.blob[self.at..]);
        self.take(kind, len);
        value as usize
    }

    fn many_varints(&mut self, count: usize) {
        (0..count).for_each(|_| {
            self.varint(Kind::Varint);
        });
    }

    /// A length, then as many bytes.
    fn slice(&mut self) {
        let len = self.varint(Kind::Varint);
        self.take(Kind::Bytes, len);
    }

    fn segment(&mut self, role: Role, read: impl FnOnce(&mut Self)) {
        let (field, at) = (self.fields.len(), self.at);
        read(self);
        let (fields, place) = (field..self.fields.len(), at..self.at);
        self.segments.push(Segment { role, fields, place });
    }

    fn front(&mut self) {
        self.segment(Role::Front, |it| {
            it.take(Kind::Bytes, 8);
            it.many(Kind::Number, 3, 4);
            it.many(Kind::Number, 2, 2);
            it.take(Kind::Bytes, 16);
            it.many(Kind::Number, 4, 4);
            it.varint(Kind::Varint);
            let map_len = it.varint(Kind::Varint);
            it.many(Kind::Real, map_len / 4, 4);
            (0..3).for_each(|_| it.slice());
        });
    }

    fn detection(&mut self) {
        if self.varint(Kind::SectionLen) == 0 {
            return;
        }
        match self.varint(Kind::Varint) {
            1 => {
                for _ in 0..self.varint(Kind::Varint) / 9 {
                    self.many(Kind::Number, 2, 4);
                    self.take(Kind::Number, 1);
                }
            }
            2 => {
                let len = self.varint(Kind::Varint);
                self.many(Kind::Real, len / 4, 4);
            }
            _ => {}
        }
        self.many_varints(2);
        self.slice();
        self.many_varints(3);
        self.slice();
        self.many(Kind::Number, 2, 1);
    }

    fn part(&mut self) {
        let (mut is_there, mut count) = (false, 0);
        self.segment(Role::Part, |it| {
            is_there = it.varint(Kind::Varint) != 0;
            if is_there {
                count = it.varint(Kind::Count);
            }
        });
        for _ in 0..count {
            self.segment(Role::Layer, Self::layer);
        }
        if is_there {
            self.segment(Role::Test, Self::slice);
        }
    }

    fn layer(&mut self) {
        let inputs = self.varint(Kind::Inputs);
        let outputs = self.varint(Kind::Outputs);
        self.varint(Kind::Varint);
        let mut layout = 0;
        if self.contract == Contract::Int8 {
            layout = self.varint(Kind::Layout);
            self.take(Kind::Number, 1);
            self.slice();
        } else {
            self.varint(Kind::Varint);
        }
        let pad = self.varint(Kind::PadLen);
        self.take(Kind::Pad, pad);
        let end = self.varint(Kind::DataLen) + self.at;
        match self.contract {
            Contract::F32 => self.many(Kind::Real, (inputs + 1) * outputs, 4),
            Contract::Int8 if layout == 0 => {
                self.many(Kind::Bytes, outputs, inputs);
                self.take(Kind::Bytes, (inputs * outputs).wrapping_neg() % 4);
                self.many(Kind::Number, 2 * outputs, 4);
                self.many(Kind::Number, outputs, 1);
            }
            Contract::Int8 => {
                for _ in 0..outputs.div_ceil(4) {
                    self.many(Kind::Bytes, inputs.div_ceil(4), 16);
                    self.many(Kind::Number, 8, 4);
                    self.many(Kind::Number, 4, 1);
                }
            }
        }
        assert_eq!(self.at, end, "bytes of the layer's data");
    }
}

/// The integer at the front of `bytes`, and how many it takes.
#[must_use]
pub fn read_varint(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return (value, index + 1);
        }
    }
    (value, bytes.len().min(9))
}

/// Adds `value` in as few bytes as it takes, and `superfluous` ones.
pub fn push_varint(mut value: u64, superfluous: usize, to: &mut Vec<u8>) {
    while value > 0x7f {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    for _ in 0..superfluous {
        to.push(value as u8 | 0x80);
        value = 0;
    }
    to.push(value as u8);
}
