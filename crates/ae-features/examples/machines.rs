//! Writes the made signals of rotating machines: `machines FILE.csv [SEED]` as a CSV file, and
//! `machines FOLDER HZ [SEED]` as WAV files of so many samples a second, a folder for each state.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use ae_features::machines::{self, MACHINES, State};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let (path, numbers) = args.split_first().ok_or("expected a file or a folder to write")?;
    let path = Path::new(path);
    match (path.extension().is_some_and(|it| it == "csv"), numbers) {
        (true, []) => fs::write(path, machines::csv(1, MACHINES))?,
        (true, [seed]) => fs::write(path, machines::csv(seed.parse()?, MACHINES))?,
        (false, [hertz]) => write_wavs(path, hertz.parse()?, 1)?,
        (false, [hertz, seed]) => write_wavs(path, hertz.parse()?, seed.parse()?)?,
        _ => return Err("expected FILE.csv [SEED], or FOLDER HZ [SEED]".into()),
    }
    Ok(())
}

/// Such as `FOLDER/normal/1.wav` of the first machine.
fn write_wavs(folder: &Path, hertz: u32, seed: u64) -> Result<(), Box<dyn Error>> {
    for state in State::ALL {
        let folder = folder.join(state.name());
        fs::create_dir_all(&folder)?;
        for machine in 1..=MACHINES {
            let seconds = state.seconds();
            let samples = machines::recording_at(hertz.into(), seconds, seed, machine, state);
            fs::write(folder.join(format!("{machine}.wav")), machines::wav(hertz, &samples))?;
        }
    }
    Ok(())
}
