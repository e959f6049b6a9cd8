use crate::ClusterError;
use crate::stores::bucket;
use ae_fleet_functions::{FolderSource, ModelSource, Models, StoreSource};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// The models of `places`: folders, and `s3://BUCKET/PREFIX`. Each holds blobs by their
/// digests, as `ae-fleet models add` puts them there. They are asked in this order.
///
/// # Errors
///
/// A folder that is not there, or a URL of another kind.
pub fn models(places: &[String]) -> Result<Arc<Models>, ClusterError> {
    let sources = places.iter().map(|place| source(place)).collect::<Result<_, _>>()?;
    Ok(Arc::new(Models::new(sources)))
}

fn source(place: &str) -> Result<Arc<dyn ModelSource>, ClusterError> {
    let refused = |reason: String| ClusterError::Models { place: place.to_owned(), reason };
    if !place.contains("://") {
        if !Path::new(place).is_dir() {
            return Err(refused(
                "it is not a folder. Make it with `ae-fleet models add BLOB --to FOLDER`".into(),
            ));
        }
        return Ok(Arc::new(FolderSource::new(place)));
    }
    let url = Url::parse(place).map_err(|error| refused(error.to_string()))?;
    if url.scheme() != "s3" {
        return Err(refused("expected a folder or s3://BUCKET/PREFIX".into()));
    }
    let store = bucket(&url).map_err(|error| refused(error.to_string()))?;
    let prefix = object_store::path::Path::from_url_path(url.path())
        .map_err(|error| refused(error.to_string()))?;
    Ok(Arc::new(StoreSource::new(store, prefix, place.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_are_none() {
        for (place, reason) in [
            ("/no/such/folder", "it is not a folder"),
            ("ftp://archive/models", "expected a folder or s3://"),
            ("s3:///models", "names no bucket"),
        ] {
            let error = models(&[place.to_owned()]).unwrap_err().to_string();
            assert!(error.contains(place) && error.contains(reason), "{error}");
        }
        assert!(models(&[]).is_ok());
        assert!(models(&["s3://archive/models".to_owned()]).is_ok());
    }
}
