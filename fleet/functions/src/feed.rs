//! A detector that is fed sample by sample, with the memory that it works in.

use ae_core::{F32, Int8, Samples};
use ae_infer::{Companion, Compute, Decision, Detector, DetectorError, Evidence, Seen};
use self_cell::{MutBorrow, self_cell};

use crate::error::FunctionError;
use crate::model::{Loaded, Model};

/// Memory of a detector.
#[derive(Debug)]
struct Buffers {
    window: Vec<u8>,
    reconstruction: Vec<u8>,
    scratch: Scratch,
}

/// Its scratch, after its contract.
#[derive(Debug)]
enum Scratch {
    Int8(Vec<i8>),
    F32(Vec<f32>),
}

/// A detector of either contract.
enum EitherDetector<'m> {
    Int8(Detector<'static, 'm, Int8<'static>>),
    F32(Detector<'static, 'm, F32>),
}

self_cell!(
    struct Cell {
        owner: MutBorrow<Buffers>,
        #[not_covariant]
        dependent: EitherDetector,
    }
);

/// The detector of a model.
pub(crate) struct Feed(Cell);

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Feed").finish_non_exhaustive()
    }
}

impl Feed {
    /// A detector before its first sample.
    pub(crate) fn new(model: &Model) -> Result<Self, FunctionError> {
        let detection = model.detector()?;
        let loaded = model.single()?;
        let scratch = match &loaded {
            Loaded::Int8(model) => Scratch::Int8(vec![0; model.model().header().scratch_len()]),
            Loaded::F32(model) => Scratch::F32(vec![0.0; model.model().header().scratch_len()]),
        };
        let features = model.features();
        let window = vec![0; detection.window_len(features)];
        let buffers = Buffers { window, reconstruction: vec![0; features], scratch };
        let made = Cell::try_new(MutBorrow::new(buffers), |buffers| {
            let Buffers { window, reconstruction, scratch } = buffers.borrow_mut();
            Ok::<_, DetectorError>(match (loaded, scratch) {
                (Loaded::Int8(model), Scratch::Int8(scratch)) => {
                    EitherDetector::Int8(Detector::new(model, window, reconstruction, scratch)?)
                }
                (Loaded::F32(model), Scratch::F32(scratch)) => {
                    EitherDetector::F32(Detector::new(model, window, reconstruction, scratch)?)
                }
                // Both were chosen by the contract.
                (Loaded::Int8(_) | Loaded::F32(_), _) => return Err(DetectorError::NoDetection),
            })
        });
        Ok(Self(made?))
    }

    /// Takes the next sample. Gives the decision where a window ends, and whether that window is apart
    /// from those before.
    pub(crate) fn push(&mut self, sample: Samples<'_>) -> Result<Option<Decided>, DetectorError> {
        self.0.with_dependent_mut(|_, detector| match detector {
            EitherDetector::Int8(detector) => push(detector, sample),
            EitherDetector::F32(detector) => push(detector, sample),
        })
    }

    /// Forgets the samples so far.
    pub(crate) fn reset(&mut self) {
        self.0.with_dependent_mut(|_, detector| match detector {
            EitherDetector::Int8(detector) => detector.reset(),
            EitherDetector::F32(detector) => detector.reset(),
        });
    }

    /// What is known of a window that stands for itself; `None` of one that is too short.
    pub(crate) fn score(&mut self, window: Samples<'_>) -> Result<Option<Evidence>, DetectorError> {
        self.reset();
        let channels = self.channels();
        let mut last = None;
        for sample in window.frames(channels) {
            last = self.push(sample)?;
        }
        Ok(last.map(|(decision, _)| *decision.evidence()))
    }

    fn channels(&self) -> usize {
        self.0.with_dependent(|_, detector| match detector {
            EitherDetector::Int8(detector) => detector.channels(),
            EitherDetector::F32(detector) => detector.channels(),
        })
    }

    /// The codes of the last window.
    pub(crate) fn codes(&self) -> &[u8] {
        self.0.with_dependent(|_, detector| match detector {
            EitherDetector::Int8(detector) => detector.window(),
            EitherDetector::F32(detector) => detector.window(),
        })
    }
}

/// A decision, and whether its window shares no sample with the last of which this was said.
pub(crate) type Decided = (Decision, bool);

/// Whether the last window was apart.
struct IsApart(bool);

impl Companion for IsApart {
    fn see(&mut self, seen: &Seen<'_>) {
        self.0 = seen.is_apart;
    }
}

fn push<'a, A: Compute<'a>>(
    detector: &mut Detector<'a, '_, A>,
    sample: Samples<'_>,
) -> Result<Option<Decided>, DetectorError> {
    let mut apart = IsApart(false);
    let observed = match sample {
        Samples::Pixels(sample) => detector.push_with(sample, &mut apart),
        Samples::Counts(sample) => detector.push_with(sample, &mut apart),
        Samples::Values(sample) => detector.push_with(sample, &mut apart),
    };
    Ok(observed?.map(|observed| (observed.decision, apart.0)))
}
