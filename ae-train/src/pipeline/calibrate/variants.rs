//! Further blobs of a run's models, such as those for a core: they follow the run's own.

use ae_core::{Header, with_detection};
use ae_detect::play::detection;
use ae_run::Run;

use crate::pipeline::PipelineError;
use crate::pipeline::observer::{Note, PipelineObserver};

/// A blob and its name in the run folder.
pub(super) type Named = (String, Vec<u8>);

/// The run's other blobs of the models in `own`, each with that model's detection section. Signed ones
/// stay as they are, which the observer is told.
pub(super) fn with_sections(
    run: &Run,
    own: &[(&str, &[u8])],
    observer: &mut dyn PipelineObserver,
) -> Result<Vec<Named>, PipelineError> {
    let mut variants = Vec::new();
    for name in run.names()? {
        if !name.ends_with(".aeb") || own.iter().any(|(own, _)| *own == name) {
            continue;
        }
        let Some(blob) = run.read(&name)? else { continue };
        // A file that is no blob has nothing to follow.
        let Ok(header) = Header::read(&blob) else { continue };
        let is_of = |own: &[u8]| Header::read(own).is_ok_and(|own| own.model_id == header.model_id);
        let Some((_, own)) = own.iter().find(|(_, own)| is_of(own)) else { continue };
        let Some((unsigned, behind)) = blob.split_at_checked(header.total_len as usize) else {
            continue;
        };
        // A part alone has no detector.
        if detection(unsigned).is_err() {
            continue;
        }
        if behind.is_empty() {
            variants.push((name, with_detection(&blob, &detection(own)?)?));
        } else {
            observer.on_note(&Note::Data(format!(
                "{name} is signed, so it keeps the threshold that it had: sign the new one"
            )));
        }
    }
    Ok(variants)
}

pub(super) fn write(run: &Run, blobs: &[Named]) -> Result<(), PipelineError> {
    Ok(blobs.iter().try_for_each(|(name, blob)| run.write(name, blob))?)
}
