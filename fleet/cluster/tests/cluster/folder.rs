//! The folder that an executor works in.

use crate::programs::Cluster;
use std::fs;

#[tokio::test]
async fn what_lay_in_the_folder_stays_when_the_executor_ends() {
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("archive");
    fs::create_dir(&archive).unwrap();
    fs::write(archive.join("day.parquet"), "not to be lost").unwrap();

    let mut cluster = Cluster::without_executors();
    cluster.add_with(&["--work-dir", place.path().to_str().unwrap()]);
    cluster.wait_for(1).await;
    let own = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("ae-fleet-");
    let made = fs::read_dir(place.path()).unwrap().map(Result::unwrap).filter(own).count();
    assert_eq!(made, 1);
    let mut executor = cluster.executors.pop().unwrap();
    assert_eq!(executor.end().code(), Some(0), "{}", executor.log());
    assert_eq!(fs::read(archive.join("day.parquet")).unwrap(), b"not to be lost");
}
