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

/// The command that goes on with the run in `folder`.
pub(crate) fn resume(folder: &Path, config: &RunConfig) -> String {
    let verb = if config.detect.is_some() { "detect" } else { "train" };
    format!("ae-train {verb} --resume {}", quoted(folder))
}

#[cfg(test)]
mod tests {
    use super::quoted;

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
