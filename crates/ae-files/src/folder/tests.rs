use std::fs;

use tempfile::TempDir;

use super::*;

fn folder() -> (TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(place.path()).unwrap();
    (place, folder)
}

#[test]
fn a_kept_file_outlasts_the_next_write() {
    let (place, folder) = folder();
    folder.replace("x", b"first").unwrap();
    // Twice, as by a process that was killed before the write.
    folder.keep_as("x", "previous").unwrap();
    folder.keep_as("x", "previous").unwrap();
    folder.replace("x", b"second").unwrap();
    assert_eq!(folder.read("previous", 9).unwrap(), b"first");
    folder.keep_as("x", "previous").unwrap();
    assert_eq!(folder.read("previous", 9).unwrap(), b"second");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
}

#[test]
fn a_new_file_replaces_nothing() {
    let (place, folder) = folder();
    folder.create("x", b"first", 0o600).unwrap();
    let error = folder.create("x", b"second", 0o600).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(folder.read("x", 9).unwrap(), b"first");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_name_is_no_path_and_a_file_has_a_limit() {
    let (_place, folder) = folder();
    for name in ["", ".", "..", "../x", "a/b", "/x", "x/"] {
        assert!(folder.replace(name, b"").is_err(), "{name}");
        assert!(folder.read(name, 9).is_err(), "{name}");
        assert!(folder.open_to_hold(name).is_err(), "{name}");
        assert!(folder.make_folder(name).is_err(), "{name}");
    }
    folder.replace("x", b"12345").unwrap();
    assert_eq!(folder.read("x", 5).unwrap(), b"12345");
    let message = folder.read("x", 4).unwrap_err().to_string();
    assert_eq!(message, "it has 5 bytes, expected at most 4");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn links_are_not_followed_and_pipes_not_waited_for() {
        let (place, folder) = folder();
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("target");
        fs::write(&target, "mine").unwrap();
        let at = |name: &str| place.path().join(name);
        symlink(&target, at("link")).unwrap();
        symlink("link", at("near")).unwrap();
        symlink(outside.path().join("nothing"), at("loose")).unwrap();
        symlink(outside.path(), at("folder")).unwrap();
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let other = "a pipe, a socket or a device";
        for (name, found) in [
            ("link", "a link"),
            ("near", "a link"),
            ("loose", "a link"),
            ("folder", "a link"),
            ("pipe", other),
            ("socket", other),
        ] {
            let refused = |result: io::Result<()>| {
                let message = result.unwrap_err().to_string();
                assert_eq!(message, format!("it is {found}, expected a plain file"), "{name}");
            };
            refused(folder.read(name, 99).map(drop));
            refused(folder.open_to_hold(name).map(drop));
            refused(folder.replace(name, b"bad"));
            refused(folder.keep_as(name, "also"));
            refused(folder.replace("good", b"").and_then(|()| folder.keep_as("good", name)));
            assert!(folder.create(name, b"bad", 0o600).is_err());
            assert!(folder.folder(name).is_err() && folder.make_folder(name).is_err(), "{name}");
            assert!(folder.has(name).unwrap());
            let entries = folder.entries().unwrap();
            let entry = entries.iter().find(|(it, _)| it == name).unwrap();
            assert_eq!(entry.1, Some(NotPlain { found }));
        }
        assert_eq!(fs::read(&target).unwrap(), b"mine");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
        folder.remove("link").unwrap();
        assert!(target.exists());
    }

    #[test]
    fn a_folder_stays_the_one_that_was_opened() {
        let (place, folder) = folder();
        let inner = folder.make_folder("inner").unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::rename(place.path().join("inner"), place.path().join("moved")).unwrap();
        symlink(outside.path(), place.path().join("inner")).unwrap();
        inner.replace("x", b"").unwrap();
        assert!(place.path().join("moved/x").exists());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_is_held_has_no_second_name() {
        let (place, folder) = folder();
        fs::write(place.path().join("key"), "mine").unwrap();
        fs::hard_link(place.path().join("key"), place.path().join("lock")).unwrap();
        let message = folder.open_to_hold("lock").unwrap_err().to_string();
        assert!(message.contains("a file with a second name"), "{message}");
    }

    #[test]
    fn who_might_read_a_file_may_read_the_new_one_and_nobody_else() {
        let (place, folder) = folder();
        let mode = |name: &str| fs::metadata(place.path().join(name)).unwrap().mode() & 0o777;
        for (before, expected) in [(0o600, 0o600), (0o400, 0o400), (0o640, 0o640), (0o666, 0o666)] {
            folder.replace("x", b"first").unwrap();
            fs::set_permissions(place.path().join("x"), fs::Permissions::from_mode(before))
                .unwrap();
            folder.replace("x", b"second").unwrap();
            assert_eq!(mode("x"), expected, "{before:o}");
        }
        folder.create("key", b"", 0o600).unwrap();
        assert_eq!(mode("key"), 0o600);
    }

    /// What others see of a file at every moment of its making.
    #[test]
    fn a_file_never_has_more_than_its_own_permissions() {
        let (place, folder) = folder();
        folder.create("key", b"old", 0o600).unwrap();
        for instead_of in ["", "key"] {
            let disk: &dyn Disk<File = (File, Access)> = &folder;
            let mut file = disk.create("beside", instead_of.as_ref(), 0o600).unwrap();
            let mode = || fs::metadata(place.path().join("beside")).unwrap().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            disk.write(&mut file, b"secret").unwrap();
            assert_eq!(mode(), 0o600);
            folder.remove("beside").unwrap();
        }
    }
}
