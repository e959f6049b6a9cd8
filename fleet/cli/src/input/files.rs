//! From what a user names to files.

use std::path::{Path, absolute};

use anyhow::{Context, bail};
use datafusion::datasource::listing::ListingTableUrl;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use glob::{MatchOptions, Pattern};
use object_store::ObjectMeta;
use object_store::path::Path as StorePath;
use url::Url;

use super::{DataFile, Format, stores};
use crate::trouble;

/// What makes a name a pattern.
const PATTERN: [char; 3] = ['*', '?', '['];

/// The files of a path, a folder, a pattern or a URL; of a folder those with a format that is read.
pub(super) async fn find(
    context: &SessionContext,
    named: &str,
    endpoint: Option<&str>,
) -> anyhow::Result<Vec<DataFile>> {
    let is_remote = named.contains("://");
    let is_pattern = named.contains(PATTERN) && (is_remote || !Path::new(named).exists());
    if !is_remote && !is_pattern && !Path::new(named).exists() {
        bail!("there is no file or folder {named}");
    }
    let url = if is_remote { remote(context, named, endpoint)? } else { local(named, is_pattern)? };
    // Without the pattern: DataFusion's own reading of it leaves out folders such as `day=1`.
    let pattern = url.get_glob().clone();
    let url = ListingTableUrl::try_new(url.get_url().clone(), None)?;
    let store = context.runtime_env().object_store(&url)?;
    let state = context.state();
    let listed = match url.list_all_files(&state, &store, "").await {
        Ok(files) => files.try_collect::<Vec<ObjectMeta>>().await,
        Err(error) => Err(error),
    };
    let mut listed =
        listed.with_context(|| format!("cannot list the files of {named}")).map_err(|error| {
            match error.downcast_ref() {
                Some(cause) => anyhow::anyhow!("{error}: {}", trouble::sentence(cause)),
                None => error,
            }
        })?;
    let is_one = matches!(&*listed, [one] if one.location == *url.prefix());
    listed.retain(|file| is_one || is_data(&url, pattern.as_ref(), file));
    if listed.is_empty() {
        bail!(
            "no file is found by {named}; expected files that end with .parquet, .csv or .arrow{}",
            if is_remote || named.contains(PATTERN) { "" } else { " in that folder" }
        );
    }
    let root = url.object_store();
    listed.into_iter().map(|meta| file(root.as_str(), meta, is_remote)).collect()
}

/// Files that begin with a dot or an underscore are marks of who wrote the others. A star of a pattern
/// stands for what is within a folder's name or a file's, and two stars for folders in folders.
fn is_data(url: &ListingTableUrl, pattern: Option<&Pattern>, file: &ObjectMeta) -> bool {
    let Some(segments) = url.strip_prefix(&file.location) else { return false };
    let segments: Vec<&str> = segments.collect();
    if segments.iter().any(|segment| segment.starts_with('.') || segment.starts_with('_')) {
        return false;
    }
    let by_name = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    match pattern {
        Some(pattern) => pattern.matches_with(&segments.join("/"), by_name),
        None => Format::by_name(file.location.filename().unwrap_or_default()).is_some(),
    }
}

fn local(named: &str, is_pattern: bool) -> anyhow::Result<ListingTableUrl> {
    let path = absolute(named).with_context(|| named.to_owned())?;
    let text = path.to_str().with_context(|| format!("the path {named:?} is not UTF-8"))?;
    let url = if is_pattern {
        ListingTableUrl::parse(text)
    } else {
        // The name of a file may have what makes a pattern elsewhere.
        let url = if path.is_dir() {
            Url::from_directory_path(&path)
        } else {
            Url::from_file_path(&path)
        };
        let Ok(url) = url else { bail!("the path {named:?} cannot be used") };
        ListingTableUrl::try_new(url, None)
    };
    url.map_err(|error| anyhow::anyhow!("{named}: {}", trouble::sentence(&error)))
}

fn remote(
    context: &SessionContext,
    named: &str,
    endpoint: Option<&str>,
) -> anyhow::Result<ListingTableUrl> {
    let (start, pattern) = match named.find(PATTERN) {
        Some(at) => named.split_at(named[..at].rfind('/').map_or(at, |slash| slash + 1)),
        None => (named, ""),
    };
    let url = Url::parse(start).with_context(|| format!("{named} is not a URL"))?;
    context.register_object_store(&url, stores::open(&url, endpoint)?);
    let found = ListingTableUrl::try_new(url, None);
    let found = match pattern {
        "" => found,
        pattern => found.and_then(|url| url.with_glob(pattern)),
    };
    found.map_err(|error| anyhow::anyhow!("{named}: {}", trouble::sentence(&error)))
}

/// A file of the store, as a table of its own would name it.
fn file(root: &str, meta: ObjectMeta, is_remote: bool) -> anyhow::Result<DataFile> {
    let mut url = Url::parse(root).with_context(|| root.to_owned())?;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.clear().extend(meta.location.parts().map(|part| part.as_ref().to_owned()));
    }
    let name = if is_remote {
        format!("{}/{}", root.trim_end_matches('/'), meta.location)
    } else {
        shown(&meta.location)
    };
    let url = ListingTableUrl::try_new(url, None)?;
    Ok(DataFile { name, url, meta })
}

/// Relative to the folder that the user is in, where it is below.
fn shown(location: &StorePath) -> String {
    let path = format!("/{location}");
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| Path::new(&path).strip_prefix(here).ok().map(Path::to_owned));
    below.map_or(path, |below| below.display().to_string())
}
