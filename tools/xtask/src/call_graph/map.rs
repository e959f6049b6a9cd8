//! The linker's map of a program, LLD's or GNU's: where each section of its object files lies.
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

/// What a map of GNU's begins with, behind what it says of files and of sections that are left out.
const GNU: &str = "Linker script and memory map";

/// The input sections in a map of LLD's or GNU's that are in sections of the program which `is_loaded`
/// knows by name and address.
pub(super) fn inputs(map: &str, is_loaded: impl Fn(&str, u32) -> bool) -> Vec<Input<'_>> {
    match map.split_once(GNU) {
        Some((_, map)) => of_gnu(map, is_loaded),
        None => of_lld(map, is_loaded),
    }
}

fn of_gnu(map: &str, is_loaded: impl Fn(&str, u32) -> bool) -> Vec<Input<'_>> {
    let number = |text: &str| u32::from_str_radix(text.strip_prefix("0x")?, 16).ok();
    let mut inputs = Vec::new();
    // A long name has a line of its own, and its numbers are in the next.
    let (mut is_in_loaded, mut named) = (false, None);
    for line in map.lines() {
        let is_of_program = line.starts_with('.');
        let mut words = line.split_whitespace();
        if is_of_program || line.starts_with(" .") {
            named = words.next().map(|name| (name, is_of_program));
        }
        let Some((name, is_of_program)) = named else { continue };
        let Some(first) = words.next() else { continue };
        named = None;
        let numbers = number(first).zip(words.next().and_then(number));
        match numbers {
            Some((start, _)) if is_of_program => is_in_loaded = is_loaded(name, start),
            Some((start, size)) if is_in_loaded => inputs.push(Input { start, size, name }),
            _ => {}
        }
    }
    inputs
}

fn of_lld(map: &str, is_loaded: impl Fn(&str, u32) -> bool) -> Vec<Input<'_>> {
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

    const OF_GNU: &str = "
Discarded input sections

 .text.left_out
                0x00000000       0x3a /a/lib.a(x.o)

Linker script and memory map

.text           0x00000400     0x8958
 *(.text .text.*)
 .text._ZN1aE   0x00000458       0x3a /a b/lib.a(x.o)
 *fill*         0x00000492        0x2 
 .text._ZN1cwith_a_long_nameE
                0x00000494        0x8 /a/lib.a(x.o)
                0x00000494                ae_call
 .rodata.cst16  0x000004a0       0x10 /a/lib.a(x.o)
.rel.dyn        0x00000008        0x0
.comment        0x00000000       0x52
 .comment       0x00000000       0x52 /a/lib.a(x.o)
";

    #[test]
    fn a_map_of_gnu_is_read_too() {
        let found = inputs(OF_GNU, |name, start| (name, start) == (".text", 0x400));
        let names: Vec<&str> = found.iter().map(|input| input.name).collect();
        assert_eq!(names, [".text._ZN1aE", ".text._ZN1cwith_a_long_nameE", ".rodata.cst16"]);
        assert_eq!((found[1].start, found[1].size), (0x494, 8));
    }

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
