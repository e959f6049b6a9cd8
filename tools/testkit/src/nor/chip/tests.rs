use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};

use super::super::{Reads, Supply, Torn};
use super::{Nor, PowerOff};

type Chip = Nor<4, 16>;

fn chip() -> (Chip, Supply) {
    let supply = Supply::new(1);
    (Chip::new(4, &supply), supply)
}

fn read(chip: &mut Chip, offset: u32) -> [u8; 8] {
    let mut bytes = [0; 8];
    chip.read(offset, &mut bytes).unwrap();
    bytes
}

#[test]
fn bits_go_from_1_to_0_until_they_are_erased() {
    let (mut chip, supply) = chip();
    assert_eq!(chip.write(8, &[0x0f, 1, 2, 3, 4, 5, 6, 7]), Ok(()));
    assert_eq!(read(&mut chip, 8), [0x0f, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(chip.mapped(8, 2), Some(&[0x0f, 1][..]));
    assert_eq!(chip.mapped(0, 64).unwrap().as_ptr().align_offset(16), 0);
    assert_eq!(chip.mapped(0, 65), None);
    assert_eq!(chip.erase(0, 32), Ok(()));
    assert_eq!(read(&mut chip, 8), [0xff; 8]);
    assert_eq!((supply.fault(), supply.operations()), (None, 3));
    assert!(chip.wear().eq([1, 1, 0, 0]));
}

#[test]
fn a_word_is_written_once() {
    let (mut chip, supply) = chip();
    for _ in 0..2 {
        assert_eq!(supply.fault(), None);
        assert_eq!(chip.write(4, &[0xf0; 4]), Ok(()));
    }
    assert!(supply.fault().unwrap().contains("written twice"));
}

#[test]
fn what_is_guarded_is_left_alone() {
    for offset in [16, 32] {
        let (mut chip, supply) = chip();
        chip.guard(Some(16..32));
        assert_eq!(chip.write(offset, &[0; 4]), Ok(()));
        assert_eq!(supply.fault().is_some(), offset == 16);
        let (mut chip, supply) = self::chip();
        chip.guard(Some(16..32));
        assert_eq!(chip.erase(offset, offset + 16), Ok(()));
        assert_eq!(supply.fault().is_some(), offset == 16);
    }
}

#[test]
fn a_cut_leaves_what_it_says_and_the_power_off() {
    let half = 128;
    let new = [0, 1, 2, 3, 4, 5, 6, 7];
    let blank = [0xff; 8];
    let front = [0, 1, 2, 3, 0xff, 0xff, 0xff, 0xff];
    let end = [0xff, 0xff, 0xff, 0xff, 4, 5, 6, 7];
    for (torn, left) in [
        (Torn::Undone, blank),
        (Torn::Done, new),
        (Torn::Prefix(half), front),
        (Torn::Suffix(half), end),
    ] {
        let (mut chip, supply) = chip();
        supply.cut_in(1, torn);
        assert_eq!(chip.write(16, &new), Ok(()));
        assert_eq!(chip.write(0, &new), Err(PowerOff));
        assert!(supply.is_off());
        // Nothing happens any more.
        assert_eq!(chip.write(8, &new), Err(PowerOff));
        assert_eq!(chip.read(0, &mut [0]), Err(PowerOff));
        supply.switch_on(Reads::Before);
        assert_eq!(read(&mut chip, 0), left, "{torn:?}");
        assert_eq!(read(&mut chip, 8), blank);
        assert_eq!(read(&mut chip, 16), new);
    }
}

#[test]
fn what_is_unstable_reads_as_told_and_is_written_over_with_itself_alone() {
    let new = [0, 1, 2, 3, 4, 5, 6, 7];
    let torn = || {
        let (mut chip, supply) = chip();
        supply.cut_in(0, Torn::Unstable);
        assert_eq!(chip.write(0, &new), Err(PowerOff));
        (chip, supply)
    };
    let (mut chip, supply) = torn();
    for (reads, expected) in [(Reads::Before, [0xff; 8]), (Reads::After, new)] {
        supply.switch_on(reads);
        chip.settle();
        assert_eq!((read(&mut chip, 0), chip.mapped(0, 8).unwrap()), (expected, &expected[..]));
    }
    supply.switch_on(Reads::Random);
    assert_ne!(read(&mut chip, 0), read(&mut chip, 0));
    // With itself it becomes certain.
    assert_eq!(chip.write(0, &new), Ok(()));
    assert_eq!((read(&mut chip, 0), supply.fault()), (new, None));
    // With another it does not, and is a fault.
    let (mut chip, supply) = torn();
    supply.switch_on(Reads::Before);
    assert_eq!(chip.write(0, &[0xf0; 4]), Ok(()));
    assert!(supply.fault().unwrap().contains("where a cut left"));
    // Nor may what reads as written be written over.
    let (mut chip, supply) = chip_with_half_a_word();
    assert_eq!(chip.write(0, &new), Ok(()));
    assert!(supply.fault().unwrap().contains("where a cut left"));
}

fn chip_with_half_a_word() -> (Chip, Supply) {
    let (mut chip, supply) = chip();
    supply.cut_in(0, Torn::Prefix(64));
    assert_eq!(chip.write(0, &[0, 1, 2, 3, 4, 5, 6, 7]), Err(PowerOff));
    supply.switch_on(Reads::Before);
    (chip, supply)
}

#[test]
fn a_page_that_is_half_erased_must_be_erased_again() {
    for torn in [Torn::Prefix(128), Torn::Suffix(128), Torn::Unstable] {
        let (mut chip, supply) = chip();
        chip.put(0, &[7; 16]);
        supply.cut_in(0, torn);
        assert_eq!(chip.erase(0, 32), Err(PowerOff));
        supply.switch_on(Reads::After);
        assert_eq!(chip.erase(0, 16), Ok(()));
        assert_eq!(chip.write(0, &[0; 16]), Ok(()));
        assert_eq!(supply.fault(), None);
        supply.cut_in(supply.operations(), torn);
        assert_eq!(chip.erase(0, 16), Err(PowerOff));
        supply.switch_on(Reads::After);
        assert_eq!(chip.write(8, &[0; 8]), Ok(()));
        assert!(supply.fault().unwrap().contains("half erased"), "{torn:?}");
    }
}
