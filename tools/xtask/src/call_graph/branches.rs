//! Instructions that go elsewhere, as Cortex-M and RISC-V of 32 bits encode them.

/// What an instruction does to where a program goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Branch {
    /// Goes on at this address, perhaps to come back.
    To(u32),
    /// Calls the function whose address is in a register.
    Pointer,
    /// Goes on where a register says: to such a function, or by a table of places in this one.
    Computed,
    /// Ends the program.
    Trap,
}

/// The branches in `code`, which lies at `address`.
pub(super) fn of_thumb(code: &[u8], address: u32) -> Vec<Branch> {
    let mut found = Vec::new();
    let halves: Vec<u32> =
        code.as_chunks().0.iter().map(|half| u16::from_le_bytes(*half).into()).collect();
    let mut at = 0;
    while let Some(&first) = halves.get(at) {
        let pc = address.wrapping_add(2 * at as u32 + 4);
        if first >> 11 < 0b11101 {
            found.extend(thumb_16(first, pc));
            at += 1;
        } else {
            found.extend(halves.get(at + 1).and_then(|&second| thumb_32(first, second, pc)));
            at += 2;
        }
    }
    found
}

fn thumb_16(code: u32, pc: u32) -> Option<Branch> {
    let to = |offset: i32| Some(Branch::To(pc.wrapping_add_signed(offset)));
    match code >> 8 {
        // UDF, and BKPT but for semihosting, which no function of a library has.
        0xde | 0xbe => Some(Branch::Trap),
        // B<condition>
        0xd0..=0xdd => to(signed(code & 0xff, 8) * 2),
        // B
        0xe0..=0xe7 => to(signed(code & 0x7ff, 11) * 2),
        // CBZ, CBNZ
        0xb1 | 0xb3 | 0xb9 | 0xbb => to(((code >> 3 & 0x1f) | (code >> 9 & 1) << 5) as i32 * 2),
        // BLX of a register; BX of one but LR
        0x47 if code & 0x80 != 0 => Some(Branch::Pointer),
        0x47 if code & 0x78 != 0x70 => Some(Branch::Computed),
        _ => None,
    }
}

fn thumb_32(first: u32, second: u32, pc: u32) -> Option<Branch> {
    if first & 0xfff0 == 0xf7f0 && second & 0xf000 == 0xa000 {
        return Some(Branch::Trap);
    }
    if first & 0xf800 != 0xf000 || second & 0x8000 == 0 {
        return None;
    }
    let sign = first >> 10 & 1;
    let (j1, j2) = (second >> 13 & 1, second >> 11 & 1);
    let offset = match second & 0x5000 {
        // B and BL
        0x1000 | 0x5000 => {
            let (i1, i2) = (1 ^ j1 ^ sign, 1 ^ j2 ^ sign);
            let high = sign << 23 | i1 << 22 | i2 << 21;
            signed(high | (first & 0x3ff) << 11 | second & 0x7ff, 24)
        }
        // B<condition>; with other bits there these are system instructions.
        0x0000 if first & 0x380 != 0x380 => {
            let high = sign << 19 | j2 << 18 | j1 << 17;
            signed(high | (first & 0x3f) << 11 | second & 0x7ff, 20)
        }
        _ => return None,
    };
    Some(Branch::To(pc.wrapping_add_signed(offset * 2)))
}

