//! Further blobs of a run's models, such as those for a core: they follow the run's own.

use ae_core::{Header, with_detection};
use ae_detect::play::detection;
use ae_run::Run;

use crate::pipeline::PipelineError;

/// A blob and its name in the run folder.
pub(super) type Named = (String, Vec<u8>);

/// The run's other blobs of the models in `own`, each with that model's detection section.
pub(super) fn with_sections(run: &Run, own: &[(&str, &[u8])]) -> Result<Vec<Named>, PipelineError> {
    let mut variants = Vec::new();
    for name in run.names()? {
        if !name.ends_with(".aeb") || own.iter().any(|(own, _)| *own == name) {
            continue;
        }
        let Some(blob) = run.read(&name)? else { continue };
        // A part alone has no detector, and a file that is no blob has nothing to follow.
        let (Ok(header), Ok(_)) = (Header::read(&blob), detection(&blob)) else { continue };
        for (_, own) in own {
            if Header::read(own).is_ok_and(|own| own.model_id == header.model_id) {
                variants.push((name.clone(), with_detection(&blob, &detection(own)?)?));
            }
        }
    }
    Ok(variants)
}

pub(super) fn write(run: &Run, blobs: &[Named]) -> Result<(), PipelineError> {
    Ok(blobs.iter().try_for_each(|(name, blob)| run.write(name, blob))?)
}
