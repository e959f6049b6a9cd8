//! Commands that a user can give to a shell as they stand.

use std::path::Path;

use ae_run::RunConfig;

/// A path as a shell takes it, in quotes where it has spaces or the like.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    // Else it would be taken for an option.
    let text = if text.starts_with('-') { format!("./{text}") } else { text.into_owned() };
    // Of all texts that one with a NUL alone has no quotes, and no path has one.
    shlex::try_quote(&text).map_or_else(|_| text.clone(), |quoted| quoted.into_owned())
}

/// An option with a text, such as the name of a column, as a shell takes it.
pub(crate) fn option(flag: &str, text: &str) -> String {
    // Commas between names are plain to every shell.
    let is_plain = |letter: char| letter.is_alphanumeric() || "_,.:/+@%-".contains(letter);
    let value = match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => shlex::try_quote(text).map_or_else(|_| text.to_owned(), |it| it.into_owned()),
    };
    // Else it would be taken for another option.
    let between = if text.starts_with('-') { '=' } else { ' ' };
    format!("{flag}{between}{value}")
}

/// The command that goes on with the run in `folder`.
pub(crate) fn resume(folder: &Path, config: &RunConfig) -> String {
    let verb = if config.detect.is_some() { "detect" } else { "train" };
    format!("ae-train {verb} --resume {}", quoted(folder))
}

#[cfg(test)]
mod tests {
    use super::{option, quoted};

    #[test]
    fn a_shell_takes_an_option_with_the_name_of_a_column() {
        for (text, expected) in [
            ("t", "--time t"),
            ("Time (seconds)", "--time 'Time (seconds)'"),
            ("a,b", "--time a,b"),
            ("a,b c", "--time 'a,b c'"),
            ("a;b", "--time 'a;b'"),
            ("$(a)", "--time '$(a)'"),
            ("a'b", "--time \"a'b\""),
            ("-x", "--time=-x"),
            ("", "--time ''"),
        ] {
            let found = option("--time", text);
            assert_eq!(found, expected);
            assert_eq!(shlex::split(&found.replace("time=", "time ")).unwrap()[1], text);
        }
    }

    #[test]
    fn a_shell_takes_a_path_as_one_word() {
        for (path, expected) in [
            ("runs/a-b.c", "runs/a-b.c"),
            ("my runs/a", "'my runs/a'"),
            ("a;rm b", "'a;rm b'"),
            ("a'b", "\"a'b\""),
            ("$(a)", "'$(a)'"),
            ("-rf", "./-rf"),
        ] {
            let found = quoted(path.as_ref());
            assert_eq!(found, expected);
            let words = shlex::split(&found).unwrap();
            assert!(words.len() == 1 && words[0].ends_with(path), "{words:?}");
        }
    }
}
