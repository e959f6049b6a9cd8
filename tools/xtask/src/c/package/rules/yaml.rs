//! Files of YAML, with the keys that they may have.

use anyhow::{Context, Result, bail};
use yaml_rust2::{Yaml, YamlLoader};

/// The one document of a text.
pub(super) fn read(text: &str) -> Result<Yaml> {
    let mut documents = YamlLoader::load_from_str(text).context("it is no YAML")?;
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) => Ok(document),
        _ => bail!("expected one document"),
    }
}

/// Whether a map has the keys that it needs, and none but those and the others that it may have.
pub(super) fn check_keys(map: &Yaml, needed: &[&str], others: &[&str]) -> Result<()> {
    for key in keys(map)? {
        if !needed.contains(&key) && !others.contains(&key) {
            bail!("unknown key {key}");
        }
    }
    match needed.iter().find(|key| map[**key].is_badvalue()) {
        Some(key) => bail!("there is no key {key}"),
        None => Ok(()),
    }
}

/// The keys of a map, in their order.
pub(super) fn keys(map: &Yaml) -> Result<Vec<&str>> {
    let map = map.as_hash().context("expected a map")?;
    map.keys().map(|key| key.as_str().context("a key is no text")).collect()
}

/// The text of a key.
pub(super) fn text<'y>(map: &'y Yaml, key: &str) -> Result<&'y str> {
    map[key].as_str().with_context(|| format!("{key} is no text"))
}

/// The texts in the list of a key.
pub(super) fn list<'y>(map: &'y Yaml, key: &str) -> Result<Vec<&'y str>> {
    let list = map[key].as_vec().with_context(|| format!("{key} is no list"))?;
    list.iter().map(|it| it.as_str().with_context(|| format!("{key} holds no text"))).collect()
}
