use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use std::sync::Arc;
use url::Url;

/// Local files, and buckets of S3-compatible stores.
///
/// A bucket's key, region and endpoint stand in the environment (`AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`, `AWS_ALLOW_HTTP` …) of each
/// program. They do not travel with a query, since Ballista's connections are not secret.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    opened: DefaultObjectStoreRegistry,
}

impl ObjectStoreRegistry for Stores {
    fn register_store(
        &self,
        url: &Url,
        store: Arc<dyn ObjectStore>,
    ) -> Option<Arc<dyn ObjectStore>> {
        self.opened.register_store(url, store)
    }

    fn deregister_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        self.opened.deregister_store(url)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        match self.opened.get_store(url) {
            Err(_) if url.scheme() == "s3" => {
                let store = bucket(url)?;
                self.opened.register_store(url, store.clone());
                Ok(store)
            }
            found => found,
        }
    }
}

/// The bucket of `s3://BUCKET/…`, as the environment says.
pub(crate) fn bucket(url: &Url) -> Result<Arc<dyn ObjectStore>> {
    let name = url.host_str().filter(|name| !name.is_empty()).ok_or_else(|| {
        DataFusionError::Configuration(format!("{url} names no bucket: expected s3://BUCKET/…"))
    })?;
    let store = AmazonS3Builder::from_env().with_bucket_name(name).build()?;
    Ok(Arc::new(store))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_opened_once() {
        let stores = Stores::default();
        let url = Url::parse("s3://archive/2026/").unwrap();
        let first = stores.get_store(&url).unwrap();
        let second = stores.get_store(&url).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(stores.get_store(&Url::parse("file:///").unwrap()).is_ok());
        assert!(stores.get_store(&Url::parse("ftp://archive/").unwrap()).is_err());
    }
}
