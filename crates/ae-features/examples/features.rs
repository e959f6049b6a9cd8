//! Prints the features of recordings, a line a frame: `features FILE FEATURES [HZ]`.
//!
//! The first line has the names. A file's recordings follow each other.

use std::env;
use std::error::Error;
use std::fmt::Write;

use ae_data::signal::Piece;
use ae_data::signal::{Source, load};
use ae_features::{FeatureSignals, FeatureSpec, Features, units};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let (file, spec, rate) = match &args[..] {
        [file, spec] => (file, spec, None),
        [file, spec, rate] => (file, spec, Some(rate.parse()?)),
        _ => {
            return Err(
                "expected a file, features such as mel:64, and perhaps samples a second".into()
            );
        }
    };
    let signals = load(Source { files: vec![file.into()], ..Source::default() }, &[])?;
    let whole = |recording| Piece { recording, range: 0..signals.len_of(recording) };
    let pieces: Vec<Piece> = (0..signals.recordings.len()).map(whole).collect();
    let units = if signals.are_counts() { Vec::new() } else { units(&signals, &pieces) };
    let config = FeatureSpec::parse(spec)?.resolve(rate)?;
    let features = Features::new(&config, signals.channels.len(), &units)?;
    let made = FeatureSignals::new(features, &signals)?.signals;
    let mut text = made.channels.join(",");
    for recording in &made.recordings {
        for frame in recording.samples.chunks(made.channels.len()) {
            let mut comma = "\n";
            for value in frame {
                write!(text, "{comma}{value}")?;
                comma = ",";
            }
        }
    }
    println!("{text}");
    Ok(())
}
