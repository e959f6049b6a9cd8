//! Static libraries, which are archives of objects as `ar` makes them.
//!
//! rustc puts all of its own support library into each: some 470 objects, of which a program that uses the
//! engine can reach a few dozen. A package of many libraries would be tens of megabytes of the rest.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use object::{Object, ObjectSymbol};

/// What an archive begins with.
const MAGIC: &[u8] = b"!<arch>\n";
/// Bytes in front of each member.
const HEADER: usize = 60;

/// Functions that compilers call without being asked to, and that a program may have nowhere else.
const OF_COMPILERS: [&str; 5] = ["bcmp", "memcmp", "memcpy", "memmove", "memset"];

/// The members of an archive: each behind a header, which has the length in ten digits, and on an even
/// place.
pub(super) fn members(archive: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = archive.strip_prefix(MAGIC)?;
    let mut members = Vec::new();
    while let Some((header, behind)) = rest.split_at_checked(HEADER) {
        let len: usize = std::str::from_utf8(header.get(48..58)?).ok()?.trim_end().parse().ok()?;
        members.push(behind.get(..len)?);
        rest = behind.get(len + len % 2..).unwrap_or_default();
    }
    Some(members)
}

/// An object of an archive.
struct Member<'a> {
    bytes: &'a [u8],
    defined: Vec<String>,
    needed: Vec<String>,
}

impl<'a> Member<'a> {
    /// `None` for the table of symbols and that of names, which are no objects.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let object = object::File::parse(bytes).ok()?;
        let (mut defined, mut needed) = (Vec::new(), Vec::new());
        for symbol in object.symbols().filter(|symbol| symbol.is_global()) {
            let name = symbol.name().ok().filter(|name| !name.is_empty());
            let names = if symbol.is_undefined() { &mut needed } else { &mut defined };
            names.extend(name.map(str::to_owned));
        }
        Some(Self { bytes, defined, needed })
    }
}

/// An archive of the objects alone that functions whose names begin with `prefix` can reach, and of those
/// that compilers call.
///
/// # Errors
/// It is no archive, or has no such function.
pub(super) fn reduced(archive: &[u8], prefix: &str) -> Result<Vec<u8>> {
    let members = members(archive).context("the file is no static library")?;
    let members: Vec<Member<'_>> = members.into_iter().filter_map(Member::read).collect();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        for name in &member.defined {
            // Linkers take the first.
            places.entry(name).or_insert(at);
        }
    }
    let is_root = |name: &&str| name.starts_with(prefix) || OF_COMPILERS.contains(name);
    if !places.keys().any(|name| name.starts_with(prefix)) {
        bail!("the library has no function whose name begins with {prefix}");
    }
    let mut wanted: Vec<&str> = places.keys().copied().filter(is_root).collect();
    let mut is_kept = vec![false; members.len()];
    while let Some(name) = wanted.pop() {
        // What is nowhere here is the program's to bring.
        let Some(&at) = places.get(name) else { continue };
        if let (Some(kept @ false), Some(member)) = (is_kept.get_mut(at), members.get(at)) {
            *kept = true;
            wanted.extend(member.needed.iter().map(String::as_str));
        }
    }
    let kept = members.iter().zip(is_kept).filter(|(_, is_kept)| *is_kept);
    write(&kept.map(|(member, _)| member).collect::<Vec<_>>())
}

/// An archive in GNU's form: a table of symbols, then the members, under short names.
fn write(members: &[&Member<'_>]) -> Result<Vec<u8>> {
    let names = members.iter().flat_map(|member| &member.defined);
    let count = names.clone().count();
    let text: Vec<u8> = names.flat_map(|name| [name.as_bytes(), &[0]].concat()).collect();
    let table_len = 4 + 4 * count + text.len();
    // Where each member's header begins.
    let mut at = MAGIC.len() + HEADER + table_len.next_multiple_of(2);
    let mut table = u32::try_from(count)?.to_be_bytes().to_vec();
    for member in members {
        let offset = u32::try_from(at).context("an archive of less than 4 GB")?;
        table.extend(member.defined.iter().flat_map(|_| offset.to_be_bytes()));
        at += HEADER + member.bytes.len().next_multiple_of(2);
    }
    table.extend(text);

    let mut archive = MAGIC.to_vec();
    push(&mut archive, "/", &table);
    for (number, member) in members.iter().enumerate() {
        push(&mut archive, &format!("ae-{number}.o/"), member.bytes);
    }
    Ok(archive)
}

/// Adds a member, of no time and nobody, so that the same objects make the same archive.
fn push(archive: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let header = format!("{name:16}{:12}{:6}{:6}{:8}{:<10}`\n", 0, 0, 0, 644, bytes.len());
    archive.extend(header.as_bytes());
    archive.extend(bytes);
    if bytes.len() % 2 == 1 {
        archive.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::{HEADER, MAGIC, Member, members, push, reduced, write};

    #[test]
    fn members_are_found_by_their_lengths() {
        let member = |len: &str, data: &str| format!("{:48}{len:10}`\n{data}", "name/");
        let archive = format!("!<arch>\n{}\n{}", member("3", "abc"), member("2", "de"));
        assert_eq!(members(archive.as_bytes()), Some(vec![&b"abc"[..], b"de"]));
        assert_eq!(members(&archive.as_bytes()[..archive.len() - 1]), None);
        assert_eq!(members(b"no archive"), None);
    }

    #[test]
    fn an_archive_is_read_as_it_was_written() {
        let mut archive = MAGIC.to_vec();
        push(&mut archive, "a.o/", b"abc");
        push(&mut archive, "b.o/", b"de");
        assert_eq!(archive.len(), MAGIC.len() + 2 * HEADER + 6);
        assert_eq!(members(&archive), Some(vec![&b"abc"[..], b"de"]));
    }

    #[test]
    fn the_table_says_where_the_member_of_each_symbol_begins() {
        let of = |bytes: &'static [u8], names: &[&str]| Member {
            bytes,
            defined: names.iter().map(|name| (*name).to_owned()).collect(),
            needed: Vec::new(),
        };
        let (one, two) = (of(b"one", &["a", "bc"]), of(b"two!", &["d"]));
        let archive = write(&[&one, &two]).unwrap();
        let table = members(&archive).unwrap()[0];
        let number = |at: usize| u32::from_be_bytes(table[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((number(0), &table[16..]), (3, &b"a\0bc\0d\0"[..]));
        for (at, name, bytes) in
            [(4, "ae-0.o/", &b"one"[..]), (8, "ae-0.o/", b"one"), (12, "ae-1.o/", b"two!")]
        {
            let member = &archive[number(at)..];
            assert!(member.starts_with(name.as_bytes()));
            assert!(member[HEADER..].starts_with(bytes));
        }
    }

    #[test]
    fn what_is_no_library_of_ours_is_refused() {
        assert!(reduced(b"no archive", "ae_").is_err());
        let mut archive = MAGIC.to_vec();
        push(&mut archive, "a.o/", b"no object");
        let error = reduced(&archive, "ae_").unwrap_err().to_string();
        assert!(error.contains("ae_"), "{error}");
    }
}
