use crate::data::TINY;
use crate::support::{Place, golden};

#[test]
fn tables_are_printed_written_and_joined() {
    let place = Place::new();
    place.archive(TINY, 60, 3);
    place.write("sites.csv", "device,site\nd00000,north\nd00001,south\nd00002,north\n");
    let query =
        "SELECT site, count(*) AS n FROM a JOIN s USING (device) GROUP BY site ORDER BY site";
    let tables = ["--table", "a=archive", "--table", "s=sites.csv"];
    let told = place.ok(&[&["sql", query][..], &tables].concat());
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines[1..5],
        ["| site  | n  |", "+-------+----+", "| north | 40 |", "| south | 20 |"]
    );
    let told = place.ok(&[&["sql", query][..], &tables, &["--out", "n.csv"]].concat());
    assert_eq!(told, "2 rows in n.csv\n");
    let written = std::fs::read_to_string(place.path("n.csv")).unwrap();
    assert_eq!(written, "site,n\nnorth,40\nsouth,20\n");
}

#[test]
fn what_is_wrong_with_a_query_is_said() {
    let place = Place::new();
    place.archive(TINY, 10, 2);
    let table = ["--table", "t=archive"];
    for (query, part) in [
        ("SELECT x FROM t", "x"),
        ("SELEC 1", "SELEC"),
        ("SELECT ae_score('7f', window) FROM t", "64 hexadecimal digits"),
        ("SELECT ae_score(window) FROM t", "ae_score takes a model and a window"),
        ("SELECT * FROM u", "u"),
    ] {
        let errors = place.fails(&[&["sql", query][..], &table].concat());
        assert!(errors.contains(part), "{errors}");
        assert!(!errors.contains("External error"), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
    let blob = golden(TINY).display().to_string();
    let errors = place.fails(&["sql", "SELECT 1", "--model", &blob]);
    assert!(errors.contains("expected NAME="), "{errors}");
}

#[test]
fn a_query_needs_no_table() {
    let place = Place::new();
    assert_eq!(
        place.ok(&["sql", "SELECT 1 AS one", "--json"]).replace([' ', '\n'], ""),
        "[{\"one\":1}]"
    );
}
