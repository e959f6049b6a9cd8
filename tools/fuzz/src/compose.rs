//! A fuzzer's input read as a base and edits of it, put together and sealed again.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | the base |
//! | 1 | what is not put right again: see [`Kept`] |
//! | 8 each | edits: kind, which field or segment (2), how, value (4) |
//!
//! Every input is a blob: numbers are taken modulo what they choose from.

use ae_core::Contract;
use ae_testkit::seal::{SEALED_FROM, seal};
use ae_testkit::varint::{push_varint, read_varint};

use crate::bases;
use crate::fields::{Kind, Parsed, Role, Segment};
use crate::sizes::{Map, NUMBERS, Sizes, scratch};
use crate::source::Source;

/// Edits of one input; what is behind them is not read.
const MAX_EDITS: usize = 12;
/// Segments of a blob: so many that a part can have more layers than it may.
const MAX_SEGMENTS: usize = 80;
/// Bytes that one edit may add.
const MAX_MORE: usize = 600;

/// Fields that are looked at before all others: magic, version, length, checksum.
const SEAL: usize = 4;

/// Values near which mistakes are made.
const INTERESTING: [u32; 32] = [
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    15,
    16,
    17,
    22,
    23,
    31,
    32,
    33,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x101,
    0x200,
    0x204,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
    0x7f80_0000,
    0x7fc0_0000,
    0x0080_0000,
];

/// What stays wrong after the edits.
#[derive(Clone, Copy)]
struct Kept(u8);

impl Kept {
    /// Paddings, so that data may lie off its boundary.
    fn paddings(self) -> bool {
        self.0 & 1 != 0
    }

    /// Numbers of layers.
    fn counts(self) -> bool {
        self.0 & 2 != 0
    }

    /// Inputs and outputs of spatial layers, which their maps have too.
    fn maps(self) -> bool {
        self.0 & 16 != 0
    }

    /// The length of the detection section.
    fn section(self) -> bool {
        self.0 & 8 != 0
    }

    /// What the header repeats of the body.
    fn header(self) -> bool {
        self.0 & 4 != 0
    }
}

/// Puts blobs together, in memory that is used again and again.
pub struct Composer {
    bases: Vec<Parsed>,
    /// The blob.
    out: Vec<u8>,
    /// Bytes of fields that were edited.
    edited: Vec<u8>,
    /// Of each field of the base, where in `edited` it is.
    places: Vec<Option<(usize, usize)>>,
    /// The fields that were edited.
    touched: Vec<usize>,
    /// Base and segment, in order.
    order: Vec<(usize, usize)>,
    /// Changes of bytes when all is put together.
    splices: Vec<(u16, u8, u32)>,
    /// The part of each layer that was put, and what the header says of it.
    layers: Vec<(usize, Sizes)>,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            bases: bases::all(),
            out: Vec::new(),
            edited: Vec::new(),
            places: Vec::new(),
            touched: Vec::new(),
            order: Vec::new(),
            splices: Vec::new(),
            layers: Vec::new(),
        }
    }
}

impl Composer {
    /// The bases.
    #[must_use]
    pub fn bases(&self) -> &[Parsed] {
        &self.bases
    }

    /// The blob that `input` stands for, with a true length and checksum unless it is too short
    /// for a header.
    pub fn compose(&mut self, input: &mut Source<'_>) -> &[u8] {
        let base = input.below(self.bases.len());
        let kept = Kept(input.byte());
        self.begin(base);
        for _ in 0..MAX_EDITS {
            if input.is_empty() {
                break;
            }
            let (kind, which, how, value) = (input.byte(), input.u16(), input.byte(), input.u32());
            match kind % 16 {
                0..=10 => self.edit_field(base, usize::from(which), how, value),
                11 | 12 => self.edit_number(base, which, how, value),
                13 => self.move_segments(which, how, value),
                14 => self.borrow_segment(base, which, how, value),
                _ => self.splices.push((which, how, value)),
            }
        }
        self.put_segments(base, kept);
        if !kept.header() {
            self.put_header();
        }
        for index in 0..self.splices.len() {
            let (which, how, value) = self.splices[index];
            splice(&mut self.out, which.into(), how, value);
        }
        seal(&mut self.out);
        &self.out
    }

