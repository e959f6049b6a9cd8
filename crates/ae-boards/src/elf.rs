//! A program's ELF file: what it links, and another model in the model's place.

use object::elf::{FileHeader32, PT_LOAD, ProgramHeader32, SHF_ALLOC, SectionHeader32};
use object::read::elf::{FileHeader as _, ProgramHeader as _, SectionHeader as _};
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, U32};

type Header = FileHeader32<LittleEndian>;
type Segment = ProgramHeader32<LittleEndian>;
type Section = SectionHeader32<LittleEndian>;

/// The section that the model is linked in.
const MODEL_SECTION: &[u8] = b".model";
/// What flash holds where nothing was written.
const ERASED: u8 = 0xff;

/// A program as it was linked.
#[derive(Debug, Clone)]
pub struct Image {
    bytes: Vec<u8>,
    sizes: Sizes,
    gate: Option<Gate>,
}

/// Which models a program runs that was built with a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The keys whose other halves sign them: one, or two.
    pub public_keys: Vec<[u8; 32]>,
    /// What they are for: a name, then zeros.
    pub purpose: [u8; 16],
    /// The least version that it was built for; the board may know of a later one.
    pub least_version: u32,
}

/// What a program takes and leaves, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Code.
    pub text: u64,
    /// Constants, without the model.
    pub rodata: u64,
    /// Variables with a start value, which take flash and RAM.
    pub data: u64,
    /// Other variables, which take RAM, without the memory for the model's buffers.
    pub bss: u64,
    /// Where the model's place begins.
    pub model_address: u64,
    /// Flash for the model.
    pub model_room: u64,
    /// RAM for the model's buffers.
    pub buffer_room: u64,
    /// RAM for the stack.
    pub stack_room: u64,
}

/// Why bytes are not a program with a place for a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElfError {
    /// Not ELF, or damaged.
    #[error("{0}")]
    Malformed(#[from] object::Error),
    /// Something every firmware has is not there.
    #[error("it has no {0}")]
    Lacks(&'static str),
    /// The model is larger than its place.
    #[error("a model of {needed} bytes does not fit the {room} bytes that there are for it")]
    TooLarge {
        /// Bytes of the model.
        needed: u64,
        /// Bytes of the place.
        room: u64,
    },
}

impl Image {
    /// Reads what `bytes`, an ELF file, links.
    ///
    /// # Errors
    /// It is not a program of this project's firmware.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, ElfError> {
        let sizes = sizes(&bytes)?;
        let gate = gate(&bytes)?;
        Ok(Self { bytes, sizes, gate })
    }

    /// Which models alone it runs; `None` where it runs every one.
    #[must_use]
    pub fn gate(&self) -> Option<&Gate> {
        self.gate.as_ref()
    }

    /// What it takes and leaves.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// Whether it is for an Arm core, not for a RISC-V.
    pub(crate) fn is_arm(&self) -> bool {
        Header::parse(&*self.bytes)
            .is_ok_and(|header| header.e_machine(LittleEndian) == object::elf::EM_ARM)
    }

    /// Names of all symbols.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn symbols(&self) -> Result<Vec<String>, ElfError> {
        let file = object::File::parse(&*self.bytes)?;
        Ok(file.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_owned)).collect())
    }

    /// The ELF file with `model` in the model's place, and nothing else changed.
    ///
    /// Where the place is a segment of its own, the model is appended to the file and the segment
    /// points at it. Where it shares a segment with constants, it is overwritten.
    ///
    /// # Errors
    /// The model is too large.
    pub fn with_model(&self, model: &[u8]) -> Result<Vec<u8>, ElfError> {
        let needed = model.len() as u64;
        let too_large = |room| ElfError::TooLarge { needed, room };
        if needed > self.sizes.model_room {
            return Err(too_large(self.sizes.model_room));
        }
        let place = Place::find(&self.bytes, &self.sizes)?;
        let mut bytes = self.bytes.clone();
        if place.alone {
            let offset = bytes.len().next_multiple_of(16);
            bytes.resize(offset, 0);
            bytes.extend_from_slice(model);
            let number =
                |value: usize| U32::new(LittleEndian, u32::try_from(value).unwrap_or(u32::MAX));
            let segment: &mut Segment = at_mut(&mut bytes, place.segment_header)?;
            segment.p_offset = number(offset);
            segment.p_filesz = number(model.len());
            segment.p_memsz = number(model.len());
            let section: &mut Section = at_mut(&mut bytes, place.section_header)?;
            section.sh_offset = number(offset);
            section.sh_size = number(model.len());
        } else {
            // A section that is larger than the place has something else behind it.
            let len = place.len.min(usize::try_from(self.sizes.model_room).unwrap_or(usize::MAX));
            let old = bytes.get_mut(place.offset..place.offset + len);
            let old = old.ok_or(ElfError::Lacks("bytes in its model's section"))?;
            let (front, rest) =
                old.split_at_mut_checked(model.len()).ok_or(too_large(len as u64))?;
            front.copy_from_slice(model);
            rest.fill(ERASED);
        }
        Ok(bytes)
    }
}

