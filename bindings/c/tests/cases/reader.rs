//! Reads the file of cases and asks an engine for each.

use ae_testkit::cases::{MAGIC, Totals};
use ae_testkit::oracle::companions::Plan;

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) alarm: bool,
    pub(crate) channel: u32,
    pub(crate) score: u64,
    pub(crate) channel_score: u64,
    /// What companions say, where they go along.
    pub(crate) beside: Option<Beside>,
}

/// What companions say of a window, as the file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beside {
    pub(crate) threshold: u64,
    pub(crate) source: u32,
    pub(crate) found: u32,
    pub(crate) constant: u32,
}

/// What companions know after each score, and the threshold and the bound behind all; 0 for none.
pub(crate) type Known = (Vec<u32>, u64, u64);

/// 1, 2 and 4, of those that are so.
pub(crate) fn flags(those: [bool; 3]) -> u32 {
    those.into_iter().zip([1, 2, 4]).map(|(is_so, flag)| u32::from(is_so) * flag).sum()
}

/// Whether companions are saved before they see so many scores or samples, and others go on with what was
/// saved: they must learn the same.
pub(crate) fn is_saved(before: usize) -> bool {
    before % 37 == 5
}

/// A signal.
pub(crate) struct Case<'f> {
    /// The companions that go along.
    pub(crate) plan: Option<Plan>,
    /// The type of its values.
    pub(crate) kind: u32,
    /// Bytes of each sample, and what is to be said of it.
    pub(crate) samples: Vec<(&'f [u8], Option<Verdict>)>,
}

/// What is tested.
pub(crate) trait Engine {
    /// Bytes of the latent, the reconstruction and its squared error.
    fn image(&self, blob: &[u8], pixels: &[u8]) -> (Vec<u8>, Vec<u8>, u64);
    /// What is said after each sample.
    fn signal(&self, blob: &[u8], case: &Case<'_>) -> Vec<Option<Verdict>>;
    /// What companions know of scores.
    fn scores(&self, plan: &Plan, scores: &[u64]) -> Known;
}

/// What the file says of a model.
struct Model<'f> {
    blob: &'f [u8],
    features: usize,
    latent_bytes: usize,
    channels: usize,
    kind: u32,
}

/// Counts the cases, or names the first that differs.
pub(crate) fn check(file: &[u8], engine: &dyn Engine) -> Result<Totals, String> {
    let mut rest = file.strip_prefix(&MAGIC).ok_or("no file of cases")?;
    let rest = &mut rest;
    let (mut totals, mut model) = (Totals::default(), None);
    loop {
        match (u32_of(rest)?, &model) {
            (0, _) => {
                let [models, images] = [u32_of(rest)?, u32_of(rest)?];
                let [decisions, scores] = [u32_of(rest)?, u32_of(rest)?];
                let told = Totals { models, images, decisions, scores };
                return if told == totals { Ok(totals) } else { Err(format!("{told:?}")) };
            }
            (1, _) => {
                totals.models += 1;
                model = Some(read_model(rest)?);
            }
            (2, Some(it)) => {
                let pixels = take(rest, it.features)?;
                let expected = (
                    take(rest, it.latent_bytes)?.to_vec(),
                    take(rest, it.features)?.to_vec(),
                    u64_of(rest)?,
                );
                if engine.image(it.blob, pixels) != expected {
                    let at = totals.images;
                    return Err(format!("image {at}: the latent, a pixel or the score differs"));
                }
                totals.images += 1;
            }
            (4, _) => {
                let plan = read_plan(rest)?;
                let (scores, expected) = read_scores(rest)?;
                if engine.scores(&plan, &scores) != expected {
                    return Err(format!("another threshold of scores behind {}", totals.scores));
                }
                totals.scores += scores.len() as u32;
            }
            (kind @ (3 | 5), Some(it)) => {
                let plan = if kind == 5 { Some(read_plan(rest)?) } else { None };
                let case = read_signal(rest, it, plan)?;
                let expected: Vec<_> = case.samples.iter().map(|(_, verdict)| *verdict).collect();
                if engine.signal(it.blob, &case) != expected {
                    let at = totals.models;
                    return Err(format!("a signal of model {at}: another score or decision"));
                }
                totals.decisions += expected.iter().flatten().count() as u32;
            }
            (kind, _) => return Err(format!("a record of kind {kind}")),
        }
    }
}