    fn begin(&mut self, base: usize) {
        self.out.clear();
        self.edited.clear();
        for field in self.touched.drain(..) {
            self.places[field] = None;
        }
        let parsed = &self.bases[base];
        self.places.resize(self.places.len().max(parsed.fields.len()), None);
        self.order.clear();
        self.order.extend((0..parsed.segments.len()).map(|segment| (base, segment)));
        self.splices.clear();
        self.layers.clear();
    }

    /// Copies a field to where it can be changed, to the end of `edited`.
    fn open(&mut self, base: usize, field: usize) -> usize {
        let start = self.edited.len();
        match self.places[field] {
            Some((from, to)) => self.edited.extend_from_within(from..to),
            None => {
                let parsed = &self.bases[base];
                let place = parsed.fields[field].place.clone();
                self.edited.extend_from_slice(&parsed.blob[place]);
                self.touched.push(field);
            }
        }
        start
    }

    fn edit_field(&mut self, base: usize, which: usize, how: u8, value: u32) {
        let parsed = &self.bases[base];
        let mut field = which % parsed.fields.len();
        if field < SEAL && how != u8::MAX {
            // Nearly all would be refused for them alone.
            field += SEAL;
        }
        let kind = parsed.fields[field].kind;
        let follows_len = field > 0 && parsed.fields[field - 1].kind == Kind::Varint;
        let start = self.open(base, field);
        match kind {
            Kind::Bytes | Kind::Pad => {
                edit_bytes(&mut self.edited, start, how, value);
                if follows_len && how & 0x80 != 0 {
                    let len = self.edited.len() - start;
                    self.places[field] = Some((start, self.edited.len()));
                    let start = self.open(base, field - 1);
                    self.edited.truncate(start);
                    push_varint(len as u64, 0, &mut self.edited);
                    self.places[field - 1] = Some((start, self.edited.len()));
                    return;
                }
            }
            Kind::Number | Kind::Real => edit_number(&mut self.edited[start..], how, value),
            _ => edit_varint(&mut self.edited, start, how, value),
        }
        self.places[field] = Some((start, self.edited.len()));
    }

    /// Edits the field that is next from there on and holds no mere bytes.
    fn edit_number(&mut self, base: usize, which: u16, how: u8, value: u32) {
        let fields = &self.bases[base].fields;
        let from = usize::from(which) % fields.len();
        let is_varint =
            |&field: &usize| !matches!(fields[field].kind, Kind::Bytes | Kind::Real | Kind::Pad);
        let field = (from..fields.len()).find(is_varint).unwrap_or(0);
        self.edit_field(base, field, how, value);
    }

    /// Swaps, repeats or removes segments.
    fn move_segments(&mut self, which: u16, how: u8, value: u32) {
        let len = self.order.len();
        let is_layer = |&place: &usize| {
            let (from, segment) = self.order[place];
            self.bases[from].segments[segment].role == Role::Layer
        };
        // Mostly layers; the front stays.
        let mut places: [usize; 2] = [usize::from(which), value as usize];
        for place in &mut places {
            *place = 1 + *place % (len - 1).max(1);
            if how & 0x40 == 0 {
                *place = (*place..len).chain(1..*place).find(is_layer).unwrap_or(*place);
            }
            *place = (*place).min(len - 1);
        }
        let [a, b] = places;
        match how % 4 {
            0 => self.order.swap(a, b),
            1 if len > 2 => {
                self.order.remove(a);
            }
            2 => self.order[a] = self.order[b],
            _ => {
                let copies = 1 + value as usize / 256 % 40;
                for _ in 0..copies.min(MAX_SEGMENTS.saturating_sub(len)) {
                    self.order.insert(b, self.order[a]);
                }
            }
        }
    }

    /// Puts a segment of another base in place of one, or before it.
    fn borrow_segment(&mut self, base: usize, which: u16, how: u8, value: u32) {
        let from = (base + 1 + value as usize) % self.bases.len();
        let segments = &self.bases[from].segments;
        let segment = usize::from(which >> 8) % segments.len();
        let place = usize::from(which & 0xff) % self.order.len();
        if how.is_multiple_of(2) && self.order.len() < MAX_SEGMENTS {
            self.order.insert(place.max(1), (from, segment));
        } else {
            self.order[place] = (from, segment);
        }
    }

