//! Why features cannot be had.

use ae_core::{FeaturesError, SignalFeatures};
use ae_infer::DetectorError;

/// Why features cannot be had. Each message says what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// A word that names neither a feature nor an option.
    #[error(
        "`{word}` is no feature and no option of one; features are mel:BANDS, spectrum:BANDS, statistics \
         and raw, options fft=, hop=, frames=, from=, to=, taper=, norm= and magnitude"
    )]
    Unknown {
        /// The word.
        word: String,
    },
    /// No feature is named.
    #[error("no feature is named; give one or more of mel, spectrum, statistics and raw")]
    None,
    /// A feature or an option is given twice.
    #[error("`{name}` is given twice; give it once")]
    Twice {
        /// Its name.
        name: String,
    },
    /// Bands on both scales.
    #[error("both mel and spectrum are given; a detector computes bands on one of the two scales")]
    TwoScales,
    /// A value that an option does not have.
    #[error("`{name}` is {found}; expected {expected}")]
    Value {
        /// The feature or option.
        name: &'static str,
        /// What was given.
        found: String,
        /// What could be.
        expected: String,
    },
    /// An option of bands, without bands.
    #[error("`{name}` is an option of bands; give mel or spectrum too, or leave it out")]
    WithoutBands {
        /// The option.
        name: &'static str,
    },
    /// Mel bands of a signal whose sample rate is not known.
    #[error("mel bands lie at frequencies in Hz, and the sample rate of the signal is not known")]
    NoRate,
    /// A range of frequencies that a spectrum does not have.
    #[error(
        "the bands reach from {from} to {to}{unit}; expected 0 ≤ from < to ≤ {most}{unit}, which is half \
         the sample rate"
    )]
    Range {
        /// The lower end.
        from: f64,
        /// The upper end.
        to: f64,
        /// Half the sample rate.
        most: f64,
        /// Behind a number: ` Hz`, or nothing where frequencies are in cycles a sample.
        unit: &'static str,
    },
    /// Bands that are narrower than the distance between two bins.
    #[error(
        "of {count} bands, band {band} holds no bin of a spectrum of {frame} samples; {}", remedy(*most, *needed)
    )]
    Narrow {
        /// Number of bands.
        count: usize,
        /// The first without a bin, from 0.
        band: usize,
        /// Samples of a frame.
        frame: u16,
        /// As many bands as there may be; 0 where even one has no bin.
        most: usize,
        /// A frame that so many bands do for, if there is one.
        needed: Option<u16>,
    },
    /// No detector could follow them.
    #[error(transparent)]
    Refused(#[from] FeaturesError),
    /// No frame can be computed.
    #[error(transparent)]
    Detector(#[from] DetectorError),
}

fn remedy(most: usize, needed: Option<u16>) -> String {
    let bands = match most {
        0 => "give a wider range of frequencies".to_owned(),
        most => format!("give {most} bands or fewer"),
    };
    match needed {
        Some(frame) => format!("{bands}, or fft={frame}"),
        None => format!("{bands}; no fft up to {} does for so many", SignalFeatures::MAX_FRAME),
    }
}
