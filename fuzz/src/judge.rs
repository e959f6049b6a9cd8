//! What must hold of any bytes that are given to the loader.

use std::fmt::{self, Write};

use ae_core::{
    Contract, Description, F32, Header, Int8, LayerSpec, LoadError, MAX_LAYERS, Model, Part,
    PartSpec, WriteError, write,
};
use ae_infer::Autoencoder;

use crate::random::Random;
use crate::subject::Subject;
use crate::tally::{ACCEPTED, SEALED};
use crate::{bulk, run};

/// Which of the slower checks are made, and on which values. The checksum decides it, which is as
/// good as random: a fuzzer that searches for what is new would make the slow ones all the time.
#[derive(Clone, Copy)]
pub struct Depth(u32);

impl Depth {
    /// All checks.
    pub const FULL: Self = Self(0);

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

    /// Buffers of other sizes than the right ones.
    fn tries_sizes(self) -> bool {
        self.0.is_multiple_of(16)
    }

    /// Other ways to refuse a blob, and what is said of it.
    fn refuses_again(self) -> bool {
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
    match Header::check(blob) {
        Err(error) => {
            if matches!(error, LoadError::UnknownContract { .. } | LoadError::UnknownParts { .. }) {
                SEALED.add();
            }
            refused(blob, error, depth);
            false
        }
        Ok(header) => {
            SEALED.add();
            check_header(blob, &header, depth);
            match header.contract {
                Contract::Int8 => load::<Int8<'_>>(blob, depth, seed),
                Contract::F32 => load::<F32>(blob, depth, seed),
            }
        }
    }
}

/// Both contracts refuse what the header's check refuses, for the same reason.
fn refused(blob: &[u8], error: LoadError, depth: Depth) {
    if depth.refuses_again() {
        assert_eq!(Model::<Int8<'_>>::parse(blob).map(|_| ()), Err(error));
        assert_eq!(Model::<F32>::parse(blob).map(|_| ()), Err(error));
        show(error);
        let features = ae_core::features(blob);
        assert_eq!(features.is_some(), Header::read(blob).is_ok());
    }
}

fn check_header(blob: &[u8], header: &Header, depth: Depth) {
    assert_eq!(header.total_len as usize, blob.len());
    if depth.refuses_again() {
        assert_eq!(Header::read(blob), Ok(*header));
        let (features, latent) = (header.features as usize, header.latent as usize);
        assert_eq!(ae_core::features(blob), Some(features));
        assert_eq!(ae_core::latent_len(blob), Some(latent));
        assert_eq!(ae_core::scratch_len(blob), Some(header.scratch_len()));
        let found = header.contract;
        let (wrong, expected) = match found {
            Contract::Int8 => (Model::<F32>::parse(blob).map(|_| ()), Contract::F32),
            Contract::F32 => (Model::<Int8<'_>>::parse(blob).map(|_| ()), Contract::Int8),
        };
        assert_eq!(wrong, Err(LoadError::WrongContract { expected, found }));
    }
}

fn load<'a, A: Subject<'a>>(blob: &'a [u8], depth: Depth, seed: u64) -> bool {
    let model = match Autoencoder::<A>::load(blob) {
        Ok(model) => model,
        Err(error) => {
            if depth.refuses_again() {
                show(error);
            }
            return false;
        }
    };
    ACCEPTED.add();
    write_again(blob, model.model(), depth);
    let random = &mut Random::new(seed);
    run::one_sample(&model, depth.runs_all(), random);
    if depth.tries_sizes() {
        run::wrong_sizes(&model);
    }
    if depth.is_bulk() {
        let samples = 1 + random.below(40);
        bulk::many_samples(&model, samples, random);
    }
    true
}

/// The model is written again: the same bytes, in a buffer of their size and in no smaller one.
fn write_again<'a, A: Subject<'a>>(blob: &[u8], model: &Model<'a, A>, depth: Depth) {
    let pairs = model.latent_map().flat_map(|(scale, offset)| [scale, offset]);
    let latent_map: Vec<u8> = pairs.flat_map(f32::to_le_bytes).collect();
    let empty = LayerSpec { inputs: 0, outputs: 0, digest: 0, arithmetic: A::any(), data: &[][..] };
    let mut layers = [[empty; MAX_LAYERS]; 2];
    let parts = [model.encoder(), model.decoder()];
    let [encoder, decoder] = &mut layers;
    let [encoder, decoder] = [(parts[0], encoder), (parts[1], decoder)]
        .map(|(part, layers)| part.map(|part| part_spec(part, layers)));
    let description = Description {
        model_id: model.header().model_id,
        latent_map: &latent_map,
        provenance: *model.provenance(),
        encoder,
        decoder,
    };
    let mut again = vec![0; blob.len()];
    assert_eq!(write(&description, &mut again), Ok(blob.len()), "written again");
    assert!(again == blob, "written again to other bytes");
    if depth.tries_sizes() {
        let (needed, found) = (blob.len(), blob.len() - 1);
        let error = WriteError::BufferTooSmall { needed, found };
        assert_eq!(write(&description, &mut again[1..]), Err(error));
    }
}

fn part_spec<'d, 'a, A: Subject<'a>>(
    part: &Part<'a, A>,
    layers: &'d mut [LayerSpec<'a, A>; MAX_LAYERS],
) -> PartSpec<'d, 'a, A> {
    let count = part.layers().len();
    for (spec, layer) in layers.iter_mut().zip(part.layers()) {
        *spec = LayerSpec {
            inputs: layer.inputs() as u32,
            outputs: layer.outputs() as u32,
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
