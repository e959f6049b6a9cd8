//! The figures in the repository that CI compares with.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use super::Row;
use super::frame::{self, FrameRow};
use crate::workspace;

/// The file, in the repository.
pub(crate) const PATH: &str = "firmware/instructions.json";
/// What rewrites it.
const REWRITE: &str = "cargo xtask bench --boards --write";
/// A figure may grow or shrink by so much, in percent, before anything is said.
const TOLERANCE_PERCENT: u64 = 2;
/// The same where another compiler made the code than that of the file.
const OTHER_COMPILER_PERCENT: u64 = 25;

/// Instructions by board and what they are of: one inference of a model, or the features of a frame.
/// And the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Committed {
    compiler: String,
    instructions: BTreeMap<String, BTreeMap<String, u64>>,
}

/// How new figures compare with those of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// What is let pass.
    pub(crate) tolerance_percent: u64,
    pub(crate) same: usize,
    /// What must not be, a line each.
    pub(crate) worse: Vec<String>,
    /// Worth rewriting the file, a line each.
    pub(crate) better: Vec<String>,
}

impl Committed {
    /// The figures of some rows, and of the features of frames.
    ///
    /// # Errors
    /// A row has none.
    pub(crate) fn of(rows: &[Row], frames: &[FrameRow]) -> Result<Self> {
        let mut found = Self { compiler: String::new(), instructions: BTreeMap::new() };
        for Row { board, model, measured } in rows {
            let at = || anyhow!("{} {}", board.name, model.name);
            let measured = measured.as_ref().map_err(|error| anyhow!("{}: {error:#}", at()))?;
            let models = found.instructions.entry(board.name.clone()).or_default();
            models.insert(model.name.clone(), measured.instructions());
            found.compiler.clone_from(&measured.compiler);
        }
        for frame in frames {
            let figures = found.instructions.entry(frame.board.name.clone()).or_default();
            figures.insert(frame::NAME.to_owned(), frame.instructions());
            found.compiler.clone_from(&frame.compiler);
        }
        Ok(found)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It is not there, or not such a file.
    pub(crate) fn read() -> Result<Self> {
        let path = workspace::root().join(PATH);
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read {PATH}; `{REWRITE}` makes it"))?;
        let mut value: Value = serde_json::from_str(&text).context(PATH)?;
        let compiler = value["compiler"].as_str().context(PATH)?.to_owned();
        let instructions = serde_json::from_value(value["instructions"].take()).context(PATH)?;
        Ok(Self { compiler, instructions })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self) -> Result<()> {
        let value = json!({ "compiler": self.compiler, "instructions": self.instructions });
        let text = format!("{}\n", serde_json::to_string_pretty(&value)?);
        fs::write(workspace::root().join(PATH), text)
            .with_context(|| format!("cannot write {PATH}"))
    }

    /// Compares new figures with these, by what both have and what one lacks.
    pub(crate) fn compare(&self, found: &Self) -> Comparison {
        let same_compiler = self.compiler == found.compiler;
        let tolerance_percent =
            if same_compiler { TOLERANCE_PERCENT } else { OTHER_COMPILER_PERCENT };
        let mut result = Comparison { tolerance_percent, ..Comparison::default() };
        let models = |figures: &Self| {
            let boards = figures.instructions.iter();
            let pairs = boards.flat_map(|(board, models)| {
                models.iter().map(move |(model, count)| ((board.clone(), model.clone()), *count))
            });
            pairs.collect::<BTreeMap<_, _>>()
        };
        let (old, new) = (models(self), models(found));
        for ((board, model), found) in &new {
            let Some(&committed) = old.get(&(board.clone(), model.clone())) else {
                let line = format!("{board} {model}: not in {PATH}; `{REWRITE}` adds it");
                result.worse.push(line);
                continue;
            };
            let line = || {
                let percent = 100.0 * (*found as f64 / committed as f64 - 1.0);
                format!(
                    "{board} {model}: {found} instructions, {committed} in {PATH}, {percent:+.1} %; \
                     `{REWRITE}` rewrites it"
                )
            };
            let (scaled, one) = (100 * *found, 100 * committed);
            if scaled > one + tolerance_percent * committed {
                result.worse.push(line());
            } else if scaled + tolerance_percent * committed < one {
                result.better.push(line());
            } else {
                result.same += 1;
            }
        }
        for (board, model) in old.keys().filter(|key| !new.contains_key(key)) {
            let line = format!("{board} {model}: in {PATH}, not measured; `{REWRITE}` removes it");
            result.worse.push(line);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::Committed;

    fn figures(compiler: &str, of: &[(&str, &str, u64)]) -> Committed {
        let mut figures =
            Committed { compiler: compiler.to_owned(), instructions: Default::default() };
        for (board, model, count) in of {
            let models = figures.instructions.entry((*board).to_owned()).or_default();
            models.insert((*model).to_owned(), *count);
        }
        figures
    }

    #[test]
    fn two_percent_either_way_are_let_pass_and_more_is_told_with_the_command() {
        let committed = figures("rustc 1", &[("a", "m", 1000), ("a", "n", 1000), ("b", "m", 1000)]);
        let compare = |found: &[(&str, &str, u64)]| committed.compare(&figures("rustc 1", found));
        let same = compare(&[("a", "m", 1020), ("a", "n", 980), ("b", "m", 1000)]);
        assert_eq!((same.same, same.worse.len(), same.better.len()), (3, 0, 0));
        let moved = compare(&[("a", "m", 1021), ("a", "n", 979), ("b", "m", 1000)]);
        assert_eq!(
            moved.worse,
            ["a m: 1021 instructions, 1000 in firmware/instructions.json, +2.1 %; \
              `cargo xtask bench --boards --write` rewrites it"]
        );
        assert_eq!((moved.better.len(), moved.same), (1, 1));
    }

    #[test]
    fn a_figure_that_one_side_lacks_is_told() {
        let committed = figures("rustc 1", &[("a", "m", 1000)]);
        let worse = committed.compare(&figures("rustc 1", &[("b", "m", 1)])).worse;
        assert!(worse[0].starts_with("b m: not in "), "{worse:?}");
        assert!(worse[1].starts_with("a m: in "), "{worse:?}");
    }

    #[test]
    fn another_compiler_may_make_other_code() {
        let committed = figures("rustc 1", &[("a", "m", 1000)]);
        let compare = |count| committed.compare(&figures("rustc 2", &[("a", "m", count)]));
        assert_eq!((compare(1250).same, compare(1251).worse.len()), (1, 1));
        assert_eq!(compare(1000).tolerance_percent, 25);
    }
}
