//! The graph of a program that was linked with `--emit-relocs`.
//!
//! Whatever holds an address of something outside of its own section does so by a relocation: a
//! call, a jump, a pointer in a table. A branch within a section may have none, so instructions are
//! decoded too. Both together are all that code can go on with.

use anyhow::{Context, Result, bail};
use object::elf::{
    EM_ARM, EM_RISCV, FileHeader32, R_ARM_ABS32, R_ARM_NONE, R_RISCV_ALIGN, R_RISCV_NONE,
    R_RISCV_RELAX, RelocationType, SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, SHT_REL, SHT_RELA,
    STT_FUNC, STT_SECTION, Sym32,
};
use object::read::elf::{FileHeader as _, Rel as _, Rela as _, SectionHeader as _, Sym as _};
use object::{LittleEndian, SymbolIndex};

use super::branches::{Branch, of_riscv, of_thumb};
use super::map::{self, Input};
use super::{Graph, Node};

type Header = FileHeader32<LittleEndian>;
const ENDIAN: LittleEndian = LittleEndian;

/// A section that is in memory when the program runs.
struct Section<'d> {
    name: String,
    start: u32,
    end: u32,
    is_code: bool,
    /// None where it is filled with zeros.
    bytes: &'d [u8],
}

/// A named place.
struct Symbol {
    start: u32,
    size: u32,
    name: String,
}

/// Where each node lies, in order.
struct Places {
    ranges: Vec<(u32, u32)>,
}

impl Places {
    fn at(&self, address: u32) -> Option<usize> {
        let index = self.ranges.partition_point(|&(start, _)| start <= address).checked_sub(1)?;
        (address < self.ranges[index].1).then_some(index)
    }
}

