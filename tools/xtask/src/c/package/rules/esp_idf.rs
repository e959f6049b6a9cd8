//! ESP-IDF's pages on components: "`idf_component.yml` Manifest File" and "Component Files"
//! (docs.espressif.com, IDF Component Manager), and "Build System".

use anyhow::{Context, Result, bail};

use super::{Files, check_url, check_version, yaml};

const MANIFEST: &str = "idf_component.yml";
/// What the component registry needs or advises.
const NEEDED: [&str; 5] = ["version", "description", "url", "license", "targets"];
const OTHERS: [&str; 9] = [
    "dependencies",
    "discussion",
    "documentation",
    "examples",
    "files",
    "issues",
    "maintainers",
    "repository",
    "tags",
];
/// Chips with a RISC-V core of 32 bits and no floating-point unit.
const TARGETS: [&str; 4] = ["esp32c2", "esp32c3", "esp32c6", "esp32h2"];
/// Expressions of SPDX that this repository may have.
const LICENCES: [&str; 3] = ["MIT", "Apache-2.0", "MIT OR Apache-2.0"];

pub(super) fn check(package: &Files<'_>) -> Result<()> {
    manifest(package.text(MANIFEST)?).context(MANIFEST)?;
    package.has("README.md")?;
    registers(package, "CMakeLists.txt")?;
    let examples = package.names_in("examples");
    if examples.is_empty() {
        bail!("there is no folder in examples");
    }
    for example in examples {
        let folder = format!("examples/{example}");
        let project = package.text(&format!("{folder}/CMakeLists.txt"))?;
        if !project.contains("/tools/cmake/project.cmake") || !project.contains("project(") {
            bail!("{folder}/CMakeLists.txt is not that of a project");
        }
        registers(package, &format!("{folder}/main/CMakeLists.txt"))?;
        // From the folder of the manifest up to the component.
        let path = format!("{folder}/main/{MANIFEST}");
        let main = yaml::read(package.text(&path)?)?;
        let up =
            yaml::text(&main["dependencies"]["autoencoder"], "path").context("dependencies")?;
        if up != "../../.." {
            bail!("{path}: path {up:?} does not lead to the component");
        }
    }
    Ok(())
}

fn registers(package: &Files<'_>, path: &str) -> Result<()> {
    if !package.text(path)?.contains("idf_component_register(") {
        bail!("{path} registers no component");
    }
    Ok(())
}

fn manifest(text: &str) -> Result<()> {
    let manifest = yaml::read(text)?;
    yaml::check_keys(&manifest, &NEEDED, &OTHERS)?;
    check_version(yaml::text(&manifest, "version")?)?;
    check_url(yaml::text(&manifest, "url")?)?;
    let licence = yaml::text(&manifest, "license")?;
    if !LICENCES.contains(&licence) {
        bail!("license {licence:?}: expected one of {}", LICENCES.join(", "));
    }
    for target in yaml::list(&manifest, "targets")? {
        if !TARGETS.contains(&target) {
            bail!("targets: {target}: expected some of {}", TARGETS.join(", "));
        }
    }
    yaml::check_keys(&manifest["dependencies"], &["idf"], &[]).context("dependencies")
}