/// The branches in `code`, which lies at `address`.
pub(super) fn of_riscv(code: &[u8], address: u32) -> Vec<Branch> {
    let mut found = Vec::new();
    let (mut at, mut upper) = (0, None);
    while let Some(first) = code.get(at..at + 2) {
        let pc = address.wrapping_add(at as u32);
        let half = u32::from(u16::from_le_bytes([first[0], first[1]]));
        let long = code.get(at..at + 4).filter(|_| half & 3 == 3);
        let code = long.map_or(half, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        found.extend(riscv(code, pc, upper));
        // AUIPC, whose result a JALR behind it may use.
        upper = (code & 0x7f == 0x17 && half & 3 == 3)
            .then(|| (code >> 7 & 31, pc.wrapping_add(code & 0xffff_f000)));
        at += if half & 3 == 3 { 4 } else { 2 };
    }
    found
}

fn riscv(code: u32, pc: u32, upper: Option<(u32, u32)>) -> Option<Branch> {
    let to = |offset: i32| Some(Branch::To(pc.wrapping_add_signed(offset)));
    let bits = |from: u32, count: u32, place: u32| (code >> from & ((1 << count) - 1)) << place;
    let function = code >> 13 & 7;
    match code & 0x7f {
        // EBREAK and UNIMP
        _ if [0x0010_0073, 0xc000_1073, 0x9002, 0].contains(&code) => Some(Branch::Trap),
        // C.J and C.JAL
        _ if code & 3 == 1 && (function == 1 || function == 5) => to(signed(
            bits(3, 3, 1)
                | bits(11, 1, 4)
                | bits(2, 1, 5)
                | bits(7, 1, 6)
                | bits(6, 1, 7)
                | bits(9, 2, 8)
                | bits(8, 1, 10)
                | bits(12, 1, 11),
            12,
        )),
        // C.BEQZ and C.BNEZ
        _ if code & 3 == 1 && function >= 6 => to(signed(
            bits(3, 2, 1) | bits(10, 2, 3) | bits(2, 1, 5) | bits(5, 2, 6) | bits(12, 1, 8),
            9,
        )),
        // C.JR of a register but RA, and C.JALR
        _ if code & 3 == 2 => {
            let (register, is_call) = (bits(7, 5, 0), code & 0x1000 != 0);
            let jumps = function == 4 && bits(2, 5, 0) == 0 && register != 0;
            let kind = if is_call { Branch::Pointer } else { Branch::Computed };
            (jumps && (is_call || register != 1)).then_some(kind)
        }
        0x63 => to(signed(bits(8, 4, 1) | bits(25, 6, 5) | bits(7, 1, 11) | bits(31, 1, 12), 13)),
        0x6f => {
            to(signed(bits(21, 10, 1) | bits(20, 1, 11) | bits(12, 8, 12) | bits(31, 1, 20), 21))
        }
        0x67 => {
            let (link, base) = (bits(7, 5, 0), bits(15, 5, 0));
            match upper {
                Some((register, value)) if register == base => {
                    Some(Branch::To(value.wrapping_add_signed(code as i32 >> 20)))
                }
                _ if link == 0 && base == 1 => None,
                _ if link == 0 => Some(Branch::Computed),
                _ => Some(Branch::Pointer),
            }
        }
        _ => None,
    }
}

/// A number of `bits` bits in two's complement.
fn signed(value: u32, bits: u32) -> i32 {
    let unused = 32 - bits;
    (value << unused) as i32 >> unused
}

#[cfg(test)]
mod tests {
    use super::Branch::{Computed, Pointer, To, Trap};
    use super::{Branch, of_riscv, of_thumb};

    fn thumb(halves: &[u16]) -> Vec<Branch> {
        let code: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
        of_thumb(&code, 0x1000)
    }

    /// As an assembler encodes them.
    #[test]
    fn branches_of_thumb() {
        // b .  ; beq .+8 ; cbz r0, .+8
        assert_eq!(thumb(&[0xe7fe]), [To(0x1000)]);
        assert_eq!(thumb(&[0xd002, 0xb110]), [To(0x1008), To(0x100a)]);
        // bl .+4 ; bl .-0x100 ; b.w .+0x100 ; bne.w .-4
        assert_eq!(thumb(&[0xf000, 0xf800]), [To(0x1004)]);
        assert_eq!(thumb(&[0xf7ff, 0xff7e]), [To(0x0f00)]);
        assert_eq!(thumb(&[0xf000, 0xb87e]), [To(0x1100)]);
        assert_eq!(thumb(&[0xf47f, 0xaffe]), [To(0x1000)]);
        // blx r3 ; bx r2 ; bx lr ; udf ; udf.w
        assert_eq!(thumb(&[0x4798, 0x4710, 0x4770]), [Pointer, Computed]);
        assert_eq!(thumb(&[0xdefe, 0xf7f0, 0xa000]), [Trap, Trap]);
        // movw r0, #0xdede ; dsb ; nop
        assert_eq!(thumb(&[0xf64d, 0x60de, 0xf3bf, 0x8f4f, 0xbf00]), []);
    }

    #[test]
    fn branches_of_riscv() {
        let words = |words: &[u32]| {
            let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            of_riscv(&code, 0x1000)
        };
        // jal ra, .+0x20 ; j .-4 ; beq a0, a1, .+16
        assert_eq!(words(&[0x0200_00ef, 0xffdf_f06f]), [To(0x1020), To(0x1000)]);
        assert_eq!(words(&[0x00b5_0863]), [To(0x1010)]);
        // auipc ra, 1 ; jalr -8(ra)
        assert_eq!(words(&[0x0000_1097, 0xff80_80e7]), [To(0x1ff8)]);
        // jalr a0 ; jr a0 ; ret
        assert_eq!(words(&[0x0005_00e7, 0x0005_0067, 0x0000_8067]), [Pointer, Computed]);
        // unimp ; ebreak
        assert_eq!(words(&[0xc000_1073, 0x0010_0073]), [Trap, Trap]);
        // c.j .+8, c.nop ; c.beqz a0, .-4, c.jr ra ; c.jalr a5, c.add a0, a1 ; c.jr a5, c.ret
        assert_eq!(words(&[0x0001_a021]), [To(0x1008)]);
        assert_eq!(words(&[0x8082_dd75]), [To(0x0ffc)]);
        assert_eq!(words(&[0x952e_9782]), [Pointer]);
        assert_eq!(words(&[0x8082_8782]), [Computed]);
    }
}
