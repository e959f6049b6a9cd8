//! What must hold of any bytes that are given to the loader.

use std::fmt::{self, Write};

use ae_core::{
    Contract, Description, Detection, F32, Geometry, Header, Int8, LayerSpec, LoadError,
    MAX_LAYERS, Model, Part, PartSpec, WriteError, write,
};
use ae_infer::{Autoencoder, DetectorError};
use ae_testkit::blob::Blob;
use ae_testkit::random::SplitMix64;

use crate::subject::Subject;
use crate::tally::{ACCEPTED, SEALED};
use crate::{bulk, run, watch, work};

/// Which of the slower checks are made, and on which values. The checksum decides it, which is as
/// good as random: a fuzzer that searches for what is new would make the slow ones all the time.
#[derive(Clone, Copy)]
pub struct Depth(u32);

impl Depth {
    /// All checks.
    pub const FULL: Self = Self(0);

    /// None of the slower checks.
    const LEAST: Self = Self(1);

    /// As the checksum of `blob` says.
    #[must_use]
    pub fn of(blob: &[u8]) -> Self {
        let checksum = blob.get(16..).and_then(|rest| rest.first_chunk());
        Self(checksum.map_or(0, |bytes| u32::from_le_bytes(*bytes)))
    }

    /// The whole round: self-test, score, logits.
    fn runs_all(self) -> bool {
        self.0.is_multiple_of(4)
    }

    /// Buffers of other sizes than the right ones, other ways to refuse a blob, and what is said of
    /// it.
    fn tries_more(self) -> bool {
        self.0.is_multiple_of(16)
    }

    /// Many samples at a time.
    fn is_bulk(self) -> bool {
        self.0.is_multiple_of(128)
    }
}

/// Gives `blob` to the loader. What it accepts must be written to the same bytes again and be
/// computed as the oracle computes it. Says whether it was accepted.
pub fn judge(blob: &[u8], depth: Depth, seed: u64) -> bool {
    if depth.tries_more() {
        compare_ways_to_refuse(blob);
    }
    let loaded = load_any(blob, depth, seed);
    if let Ok(Some(at_threshold)) = &loaded {
        let again = load_any(at_threshold, Depth::LEAST, seed);
        assert!(again.is_ok(), "the same model with another threshold");
    }
    let error = loaded.err();
    use LoadError::{
        BadMagic, ChecksumMismatch, LengthMismatch, TooShort, UnsupportedVersion, WrongContract,
    };
    match error {
        None => ACCEPTED.add(),
        // All that comes before the checksum was compared.
        Some(
            TooShort { .. }
            | BadMagic { .. }
            | UnsupportedVersion { .. }
            | LengthMismatch { .. }
            | ChecksumMismatch { .. },
        ) => return false,
        Some(WrongContract { .. }) => unreachable!("the contract is the header's"),
        Some(error) => {
            if depth.tries_more() {
                show(error);
            }
        }
    }
    SEALED.add();
    error.is_none()
}

