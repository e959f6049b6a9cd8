use std::fs;

use crate::data::TINY;
use crate::support::{Place, golden};

#[test]
fn a_model_is_put_under_its_digest_and_found_by_it() {
    let place = Place::new();
    place.archive(TINY, 50, 2);
    let blob = golden(TINY).display().to_string();
    let told = place.ok(&["models", "add", &blob, "--to", "models"]);
    let digest = told.split_whitespace().next().unwrap().to_owned();
    assert_eq!(digest.len(), 64);
    let path = place.path("models").join(format!("{digest}.aeb"));
    assert_eq!(fs::read(&path).unwrap(), fs::read(&blob).unwrap());
    let listed = place.ok(&["models", "list", "models"]);
    assert!(listed.lines().nth(1).unwrap().starts_with(&digest), "{listed}");

    let query = format!("SELECT max(ae_score('{digest}', window)) AS most FROM t");
    let found = place.ok(&["sql", &query, "--table", "t=archive", "--models", "models", "--json"]);
    let named = "SELECT max(ae_score($tiny, window)) AS most FROM t";
    let model = format!("tiny={blob}");
    assert_eq!(
        place.ok(&["sql", named, "--table", "t=archive", "--model", &model, "--json"]),
        found
    );

    // One that is not its digest is refused, and told.
    let mut bytes = fs::read(&blob).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    let output = place.run(&["models", "list", "models"]);
    assert_eq!(output.status.code(), Some(1));
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.contains("its bytes have the digest "), "{listed}");
    let errors = place.fails(&["sql", &query, "--table", "t=archive", "--models", "models"]);
    assert!(errors.contains(&digest) && errors.contains("is refused"), "{errors}");
}

#[test]
fn what_is_no_model_is_not_put_there() {
    let place = Place::new();
    place.write("x.aeb", "no model");
    let errors = place.fails(&["models", "add", "x.aeb", "--to", "models"]);
    assert!(errors.contains("x.aeb is not a usable model"), "{errors}");
    let output = place.run(&["models", "list", "."]);
    assert_eq!(output.status.code(), Some(1));
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.contains("./x.aeb: no digest"), "{listed}");
    std::fs::remove_file(place.path("x.aeb")).unwrap();
    let errors = place.fails(&["models", "list", "."]);
    assert!(errors.contains("holds no model"), "{errors}");
}
