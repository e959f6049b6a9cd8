//! What the check of links reads in a page of Markdown: its links, the anchors of its headings, and
//! what is unfinished in it.

use std::collections::HashMap;

/// What marks a gap, which is to be filled.
const GAP: &str = "@@";

/// A page's links and anchors.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Line, counted from 1, and target of each link and picture.
    pub links: Vec<(usize, String)>,
    /// What `#` may name: one for each heading, as GitHub makes them.
    pub anchors: Vec<String>,
    /// Line of what is unfinished, and what it is.
    pub unfinished: Vec<(usize, &'static str)>,
}

impl Page {
    /// Reads a page. Blocks and spans of code have neither links nor headings.
    pub(super) fn of(text: &str) -> Self {
        let mut page = Self::default();
        let mut seen = HashMap::new();
        let mut fence = None;
        for (number, line) in (1..).zip(text.lines()) {
            if line.contains(GAP) {
                page.unfinished.push((number, "a gap, marked @@"));
            }
            // A quotation may have a block of code, too.
            let line = line.trim_start_matches(['>', ' ']);
            match (fence, fence_of(line)) {
                (None, Some((mark, count))) => fence = Some((mark, count, number)),
                (Some((mark, count, _)), Some(end)) if ends(line, end, mark, count) => fence = None,
                (Some(_), _) => {}
                (None, None) => {
                    page.links.extend(links(line).into_iter().map(|link| (number, link)));
                    page.anchors.extend(heading(line).map(|text| anchor(text, &mut seen)));
                }
            }
        }
        page.unfinished.extend(fence.map(|(_, _, line)| (line, "a block of code without an end")));
        page
    }
}

/// The mark of a line that begins or ends a block of code, and how often it stands there.
fn fence_of(line: &str) -> Option<(char, usize)> {
    let mark = line.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
    let count = line.chars().take_while(|&letter| letter == mark).count();
    (count >= 3).then_some((mark, count))
}

/// Whether a line with the mark `end` ends a block that began with `count` times `mark`: nothing may
/// stand behind it.
fn ends(line: &str, end: (char, usize), mark: char, count: usize) -> bool {
    end.0 == mark && end.1 >= count && line.trim_end().len() == end.1
}

/// Targets of the links of a line: `[text](target)`, `![text](target "title")`, `[name]: target`.
fn links(line: &str) -> Vec<String> {
    let line = without_code(line);
    let mut behind: Vec<&str> = line.split("](").skip(1).collect();
    if line.starts_with('[') {
        behind.extend(line.split_once("]: ").map(|(_, target)| target));
    }
    let target = |text: &str| text.split([')', ' ']).next().unwrap_or_default().to_owned();
    behind.into_iter().map(target).collect()
}

/// A line without what stands between backticks.
fn without_code(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    // Of an odd number of backticks the last one is only a backtick.
    let closed = if parts.len() % 2 == 1 { parts.len() } else { parts.len() - 1 };
    let text = |&(index, _): &(usize, &&str)| index % 2 == 0 || index >= closed;
    parts.iter().enumerate().filter(text).map(|(_, part)| *part).collect()
}

/// The text of a heading.
fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    (1..=6).contains(&level).then(|| text.strip_prefix(' ')).flatten()
}

/// The anchor that GitHub gives a heading: small letters, digits, `_` and `-`, with `-` for a space,
/// and a number behind it from the second one of the same name on.
fn anchor(heading: &str, seen: &mut HashMap<String, usize>) -> String {
    let letters = heading.trim().chars().flat_map(char::to_lowercase);
    let name: String = letters
        .filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect();
    let before = seen.entry(name.clone()).or_default();
    *before += 1;
    if *before == 1 { name } else { format!("{name}-{}", *before - 1) }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn links_are_found_with_their_lines() {
        let text = "See [a](b.md#c) and ![d](e.png \"f\").\n\n> [`g`](../h) [i](#j)\n[k]: l.md\n";
        let links = [(1, "b.md#c"), (1, "e.png"), (3, "../h"), (3, "#j"), (4, "l.md")];
        assert_eq!(Page::of(text).links, links.map(|(line, to)| (line, to.to_owned())));
    }

    #[test]
    fn code_has_neither_links_nor_headings() {
        let text = "`[a](b)`\n```\n```rust\n# c\n[d](e)\n~~~\n```\n> ````\n> ```\n> [f](g)\n> ````\na ` [h](i)\n";
        let links = vec![(12, "i".to_owned())];
        assert_eq!(Page::of(text), Page { links, ..Page::default() });
    }

    #[test]
    fn what_is_unfinished_is_found() {
        let page = Page::of("a\nb @@ c\n```\n````\n~~~\n[d](e)\n");
        assert_eq!(
            page.unfinished,
            [(2, "a gap, marked @@"), (5, "a block of code without an end")]
        );
        assert!(page.links.is_empty());
    }

    #[test]
    fn headings_have_the_anchors_that_github_makes() {
        let text =
            "# A blob, byte by byte\n## `cargo xtask` – ä_b\n### Cost\n### Cost\n#no\n####### no";
        let anchors = ["a-blob-byte-by-byte", "cargo-xtask--ä_b", "cost", "cost-1"];
        assert_eq!(Page::of(text).anchors, anchors);
    }
}
