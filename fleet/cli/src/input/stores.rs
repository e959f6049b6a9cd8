//! Stores of objects.

use std::sync::Arc;

use anyhow::{Context, bail};
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use url::Url;

/// The store of a URL: a bucket that speaks S3, or this machine.
pub(crate) fn open(url: &Url, endpoint: Option<&str>) -> anyhow::Result<Arc<dyn ObjectStore>> {
    match url.scheme() {
        "s3" | "s3a" => {
            let bucket = url.host_str().with_context(|| format!("{url} names no bucket"))?;
            let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
            if let Some(endpoint) = endpoint {
                builder = builder.with_endpoint(endpoint);
                // Whoever names an address means it, on a machine of his own perhaps.
                builder = builder.with_allow_http(endpoint.starts_with("http://"));
            }
            let store = builder.build().with_context(|| {
                format!(
                    "cannot use the bucket {bucket}; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, \
                         AWS_REGION and --s3-endpoint say how"
                )
            })?;
            Ok(Arc::new(store))
        }
        "file" => Ok(Arc::new(LocalFileSystem::new())),
        scheme => bail!("{url}: {scheme}:// is not read; expected a path, or s3://BUCKET/…"),
    }
}
