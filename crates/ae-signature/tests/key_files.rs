//! Keys in files: what is written is read, and every other file is refused with a word of help.
#![cfg(feature = "host")]

use ae_signature::host::{KeyFileError, SecretKey, read_public, write_public};
use ae_signature::{KeyError, Purpose, Trust, open};

/// Of RFC 8410, section 10.3.
const SECRET: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
/// Of RFC 8410, section 10.1.
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";
/// The secret key with its public half, of RFC 8410, section 10.3.
const WITH_PUBLIC: &str = "-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
";
/// A public key for X25519, which does not sign.
const X25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";

fn secret_error(text: &str) -> KeyFileError {
    match SecretKey::read(text) {
        Ok(_) => panic!("{text} is taken"),
        Err(error) => error,
    }
}

fn public_error(text: &str) -> KeyFileError {
    read_public(text).unwrap_err()
}

#[test]
fn the_keys_of_rfc_8410_are_read_and_written_the_same() {
    let (secret, public) = (SecretKey::read(SECRET).unwrap(), read_public(PUBLIC).unwrap());
    assert_eq!(secret.public(), public);
    assert_eq!(&**secret.write(), SECRET);
    assert_eq!(write_public(&public), PUBLIC);
    assert_eq!(SecretKey::read(WITH_PUBLIC).unwrap().public(), public);
    // Line ends of another system.
    assert_eq!(read_public(&PUBLIC.replace('\n', "\r\n")).unwrap(), public);
}

#[test]
fn what_a_secret_key_signs_its_public_key_opens() {
    let secret = SecretKey::from_bytes(&[9; 32]);
    let blob = include_bytes!("../../../tests/golden/tiny.int8.aeb");
    let file = secret.sign(blob, 5, Purpose::NONE);
    let opened =
        open(&file, &Trust { keys: &[secret.public().to_bytes()], purpose: Purpose::NONE })
            .unwrap();
    assert_eq!((opened.blob(), opened.version()), (&blob[..], 5));
    let again = SecretKey::read(&secret.write()).unwrap();
    assert_eq!(again.sign(blob, 5, Purpose::NONE), file);
}

#[test]
fn the_wrong_file_is_refused_with_the_remedy() {
    let message = |error: KeyFileError| error.to_string();
    let swapped = message(secret_error(PUBLIC));
    assert!(swapped.contains("PUBLIC KEY") && swapped.contains("NAME.key"), "{swapped}");
    let swapped = message(public_error(SECRET));
    assert!(swapped.contains("must not leave its place") && swapped.contains("NAME.pub"));
    let encrypted = SECRET.replace("PRIVATE", "ENCRYPTED PRIVATE");
    assert!(message(secret_error(&encrypted)).contains("openssl pkey -in"));
    for other in ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "CERTIFICATE"] {
        let text = SECRET.replace("PRIVATE KEY", other);
        for error in [secret_error(&text), public_error(&text)] {
            let error = message(error);
            assert!(error.contains(other) && error.contains("expected a"), "{error}");
        }
    }
    for text in ["", "no key", "\0", "-----BEGIN PUBLIC KEY", "BEGIN PUBLIC KEY"] {
        for error in [secret_error(text), public_error(text)] {
            assert!(matches!(error, KeyFileError::NotPem { .. }), "{text}: {error}");
        }
    }
}

#[test]
fn a_key_for_another_algorithm_names_it() {
    let error = public_error(X25519);
    assert_eq!(error, KeyFileError::Algorithm { found: "1.3.101.110".to_owned() });
    let message = error.to_string();
    assert!(message.contains("1.3.101.112") && message.contains("Ed25519"), "{message}");
    let secret = SECRET.replace("MC4CAQAwBQYDK2Vw", "MC4CAQAwBQYDK2Vu");
    assert!(matches!(secret_error(&secret), KeyFileError::Algorithm { .. }));
}

#[test]
fn a_damaged_key_is_refused() {
    // Cut, a letter changed to what base64 does not have, and a length that is not the text's.
    for text in [
        PUBLIC.replace("MCow", ""),
        PUBLIC.replace("MCow", "M?ow"),
        PUBLIC.replace("MCow", "MCsw"),
        PUBLIC.replace("-----END PUBLIC KEY-----\n", ""),
    ] {
        assert!(matches!(public_error(&text), KeyFileError::Damaged { .. }), "{text}");
    }
    assert!(matches!(secret_error(&SECRET.replace("MC4C", "MC8C")), KeyFileError::Damaged { .. }));
    // The public half of another key.
    let mixed = WITH_PUBLIC.replace("Z9w7lshQhqowtrbLDFw4rXAxZuE=", "Z9w7lshQhqowtrbLDFw4rXAxZuA=");
    let error = secret_error(&mixed).to_string();
    assert!(error.contains("does not belong"), "{error}");
}

#[test]
fn a_weak_public_key_is_refused() {
    let zeros = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
-----END PUBLIC KEY-----
";
    assert_eq!(public_error(zeros), KeyFileError::Key(KeyError::Weak));
}
