//! Packages depend on each other in the directions that a table allows, and in no other.

mod table;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{command, firmware, fleet, workspace};
use table::{RESERVED, Row, TABLE};

/// The file with the table, for whoever has to change it.
const FILE: &str = "tools/xtask/src/test/architecture/table.rs";

pub(super) fn run() -> Result<String> {
    let mut packages = Vec::new();
    for folder in workspaces() {
        let mut metadata = command::cargo("metadata --format-version 1 --no-deps --offline");
        packages.extend(read(&command::read(metadata.current_dir(folder))?)?);
    }
    let faults = faults(&packages, TABLE, RESERVED);
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    let arrows: usize = packages.iter().map(|package| own(package, TABLE).count()).sum();
    Ok(format!("{} packages, {arrows} arrows between them", packages.len()))
}

/// The folder of every workspace of the repository.
fn workspaces() -> Vec<PathBuf> {
    let root = workspace::root();
    [vec![root.to_owned(), root.join("tools/fuzz"), fleet::folder()], firmware::workspaces()]
        .concat()
}

/// A package, and what it needs to be built. What its tests need is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Package {
    name: String,
    dependencies: BTreeSet<String>,
}

/// The packages of a workspace, from what `cargo metadata` says.
fn read(metadata: &str) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(metadata).context("output of `cargo metadata`")?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` names no packages")?;
    packages.iter().map(package).collect()
}

fn package(value: &Value) -> Result<Package> {
    let name_of = |value: &Value| value["name"].as_str().map(str::to_owned);
    let dependencies = value["dependencies"].as_array().context("a package's dependencies")?;
    let needed = dependencies.iter().filter(|it| it["kind"] != "dev");
    Ok(Package {
        name: name_of(value).context("a package's name")?,
        dependencies: needed.map(name_of).collect::<Option<_>>().context("a dependency's name")?,
    })
}

/// The dependencies of a package that are packages of the repository.
fn own<'p>(package: &'p Package, table: &[Row]) -> impl Iterator<Item = &'p str> {
    let is_own = move |name: &&str| table.iter().any(|(row, _)| row == name);
    package.dependencies.iter().map(String::as_str).filter(is_own)
}

/// A sentence for each dependency that is not allowed, and for each difference between the packages
/// that there are and those of the table.
fn faults(packages: &[Package], table: &[Row], reserved: &[Row]) -> Vec<String> {
    let mut faults = Vec::new();
    for package in packages {
        let name = &*package.name;
        if !table.iter().any(|(row, _)| *row == name) {
            faults.push(format!("{name} is a package that {FILE} does not list"));
            continue;
        }
        let allowed = below(name, table);
        for other in own(package, table).filter(|other| !allowed.contains(other)) {
            faults.push(format!("{name} depends on {other}, which {FILE} does not allow"));
        }
        for (dependency, owners) in dependencies_reserved(package, reserved) {
            if !owners.contains(&name) {
                let owners = owners.join(" and ");
                faults.push(format!(
                    "{name} depends on {dependency}, which {FILE} reserves for {owners}"
                ));
            }
        }
    }
    for (row, _) in table {
        if !packages.iter().any(|package| package.name == *row) {
            faults.push(format!("{FILE} lists {row}, and there is no such package"));
        }
    }
    faults
}

/// The dependencies of a package that are reserved, with the packages that they are reserved for.
fn dependencies_reserved<'p>(
    package: &'p Package,
    reserved: &'p [Row],
) -> impl Iterator<Item = (&'p str, &'static [&'static str])> {
    package.dependencies.iter().filter_map(|dependency| {
        let (_, owners) = reserved.iter().find(|(name, _)| is_of_family(dependency, name))?;
        Some((dependency.as_str(), *owners))
    })
}

/// Whether a crate is the one of that name, or one that its makers split from it.
fn is_of_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// All that a package may depend on: what the table says, and what it says of those.
fn below<'t>(name: &str, table: &[(&'t str, &'t [&'t str])]) -> BTreeSet<&'t str> {
    let direct =
        |name: &str| table.iter().find(|(row, _)| *row == name).map_or(&[][..], |row| row.1);
    let mut found = BTreeSet::new();
    let mut next = direct(name).to_vec();
    while let Some(other) = next.pop() {
        if found.insert(other) {
            next.extend(direct(other));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::table::{RESERVED, Row, TABLE};
    use super::{Package, below, faults, read};

    const SMALL: &[Row] = &[("low", &[]), ("middle", &["low"]), ("top", &["middle"])];
    const BIG: &[Row] = &[("big", &["top"])];

    /// `low`, `middle` and `top`, with dependencies of the middle one.
    fn packages(of_middle: &[&str]) -> Vec<Package> {
        let package = |name: &str, dependencies: &[&str]| Package {
            name: name.to_owned(),
            dependencies: dependencies.iter().map(|&name| name.to_owned()).collect(),
        };
        vec![
            package("low", &["serde"]),
            package("middle", of_middle),
            package("top", &["big", "low", "middle"]),
        ]
    }

    fn only(packages: &[Package]) -> String {
        let [fault] = &*faults(packages, SMALL, BIG) else { panic!("not one fault") };
        fault.replace("tools/xtask/src/test/architecture/table.rs", "FILE")
    }

    #[test]
    fn arrows_that_point_down_are_allowed() {
        assert_eq!(faults(&packages(&["low", "serde"]), SMALL, BIG), [""; 0]);
        assert_eq!(faults(&packages(&[]), SMALL, BIG), [""; 0]);
    }

    #[test]
    fn an_arrow_that_points_up_is_named() {
        let error = only(&packages(&["low", "top"]));
        assert_eq!(error, "middle depends on top, which FILE does not allow");
        let error = only(&packages(&["middle"]));
        assert_eq!(error, "middle depends on middle, which FILE does not allow");
    }

    #[test]
    fn a_reserved_crate_and_its_relatives_are_for_their_owners_alone() {
        for name in ["big", "big-core", "big_derive"] {
            let error = only(&packages(&[name]));
            assert_eq!(error, format!("middle depends on {name}, which FILE reserves for top"));
        }
        assert_eq!(faults(&packages(&["bigger"]), SMALL, BIG), [""; 0]);
    }

    #[test]
    fn the_table_lists_the_packages_that_there_are() {
        let mut more = packages(&[]);
        more.push(Package { name: "new".to_owned(), dependencies: ["low".to_owned()].into() });
        assert_eq!(only(&more), "new is a package that FILE does not list");
        assert_eq!(only(&packages(&[])[..2]), "FILE lists top, and there is no such package");
    }

    #[test]
    fn dependencies_of_tests_are_left_out() {
        let metadata = r#"{"packages": [{"name": "a", "dependencies": [
            {"name": "b", "kind": null}, {"name": "c", "kind": "dev"}, {"name": "d", "kind": "build"}
        ]}]}"#;
        let dependencies = ["b".to_owned(), "d".to_owned()].into();
        assert_eq!(read(metadata).unwrap(), [Package { name: "a".to_owned(), dependencies }]);
        assert!(read("{}").is_err());
    }

    #[test]
    fn the_table_itself_has_no_circle_and_knows_all_that_it_names() {
        for (name, direct) in TABLE {
            assert!(!below(name, TABLE).contains(name), "{name} is below itself");
            for other in *direct {
                assert!(TABLE.iter().any(|(row, _)| row == other), "{name}: {other}");
            }
        }
        let owners = RESERVED.iter().flat_map(|(_, owners)| *owners);
        for owner in owners {
            assert!(TABLE.iter().any(|(row, _)| row == owner), "{owner}");
        }
    }

    #[test]
    fn what_a_board_runs_and_what_reads_files_knows_nothing_of_training() {
        const ON_BOARDS: [&str; 5] =
            ["ae-core", "ae-infer", "ae-protocol", "ae-signature", "ae-store"];
        for board in ON_BOARDS {
            let allowed = below(board, TABLE);
            assert!(allowed.iter().all(|name| *name == "ae-core"), "{board}: {allowed:?}");
        }
        for board in ["ae-update", "ae-c"] {
            let allowed = below(board, TABLE);
            assert!(allowed.iter().all(|name| ON_BOARDS.contains(name)), "{board}: {allowed:?}");
        }
        for (name, _) in TABLE {
            let allowed = below(name, TABLE);
            let trains = ["ae-train", "ae-train-cli", "ae-tests"].contains(name);
            assert!(trains || !allowed.contains("ae-train"), "{name}");
            assert!(!allowed.contains("ae-train-cli"), "{name}");
        }
        let of_training = below("ae-train", TABLE);
        assert!(!of_training.contains("ae-report") && !of_training.contains("ae-boards"));
    }
}
