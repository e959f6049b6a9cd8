//! A small program as a board's linker leaves it.

/// Where the parts of the program lie in memory.
const CODE_AT: u32 = 0x0800_0000;
const MODEL_AT: u32 = 0x0802_0000;
/// Bytes of the model's place.
pub const ROOM: u32 = 256;

/// A section: name, type, flags, address, offset, size, and what it links to.
type Section = (&'static str, u32, u32, u32, u32, u32, u32);

/// A firmware file of some hundred bytes, with every section and symbol that is looked for. In one
/// the model has a segment `alone`, in the other it lies among constants.
#[must_use]
pub fn firmware(alone: bool) -> Vec<u8> {
    const HEADERS: u32 = 52 + 2 * 32;
    let code: Vec<u8> = (0..64).collect();
    let model = [0xa5; 48];
    let (code_at, model_at) = (HEADERS, HEADERS + code.len() as u32);
    let model_address = if alone { MODEL_AT } else { CODE_AT + code.len() as u32 };
    let mut strings = vec![0];
    let mut symbols = vec![0; 16];
    for (name, value, size) in [
        ("_model_start", model_address, 0),
        ("_model_end", model_address + ROOM.min(if alone { ROOM } else { 48 }), 0),
        ("_RNvCs1_5board5ARENA", 0x2000_0000, 4096_u32),
        ("_stack_start", 0x2000_8000, 0),
        ("_stack_end", 0x2000_4000, 0),
        ("AE_PUBLIC_KEY", CODE_AT, 64),
        ("AE_PURPOSE", CODE_AT + 16, 16),
        ("AE_LEAST_MODEL_VERSION", CODE_AT + 32, 4),
    ] {
        for number in [strings.len() as u32, value, size] {
            symbols.extend(number.to_le_bytes());
        }
        // A global object of the first section.
        symbols.extend([0x11, 0, 1, 0]);
        strings.extend(name.bytes().chain([0]));
    }
    let symbols_at = model_at + model.len() as u32;
    let strings_at = symbols_at + symbols.len() as u32;
    let names: Vec<u8> = b"\0.text\0.model\0.bss\0.symtab\0.strtab\0.shstrtab\0".to_vec();
    let names_at = strings_at + strings.len() as u32;
    let sections_at = names_at + names.len() as u32;
    let len = |bytes: &[u8]| bytes.len() as u32;
    let sections: [Section; 6] = [
        (".text", 1, 6, CODE_AT, code_at, len(&code), 0),
        (".model", 1, 2, model_address, model_at, len(&model), 0),
        (".bss", 8, 3, 0x2000_0000, names_at, 5000, 0),
        (".symtab", 2, 0, 0, symbols_at, len(&symbols), 5),
        (".strtab", 3, 0, 0, strings_at, len(&strings), 0),
        (".shstrtab", 3, 0, 0, names_at, len(&names), 0),
    ];

    let mut file = b"\x7fELF\x01\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend([2, 0, 40, 0, 1, 0, 0, 0]);
    for number in [CODE_AT, 52, sections_at, 0] {
        file.extend(number.to_le_bytes());
    }
    for number in [52_u16, 32, 2, 40, 7, 6] {
        file.extend(number.to_le_bytes());
    }
    let code_len = len(&code) + if alone { 0 } else { len(&model) };
    for (offset, address, len) in
        [(code_at, CODE_AT, code_len), (model_at, model_address, len(&model))]
    {
        for number in [1, offset, address, address, len, len, 5, 4] {
            file.extend(number.to_le_bytes());
        }
    }
    for part in [&code[..], &model, &symbols, &strings, &names, &[0; 40]] {
        file.extend(part);
    }
    for (name, kind, flags, address, offset, size, link) in sections {
        let at = names
            .windows(name.len() + 1)
            .position(|found| found[..name.len()] == *name.as_bytes() && found[name.len()] == 0);
        let at = at.expect("a name of the list") as u32;
        let entry = if kind == 2 { 16 } else { 0 };
        for number in [at, kind, flags, address, offset, size, link, 1, 4, entry] {
            file.extend(number.to_le_bytes());
        }
    }
    file
}
