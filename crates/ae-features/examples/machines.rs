//! Writes the made signals of rotating machines as a CSV file: `machines FILE [SEED]`.

use std::env;
use std::error::Error;
use std::fs;

use ae_features::machines;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let file = args.next().ok_or("expected a file to write, and perhaps a seed")?;
    let seed = args.next().map_or(Ok(1), |seed| seed.parse())?;
    fs::write(&file, machines::csv(seed, machines::MACHINES))?;
    Ok(())
}
