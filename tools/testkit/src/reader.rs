//! Reads a blob from its first byte to its last (`FORMAT.md`, "Layout", "Header" and "Body").

use std::fmt::Arguments;

use crate::arithmetic::Arithmetic;
use crate::blob::{Blob, Layer, Part};
use crate::fields::{Field, Kind};
use crate::seal::{CHECKSUM, HEADER_BYTES, SEALED_FROM, TOTAL_LEN, crc32c};
use crate::section::Section;
use crate::spatial::{self, Shape, Spatial};
use crate::varint::{read_varint, varint};

/// The bytes that are still to be read. On demand it notes every field that it reads.
pub struct Reader<'b> {
    blob: &'b [u8],
    at: usize,
    fields: Option<Vec<Field>>,
}

impl<A: Arithmetic> Blob<A> {
    /// Reads a valid blob.
    ///
    /// # Panics
    /// If the blob is not valid. Its detection section is not looked into.
    #[must_use]
    pub fn read(blob: &[u8]) -> Self {
        Reader { blob, at: 0, fields: None }.blob()
    }
}

/// All fields of a valid blob in order.
pub(crate) fn fields<A: Arithmetic>(blob: &[u8]) -> Vec<Field> {
    let mut reader = Reader { blob, at: 0, fields: Some(Vec::new()) };
    reader.blob::<A>();
    reader.fields.unwrap_or_default()
}

impl<'b> Reader<'b> {
    /// Of a detection section alone.
    pub(crate) fn of_section(section: &'b [u8]) -> Self {
        Self { blob: section, at: 0, fields: None }
    }

