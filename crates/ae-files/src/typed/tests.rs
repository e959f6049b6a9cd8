use std::fs::File;

use super::*;

#[test]
fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    write_atomically(&path, b"first").unwrap();
    let old = File::open(&path).unwrap();
    write_atomically(&path, b"second").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"second");
    // The old file was not written to: whoever reads it reads on.
    assert_eq!(io::read_to_string(old).unwrap(), "first");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").join("x");
    assert!(write_atomically(&missing, b"first").is_err());
    // A folder where the file should be: the rename fails, the folder stays.
    let taken = folder.path().join("taken");
    fs::create_dir(&taken).unwrap();
    assert!(write_atomically(&taken, b"first").is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn folders_are_made_all_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/c");
    make_folder(&deep).unwrap();
    make_folder(&deep).unwrap();
    assert!(deep.is_dir());
    let file = folder.path().join("file");
    write_atomically(&file, b"").unwrap();
    assert!(make_folder(&file).is_err());
    assert!(make_folder(&file.join("below")).is_err());
}
