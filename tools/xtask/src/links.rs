//! Links and anchors in the repository's pages of Markdown lead somewhere.
//!
//! Only what is in the repository is looked at: no network is needed, and none is used.

mod page;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace;
use page::Page;

/// A page that nobody links to is found by nobody. This is where such pages are looked for.
const LINKED: &str = "docs";

/// Checks every page, and gives how much there was to check.
///
/// # Errors
/// A link leads nowhere, a page of [`LINKED`] is linked nowhere, or a page is unfinished. The message
/// has a line for each.
pub(crate) fn check() -> Result<String> {
    let root = workspace::root();
    let pages = pages(root)?;
    let faults = faults(&pages, |path| root.join(path).exists());
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    let links: usize = pages.values().map(|page| page.links.len()).sum();
    Ok(format!("{links} links in {} pages", pages.len()))
}

/// The pages of the repository by their paths from its root.
fn pages(root: &Path) -> Result<BTreeMap<PathBuf, Page>> {
    let pages = workspace::files(root, "md")?.into_iter().map(|path| {
        let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        Ok((path.strip_prefix(root)?.to_path_buf(), Page::of(&text)))
    });
    pages.collect()
}

/// A line for each link that leads nowhere, for each page that no other links to, and for what is
/// unfinished.
fn faults(pages: &BTreeMap<PathBuf, Page>, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut linked = Vec::new();
    for (path, page) in pages {
        let unfinished = page.unfinished.iter();
        faults.extend(unfinished.map(|(line, what)| format!("{}:{line}: {what}", path.display())));
        for (line, link) in page.links.iter().filter(|(_, link)| !leads_out(link)) {
            match lead(path, link, pages, &exists) {
                Ok(to) if to != *path => linked.push(to),
                Ok(_) => {}
                Err(fault) => faults.push(format!("{}:{line}: {link}: {fault}", path.display())),
            }
        }
    }
    let lost = pages.keys().filter(|path| path.starts_with(LINKED) && !linked.contains(path));
    faults.extend(lost.map(|path| format!("{}: no page links to it", path.display())));
    faults
}

/// Whether a link leads out of the repository.
fn leads_out(link: &str) -> bool {
    link.contains("://") || link.starts_with("mailto:")
}

/// Where a link of a page leads, from the repository's root.
fn lead(
    from: &Path,
    link: &str,
    pages: &BTreeMap<PathBuf, Page>,
    exists: impl Fn(&Path) -> bool,
) -> Result<PathBuf, String> {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, to)| (path, Some(to)));
    let to = if path.is_empty() {
        from.to_path_buf()
    } else {
        resolve(from, Path::new(path)).ok_or("it leads out of the repository")?
    };
    if !exists(&to) {
        return Err(format!("there is no {}", to.display()));
    }
    if let Some(anchor) = anchor {
        let page = pages.get(&to).ok_or("only a page of Markdown has anchors")?;
        if !page.anchors.iter().any(|known| known == anchor) {
            return Err(format!("{} has no heading #{anchor}", to.display()));
        }
    }
    Ok(to)
}

/// A path as it stands in a page, from the repository's root; `None` if that is left.
fn resolve(from: &Path, path: &Path) -> Option<PathBuf> {
    let mut to = from.parent()?.to_path_buf();
    for part in path.components() {
        match part {
            Component::Normal(name) => to.push(name),
            Component::CurDir => {}
            Component::ParentDir => to.pop().then_some(())?,
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(to)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use super::page::Page;
    use super::{check, faults};

    /// The faults of pages with these paths and texts, beside a folder `crate` with a file.
    fn faults_of<const N: usize>(texts: [(&str, &str); N]) -> Vec<String> {
        let pages: BTreeMap<_, _> =
            texts.iter().map(|(path, text)| (PathBuf::from(path), Page::of(text))).collect();
        let others = ["crate", "crate/lib.rs"].map(Path::new);
        faults(&pages, |path| others.contains(&path) || pages.contains_key(path))
    }

    #[test]
    fn links_that_lead_somewhere_are_no_faults() {
        let readme = "# Top\n[a](docs/a.md#part-two) [b](crate) [c](#top) [d](https://x.y/z#w)";
        let page = "# One\n## Part two\n[e](../README.md) [f](./../crate/lib.rs)";
        assert_eq!(faults_of([("README.md", readme), ("docs/a.md", page)]), Vec::<String>::new());
    }

    #[test]
    fn every_link_that_leads_nowhere_is_named() {
        let readme =
            "[a](docs/b.md) [c](docs/a.md#two)\n[d](#top) [e](crate/lib.rs#L1) [f](/crate)";
        let page = "# One\n[g](../../h)\n```";
        let found = faults_of([("README.md", readme), ("docs/a.md", page)]);
        assert_eq!(
            found,
            [
                "README.md:1: docs/b.md: there is no docs/b.md",
                "README.md:1: docs/a.md#two: docs/a.md has no heading #two",
                "README.md:2: #top: README.md has no heading #top",
                "README.md:2: crate/lib.rs#L1: only a page of Markdown has anchors",
                "README.md:2: /crate: it leads out of the repository",
                "docs/a.md:3: a block of code without an end",
                "docs/a.md:2: ../../h: it leads out of the repository",
                "docs/a.md: no page links to it",
            ]
        );
    }

    #[test]
    fn the_links_of_this_repository_lead_somewhere() {
        let checked = check().unwrap();
        assert!(!checked.starts_with("0 "), "{checked}");
    }
}
