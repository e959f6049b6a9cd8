//! The commands of docs/c.md that compile and run what `ae-train export c` writes, as they stand there.

use std::fs;
use std::path::Path;

use ae_export::{Name, c_project};
use ae_infer::{Detector, Int8Autoencoder};
use anyhow::{Context, Result, bail};

use crate::c::compile::output;
use crate::c::{header, library};
use crate::{command, workspace};

/// The page.
const PAGE: &str = "docs/c.md";
/// The programs of its three commands. Without `--all`, what the first writes is written here by the library
/// behind it, so that `ae-train` need not be built.
const PROGRAMS: [&str; 3] = ["ae-train export c", "arm-none-eabi-gcc", "qemu-system-arm"];
/// The library that they link.
const LIBRARY: &str = "thumbv7em-none-eabihf";
/// What is exported: a detector of counts.
const MODEL: &str = "tests/golden/tiny.counts.int8.aeb";

/// Runs the commands in a folder of their own and gives what the program said: all three of them with `all`,
/// otherwise the second and the third.
///
/// # Errors
/// A command fails, or the decision is not this machine's.
pub(super) fn run(all: bool) -> Result<String> {
    let root = workspace::root();
    let page =
        fs::read_to_string(root.join(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
    let [export, compile, run] = commands(&page)?;
    let place = tempfile::tempdir()?;
    let libraries = place.path().join("target/c");
    for folder in ["include", LIBRARY] {
        fs::create_dir_all(libraries.join(folder))?;
    }
    fs::copy(root.join(header::FILE), libraries.join("include").join(header::NAME))?;
    let built = library::find(LIBRARY)?.build(false)?;
    fs::copy(built, libraries.join(LIBRARY).join("libautoencoder.a"))?;

    let blob = fs::read(root.join(MODEL)).with_context(|| format!("cannot read {MODEL}"))?;
    if all {
        fs::write(place.path().join("model.aeb"), &blob)?;
        let ae_train = workspace::build_ae_train()?;
        let with_folder = export.replacen("ae-train", &ae_train.display().to_string(), 1);
        shell(&with_folder, place.path())?;
    } else {
        for file in c_project(&blob, &"model".parse::<Name>()?)? {
            let path = place.path().join("project").join(file.path);
            fs::create_dir_all(path.parent().context("a file in a folder")?)?;
            fs::write(path, file.bytes)?;
        }
    }
    shell(compile, place.path())?;
    let found = shell(run, place.path())?;
    let expected = decision(&blob)?;
    if found != expected {
        bail!("the program of {PAGE} says `{found}`, expected `{expected}`");
    }
    Ok(expected)
}

/// The three commands.
fn commands(page: &str) -> Result<[&str; 3]> {
    let block = page.split("```\n").find(|block| block.starts_with(PROGRAMS[0]));
    let block =
        block.with_context(|| format!("{PAGE} has no block that begins with {}", PROGRAMS[0]))?;
    let lines: Vec<&str> = block.lines().collect();
    let lines: [&str; 3] =
        lines.try_into().map_err(|lines: Vec<&str>| anyhow::anyhow!("{} commands", lines.len()))?;
    for (line, program) in lines.iter().zip(PROGRAMS) {
        if !line.starts_with(program) {
            bail!("{PAGE}: `{line}` does not begin with {program}");
        }
    }
    Ok(lines)
}

fn shell(line: &str, folder: &Path) -> Result<String> {
    let mut shell = command::program("sh");
    let (printed, success) = output(shell.args(["-c", line]).current_dir(folder))?;
    if !success {
        bail!("`{line}`: {printed}");
    }
    Ok(printed)
}

/// What the example says, by the engine on this machine.
pub(super) fn decision(blob: &[u8]) -> Result<String> {
    let model = Int8Autoencoder::load(blob)?;
    let header = *model.model().header();
    let features = header.features as usize;
    let len = model.model().detection()?.context("a detector")?.window_len(features);
    let (mut window, mut reconstruction) = (vec![0; len], vec![0; features]);
    let mut scratch = vec![0; header.scratch_len()];
    let mut detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch)?;
    let channels = detector.channels();
    for index in 0.. {
        let value = |channel: usize| ((index * (37 + channel) + channel * 101) % 128) as i16;
        let sample: Vec<i16> = (0..channels).map(value).collect();
        if let Some(decision) = detector.push(&sample)? {
            let verdict = if decision.is_alarm() { "alarm" } else { "normal" };
            let evidence = decision.evidence();
            return Ok(format!(
                "{verdict} after {} samples: score {}, threshold {}, channel {}",
                index + 1,
                evidence.score,
                evidence.threshold,
                evidence.channel
            ));
        }
    }
    bail!("no window becomes whole")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{PAGE, commands};
    use crate::workspace;

    #[test]
    fn the_page_has_three_commands_and_another_one_is_found() {
        let page = fs::read_to_string(workspace::root().join(PAGE)).unwrap();
        commands(&page).unwrap();
        let wrong = page.replace("\nqemu-system-arm -machine", "\nmake\nqemu-system-arm -machine");
        assert!(commands(&wrong).is_err());
        let wrong = page.replace("\narm-none-eabi-gcc -std", "\nclang -std");
        assert!(commands(&wrong).unwrap_err().to_string().contains("clang"));
        assert!(commands("Text.").is_err());
    }
}