    /// The next `len` bytes; `value` is what they say.
    pub(crate) fn take(
        &mut self,
        name: Arguments<'_>,
        kind: Kind,
        len: usize,
        value: impl Fn(&[u8]) -> String,
    ) -> &'b [u8] {
        let bytes = self.blob.get(self.at..self.at + len);
        let bytes = bytes.unwrap_or_else(|| panic!("{name} ends behind the blob"));
        self.at += len;
        if let Some(fields) = &mut self.fields {
            let (name, value) = (name.to_string(), value(bytes));
            fields.push(Field { name, kind, bytes: bytes.to_vec(), value });
        }
        bytes
    }

    /// Bytes of no order.
    pub(crate) fn bytes(&mut self, name: Arguments<'_>, len: usize) -> &'b [u8] {
        self.take(name, Kind::Bytes, len, |bytes| match bytes {
            [] => "none".into(),
            [0, ..] if bytes.iter().all(|&byte| byte == 0) => "zeros".into(),
            _ => format!("{} bytes", bytes.len()),
        })
    }

    /// A byte that is a number.
    pub(crate) fn byte(&mut self, name: Arguments<'_>) -> u8 {
        self.take(name, Kind::Number, 1, |bytes| bytes[0].to_string())[0]
    }

    /// An i32 or a u32 of four bytes, as `value` shows it.
    pub(crate) fn word(&mut self, name: Arguments<'_>, value: impl Fn(u32) -> String) -> u32 {
        let number = |bytes: &[u8]| bytes.iter().rfold(0, |all, &byte| all << 8 | u32::from(byte));
        number(self.take(name, Kind::Number, 4, |bytes| value(number(bytes))))
    }

    /// An i32.
    pub(crate) fn i32(&mut self, name: Arguments<'_>) -> i32 {
        self.word(name, |word| (word as i32).to_string()) as i32
    }

    /// A u16.
    pub(crate) fn u16(&mut self, name: Arguments<'_>) -> u16 {
        let number = |bytes: &[u8]| u16::from_le_bytes([bytes[0], bytes[1]]);
        number(self.take(name, Kind::Number, 2, |bytes| number(bytes).to_string()))
    }

    /// An i16.
    pub(crate) fn i16(&mut self, name: Arguments<'_>) -> i16 {
        let number = |bytes: &[u8]| i16::from_le_bytes([bytes[0], bytes[1]]);
        number(self.take(name, Kind::Number, 2, |bytes| number(bytes).to_string()))
    }

    /// So many f32.
    pub(crate) fn reals(&mut self, name: Arguments<'_>, count: usize) -> Vec<f32> {
        let numbers = |bytes: &[u8]| -> Vec<f32> {
            bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
        };
        numbers(self.take(name, Kind::Reals, 4 * count, |bytes| list(&numbers(bytes))))
    }

    /// An unsigned integer of seven bits a byte, as `value` shows it.
    ///
    /// # Panics
    /// If it is not in its shortest encoding.
    pub(crate) fn varint(&mut self, name: Arguments<'_>, value: impl Fn(u64) -> String) -> u64 {
        let (number, len) = read_varint(&self.blob[self.at..]);
        let bytes = self.take(name, Kind::Varint, len, |_| value(number));
        assert_eq!(bytes, varint(number), "the encoding of {name}");
        number
    }

    /// An unsigned integer of seven bits a byte and at most 32 bits.
    pub(crate) fn number(&mut self, name: Arguments<'_>) -> usize {
        let number = self.varint(name, |value| value.to_string());
        u32::try_from(number).unwrap_or_else(|_| panic!("{name} has more than 32 bits")) as usize
    }

    /// The number of one of these variants.
    pub(crate) fn named(&mut self, name: &str, variants: &[&str]) -> usize {
        let word = |number| variants.get(number as usize).map_or("unknown", |it| *it).into();
        self.varint(format_args!("{name}"), word) as usize
    }

    /// A length, then as many bytes.
    pub(crate) fn slice(&mut self, name: Arguments<'_>) -> &'b [u8] {
        let len = self.number(format_args!("{name}.len"));
        self.bytes(name, len)
    }

    /// The zeros before a layer's data, and the length of the data.
    pub(crate) fn padding(&mut self, layer: Arguments<'_>) -> usize {
        let pad = self.slice(format_args!("{layer}.pad"));
        assert!(pad.len() < 16 && pad.iter().all(|&byte| byte == 0), "the padding of {layer}");
        let len = self.number(format_args!("{layer}.data.len"));
        assert!(self.at.is_multiple_of(16), "the data of {layer} begins on a multiple of 16");
        len
    }

    /// The bytes that come next, without taking them.
    pub(crate) fn ahead(&self, len: usize) -> &'b [u8] {
        &self.blob[self.at..self.at + len]
    }

    /// Bytes that are read.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// Panics unless all is read.
    pub(crate) fn end(&self) {
        assert_eq!(self.at, self.blob.len(), "bytes behind the last field");
    }

    fn blob<A: Arithmetic>(&mut self) -> Blob<A> {
        let (model_id, parts, repeated) = self.header::<A>();
        let input = self.varint(format_args!("input"), |kind| match kind {
            0 => "pixels".into(),
            other => other.to_string(),
        });
        assert_eq!(input, 0, "the kind of input");
        let latent_map = self.latent_map();
        let len = self.number(format_args!("tool.len"));
        let text = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
        let tool = self.take(format_args!("tool"), Kind::Bytes, len, text);
        let tool = String::from_utf8(tool.to_vec()).expect("a tool in UTF-8");
        let config = self.slice(format_args!("config")).to_vec();
        let data = self.slice(format_args!("data")).to_vec();
        let detection = self.detection();
        let encoder = self.part("encoder");
        let decoder = self.part("decoder");
        self.end();
        let in_strips = parts & 4 != 0;
        let blob = Blob {
            model_id,
            in_strips,
            latent_map,
            tool,
            config,
            data,
            detection,
            encoder,
            decoder,
        };
        assert_eq!(parts, u32::from(blob.parts()), "the header's parts");
        let sizes = blob.sizes();
        let [encoder, decoder] = sizes.scratch;
        let found = [sizes.features, sizes.latent, encoder, decoder];
        assert_eq!(repeated.map(|number| number as usize), found, "what the header repeats");
        blob
    }

    /// Model id, parts, and the four numbers that the body has too.
    fn header<A: Arithmetic>(&mut self) -> ([u8; 16], u32, [u32; 4]) {
        let magic = self.bytes(format_args!("header.magic"), 8);
        assert_eq!(magic, b"\x89AEB\x0d\x0a\x1a\x0a", "the magic");
        let decimal = |word: u32| word.to_string();
        assert_eq!(self.word(format_args!("header.version"), decimal), 4, "the version");
        assert_eq!(self.at, TOTAL_LEN.start);
        let total_len = self.word(format_args!("header.total_len"), decimal);
        assert_eq!(total_len as usize, self.blob.len(), "the total length");
        assert_eq!(self.at, CHECKSUM.start);
        let checksum = self.word(format_args!("header.checksum"), |word| format!("{word:08x}"));
        assert_eq!(checksum, crc32c(&self.blob[SEALED_FROM..]), "the checksum");
        let half = |bytes: &[u8]| u16::from_le_bytes([bytes[0], bytes[1]]);
        let [contract, parts] = ["contract", "parts"].map(|name| {
            let name = format_args!("header.{name}");
            half(self.take(name, Kind::Number, 2, |bytes| half(bytes).to_string()))
        });
        assert_eq!(contract, A::CONTRACT, "the contract");
        let model_id = self.bytes(format_args!("header.model_id"), 16);
        let model_id = model_id.try_into().expect("16 bytes");
        let repeated = ["features", "latent", "encoder_scratch", "decoder_scratch"]
            .map(|name| self.word(format_args!("header.{name}"), decimal));
        assert_eq!(self.at, HEADER_BYTES);
        (model_id, parts.into(), repeated)
    }

    fn latent_map(&mut self) -> Vec<u8> {
        let len = self.number(format_args!("latent_map.len"));
        let bytes = self.ahead(len).to_vec();
        for latent in 0..len / 8 {
            self.reals(format_args!("latent_map[{latent}].scale"), 1);
            self.reals(format_args!("latent_map[{latent}].offset"), 1);
        }
        bytes
    }

    fn detection(&mut self) -> Vec<u8> {
        let len = self.number(format_args!("detection.len"));
        let bytes = self.ahead(len).to_vec();
        if len > 0 && self.fields.is_some() {
            Section::read_fields(self, len);
        } else {
            self.at += len;
        }
        bytes
    }

    fn part<A: Arithmetic>(&mut self, part: &str) -> Option<Part<A>> {
        let tag = |tag| ["absent", "present"][usize::from(tag != 0)].into();
        match self.varint(format_args!("{part}"), tag) {
            0 => return None,
            tag => assert_eq!(tag, 1, "the tag of {part}"),
        }
        let count = self.number(format_args!("{part}.count"));
        let layers = (0..count).map(|index| {
            let name = format_args!("{part}.{index}");
            let inputs = self.number(format_args!("{name}.inputs"));
            let outputs = self.number(format_args!("{name}.outputs"));
            let spatial = spatial::read(self, name);
            let sizes = spatial.as_ref().map(|it| (it.inputs(), it.outputs()));
            assert!(sizes.is_none_or(|sizes| sizes == (inputs, outputs)), "the maps of {name}");
            let digest = self.varint(format_args!("{name}.digest"), |it| format!("{it:08x}"));
            let digest = digest.try_into().expect("a digest of 32 bits");
            let shape =
                spatial.as_ref().map_or(Shape { kind: None, inputs, outputs }, Spatial::shape);
            let arithmetic = A::read(self, name, shape);
            Layer { inputs, outputs, spatial, digest, arithmetic }
        });
        let layers: Vec<_> = layers.collect();
        let mut pairs = layers.windows(2);
        assert!(pairs.all(|pair| pair[0].outputs == pair[1].inputs), "layers of {part} fit");
        let test_input = self.slice(format_args!("{part}.test_input")).to_vec();
        Some(Part { layers, test_input })
    }
}

/// Values with commas between them.
pub(crate) fn list<T: ToString>(values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    values.join(", ")
}