/// The model's place in the file; headers of its section and segment by their offset.
struct Place {
    section_header: usize,
    segment_header: usize,
    offset: usize,
    len: usize,
    /// The segment holds nothing else.
    alone: bool,
}

impl Place {
    fn find(bytes: &[u8], sizes: &Sizes) -> Result<Self, ElfError> {
        let endian = LittleEndian;
        let header = Header::parse(bytes)?;
        let sections = header.sections(endian, bytes)?;
        let (index, section) = sections
            .section_by_name(endian, MODEL_SECTION)
            .ok_or(ElfError::Lacks("section .model"))?;
        // The section may begin with padding before the place.
        let address = u64::from(section.sh_addr(endian));
        let padding = sizes.model_address.saturating_sub(address);
        let start = u64::from(section.sh_offset(endian)) + padding;
        let len = u64::from(section.sh_size(endian)).saturating_sub(padding);
        let segments = header.program_headers(endian, bytes)?;
        let (segment_index, segment) = segments
            .iter()
            .enumerate()
            .find(|(_, segment)| {
                let (offset, size) = segment.file_range(endian);
                segment.p_type(endian) == PT_LOAD && offset <= start && start + len <= offset + size
            })
            .ok_or(ElfError::Lacks("segment with its section .model"))?;
        let at = |table: u32, index: usize, size: usize| table as usize + index * size;
        Ok(Self {
            section_header: at(header.e_shoff(endian), index.0, size_of::<Section>()),
            segment_header: at(header.e_phoff(endian), segment_index, size_of::<Segment>()),
            offset: start as usize,
            len: len as usize,
            alone: segment.file_range(endian) == (start, len),
        })
    }
}

fn at_mut<T: object::Pod>(bytes: &mut [u8], offset: usize) -> Result<&mut T, ElfError> {
    let place = bytes.get_mut(offset..).and_then(|rest| object::from_bytes_mut(rest).ok());
    place.map(|(value, _)| value).ok_or(ElfError::Lacks("room for its headers"))
}