/// Reads a program, and the map that the linker made of it, the one among `maps` that fits.
///
/// # Errors
/// No map fits; or it is not an ELF file for one of the boards' cores, has no symbols or no
/// relocations, or a kind of relocation that this cannot follow.
pub(crate) fn read(elf: &[u8], maps: &[String]) -> Result<Graph> {
    let header = Header::parse(elf)?;
    let is_arm = match header.e_machine(ENDIAN) {
        EM_ARM => true,
        EM_RISCV => false,
        other => bail!("it is for a machine of the number {other:?}"),
    };
    let table = header.sections(ENDIAN, elf)?;
    let symbol_table = table.symbols(ENDIAN, elf, object::elf::SHT_SYMTAB)?;
    let mut sections = Vec::new();
    for section in table.iter() {
        let flags = section.sh_flags(ENDIAN);
        let (start, size) = (section.sh_addr(ENDIAN), section.sh_size(ENDIAN));
        if flags.contains(SHF_ALLOC) && size > 0 {
            let is_zeros = section.sh_type(ENDIAN) == SHT_NOBITS;
            let bytes = if is_zeros { &[] } else { section.data(ENDIAN, elf)? };
            let is_code = flags.contains(SHF_EXECINSTR);
            let name = table.section_name(ENDIAN, section)?;
            let name = String::from_utf8_lossy(name).into_owned();
            sections.push(Section { name, start, end: start.saturating_add(size), is_code, bytes });
        }
    }
    sections.sort_by_key(|section| section.start);

    // The lowest bit of a function's address says that it is in Thumb code.
    let address = |symbol: &Sym32<LittleEndian>| {
        let value = symbol.st_value(ENDIAN);
        if is_arm && symbol.st_type() == STT_FUNC { value & !1 } else { value }
    };
    let mut symbols = Vec::new();
    let mut mapping = Vec::new();
    for symbol in symbol_table.iter().filter(|symbol| symbol.st_type() != STT_SECTION) {
        let name = symbol.name(ENDIAN, symbol_table.strings())?;
        let name = String::from_utf8_lossy(name).into_owned();
        let start = address(symbol);
        if name.starts_with('$') {
            mapping.push((start, name.starts_with("$d")));
        } else if symbol.st_shndx(ENDIAN) != object::elf::SHN_UNDEF {
            symbols.push(Symbol { start, size: symbol.st_size(ENDIAN), name });
        }
    }
    mapping.sort_unstable();
    let names = symbols.iter().map(|symbol| (&*symbol.name, symbol.start)).collect();
    let is_loaded =
        |name: &str, start| sections.iter().any(|it| it.name == name && it.start == start);
    let mut maps = maps.iter().map(|map| map::inputs(map, is_loaded));
    let inputs = maps.find(|inputs| map::fits(inputs, &names)).context("there is no map of it")?;
    let (mut graph, places) = nodes(&sections, &symbols, &inputs);

    let mut relocations = 0;
    for section in table.iter() {
        let target = table.section(section.info_link(ENDIAN));
        if !target.is_ok_and(|target| target.sh_flags(ENDIAN).contains(SHF_ALLOC)) {
            continue;
        }
        let found: Vec<(u32, u32, RelocationType, Option<i32>)> = match section.sh_type(ENDIAN) {
            SHT_REL => {
                let entries = section.rel(ENDIAN, elf)?.map_or(&[][..], |(entries, _)| entries);
                let entry = |it: &object::elf::Rel32<_>| {
                    (it.r_offset(ENDIAN), it.r_sym(ENDIAN), it.r_type(ENDIAN), None)
                };
                entries.iter().map(entry).collect()
            }
            SHT_RELA => {
                let entries = section.rela(ENDIAN, elf)?.map_or(&[][..], |(entries, _)| entries);
                let entry = |it: &object::elf::Rela32<_>| {
                    let addend = Some(it.r_addend(ENDIAN));
                    (it.r_offset(ENDIAN), it.r_sym(ENDIAN), it.r_type(ENDIAN), addend)
                };
                entries.iter().map(entry).collect()
            }
            _ => continue,
        };
        for (place, symbol, kind, addend) in found {
            let is_nothing = if is_arm {
                kind == R_ARM_NONE
            } else {
                [R_RISCV_NONE, R_RISCV_RELAX, R_RISCV_ALIGN].contains(&kind)
            };
            if is_nothing {
                continue;
            }
            relocations += 1;
            let symbol = symbol_table.symbol(SymbolIndex(symbol as usize))?;
            let to = match addend {
                _ if symbol.st_type() != STT_SECTION => address(symbol),
                Some(addend) => address(symbol).wrapping_add_signed(addend),
                // What was linked is what was meant.
                None if kind == R_ARM_ABS32 => {
                    word(&sections, place).with_context(|| format!("nothing at {place:#x}"))?
                }
                // Branches are decoded below.
                None if is_branch(kind) => continue,
                None => bail!("cannot follow a relocation of kind {} at {place:#x}", kind.0),
            };
            let from = places.at(place).with_context(|| format!("nothing at {place:#x}"))?;
            match places.at(to) {
                Some(to) => graph.nodes[from].edges.push(to),
                None => {
                    let name = symbol.name(ENDIAN, symbol_table.strings())?;
                    let name = String::from_utf8_lossy(name).into_owned();
                    graph.nodes[from].outside.push(name);
                }
            }
        }
    }
    if relocations == 0 {
        bail!("there are no relocations: it was not linked with --emit-relocs");
    }
    decode(&mut graph, &places, &sections, is_arm, &mapping);
    for (index, node) in graph.nodes.iter_mut().enumerate() {
        node.edges.sort_unstable();
        node.edges.dedup();
        node.edges.retain(|&edge| edge != index);
    }
    Ok(graph)
}

fn is_branch(kind: RelocationType) -> bool {
    use object::elf::{
        R_ARM_THM_JUMP19, R_ARM_THM_JUMP24, R_ARM_THM_PC8, R_ARM_THM_PC11, R_ARM_THM_PC22,
    };
    [R_ARM_THM_PC22, R_ARM_THM_JUMP24, R_ARM_THM_JUMP19, R_ARM_THM_PC11, R_ARM_THM_PC8]
        .contains(&kind)
}

