//! The check of a model before it may run.

use ae_core::Header;
use ae_infer::Int8Autoencoder;
use ae_protocol::{UpdateGate, Verdict, VerdictReason};
use ae_signature::{KeyId, SignatureError, Trust, open_in_place};
use ae_store::Verify;

/// Admits int8 models: with a [`Trust`] only those that are signed with one of its keys, for its
/// purpose; without one every model, as version 0. Then it loads them where they lie, and runs their
/// self-test.
pub struct Admission<'b> {
    trust: Option<Trust<'b>>,
    least: u32,
    pixels: &'b mut [u8],
    scratch: &'b mut [i8],
}

impl<'b> Admission<'b> {
    /// Models of `trust`, from version `least` on, of which `pixels` holds the pixels and `scratch` what
    /// they compute in.
    pub fn new(
        trust: Option<Trust<'b>>,
        least: u32,
        pixels: &'b mut [u8],
        scratch: &'b mut [i8],
    ) -> Self {
        Self { trust, least, pixels, scratch }
    }

    /// What a host is told of the trust, and the least version whatever was confirmed.
    #[must_use]
    pub fn gate(&self) -> (Option<UpdateGate>, u32) {
        let gate = self.trust.map(|Trust { keys, purpose }| {
            let mut ids = keys.iter().map(|key| KeyId::of(key).to_bytes());
            UpdateGate { purpose: purpose.to_bytes(), keys: [ids.next(), ids.next()] }
        });
        (gate, self.least)
    }

    /// The buffers, for the model that was admitted.
    pub fn buffers(&mut self) -> (&mut [u8], &mut [i8]) {
        (self.pixels, self.scratch)
    }

    /// The blob at the front of `file`, and its version.
    fn blob<'f>(&self, file: &'f [u8], least: u32) -> Result<(u32, &'f [u8]), Verdict> {
        let Some(trust) = &self.trust else {
            let len = Header::total_len(file).map_err(|_| NOT_USABLE)?;
            return Ok((0, file.get(..len as usize).ok_or(NOT_USABLE)?));
        };
        let signed = open_in_place(file, trust)
            .and_then(|signed| signed.not_older_than(least.max(self.least)));
        let signed = signed.map_err(|error| verdict(&error))?;
        Ok((signed.version(), signed.blob()))
    }
}

impl Verify for Admission<'_> {
    type Model<'f> = Int8Autoencoder<'f>;
    type Error = Verdict;

    fn verify<'f>(
        &mut self,
        file: &'f [u8],
        least: u32,
    ) -> Result<(u32, Int8Autoencoder<'f>), Verdict> {
        let (version, blob) = self.blob(file, least)?;
        let model = Int8Autoencoder::load(blob).map_err(|_| NOT_USABLE)?;
        let header = model.model().header();
        let needed = [header.features as usize, header.scratch_len()];
        let room = [self.pixels.len(), self.scratch.len()];
        for (needed, room) in needed.iter().copied().zip(room) {
            if needed > room {
                return Err(plain(VerdictReason::NoRoom, room, needed));
            }
        }
        let [pixels, scratch] = needed;
        let pixels = self.pixels.get_mut(..pixels).unwrap_or_default();
        let scratch = self.scratch.get_mut(..scratch).unwrap_or_default();
        let tested = model.self_test(pixels, scratch);
        tested.map_err(|_| plain(VerdictReason::SelfTest, 0, 0))?;
        Ok((version, model))
    }
}

const NOT_USABLE: Verdict = Verdict { reason: VerdictReason::NotUsable, expected: 0, found: 0 };

fn plain(reason: VerdictReason, expected: usize, found: usize) -> Verdict {
    let number = |value| u32::try_from(value).unwrap_or(u32::MAX);
    Verdict { reason, expected: number(expected), found: number(found) }
}

fn verdict(error: &SignatureError) -> Verdict {
    let reason = match error {
        SignatureError::TooOld { least, found } => {
            return Verdict { reason: VerdictReason::TooOld, expected: *least, found: *found };
        }
        SignatureError::OtherKey { .. } => VerdictReason::OtherKey,
        SignatureError::BadSignature | SignatureError::Key(_) => VerdictReason::BadSignature,
        SignatureError::OtherPurpose { .. } => VerdictReason::OtherPurpose,
        SignatureError::NoBlob(_) => return NOT_USABLE,
        _ => VerdictReason::NotSigned,
    };
    Verdict { reason, expected: 0, found: 0 }
}