fn read_model<'f>(rest: &mut &'f [u8]) -> Result<Model<'f>, String> {
    let (contract, len) = (u32_of(rest)?, u32_of(rest)? as usize);
    let [features, latent, channels] = [u32_of(rest)?, u32_of(rest)?, u32_of(rest)?];
    let kind = u32_of(rest)?;
    let width = if contract == 0 { 1 } else { 4 };
    Ok(Model {
        blob: take(rest, len)?,
        features: features as usize,
        latent_bytes: latent as usize * width,
        channels: channels as usize,
        kind,
    })
}

fn read_plan(rest: &mut &[u8]) -> Result<Plan, String> {
    let mut numbers = [0; 7];
    for number in &mut numbers {
        *number = u32_of(rest)?;
    }
    let [scores, alarm_ppm, low_ppm, drift_ppm, drift_seed, flags, constant] = numbers;
    let (is_silent, is_at_least_blob) = (flags & 1 == 1, flags & 2 == 2);
    Ok(Plan {
        scores,
        alarm_ppm,
        low_ppm,
        drift_ppm,
        drift_seed,
        is_silent,
        is_at_least_blob,
        constant,
    })
}

fn read_scores(rest: &mut &[u8]) -> Result<(Vec<u64>, Known), String> {
    let (mut scores, mut known) = (Vec::new(), Vec::new());
    for _ in 0..u32_of(rest)? {
        scores.push(u64_of(rest)?);
        known.push(u32_of(rest)?);
    }
    Ok((scores, (known, u64_of(rest)?, u64_of(rest)?)))
}

fn read_signal<'f>(
    rest: &mut &'f [u8],
    model: &Model<'_>,
    plan: Option<Plan>,
) -> Result<Case<'f>, String> {
    let width = [0, 1, 2, 4][model.kind as usize];
    let mut samples = Vec::new();
    for _ in 0..u32_of(rest)? {
        let values = take(rest, width * model.channels)?;
        let verdict = match u32_of(rest)? {
            0 => None,
            verdict => Some(Verdict {
                alarm: verdict == 2,
                channel: u32_of(rest)?,
                score: u64_of(rest)?,
                channel_score: u64_of(rest)?,
                beside: match plan {
                    None => None,
                    Some(_) => Some(Beside {
                        threshold: u64_of(rest)?,
                        source: u32_of(rest)?,
                        found: u32_of(rest)?,
                        constant: u32_of(rest)?,
                    }),
                },
            }),
        };
        samples.push((values, verdict));
    }
    Ok(Case { plan, kind: model.kind, samples })
}

fn take<'f>(rest: &mut &'f [u8], count: usize) -> Result<&'f [u8], String> {
    let (front, behind) = rest.split_at_checked(count).ok_or("the file ends too early")?;
    *rest = behind;
    Ok(front)
}

fn u32_of(rest: &mut &[u8]) -> Result<u32, String> {
    Ok(u32::from_le_bytes(take(rest, 4)?.try_into().unwrap()))
}

fn u64_of(rest: &mut &[u8]) -> Result<u64, String> {
    Ok(u64::from_le_bytes(take(rest, 8)?.try_into().unwrap()))
}

/// The values of a sample.
pub(crate) fn counts(bytes: &[u8]) -> Vec<i16> {
    bytes.as_chunks().0.iter().map(|it| i16::from_le_bytes(*it)).collect()
}

/// The values of a sample.
pub(crate) fn values(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|it| f32::from_le_bytes(*it)).collect()
}