/// The header is read alike by all that read it.
fn compare_ways_to_refuse(blob: &[u8]) {
    let (read, checked) = (Header::read(blob), Header::check(blob));
    let header = match (read, checked) {
        (Ok(header), Ok(again)) => {
            assert_eq!(header, again);
            assert_eq!(header.total_len as usize, blob.len());
            let found = header.contract;
            let (wrong, expected) = match found {
                Contract::Int8 => (Model::<F32>::parse(blob).map(|_| ()), Contract::F32),
                Contract::F32 => (Model::<Int8<'_>>::parse(blob).map(|_| ()), Contract::Int8),
            };
            assert_eq!(wrong, Err(LoadError::WrongContract { expected, found }));
            Some(header)
        }
        (read, Err(error)) => {
            assert_eq!(Model::<Int8<'_>>::parse(blob).map(|_| ()), Err(error));
            assert_eq!(Model::<F32>::parse(blob).map(|_| ()), Err(error));
            show(error);
            read.ok()
        }
        (Err(error), Ok(_)) => panic!("a header that is checked and cannot be read: {error}"),
    };
    // A header may have sizes that no blob of this length can have: then they are told of none.
    let told = ae_core::features(blob).and(header.as_ref());
    let number = |value: fn(&Header) -> usize| told.map(value);
    assert_eq!(ae_core::features(blob), number(|header| header.features as usize));
    assert_eq!(ae_core::latent_len(blob), number(|header| header.latent as usize));
    let scratch = ae_core::encode_scratch_len(blob);
    assert_eq!(scratch, number(|header| header.encoder_scratch as usize));
    let scratch = ae_core::decode_scratch_len(blob);
    assert_eq!(scratch, number(|header| header.decoder_scratch as usize));
    assert_eq!(ae_core::scratch_len(blob), number(Header::scratch_len));
    // Of a body that cannot be read there is none; of one that can, see `load`.
    assert!(ae_core::window_len(blob).is_none() || told.is_some(), "a window without a header");
}

/// Loads and checks a blob of any contract; see [`load`].
fn load_any(blob: &[u8], depth: Depth, seed: u64) -> Result<Option<Vec<u8>>, LoadError> {
    match Header::read(blob).map(|header| header.contract) {
        Ok(Contract::F32) => load::<F32>(blob, depth, seed),
        // What has no header that can be read is for any contract to refuse.
        Ok(Contract::Int8) | Err(_) => load::<Int8<'_>>(blob, depth, seed),
    }
}

/// Loads and checks a blob. Of one that speaks to a detector it may give another, whose threshold
/// is the score of a window: a window that must not exceed it.
fn load<'a, A: Subject<'a>>(
    blob: &'a [u8],
    depth: Depth,
    seed: u64,
) -> Result<Option<Vec<u8>>, LoadError> {
    let model = Autoencoder::<A>::load(blob)?;
    assert!(ae_core::features(blob).is_some(), "sizes of a model that is accepted");
    let oracle = Blob::<A::Oracle>::read(blob);
    let work = work::of_model(model.model());
    let random = &mut SplitMix64::new(seed);
    let mut at_threshold = None;
    // Nobody has asked for the detection section yet.
    match model.model().detection() {
        Ok(section) => {
            let features = model.model().header().features as usize;
            let needed = section.map_or(features, |section| section.window_len(features));
            assert_eq!(ae_core::window_len(blob), Some(needed), "the buffer for a window");
            write_again(blob, model.model(), section, depth);
            match &section {
                Some(section) if work <= work::MAX_OFTEN => {
                    let scores = watch::follow(&model, &oracle, random);
                    if depth.runs_all() && !scores.is_empty() {
                        let threshold = scores[random.below(scores.len())];
                        at_threshold =
                            Some(with_threshold(blob.len(), model.model(), section, threshold));
                    }
                }
                Some(_) => {}
                None => watch::refused(&model, DetectorError::NoDetection),
            }
        }
        Err(error) => watch::refused_section(blob, &model, error),
    }
    if work <= work::MAX_ONCE {
        run::one_sample(&model, &oracle, depth.runs_all(), random);
    }
    if depth.tries_more() {
        run::wrong_sizes(&model);
    }
    if depth.is_bulk() && work <= work::MAX_OFTEN {
        let samples = 1 + random.below(40);
        bulk::many_samples(&model, samples, random);
    }
    Ok(at_threshold)
}

/// A blob of so many bytes with another threshold.
fn with_threshold<'a, A: Subject<'a>>(
    len: usize,
    model: &Model<'a, A>,
    section: &Detection<'_>,
    threshold: u64,
) -> Vec<u8> {
    let section = Detection { threshold, ..*section };
    // A number, a length and the paddings of all layers may become longer.
    let mut buffer = vec![0; len + 16 + 2 * 16 * MAX_LAYERS];
    let len = write_with(model, Some(section), &mut buffer).expect("a section as good as before");
    buffer.truncate(len);
    buffer
}

/// The model is written again: the same bytes, in a buffer of their size and in no smaller one.
fn write_again<'a, A: Subject<'a>>(
    blob: &[u8],
    model: &Model<'a, A>,
    detection: Option<Detection<'_>>,
    depth: Depth,
) {
    let mut again = vec![0; blob.len()];
    assert_eq!(write_with(model, detection, &mut again), Ok(blob.len()), "written again");
    assert!(again == blob, "written again to other bytes");
    if depth.tries_more() {
        let (needed, found) = (blob.len(), blob.len() - 1);
        let error = WriteError::BufferTooSmall { needed, found };
        assert_eq!(write_with(model, detection, &mut again[1..]), Err(error));
    }
}

/// Writes a model with this detection section into `buffer`, and gives the blob's length.
fn write_with<'a, A: Subject<'a>>(
    model: &Model<'a, A>,
    detection: Option<Detection<'_>>,
    buffer: &mut [u8],
) -> Result<usize, WriteError> {
    let pairs = model.latent_map().flat_map(|(scale, offset)| [scale, offset]);
    let latent_map: Vec<u8> = pairs.flat_map(f32::to_le_bytes).collect();
    let empty = LayerSpec {
        geometry: Geometry::dense(0, 0),
        digest: 0,
        arithmetic: A::any(),
        data: &[][..],
    };
    let mut layers = [[empty; MAX_LAYERS]; 2];
    let parts = [model.encoder(), model.decoder()];
    let [encoder, decoder] = &mut layers;
    let [encoder, decoder] = [(parts[0], encoder), (parts[1], decoder)]
        .map(|(part, layers)| part.map(|part| part_spec(part, layers)));
    let description = Description {
        model_id: model.header().model_id,
        latent_map: &latent_map,
        provenance: *model.provenance(),
        detection,
        in_strips: model.header().in_strips,
        encoder,
        decoder,
    };
    write(&description, buffer)
}

fn part_spec<'d, 'a, A: Subject<'a>>(
    part: &Part<'a, A>,
    layers: &'d mut [LayerSpec<'a, A>; MAX_LAYERS],
) -> PartSpec<'d, 'a, A> {
    let count = part.layers().len();
    for (spec, layer) in layers.iter_mut().zip(part.layers()) {
        *spec = LayerSpec {
            geometry: layer.geometry(),
            digest: layer.digest(),
            arithmetic: *layer.arithmetic(),
            data: layer.data(),
        };
    }
    PartSpec { layers: &layers[..count], test_input: part.test_input() }
}

/// Errors can be shown, in a few hundred bytes.
pub fn show(error: impl fmt::Display) {
    struct Sink(usize);
    impl Write for Sink {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut sink = Sink(0);
    write!(sink, "{error}").expect("a sink takes everything");
    assert!((1..400).contains(&sink.0), "a text of {} bytes", sink.0);
}