fn sizes(bytes: &[u8]) -> Result<Sizes, ElfError> {
    let file = object::File::parse(bytes)?;
    let symbol = |name: &str| {
        let symbol = file.symbol_by_name(name)?;
        Some(symbol.address())
    };
    let model_address = symbol("_model_start").ok_or(ElfError::Lacks("symbol _model_start"))?;
    let model_end = symbol("_model_end").ok_or(ElfError::Lacks("symbol _model_end"))?;
    // The name is mangled; its end is a hash.
    let buffers = file.symbols().find(|symbol| symbol.name().is_ok_and(is_arena));
    let buffer_room = buffers.ok_or(ElfError::Lacks("memory for buffers"))?.size();
    let stack = symbol("_stack_start").zip(symbol("_stack_end"));
    let stack_room = stack.and_then(|(top, end)| top.checked_sub(end));
    let stack_room = stack_room.ok_or(ElfError::Lacks("symbols _stack_start and _stack_end"))?;

    let mut sizes = Sizes {
        text: 0,
        rodata: 0,
        data: 0,
        bss: 0,
        model_address,
        model_room: model_end.saturating_sub(model_address),
        buffer_room,
        stack_room,
    };
    let header = Header::parse(bytes)?;
    let sections = header.sections(LittleEndian, bytes)?;
    for section in sections.iter() {
        let flags = section.sh_flags(LittleEndian);
        let name = sections.section_name(LittleEndian, section)?;
        if !flags.contains(SHF_ALLOC) || name == MODEL_SECTION || is_filler(name) {
            continue;
        }
        let size = u64::from(section.sh_size(LittleEndian));
        *match Kind::of(section) {
            Kind::Code => &mut sizes.text,
            Kind::Constants => &mut sizes.rodata,
            Kind::Variables => &mut sizes.data,
            Kind::Zeros => &mut sizes.bss,
        } += size;
    }
    sizes.bss = sizes.bss.saturating_sub(buffer_room);
    Ok(sizes)
}

/// What a program that was built with a key says of itself; see `gate/signed.rs` in
/// `firmware/support`.
fn gate(bytes: &[u8]) -> Result<Option<Gate>, ElfError> {
    let file = object::File::parse(bytes)?;
    let Some(keys) = file.symbol_by_name("AE_PUBLIC_KEY") else { return Ok(None) };
    // Firmware that was built when trailers had no purpose has no such symbol.
    let lacks = ElfError::Lacks("symbol AE_PURPOSE");
    let purpose = file.symbol_by_name("AE_PURPOSE").ok_or(lacks)?;
    let lacks = ElfError::Lacks("symbol AE_LEAST_MODEL_VERSION");
    let least = file.symbol_by_name("AE_LEAST_MODEL_VERSION").ok_or(lacks)?;
    let public_keys = match keys.size() {
        32 => vec![*constant(&file, keys.address())?],
        64 => constant::<64>(&file, keys.address())?.as_chunks().0.to_vec(),
        _ => {
            return Err(ElfError::Lacks("one or two keys of 32 bytes at its symbol AE_PUBLIC_KEY"));
        }
    };
    let purpose = *constant(&file, purpose.address())?;
    let least_version = u32::from_le_bytes(*constant(&file, least.address())?);
    Ok(Some(Gate { public_keys, purpose, least_version }))
}

/// The bytes that the program puts into memory at `address`.
fn constant<'f, const N: usize>(
    file: &object::File<'f>,
    address: u64,
) -> Result<&'f [u8; N], ElfError> {
    let mut sections = file.sections();
    let found = sections.find_map(|section| section.data_range(address, N as u64).ok().flatten());
    found.and_then(|bytes| bytes.first_chunk()).ok_or(ElfError::Lacks("bytes of its constants"))
}

/// The static of the board's package; see `Arena` in `firmware/support`.
fn is_arena(name: &str) -> bool {
    name.contains("ARENA") && !name.contains("Arena")
}

/// Sections that only keep a place: heap and stack of riscv-rt, dummies of esp-hal.
fn is_filler(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    ["dummy", "heap", "stack", "reserved"].iter().any(|word| name.contains(word))
}

/// What a section holds.
enum Kind {
    Code,
    Constants,
    Variables,
    Zeros,
}

impl Kind {
    fn of(section: &Section) -> Self {
        use object::elf::{SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS};
        let flags = section.sh_flags(LittleEndian);
        if section.sh_type(LittleEndian) == SHT_NOBITS {
            Self::Zeros
        } else if flags.contains(SHF_EXECINSTR) {
            Self::Code
        } else if flags.contains(SHF_WRITE) {
            Self::Variables
        } else {
            Self::Constants
        }
    }
}