    fn put_segments(&mut self, base: usize, kept: Kept) {
        let mut part = 0;
        for place in 0..self.order.len() {
            let (from, index) = self.order[place];
            let Segment { role, fields, place: bytes } = self.bases[from].segments[index].clone();
            let start = self.out.len();
            part += usize::from(role == Role::Part);
            let is_edited = from == base && self.touched.iter().any(|it| fields.contains(it));
            let is_made = match role {
                Role::Layer => !kept.paddings() && start % 16 != bytes.start % 16,
                Role::Part => !kept.counts(),
                Role::Front | Role::Detection | Role::Test => false,
            };
            if !is_edited && !is_made {
                self.out.extend_from_slice(&self.bases[from].blob[bytes]);
            } else {
                for field in fields {
                    self.put_field(base, from, field, kept, place);
                }
            }
            if role == Role::Layer && !kept.header() {
                let is_int8 = self.bases[base].contract == Contract::Int8;
                self.layers.push((part, Sizes::of_layer(&self.out[start..], is_int8)));
            }
        }
    }

    fn put_field(&mut self, base: usize, from: usize, field: usize, kept: Kept, place: usize) {
        let edited = if from == base { self.places[field] } else { None };
        if let Some((start, end)) = edited {
            self.out.extend_from_slice(&self.edited[start..end]);
            return;
        }
        let parsed = &self.bases[from];
        match parsed.fields[field].kind {
            Kind::PadLen if !kept.paddings() => {
                // Behind the padding stands the length of the data, then the data.
                let edited = if from == base { self.places[field + 2] } else { None };
                let unedited = parsed.fields[field + 2].place.len();
                let data_len = edited.map_or(unedited, |(start, end)| end - start);
                let pad = (self.out.len() + 1 + data_len).wrapping_neg() % 16;
                self.out.push(pad as u8);
                self.out.resize(self.out.len() + pad, 0);
            }
            Kind::Pad if !kept.paddings() => {}
            kind @ (Kind::Inputs | Kind::Outputs) if !kept.maps() => {
                let first = if kind == Kind::Inputs { field } else { field - 1 };
                let bytes = self.spatial(base, from, first + 2);
                let number = Map::of(&bytes).map(|map| map.values()[field - first]);
                match number {
                    Some(number) => push_varint(number & 0xffff_ffff, 0, &mut self.out),
                    None => {
                        self.out.extend_from_slice(&parsed.blob[parsed.fields[field].place.clone()])
                    }
                }
            }
            Kind::SectionLen if !kept.section() => {
                let (_, segment) = self.order[place];
                let section = field + 1..parsed.segments[segment].fields.end;
                let len = |field: usize| match self.places[field].filter(|_| from == base) {
                    Some((start, end)) => end - start,
                    None => parsed.fields[field].place.len(),
                };
                let len: usize = section.map(len).sum();
                push_varint(len as u64, 0, &mut self.out);
            }
            Kind::Count if !kept.counts() => {
                let behind = self.order[place + 1..].iter();
                let layers = behind.take_while(|&&(from, segment)| {
                    self.bases[from].segments[segment].role == Role::Layer
                });
                push_varint(layers.count() as u64, 0, &mut self.out);
            }
            _ => self.out.extend_from_slice(&parsed.blob[parsed.fields[field].place.clone()]),
        }
    }

    /// The bytes of a layer's kind and sizes; `field` is their length.
    fn spatial(&self, base: usize, from: usize, field: usize) -> Vec<u8> {
        let parsed = &self.bases[from];
        let is_there = parsed.blob[parsed.fields[field].place.clone()] != [0];
        let numbers = field + 1..field + 1 + if is_there { NUMBERS } else { 0 };
        let mut bytes = Vec::new();
        for number in numbers {
            match self.places[number].filter(|_| from == base) {
                Some((start, end)) => bytes.extend_from_slice(&self.edited[start..end]),
                None => bytes.extend_from_slice(&parsed.blob[parsed.fields[number].place.clone()]),
            }
        }
        bytes
    }

