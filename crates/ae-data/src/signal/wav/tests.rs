use std::path::Path;

use crate::signal::{Signals, Source, read_bytes};

/// A WAV file put together by hand.
struct Wav {
    tag: u16,
    channels: u16,
    rate: u32,
    bits: u16,
    extra: Vec<u8>,
    data: Vec<u8>,
}

impl Wav {
    fn of(tag: u16, channels: u16, bits: u16, data: &[u8]) -> Self {
        Self { tag, channels, rate: 16_000, bits, extra: vec![], data: data.to_vec() }
    }

    fn chunk(name: &[u8], said: u32, bytes: &[u8]) -> Vec<u8> {
        let padding = &[0][..bytes.len() % 2];
        [name, &said.to_le_bytes(), bytes, padding].concat()
    }

    fn bytes(&self) -> Vec<u8> {
        self.with_length(self.data.len() as u32)
    }

    fn with_length(&self, said: u32) -> Vec<u8> {
        let block = self.channels * self.bits.div_ceil(8);
        let format = [
            &self.tag.to_le_bytes()[..],
            &self.channels.to_le_bytes(),
            &self.rate.to_le_bytes(),
            &(self.rate * u32::from(block)).to_le_bytes(),
            &block.to_le_bytes(),
            &self.bits.to_le_bytes(),
            &self.extra,
        ]
        .concat();
        let chunks = [
            Self::chunk(b"LIST", 5, b"INFOx"),
            Self::chunk(b"fmt ", format.len() as u32, &format),
            Self::chunk(b"data", said, &self.data),
        ]
        .concat();
        [&b"RIFF"[..], &(chunks.len() as u32 + 4).to_le_bytes(), b"WAVE", &chunks].concat()
    }
}

fn read(file: &[u8]) -> Result<Signals, String> {
    read_with(file, &Source::default())
}

fn read_with(file: &[u8], source: &Source) -> Result<Signals, String> {
    read_bytes(Path::new("it.wav"), file, source).map_err(|error| error.to_string())
}

fn values(file: &[u8]) -> Vec<f32> {
    let signals = read(file).unwrap();
    assert_eq!(signals.recordings.len(), 1);
    signals.recordings[0].samples.clone()
}

#[test]
fn every_encoding_gives_the_numbers_of_the_file() {
    let f32s = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let f64s = |values: &[f64]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    for (tag, bits, data, expected) in [
        (1, 8, vec![0, 128, 255], vec![-128.0, 0.0, 127.0]),
        (1, 16, vec![0, 128, 1, 0, 0xff, 0x7f], vec![-32768.0, 1.0, 32767.0]),
        (1, 24, vec![0, 0, 0x80, 0xff, 0xff, 0x7f], vec![-8_388_608.0, 8_388_607.0]),
        (1, 32, vec![0, 0, 0, 0x80, 1, 0, 0, 0], vec![-2_147_483_648.0, 1.0]),
        (3, 32, f32s(&[0.5, -1.25]), vec![0.5, -1.25]),
        (3, 64, f64s(&[0.1, -1e9]), vec![0.1, -1e9]),
    ] {
        assert_eq!(values(&Wav::of(tag, 1, bits, &data).bytes()), expected, "{tag} {bits}");
    }
}

#[test]
fn channels_have_numbers_and_the_rate_is_known() {
    for channels in [1_u16, 2, 8] {
        let data: Vec<u8> = (0..3 * channels).flat_map(|at| at.to_le_bytes()).collect();
        let signals = read(&Wav::of(1, channels, 16, &data).bytes()).unwrap();
        let names: Vec<String> = (0..channels).map(|at| format!("ch{at}")).collect();
        assert_eq!(signals.channels, names);
        assert_eq!(signals.rate, Some(16_000.0));
        let expected: Vec<f32> = (0..3 * channels).map(f32::from).collect();
        assert_eq!(signals.recordings[0].samples, expected);
    }
    let file = Wav::of(1, 2, 16, &[1, 0, 2, 0, 3, 0, 4, 0]).bytes();
    let source = Source { columns: Some(vec!["ch1".into()]), ..Source::default() };
    assert_eq!(read_with(&file, &source).unwrap().recordings[0].samples, [2.0, 4.0]);
    let source = Source { columns: Some(vec!["left".into()]), ..Source::default() };
    assert!(read_with(&file, &source).unwrap_err().contains("there are: ch0, ch1"));
    let source = Source { label: Some("what".into()), ..Source::default() };
    assert!(read_with(&file, &source).unwrap_err().contains("a WAV file holds samples alone"));
}

