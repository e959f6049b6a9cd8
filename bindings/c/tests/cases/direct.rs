//! The engine by `ae_infer` itself.

use ae_infer::{
    Autoencoder, CompanionPlan, Companions, Compute, Detector, F32, Findings, Int8, Observation,
    Sample, ThresholdSource,
};
use ae_testkit::oracle::companions::Plan;

use super::reader::{self, Beside, Case, Engine, Known, Verdict, flags};

/// The engine without C.
pub(crate) struct Direct;

impl Engine for Direct {
    fn image(&self, blob: &[u8], pixels: &[u8]) -> (Vec<u8>, Vec<u8>, u64) {
        match Autoencoder::<Int8<'_>>::load(blob) {
            Ok(model) => image(&model, pixels, |it| vec![it as u8]),
            Err(_) => image::<F32>(&Autoencoder::load(blob).unwrap(), pixels, |it| {
                it.to_le_bytes().to_vec()
            }),
        }
    }

    fn signal(&self, blob: &[u8], case: &Case<'_>) -> Vec<Option<Verdict>> {
        match Autoencoder::<Int8<'_>>::load(blob) {
            Ok(model) => signal(model, case),
            Err(_) => signal::<F32>(Autoencoder::load(blob).unwrap(), case),
        }
    }

    fn scores(&self, plan: &Plan, scores: &[u64]) -> Known {
        let mut all = companions(plan);
        let known = scores.iter().enumerate().map(|(at, &score)| {
            if reader::is_saved(at) {
                all = saved(&all, plan);
            }
            all.calibration.iter_mut().for_each(|it| it.take(score));
            all.low.iter_mut().for_each(|it| it.take(score));
            all.drift.iter_mut().for_each(|it| it.take(score));
            let threshold = all.calibration.is_some_and(|it| it.threshold().is_some());
            let low = all.low.is_some_and(|it| it.bound().is_some());
            flags([threshold, low, all.drift.is_some_and(|it| it.has_drifted())])
        });
        let known = known.collect();
        let threshold = all.calibration.and_then(|it| it.threshold());
        let low = all.low.and_then(|it| it.bound());
        (known, threshold.unwrap_or(0), low.unwrap_or(0))
    }
}

/// What goes along.
type All = Companions<8, 64, 11>;

fn companions(plan: &Plan) -> All {
    let of = CompanionPlan {
        scores: plan.scores,
        alarm_ppm: plan.alarm_ppm,
        is_silent: plan.is_silent,
        is_at_least_blob: plan.is_at_least_blob,
        group_ppm: 0,
        low_ppm: plan.low_ppm,
        constant: plan.constant as u8,
        drift_ppm: plan.drift_ppm,
    };
    let mut all = Companions::within(&of, [0; 8], [0; 8], [0; 64]).unwrap();
    all.drift = all.drift.map(|drift| drift.seeded(plan.drift_seed));
    all
}

fn image<'a, A: Compute<'a>>(
    model: &Autoencoder<'a, A>,
    pixels: &[u8],
    bytes: impl Fn(A::Element) -> Vec<u8>,
) -> (Vec<u8>, Vec<u8>, u64) {
    let header = *model.model().header();
    let mut latent = vec![A::Element::default(); header.latent as usize];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    model.encode(pixels, &mut latent, &mut scratch).unwrap();
    let mut reconstruction = vec![0; pixels.len()];
    let score = model.score(pixels, &mut reconstruction, &mut scratch).unwrap();
    (latent.into_iter().flat_map(bytes).collect(), reconstruction, score)
}

fn signal<'a, A: Compute<'a>>(model: Autoencoder<'a, A>, case: &Case<'_>) -> Vec<Option<Verdict>> {
    let header = *model.model().header();
    let features = header.features as usize;
    let section = model.model().detection().unwrap().unwrap();
    let mut window = vec![0; section.window_len(features)];
    let mut reconstruction = vec![0; features];
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let mut detector =
        Detector::new(model, &mut window, &mut reconstruction, &mut scratch).unwrap();
    let mut along = case.plan.as_ref().map(companions);
    let mut say = |along: &mut Option<All>, values: &[u8]| match case.kind {
        1 => push(&mut detector, along, values),
        2 => push(&mut detector, along, &reader::counts(values)),
        _ => push(&mut detector, along, &reader::values(values)),
    };
    let samples = case.samples.iter().enumerate();
    samples
        .map(|(at, (values, _))| {
            if let (Some(of), Some(plan)) = (&mut along, &case.plan)
                && plan.constant == 0
                && reader::is_saved(at)
            {
                *of = saved(of, plan);
            }
            say(&mut along, values)
        })
        .collect()
}

/// Others that go on with what companions have learnt.
fn saved(all: &All, plan: &Plan) -> All {
    let mut state = vec![0; all.state_len()];
    all.write_state(&mut state).unwrap();
    let mut others = companions(plan);
    others.read_state(&state).unwrap();
    others
}

fn push<'a, A: Compute<'a>, S: Sample>(
    detector: &mut Detector<'a, '_, A>,
    along: &mut Option<All>,
    sample: &[S],
) -> Option<Verdict> {
    let (decision, beside) = match along {
        None => (detector.push(sample).unwrap()?, None),
        Some(companions) => {
            let Observation { decision, source, findings } =
                detector.push_with(sample, companions).unwrap()?;
            let Findings { is_low, constant, has_drifted } = findings;
            let beside = Beside {
                threshold: decision.evidence().threshold,
                source: match source {
                    ThresholdSource::Blob => 0,
                    ThresholdSource::Own => 1,
                    ThresholdSource::Silent => 2,
                    ThresholdSource::Groups => 3,
                },
                found: flags([is_low, constant.is_some(), has_drifted]),
                constant: constant.unwrap_or(0) as u32,
            };
            (decision, Some(beside))
        }
    };
    let evidence = decision.evidence();
    Some(Verdict {
        alarm: decision.is_alarm(),
        channel: evidence.channel as u32,
        score: evidence.score,
        channel_score: evidence.channel_score,
        beside,
    })
}
