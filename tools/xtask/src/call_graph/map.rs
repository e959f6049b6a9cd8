//! The linker's map of a program: where each section of its object files lies.
//!
//! rustc puts every function and every piece of data into a section of its own, so the map tells
//! where data begins that has no name in the program.

use std::collections::BTreeSet;

/// A section of an object file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input<'m> {
    pub(super) start: u32,
    pub(super) size: u32,
    pub(super) name: &'m str,
}

/// Columns of a line before its text: address, load address, size and alignment.
const NUMBERS: usize = 33;
/// How far an input section is indented behind them, and a symbol twice as far.
const INDENT: &str = "        ";

/// The input sections in a map of LLD's that are in sections of the program which `is_loaded` knows
/// by name and address.
pub(super) fn inputs(map: &str, is_loaded: impl Fn(&str, u32) -> bool) -> Vec<Input<'_>> {
    let mut inputs = Vec::new();
    let mut is_in_loaded = false;
    for line in map.lines() {
        let Some((start, size, text)) = columns(line) else { continue };
        if text.starts_with('.') {
            is_in_loaded = is_loaded(text, start);
        }
        let section = text.strip_prefix(INDENT).filter(|text| !text.starts_with(' '));
        let name = section.and_then(|it| it.split_once(":(")?.1.strip_suffix(')'));
        inputs.extend(name.filter(|_| is_in_loaded).map(|name| Input { start, size, name }));
    }
    inputs
}

/// Address, size and text of a line.
fn columns(line: &str) -> Option<(u32, u32, &str)> {
    let number = |text| u32::from_str_radix(text, 16).ok();
    let (numbers, text) = line.split_at_checked(NUMBERS)?;
    let mut numbers = numbers.split_whitespace();
    let (start, size) = (number(numbers.next()?)?, number(numbers.nth(1)?)?);
    Some((start, size, text))
}

/// Whether a map is that of a program with these functions, by name and address.
pub(super) fn fits(inputs: &[Input<'_>], functions: &BTreeSet<(&str, u32)>) -> bool {
    let mut named = inputs
        .iter()
        .filter_map(|input| Some((input.name.strip_prefix(".text.")?, input.start)))
        .filter(|(name, _)| name.starts_with("_ZN") || name.starts_with("_R"))
        .peekable();
    named.peek().is_some() && named.all(|function| functions.contains(&function))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Input, fits, inputs};

    const MAP: &str = "
     VMA      LMA     Size Align Out     In      Symbol
     400      400     8958     4 .text
     400      400        0     1         __stext = .
     458      458       3a     4         /a b/x.rcgu.o:(.text._ZN1aE)
     459      459       3a     1                 .La:(a)
    8d58     8d58     1310     4 .rodata
    8d68     8d68        a     4         /a/x.rcgu.o:(.rodata..Lanon.4)
    8dc2     8dc2      887     1         <internal>:(.rodata)
       0        0     17c0     4 .rel.text
       0        0        8     4         /a/x.rcgu.o:(.rel.text._ZN1aE)
";

    #[test]
    fn sections_are_read_and_compared_with_the_program() {
        let loaded = [(".text", 0x400), (".rodata", 0x8d58), (".rel.text", 8)];
        let found = inputs(MAP, |name, start| loaded.contains(&(name, start)));
        let names: Vec<&str> = found.iter().map(|input| input.name).collect();
        assert_eq!(names, [".text._ZN1aE", ".rodata..Lanon.4", ".rodata"]);
        assert_eq!(found[1], Input { start: 0x8d68, size: 10, name: ".rodata..Lanon.4" });
        assert!(fits(&found, &BTreeSet::from([("_ZN1aE", 0x458), ("_ZN1bE", 0x500)])));
        assert!(!fits(&found, &BTreeSet::from([("_ZN1aE", 0x460)])));
        assert!(!fits(&[], &BTreeSet::new()));
    }
}
