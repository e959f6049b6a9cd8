//! A blob taken apart into named fields, which can be changed and put together again.
//!
//! This reads the format with its own eyes, byte by byte; it uses neither postcard nor the loader.

use ae_core::{Contract, DATA_ALIGNMENT, Header};

use crate::reseal::reseal;

/// A run of bytes with one meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it belongs, such as `encoder.1.shift[0]`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its value, for a reader.
    pub value: String,
}

/// All fields of a blob in order. Their bytes one after the other are the blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// Takes a valid blob apart.
    ///
    /// # Panics
    /// If the blob is not valid.
    #[must_use]
    pub fn of(blob: &[u8]) -> Self {
        let mut reader = Reader { rest: blob, fields: Vec::new() };
        let contract = reader.header();
        reader.preamble(contract);
        reader.detection();
        for part in ["encoder", "decoder"] {
            reader.part(part, contract);
        }
        assert!(reader.rest.is_empty(), "{} bytes behind the last field", reader.rest.len());
        Self(reader.fields)
    }

    /// The fields in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Field] {
        &self.0
    }

    /// The bytes of a field, to read or to change.
    ///
    /// # Panics
    /// If there is no such field.
    pub fn bytes(&mut self, name: &str) -> &mut Vec<u8> {
        let field = self.0.iter_mut().find(|field| field.name == name);
        &mut field.unwrap_or_else(|| panic!("no field {name}")).bytes
    }

    /// The offset of a field in the blob.
    ///
    /// # Panics
    /// If there is no such field.
    #[must_use]
    pub fn offset(&self, name: &str) -> usize {
        let before = self.0.iter().take_while(|field| field.name != name);
        let offset = before.map(|field| field.bytes.len()).sum();
        assert!(self.0.iter().any(|field| field.name == name), "no field {name}");
        offset
    }

    /// Puts `bytes` in place of a field's.
    ///
    /// # Panics
    /// If there is no such field.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        *self.bytes(name) = bytes.into();
        self
    }

    /// Removes all fields whose name begins with `prefix`.
    #[must_use]
    pub fn without(mut self, prefix: &str) -> Self {
        self.0.retain(|field| !field.name.starts_with(prefix));
        self
    }

    /// Chooses all paddings anew, so that every data section is on its boundary again.
    #[must_use]
    pub fn realigned(mut self) -> Self {
        let mut offset = 0;
        for index in 0..self.0.len() {
            if self.0[index].name.ends_with(".pad") {
                // Behind the padding stands the length of the data, then the data.
                let data_at = offset + self.0[index + 1].bytes.len();
                let pad = data_at.wrapping_neg() % DATA_ALIGNMENT;
                self.0[index].bytes = vec![0; pad];
                self.0[index - 1].bytes = vec![pad as u8];
            }
            offset += self.0[index].bytes.len();
        }
        self
    }

    /// The bytes of all fields.
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        self.0.iter().flat_map(|field| field.bytes.iter().copied()).collect()
    }

    /// The bytes of all fields under a true length and checksum.
    #[must_use]
    pub fn sealed(&self) -> Vec<u8> {
        let mut blob = self.joined();
        reseal(&mut blob);
        blob
    }
}

/// `value` as postcard writes an unsigned integer: seven bits a byte, the lowest first, the high
/// bit set where more follow.
#[must_use]
pub fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

struct Reader<'a> {
    rest: &'a [u8],
    fields: Vec<Field>,
}

