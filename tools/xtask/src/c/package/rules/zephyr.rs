//! Zephyr's pages on modules (docs.zephyrproject.org, "Modules", with the schema of `module.yml`) and on
//! Twister, which reads `sample.yaml`.

use anyhow::{Context, Result, bail};
use yaml_rust2::Yaml;

use super::{Files, yaml};

const MODULE: &str = "zephyr/module.yml";
const OF_MODULE: [&str; 5] = ["name", "tests", "samples", "boards", "blobs"];
const OF_BUILD: [&str; 6] = ["cmake", "kconfig", "cmake-ext", "kconfig-ext", "depends", "settings"];
/// Keys of a test that this package may use. Zephyr has more.
const OF_TEST: [&str; 10] = [
    "build_only",
    "depends_on",
    "filter",
    "harness",
    "harness_config",
    "integration_platforms",
    "min_flash",
    "min_ram",
    "platform_allow",
    "tags",
];
const OF_HARNESS: [&str; 4] = ["fixture", "ordered", "regex", "type"];

pub(super) fn check(package: &Files<'_>) -> Result<()> {
    let module = package.text(MODULE)?;
    let module = yaml::read(module).context(MODULE)?;
    yaml::check_keys(&module, &["build"], &OF_MODULE).context(MODULE)?;
    let build = &module["build"];
    yaml::check_keys(build, &["cmake", "kconfig"], &OF_BUILD).context(MODULE)?;
    // The one is a folder, the other a file.
    package.has(&format!("{}/CMakeLists.txt", yaml::text(build, "cmake")?)).context("cmake")?;
    package.has(yaml::text(build, "kconfig")?).context("kconfig")?;
    for folder in yaml::list(&module, "samples")? {
        let names = package.names_in(folder);
        if names.is_empty() {
            bail!("samples: there is nothing in {folder}");
        }
        for name in names {
            sample(package, &format!("{folder}/{name}"))?;
        }
    }
    Ok(())
}

/// An application, and what Twister is told of it.
fn sample(package: &Files<'_>, folder: &str) -> Result<()> {
    let cmake = package.text(&format!("{folder}/CMakeLists.txt"))?;
    if !cmake.contains("find_package(Zephyr") {
        bail!("{folder}/CMakeLists.txt does not look for Zephyr");
    }
    let path = format!("{folder}/prj.conf");
    for line in package.text(&path)?.lines() {
        let is_setting = line.starts_with("CONFIG_") && line.contains('=');
        if !line.is_empty() && !line.starts_with('#') && !is_setting {
            bail!("{path}: {line:?} sets nothing");
        }
    }
    let path = format!("{folder}/sample.yaml");
    twister(&yaml::read(package.text(&path)?)?).with_context(|| path)
}

fn twister(file: &Yaml) -> Result<()> {
    yaml::check_keys(file, &["sample", "tests"], &["common"])?;
    yaml::check_keys(&file["sample"], &["name"], &["description"])?;
    let tests = yaml::keys(&file["tests"])?;
    if tests.is_empty() {
        bail!("tests: there is none");
    }
    for name in tests {
        // At least one part before the last, so that names of all modules differ.
        let parts: Vec<&str> = name.split('.').collect();
        let is_plain = |part: &&str| {
            !part.is_empty()
                && part.chars().all(|it| it.is_ascii_alphanumeric() || "_-".contains(it))
        };
        if parts.len() < 2 || !parts.iter().all(is_plain) {
            bail!("tests: {name:?}: expected names with dots between them");
        }
        let test = &file["tests"][name];
        yaml::check_keys(test, &[], &OF_TEST).with_context(|| name.to_owned())?;
        if yaml::text(test, "harness").ok() == Some("console") {
            let config = &test["harness_config"];
            yaml::check_keys(config, &["type", "regex"], &OF_HARNESS).context("harness_config")?;
            if !["one_line", "multi_line"].contains(&yaml::text(config, "type")?) {
                bail!("harness_config: type is neither one_line nor multi_line");
            }
            yaml::list(config, "regex")?;
        }
    }
    Ok(())
}
