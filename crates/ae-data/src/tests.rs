use std::fs;
use std::path::PathBuf;

use super::*;

/// Writes `count` images of `height × width` under `name`, compressed if the name says so.
fn put(folder: &Path, name: &str, dims: &[usize]) {
    let elements: Vec<u8> = (0..dims.iter().product()).map(|i| i as u8).collect();
    let mut bytes = idx::write(dims, &elements).unwrap();
    if name.ends_with(".gz") {
        bytes = idx::gzip(&bytes);
    }
    fs::write(folder.join(name), bytes).unwrap();
}

fn nowhere() -> Places {
    Places {
        cache: Some(PathBuf::from("/nonexistent/cache")),
        system: PathBuf::from("/nonexistent/system"),
    }
}

#[test]
fn a_folder_is_loaded_and_named_after_itself() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tiny");
    fs::create_dir(&folder).unwrap();
    put(&folder, "train-images-idx3-ubyte.gz", &[5, 2, 3]);
    put(&folder, "t10k-images.idx3-ubyte", &[2, 2, 3]);
    let dotted = folder.join("..").join("tiny").join(".");
    for path in [&folder, &dotted] {
        let data = load_from(path.to_str(), &nowhere()).unwrap();
        assert_eq!(data.name, "tiny");
        assert_eq!(data.origin, Origin::Folder(path.clone()));
        assert_eq!((data.train.len(), data.test.len()), (5, 2));
        assert_eq!(data.test.image(1), [6, 7, 8, 9, 10, 11]);
    }
}

#[test]
fn one_half_suffices_where_one_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "t10k-images-idx3-ubyte", &[2, 2, 3]);
    let spec = folder.path().to_str();
    let (images, origin) = load_half(spec, Half::Test).unwrap();
    assert_eq!(images.len(), 2);
    assert_eq!(origin, Origin::Folder(folder.path().into()));
    assert!(matches!(
        load(spec),
        Err(DataError::NoFile { expected, found, .. })
            if expected == "train-images-idx3-ubyte" && found == "t10k-images-idx3-ubyte"
    ));
}

#[test]
fn train_and_test_must_be_of_one_size() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "train-images-idx3-ubyte", &[2, 3, 4]);
    put(folder.path(), "t10k-images-idx3-ubyte", &[2, 4, 3]);
    let error = load(folder.path().to_str()).unwrap_err();
    assert!(matches!(error, DataError::SizesDiffer { train: (3, 4), test: (4, 3), .. }), "{error}");
    assert!(error.to_string().contains("3 x 4 pixels, test images 4 x 3"));
}

#[test]
fn without_a_name_the_sample_steps_in_and_says_so() {
    let data = load_from(None, &nowhere()).unwrap();
    assert!(data.origin.is_sample());
    assert_eq!(data.name, "fashion-mnist-sample");
    assert_eq!(data, load(Some("fashion-mnist-sample")).unwrap());
}

#[test]
fn a_name_that_is_not_found_tells_the_places_and_the_remedies() {
    let error = load_from(Some("fashion-mnist"), &nowhere()).unwrap_err();
    let text = error.to_string();
    for part in [
        "/nonexistent/cache",
        "/nonexistent/system",
        "Download it (30 MB)",
        "dataset-fashion-mnist",
    ] {
        assert!(text.contains(part), "{part} not in: {text}");
    }
}

#[test]
fn a_damaged_file_in_the_cache_is_an_error_and_not_the_sample() {
    let cache = tempfile::tempdir().unwrap();
    put(cache.path(), "train-images-idx3-ubyte.gz", &[5, 2, 3]);
    put(cache.path(), "t10k-images-idx3-ubyte.gz", &[2, 2, 3]);
    let places = Places { cache: Some(cache.path().into()), ..nowhere() };
    for spec in [None, Some("fashion-mnist")] {
        assert!(matches!(load_from(spec, &places), Err(DataError::Checksum { .. })));
    }
}

#[test]
fn the_whole_dataset_is_loaded_by_name_where_it_is_installed() {
    let places = Places { cache: None, ..Places::of_user() };
    if places.find(&[Half::Train, Half::Test]).is_none() {
        eprintln!("skipped: {} holds no Fashion-MNIST", places.system.display());
        return;
    }
    let data = load_from(None, &places).unwrap();
    assert_eq!(data.name, "fashion-mnist");
    assert_eq!(data.origin, Origin::System(places.system));
    assert_eq!((data.train.len(), data.test.len()), (60_000, 10_000));
    assert_eq!((data.train.height(), data.train.width()), (28, 28));
}