#[test]
fn an_extensible_format_says_what_it_is_further_behind() {
    let identifier =
        |tag: u16| [&[22, 0, 24, 0, 3, 0, 0, 0][..], &tag.to_le_bytes(), &[0; 14]].concat();
    let of = |tag| Wav { extra: identifier(tag), ..Wav::of(0xfffe, 1, 24, &[1, 0, 0, 2, 0, 0]) };
    assert_eq!(values(&of(1).bytes()), [1.0, 2.0]);
    assert!(read(&of(3).bytes()).unwrap_err().contains("24 bits a value, expected 32 or 64"));
    let message = read(&of(2).bytes()).unwrap_err();
    assert!(
        message.contains("0x0002 (Microsoft ADPCM)") && message.contains("ffmpeg"),
        "{message}"
    );
}

#[test]
fn what_was_written_to_a_pipe_lasts_as_long_as_it_does() {
    let wav = Wav::of(1, 1, 16, &[1, 0, 2, 0, 3, 0]);
    for said in [u32::MAX, 0] {
        assert_eq!(values(&wav.with_length(said)), [1.0, 2.0, 3.0]);
    }
    let odd = Wav::of(1, 1, 16, &[1, 0, 2]);
    assert!(read(&odd.with_length(u32::MAX)).is_ok(), "a byte of padding is behind it");
    // Of a long recording the length stands in a chunk of its own.
    let long = [&9_u64.to_le_bytes()[..], &4_u64.to_le_bytes(), &[0; 12]].concat();
    let file = wav.with_length(u32::MAX);
    let file = [b"RF64", &file[4..12], &Wav::chunk(b"ds64", 28, &long), &file[12..]].concat();
    assert_eq!(values(&file), [1.0, 2.0]);
}

#[test]
fn what_is_wrong_is_named() {
    let good = Wav::of(1, 2, 16, &[1, 0, 2, 0, 3, 0, 4, 0]);
    let with = |change: fn(&mut Wav)| {
        let mut wav = Wav::of(1, 2, 16, &[1, 0, 2, 0, 3, 0, 4, 0]);
        change(&mut wav);
        wav.bytes()
    };
    for (file, words) in [
        (with(|wav| wav.channels = 0), "0 channels, 16000 samples a second and 16 bits"),
        (with(|wav| wav.rate = 0), "0 samples a second"),
        (with(|wav| wav.bits = 0), "0 bits a value, expected 8, 16, 24 or 32"),
        (with(|wav| wav.bits = 12), "12 bits a value"),
        (with(|wav| wav.data.clear()), "a recording without samples"),
        (with(|wav| wav.data.truncate(6)), "6 bytes, no whole number of samples of 4"),
        (good.with_length(12), "announces 12 bytes, and 8 are there"),
        (good.bytes()[..14].to_vec(), "ends before the chunk `data`"),
        ([&good.bytes()[..12], b"data\0\0\0\0"].concat(), "before a chunk `fmt `"),
    ] {
        let message = read(&file).unwrap_err();
        assert!(message.contains(words), "{message}");
    }
    let float = Wav::of(3, 1, 32, &[f32::NAN, 1.0].map(f32::to_le_bytes).concat());
    let message = read(&float.bytes()).unwrap_err();
    assert!(
        message.contains("the recording, sample 0, column `ch0`: the value is missing"),
        "{message}"
    );
}

#[test]
fn every_cut_is_noticed_and_no_length_takes_memory() {
    let file = Wav::of(1, 1, 16, &(0..64).collect::<Vec<u8>>()).bytes();
    for end in 12..file.len() {
        assert!(read(&file[..end]).is_err(), "{end}");
    }
    let source = Source { memory: crate::signal::Memory(1 << 20), ..Source::default() };
    for at in 0..44_usize.min(file.len() - 4) {
        let mut larger = file.clone();
        larger[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
        drop(read_with(&larger, &source));
    }
}