fn word(sections: &[Section<'_>], address: u32) -> Option<u32> {
    let section = sections.iter().find(|it| (it.start..it.end).contains(&address))?;
    let bytes = section.bytes.get((address - section.start) as usize..)?;
    bytes.first_chunk().copied().map(u32::from_le_bytes)
}

/// A node for each symbol that has a size, one for those that overlap, one for each piece of data
/// of the map that has no symbol, and one for what lies between two: that may be assembly, whose
/// symbols have no size.
fn nodes(sections: &[Section<'_>], symbols: &[Symbol], inputs: &[Input<'_>]) -> (Graph, Places) {
    let (mut graph, mut ranges) = (Graph::default(), Vec::new());
    let named = symbols.iter().map(|symbol| (symbol.start, symbol.size));
    let mut known: Vec<(u32, u32)> =
        named.chain(inputs.iter().map(|input| (input.start, input.size))).collect();
    known.retain(|&(_, size)| size > 0);
    known.sort_unstable();
    for section in sections {
        let mut spans: Vec<(u32, u32)> = Vec::new();
        for &(start, size) in &known {
            if !(section.start..section.end).contains(&start) {
                continue;
            }
            let end = start.saturating_add(size).min(section.end);
            match spans.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => spans.push((start, end)),
            }
        }
        let mut at = section.start;
        for (start, end) in spans.into_iter().chain([(section.end, section.end)]) {
            ranges.extend([(at, start), (start, end)].into_iter().filter(|it| it.0 < it.1));
            at = end;
        }
    }
    for &(start, end) in &ranges {
        let is_in = |address: u32| (start..end).contains(&address);
        let section = sections.iter().find(|section| (section.start..section.end).contains(&start));
        let mut inside: Vec<&Symbol> = symbols.iter().filter(|it| is_in(it.start)).collect();
        // Those with a size before mere labels.
        inside.sort_by_key(|symbol| symbol.size == 0);
        graph.nodes.push(Node {
            names: inside.into_iter().map(|symbol| symbol.name.clone()).collect(),
            is_code: section.is_some_and(|section| section.is_code),
            ..Node::default()
        });
    }
    (graph, Places { ranges })
}

/// Adds what the instructions of all functions branch to.
fn decode(
    graph: &mut Graph,
    places: &Places,
    sections: &[Section<'_>],
    is_arm: bool,
    mapping: &[(u32, bool)],
) {
    for (index, &(start, end)) in places.ranges.iter().enumerate() {
        let node = &mut graph.nodes[index];
        let section = sections.iter().find(|section| (section.start..section.end).contains(&start));
        let Some(section) = section.filter(|_| node.is_code) else { continue };
        // Data between the instructions is marked by symbols.
        let first = mapping.partition_point(|&(at, _)| at <= start);
        let mut is_data = first.checked_sub(1).is_some_and(|before| mapping[before].1);
        let mut at = start;
        let marks = mapping[first..].iter().copied().take_while(|&(at, _)| at < end);
        for (next, next_is_data) in marks.chain([(end, false)]) {
            let piece = (at - section.start) as usize..(next - section.start) as usize;
            let code = section.bytes.get(piece).filter(|_| !is_data).unwrap_or_default();
            let found = if is_arm { of_thumb(code, at) } else { of_riscv(code, at) };
            for branch in found {
                match branch {
                    Branch::To(to) => node.edges.extend(places.at(to)),
                    Branch::Pointer => node.calls_pointers = true,
                    Branch::Computed => node.jumps_to_computed = true,
                    Branch::Trap => node.traps = true,
                }
            }
            (at, is_data) = (next, next_is_data);
        }
    }
}
