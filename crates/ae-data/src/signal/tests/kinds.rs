//! Files as people have them: what is said of each kind.

use super::{options, source};
use crate::signal::Source;

fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).fold(format!("{header}\n"), |text, at| text + &row(at) + "\n")
}

#[test]
fn dump() {
    let cases: Vec<(String, Source)> = vec![
        ("power_W,volt\n\"900\",231.7\n\"1,069\",231.5\n\"1,070\",2\n".into(), source()),
        ("p\n\"1,069\"\n\"1,070\"\n".into(), source()),
        ("p;q\n1,069;2,5\n1,070;3,5\n".into(), source()),
        ("p;q\n1,069;2,512\n1,070;3,512\n".into(), source()),
        ("p;q\n1.069,5;2,5\n1.070,1;3,5\n".into(), source()),
        ("t;p\n2024-01-01 00:00;1,5\n2024-01-01 00:01;2\n".into(), source()),
        ("time,x\n2024-01-01 00:00,1.5\n2024-01-01 00:01,2\n".into(), source()),
        (
            "time,x\n01/02/2024 12:00 AM,1.5\n01/02/2024 12:01 AM,2\n".into(),
            options("", "time", "", ""),
        ),
        ("x,state\n1,ok\n2,ok\n3,bad\n".into(), source()),
        ("x,y\n°C,%\n1,2\n2,3\n".into(), source()),
        ("time,x,y\ns,°C,%\n0,1,2\n1,2,3\n".into(), options("", "time", "", "")),
        ("x,y\n1,2\n,\n2,3\n".into(), source()),
        ("x,y\n1,2\nx,y\n2,3\n".into(), source()),
        ("x,y\n23.5 °C,2\n24 °C,3\n".into(), source()),
        ("x,y,\n1,2,\n2,3,\n".into(), source()),
        ("x,y\n1,2,\n2,3,\n".into(), source()),
        ("x,y\n1,5,2,5\n2,5,3,5\n".into(), source()),
        (
            "Logger 7\nSerial,123\n\nx,y,z\n1,2,3\n2,3,4\n4,5,6\n1,2,3\n2,3,4\n4,5,6\n".into(),
            source(),
        ),
        ("x y z\n1 2 3\n4 5 6\n".into(), source()),
        ("x,y\n1;2\n3;4\n".into(), source()),
        ("x,y\n1,2\n3\n4,5\n6,7,8\n7,8\n8,9\n1,2\n".into(), source()),
        (
            rows("x,y", 20, |at| {
                if at % 5 == 1 {
                    format!("{},NaN", at * 7 % 5)
                } else {
                    format!("{},1", at * 7 % 5)
                }
            }),
            source(),
        ),
        ("x,y\nNaN,1\nNaN,2\n".into(), source()),
        ("x,y\ntrue,1\nfalse,2\n".into(), source()),
        ("2024-01-01 00:00,1.5\n2024-01-01 00:01,2\n".into(), source()),
        ("x,y\n1,2\n3,-\n".into(), source()),
        ("sep=;\nx;y\n1,5;2\n3;4\n".into(), source()),
        ("x,y\n\"1,2\n3,4\n5,6\n".into(), source()),
        ("x,y\n1,2\n\n3,4\n".into(), source()),
        ("".into(), source()),
        ("x,y\n".into(), source()),
        ("x,y\n1,0x1F\n3,4\n".into(), source()),
        ("x,y\n1,1e400\n3,4\n".into(), source()),
    ];
    for (text, source) in cases {
        let message = match super::read(&text, &source) {
            Ok(signals) => format!("OK {:?} {}", signals.channels, signals.recordings.len()),
            Err(error) => error.to_string(),
        };
        println!("{:?}\n   {message}", text.chars().take(50).collect::<String>());
    }
}