impl<'a> Reader<'a> {
    fn take(
        &mut self,
        name: impl Into<String>,
        len: usize,
        value: impl Fn(&[u8]) -> String,
    ) -> &'a [u8] {
        let (bytes, rest) = self.rest.split_at(len);
        self.rest = rest;
        self.fields.push(Field { name: name.into(), bytes: bytes.to_vec(), value: value(bytes) });
        bytes
    }

    fn bytes(&mut self, name: impl Into<String>, len: usize) -> &'a [u8] {
        self.take(name, len, |bytes| match bytes {
            [] => "none".into(),
            [0, ..] if bytes.iter().all(|&byte| byte == 0) => "zeros".into(),
            _ => format!("{} bytes", bytes.len()),
        })
    }

    fn u16(&mut self, name: &str) -> u16 {
        let bytes = self.take(name, 2, |b| u16::from_le_bytes([b[0], b[1]]).to_string());
        u16::from_le_bytes([bytes[0], bytes[1]])
    }

    fn u32(&mut self, name: &str) {
        self.take(name, 4, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]).to_string());
    }

    fn i32(&mut self, name: String) {
        self.take(name, 4, |b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]).to_string());
    }

    fn f32s(&mut self, name: String, count: usize) {
        self.take(name, 4 * count, |bytes| {
            let values = bytes.chunks(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            list(values)
        });
    }

    fn hex32(&mut self, name: &str) {
        self.take(name, 4, |b| format!("{:08x}", u32::from_le_bytes([b[0], b[1], b[2], b[3]])));
    }

    /// A variable-length integer, and `describe` of it.
    fn varint(&mut self, name: impl Into<String>, describe: impl Fn(u64) -> String) -> u64 {
        let len = 1 + self.rest.iter().take_while(|&&byte| byte & 0x80 != 0).count();
        let groups = self.rest[..len].iter().rev();
        let value = groups.fold(0_u64, |value, &byte| value << 7 | u64::from(byte & 0x7f));
        self.take(name, len, |_| describe(value));
        value
    }

    fn number(&mut self, name: impl Into<String>) -> usize {
        self.varint(name, |value| value.to_string()) as usize
    }

    /// A length, then as many bytes.
    fn slice(&mut self, name: &str) {
        let len = self.number(format!("{name}.len"));
        self.bytes(name, len);
    }

    fn header(&mut self) -> Contract {
        self.bytes("header.magic", 8);
        self.u32("header.version");
        self.u32("header.total_len");
        self.hex32("header.checksum");
        let contract = self.u16("header.contract");
        self.u16("header.parts");
        self.bytes("header.model_id", 16);
        for name in ["features", "latent", "encoder_scratch", "decoder_scratch"] {
            self.u32(&format!("header.{name}"));
        }
        let len: usize = self.fields.iter().map(|field| field.bytes.len()).sum();
        assert_eq!(len, Header::LEN, "bytes of the header");
        if contract == Contract::Int8 as u16 { Contract::Int8 } else { Contract::F32 }
    }

    fn preamble(&mut self, contract: Contract) {
        self.varint("input", |kind| if kind == 0 { "pixels".into() } else { kind.to_string() });
        let len = self.number("latent_map.len");
        let pair = if contract == Contract::Int8 { 8 } else { 1 };
        for latent in 0..len / pair {
            self.f32s(format!("latent_map[{latent}].scale"), 1);
            self.f32s(format!("latent_map[{latent}].offset"), 1);
        }
        let len = self.number("tool.len");
        self.take("tool", len, |bytes| format!("{:?}", String::from_utf8_lossy(bytes)));
        self.slice("config");
        self.slice("data");
    }

    fn detection(&mut self) {
        if self.number("detection.len") == 0 {
            return;
        }
        let kinds = ["pixels", "counts", "values"];
        let kind = self.varint("detection.samples", |kind| kinds[kind as usize].into());
        match kind {
            1 => {
                for channel in 0..self.number("detection.counts.len") / 9 {
                    self.i32(format!("detection.counts[{channel}].bias"));
                    self.i32(format!("detection.counts[{channel}].multiplier"));
                    let shift = format!("detection.counts[{channel}].shift");
                    self.take(shift, 1, |b| b[0].to_string());
                }
            }
            2 => {
                for channel in 0..self.number("detection.values.len") / 8 {
                    self.f32s(format!("detection.values[{channel}].offset"), 1);
                    self.f32s(format!("detection.values[{channel}].scale"), 1);
                }
            }
            _ => {}
        }
        self.number("detection.window");
        self.number("detection.stride");
        self.slice("detection.weights");
        self.number("detection.threshold");
        self.number("detection.alarm_ppm");
        self.number("detection.scores");
        self.slice("detection.digest");
        for name in ["hits", "of"] {
            self.take(format!("detection.debounce.{name}"), 1, |b| b[0].to_string());
        }
    }

    fn part(&mut self, part: &str, contract: Contract) {
        let tag = |tag| ["absent", "present"][usize::from(tag != 0)].into();
        if self.varint(part, tag) == 0 {
            return;
        }
        let count = self.number(format!("{part}.count"));
        for index in 0..count {
            self.layer(&format!("{part}.{index}"), contract);
        }
        self.slice(&format!("{part}.test_input"));
    }

    fn layer(&mut self, layer: &str, contract: Contract) {
        let inputs = self.number(format!("{layer}.inputs"));
        let outputs = self.number(format!("{layer}.outputs"));
        self.varint(format!("{layer}.digest"), |digest| format!("{digest:08x}"));
        let mut layout = 0;
        match contract {
            Contract::Int8 => {
                let name = |layout| ["rows", "row pairs"][layout as usize].into();
                layout = self.varint(format!("{layer}.layout"), name);
                self.take(format!("{layer}.zero_point"), 1, |b| (b[0] as i8).to_string());
                self.slice(&format!("{layer}.tables"));
            }
            Contract::F32 => {
                let names = ["identity", "relu", "gelu", "silu", "sigmoid"];
                let name = |index| names[index as usize].into();
                self.varint(format!("{layer}.activation"), name);
            }
        }
        self.slice(&format!("{layer}.pad"));
        let len = self.number(format!("{layer}.data.len"));
        let rest = self.rest.len() - len;
        match contract {
            Contract::Int8 if layout == 0 => self.rows(layer, inputs, outputs),
            Contract::Int8 => self.row_pairs(layer, inputs, outputs),
            Contract::F32 => {
                for input in 0..inputs {
                    self.f32s(format!("{layer}.weights[{input}]"), outputs);
                }
                self.f32s(format!("{layer}.biases"), outputs);
            }
        }
        assert_eq!(self.rest.len(), rest, "bytes behind the data of {layer}");
    }

    fn rows(&mut self, layer: &str, inputs: usize, outputs: usize) {
        for row in 0..outputs {
            let name = format!("{layer}.weights[{row}]");
            self.take(name, inputs, |bytes| list(bytes.iter().map(|&byte| byte as i8)));
        }
        self.bytes(format!("{layer}.padding"), (inputs * outputs).wrapping_neg() % 4);
        for row in 0..outputs {
            self.i32(format!("{layer}.bias[{row}]"));
        }
        for row in 0..outputs {
            self.i32(format!("{layer}.multiplier[{row}]"));
        }
        for row in 0..outputs {
            self.take(format!("{layer}.shift[{row}]"), 1, |b| b[0].to_string());
        }
    }

    fn row_pairs(&mut self, layer: &str, inputs: usize, outputs: usize) {
        for block in 0..outputs.div_ceil(4) {
            for quad in 0..inputs.div_ceil(4) {
                let name = format!("{layer}.block[{block}].weights[{quad}]");
                let lanes = |bytes: &[u8]| {
                    list(bytes.chunks(2).map(|lane| i16::from_le_bytes([lane[0], lane[1]])))
                };
                self.take(name, 16, lanes);
            }
            for row in 4 * block..4 * block + 4 {
                self.i32(format!("{layer}.bias[{row}]"));
            }
            for row in 4 * block..4 * block + 4 {
                self.i32(format!("{layer}.multiplier[{row}]"));
            }
            for row in 4 * block..4 * block + 4 {
                self.take(format!("{layer}.shift[{row}]"), 1, |b| b[0].to_string());
            }
        }
    }
}

fn list<T: ToString>(values: impl Iterator<Item = T>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    values.join(", ")
}

#[cfg(test)]
mod tests {
    use ae_core::PartSelection;

    use super::{Fields, varint};
    use crate::models::small_blobs;

    #[test]
    fn the_fields_one_after_the_other_are_the_blob() {
        for parts in [PartSelection::Both, PartSelection::Encoder, PartSelection::Decoder] {
            for blob in small_blobs(parts) {
                let fields = Fields::of(&blob);
                assert_eq!(fields.joined(), blob);
                assert_eq!(fields.clone().realigned().sealed(), blob);
            }
        }
    }

    #[test]
    fn varints_are_those_of_the_postcard_specification() {
        assert_eq!(varint(0), [0]);
        assert_eq!(varint(127), [0x7f]);
        assert_eq!(varint(128), [0x80, 0x01]);
        assert_eq!(varint(65_535), [0xff, 0xff, 0x03]);
        assert_eq!(varint(u64::from(u32::MAX)), [0xff, 0xff, 0xff, 0xff, 0x0f]);
    }
}