    /// Features, latent and scratches, unless they were edited themselves.
    fn put_header(&mut self) {
        const FIRST: usize = 7;
        let of_part = |part| self.layers.iter().filter(move |it| it.0 == part).map(|it| it.1);
        let ends = |part| Some((of_part(part).next()?, of_part(part).next_back()?));
        let (encoder, decoder) = (ends(1), ends(2));
        let features =
            encoder.map(|(first, _)| first.inputs).or(decoder.map(|(_, last)| last.outputs));
        let latent =
            encoder.map(|(_, last)| last.outputs).or(decoder.map(|(first, _)| first.inputs));
        let values =
            [features.unwrap_or(0), latent.unwrap_or(0), scratch(of_part(1)), scratch(of_part(2))];
        for (index, value) in values.into_iter().enumerate() {
            if self.places[FIRST + index].is_none()
                && let Some(bytes) = self.out.get_mut(40 + 4 * index..44 + 4 * index)
            {
                bytes.copy_from_slice(&(value as u32).to_le_bytes());
            }
        }
    }
}

fn edit_bytes(bytes: &mut Vec<u8>, start: usize, how: u8, value: u32) {
    let len = bytes.len() - start;
    let [byte, low, high, more] = value.to_le_bytes();
    let place = usize::from(u16::from_le_bytes([low, high]));
    match how % 16 {
        0..=12 if len == 0 => bytes.push(byte),
        0..=6 => bytes[start + place % len] = byte,
        7..=10 => bytes[start + place % len] ^= 1 << (byte % 8),
        11 | 12 => bytes[start + place % len..].fill(byte),
        13 => bytes.truncate(start + place % (len + 1)),
        14 => bytes.resize(bytes.len() + 1 + usize::from(more) % 20, byte),
        // Tables come in this size.
        _ => bytes.resize(start + (256 * usize::from(more % 9)).min(len + MAX_MORE), byte),
    }
}

fn edit_number(bytes: &mut [u8], how: u8, value: u32) {
    let mut number = [0; 4];
    let len = bytes.len().min(4);
    number[..len].copy_from_slice(&bytes[..len]);
    let number = changed(u32::from_le_bytes(number), how, value).to_le_bytes();
    bytes[..len].copy_from_slice(&number[..len]);
}

fn edit_varint(bytes: &mut Vec<u8>, start: usize, how: u8, value: u32) {
    let (old, _) = read_varint(&bytes[start..]);
    bytes.truncate(start);
    let new = u64::from(changed(old as u32, how, value));
    match how >> 4 {
        // Not the shortest encoding, and one beyond 32 bits.
        15 => push_varint(new, 1 + usize::from(how % 3), bytes),
        14 => push_varint(new << 8 | 1 << 33, 0, bytes),
        _ => push_varint(new, 0, bytes),
    }
}

fn changed(old: u32, how: u8, value: u32) -> u32 {
    match how % 8 {
        0 => value,
        1 => INTERESTING[value as usize % INTERESTING.len()],
        2..=4 => old.wrapping_add(value % 17).wrapping_sub(8),
        5 => old ^ 1 << (value % 32),
        6 => value & 0xff,
        _ => value & 0xffff,
    }
}

/// Changes bytes anywhere, lengths as well.
fn splice(out: &mut Vec<u8>, which: usize, how: u8, value: u32) {
    let len = out.len();
    if len == 0 {
        return;
    }
    let [byte, count, low, high] = value.to_le_bytes();
    let first = if how == u8::MAX { 0 } else { SEALED_FROM.min(len - 1) };
    let place = first + which % (len - first);
    let count = usize::from(count);
    let other = usize::from(u16::from_le_bytes([low, high])) % len;
    match how % 7 {
        0 => out[place] = byte,
        1 => out[place] ^= 1 << (byte % 8),
        2 => out.insert(place, byte),
        3 => {
            out.drain(place..len.min(place + 1 + count % 64));
        }
        4 => out.truncate(place),
        5 => out.resize(len + 1 + count, byte),
        _ => {
            let end = len.min(other + 1 + count % 64);
            let moved = end - other;
            out.extend_from_within(other..end);
            out[place..].rotate_right(moved);
        }
    }
}
