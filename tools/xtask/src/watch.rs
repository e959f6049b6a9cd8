//! `cargo xtask watch`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{Outcome, command, setup, workspace};

/// The public package that has the recordings.
const PACKAGE: &str = "seglearn==1.2.5";

/// Make the full set of smartwatch recordings, `watch-imu`, from the public Python package that
/// has it.
///
/// It goes into the cache of `ae-train`, which finds it by its name. This needs Python 3 with its
/// module venv, and installs them by apt if they are missing. pip downloads numpy and the package
/// into the build folder. No code of the package is run. The result is checked against a known
/// SHA-256.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Remake the sample in `crates/ae-data/sample/watch-imu` too.
    #[arg(long)]
    sample: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let folder = workspace::target_folder()?.join("watch-imu");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let csv = csv(&folder)?;
    let ae_train = workspace::build_ae_train()?;
    let make = || {
        let mut make = command::program(&ae_train);
        make.arg("make-watch").arg("--csv").arg(&csv);
        make
    };
    command::run(&mut make())?;
    if args.sample {
        let out = workspace::root().join("crates").join("ae-data").join("sample").join("watch-imu");
        command::run(make().arg("--sample").arg(out))?;
    }
    Ok(Outcome::Success)
}

/// Makes the full set, if the cache of `ae-train` does not hold it.
///
/// # Errors
/// It cannot be made.
pub(crate) fn make_if_missing(ae_train: &Path) -> Result<()> {
    if command::read_quietly(command::program(ae_train).arg("make-watch")).is_none() {
        run(&Args { sample: false })?;
    }
    Ok(())
}

/// The recordings as a CSV file in `folder`, not yet checked.
fn csv(folder: &Path) -> Result<PathBuf> {
    let python = environment(&folder.join("venv"))?;
    let wheel = download(&python, &folder.join("package"))?;
    let csv = folder.join("watch-imu.csv");
    let script = workspace::root().join("tools").join("xtask").join("scripts").join("watch_imu.py");
    let mut write = command::program(&python);
    command::run(write.arg(script).arg("--wheel").arg(wheel).arg("--out").arg(&csv))?;
    Ok(csv)
}

/// A Python of its own in `folder`, which has numpy.
fn environment(folder: &Path) -> Result<PathBuf> {
    let python = match cfg!(windows) {
        true => folder.join("Scripts").join("python.exe"),
        false => folder.join("bin").join("python"),
    };
    let has_numpy = ["-c", "import numpy"];
    if command::read_quietly(command::program(&python).args(has_numpy)).is_some() {
        return Ok(python);
    }
    setup::install_venv()?;
    // What an interrupted call left behind is made anew.
    let mut make = command::program("python3");
    command::run(make.args(["-m", "venv", "--clear"]).arg(folder))?;
    let mut install = command::program(&python);
    install.args(["-m", "pip", "install", "--quiet", "--only-binary=:all:", "numpy"]);
    command::run(&mut install).context("numpy does not come; try again when the network does")?;
    Ok(python)
}

/// The package's wheel. Without its dependencies, and never as a source whose set-up would run.
fn download(python: &Path, folder: &Path) -> Result<PathBuf> {
    let mut download = command::program(python);
    download.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]);
    download.arg("--dest").arg(folder).arg(PACKAGE);
    command::run(&mut download)
        .with_context(|| format!("{PACKAGE} does not come; try again when the network does"))?;
    wheel_in(folder)
}

/// The one wheel in `folder` with the package's name.
fn wheel_in(folder: &Path) -> Result<PathBuf> {
    let start = format!("{}-", PACKAGE.replace("==", "-"));
    let files = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = files.filter_map(|file| Some(file.ok()?.path()));
    let is_wheel = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&start) && name.ends_with(".whl")
    };
    paths.find(is_wheel).with_context(|| format!("{} holds no {start}*.whl", folder.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::wheel_in;

    #[test]
    fn only_the_wheel_of_this_version_is_found() {
        let folder = tempfile::tempdir().unwrap();
        for other in ["seglearn-1.2.5.tar.gz", "seglearn-1.2.50-py3-none-any.whl", "other.whl"] {
            fs::write(folder.path().join(other), "").unwrap();
        }
        let error = wheel_in(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("holds no seglearn-1.2.5-*.whl"), "{error}");

        let wheel = folder.path().join("seglearn-1.2.5-py3-none-any.whl");
        fs::write(&wheel, "").unwrap();
        assert_eq!(wheel_in(folder.path()).unwrap(), wheel);
        assert!(wheel_in(&folder.path().join("none")).is_err());
    }
}
