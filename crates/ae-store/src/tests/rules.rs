//! What the store does and refuses, where nothing is cut but what a test cuts.

use std::string::ToString;
use std::vec;

use ae_testkit::nor::{Nor, Reads, Supply, Torn};

use super::board::{PAGE, PAGES, SLOT, STARTS, SlotFlash};
use super::models::{Check, file};
use crate::{
    BootError, FinishError, GeometryError, Pages, Pending, Slot, Slots, Store, StoreError,
    Transfer, UpdateError, Verify,
};

type StateFlash = Nor<4, PAGE>;

struct Parts {
    supply: Supply,
    state: StateFlash,
    slots: SlotFlash<4>,
}

fn parts() -> Parts {
    let supply = Supply::new(1);
    let mut slots = Nor::new(2 * SLOT as usize / 256 + 3, &supply);
    slots.put(STARTS[0] as usize, &file(1));
    Parts { state: Nor::new(3, &supply), slots, supply }
}

impl Parts {
    fn open(&mut self) -> (Store<&mut StateFlash, 20>, Slots<&mut SlotFlash<4>>) {
        self.supply.switch_on(Reads::Before);
        let store = Store::provision(&mut self.state, PAGES, SLOT, 1).expect("it opens");
        (store, Slots::new(&mut self.slots, STARTS, SLOT).expect("slots"))
    }
}

fn send(
    store: &mut Store<&mut StateFlash, 20>,
    slots: &mut Slots<&mut SlotFlash<4>>,
    file: &[u8],
) -> Result<u32, FinishError<&'static str>> {
    let mut update = store.update(slots);
    assert_eq!(update.begin(file.len() as u32, 7), Ok(0));
    assert_eq!(update.write(file), Ok(file.len() as u32));
    update.finish(&mut Check)
}

#[test]
fn a_new_model_is_tried_once_and_confirmed() {
    let mut parts = parts();
    let (mut store, mut slots) = parts.open();
    let boot = store.boot(&slots, &mut Check).unwrap();
    assert_eq!((boot.slot, boot.version, boot.is_trial), (Slot::A, 1, false));
    store.remember(&[1, 2, 3]).unwrap();
    assert_eq!(send(&mut store, &mut slots, &file(2)), Ok(2));
    assert_eq!((store.least(), store.is_trial()), (1, false));

    let boot = store.boot(&slots, &mut Check).unwrap();
    assert_eq!((boot.slot, boot.version, boot.is_trial), (Slot::B, 2, true));
    // The model on trial has a memory of its own, and raises nothing.
    assert_eq!((store.remembered(), store.least()), (&[][..], 1));
    store.remember(&[9]).unwrap();
    // Not confirmed: the one before, with what it remembered.
    let boot = store.boot(&slots, &mut Check).unwrap();
    assert_eq!((boot.slot, boot.version, boot.is_trial), (Slot::A, 1, false));
    assert_eq!((store.remembered(), store.state().reverted), (&[1, 2, 3][..], Some(2)));

    assert_eq!(send(&mut store, &mut slots, &file(2)), Ok(2));
    store.boot(&slots, &mut Check).unwrap();
    store.remember(&[4, 5]).unwrap();
    store.confirm().unwrap();
    assert_eq!((store.least(), store.is_trial(), store.state().reverted), (2, false, None));
    let (mut store, slots) = parts.open();
    let boot = store.boot(&slots, &mut Check).unwrap();
    assert_eq!((boot.slot, boot.version, boot.is_trial), (Slot::B, 2, false));
    assert_eq!(store.remembered(), &[4, 5]);
    assert_eq!(parts.supply.fault(), None);
}

#[test]
fn nobody_confirms_a_model_that_was_not_booted_in_this_life() {
    let mut parts = parts();
    let (mut store, mut slots) = parts.open();
    send(&mut store, &mut slots, &file(2)).unwrap();
    store.confirm().unwrap();
    assert_eq!(store.least(), 1);
    store.boot(&slots, &mut Check).unwrap();
    let (mut store, slots) = parts.open();
    store.confirm().unwrap();
    assert_eq!((store.least(), store.boot(&slots, &mut Check).unwrap().version), (1, 1));
}

/// A model that hangs the board where it is looked at.
struct Hanging<'s>(&'s Supply);

impl Verify for Hanging<'_> {
    type Model<'f> = ();
    type Error = &'static str;

    fn verify(&mut self, _file: &[u8], _least: u32) -> Result<(u32, ()), &'static str> {
        self.0.cut_in(self.0.operations(), Torn::Undone);
        Err("the watchdog bites")
    }
}

#[test]
fn a_candidate_that_hangs_is_looked_at_once() {
    let mut parts = parts();
    let supply = parts.supply.clone();
    let (mut store, mut slots) = parts.open();
    send(&mut store, &mut slots, &file(2)).unwrap();
    assert!(store.boot(&slots, &mut Hanging(&supply)).is_err());
    let (mut store, slots) = parts.open();
    assert!(matches!(store.state().pending, Pending::Tried { version: 2, .. }));
    let boot = store.boot(&slots, &mut Check).unwrap();
    assert_eq!((boot.version, boot.is_trial), (1, false));
}

#[test]
fn a_candidate_that_went_bad_is_not_run() {
    let mut parts = parts();
    let (mut store, mut slots) = parts.open();
    send(&mut store, &mut slots, &file(2)).unwrap();
    parts.slots.put(STARTS[1] as usize + 300, &[0]);
    let (mut store, slots) = parts.open();
    let boot = store.boot(&slots, &mut Check).unwrap();
    assert_eq!((boot.version, boot.is_trial, store.state().reverted), (1, false, Some(2)));
}

#[test]
fn what_is_refused_is_no_candidate() {
    let mut parts = parts();
    let (mut store, mut slots) = parts.open();
    // Version 3 is confirmed, so that there is an older one.
    send(&mut store, &mut slots, &file(3)).unwrap();
    store.boot(&slots, &mut Check).unwrap();
    let on_trial = store.update(&mut slots).begin(10, 7);
    assert_eq!(on_trial, Err(UpdateError::OnTrial));
    assert_eq!(store.update(&mut slots).cancel(), Err(UpdateError::OnTrial));
    store.confirm().unwrap();

    let older = send(&mut store, &mut slots, &file(2));
    assert_eq!(older, Err(FinishError::TooOld { least: 3, found: 2 }));
    assert_eq!(store.state().pending, Pending::Nothing);
    let mut changed = file(4);
    changed[200] ^= 1;
    let refused = send(&mut store, &mut slots, &changed);
    assert_eq!(refused, Err(FinishError::Refused("does not load")));
    assert!(refused.unwrap_err().to_string().contains("does not load"));
    assert_eq!(store.state().pending, Pending::Nothing);

    let mut update = store.update(&mut slots);
    let length = |found| Err(UpdateError::Length { capacity: SLOT, found });
    assert_eq!((update.begin(0, 7), update.begin(SLOT + 1, 7)), (length(0), length(SLOT + 1)));
    assert_eq!(update.write(&[1]), Err(UpdateError::NotBegun));
    assert_eq!(update.finish(&mut Check), Err(UpdateError::NotBegun.into()));
    assert_eq!(update.begin(100, 7), Ok(0));
    assert_eq!(update.write(&[1; 99]), Ok(99));
    let few = UpdateError::TooFew { expected: 100, found: 99 };
    assert_eq!(update.finish(&mut Check), Err(few.into()));
    let many = UpdateError::TooMany { expected: 100, found: 101 };
    assert_eq!(update.write(&[1; 2]), Err(many));
    assert_eq!(update.write(&[1]), Ok(100));
    assert_eq!(update.cancel(), Ok(()));
    assert_eq!(update.transfer(), None);
    assert_eq!(parts.supply.fault(), None);
}

#[test]
fn a_transfer_goes_on_where_it_was_and_after_a_cut_where_a_step_ended() {
    let mut parts = parts();
    let sent = file(2);
    let len = sent.len() as u32;
    let (mut store, mut slots) = parts.open();
    assert_eq!(slots.step(), 256);
    let mut update = store.update(&mut slots);
    assert_eq!(update.begin(len, 7), Ok(0));
    assert_eq!(update.write(&sent[..300]), Ok(300));
    // The cable was cut.
    assert_eq!(store.update(&mut slots).begin(len, 7), Ok(300));
    // The power was.
    let (mut store, mut slots) = parts.open();
    let transfer = store.update(&mut slots).transfer();
    assert_eq!(transfer, Some(Transfer { len, tag: 7, received: 256 }));
    let mut update = store.update(&mut slots);
    assert_eq!(update.begin(len, 7), Ok(256));
    assert_eq!(update.write(&sent[256..]), Ok(len));
    assert_eq!(update.finish(&mut Check), Ok(2));
    // Another file begins anew.
    assert_eq!(store.update(&mut slots).begin(len, 8), Ok(0));
    assert_eq!(parts.supply.fault(), None);
}

#[test]
fn a_state_that_is_not_there_is_told_from_one_that_is_lost() {
    let mut parts = parts();
    let open = |parts: &mut Parts| {
        Store::<_, 20>::open(&mut parts.state, PAGES).map(|store| store.least())
    };
    assert_eq!(open(&mut parts), Err(StoreError::Virgin));
    parts.open();
    assert_eq!(open(&mut parts), Ok(1));
    // A byte of the only entry is damaged.
    parts.state.put(8, &[0]);
    assert_eq!(open(&mut parts), Err(StoreError::Lost));
    let again = Store::<_, 20>::provision(&mut parts.state, PAGES, SLOT, 1);
    assert_eq!(again.map(|store| store.least()), Err(StoreError::Lost));
    assert!(StoreError::Lost.to_string().contains("none is whole"));
}

#[test]
fn the_confirmed_model_is_looked_at_in_each_life() {
    let mut parts = parts();
    parts.open();
    parts.slots.put(STARTS[0] as usize + 120, &[0x55, 0xaa]);
    let (mut store, slots) = parts.open();
    let refused = store.boot(&slots, &mut Check).unwrap_err();
    assert_eq!(refused, BootError::Refused("does not load"));
    // One that a tool has put there is older than the board was made for.
    let mut parts = self::parts();
    let mut store = Store::<_, 20>::provision(&mut parts.state, PAGES, SLOT, 2).unwrap();
    let slots = Slots::new(&mut parts.slots, STARTS, SLOT).unwrap();
    let old = store.boot(&slots, &mut Check).unwrap_err();
    assert_eq!(old, BootError::TooOld { least: 2, found: 1 });
}

#[test]
fn more_than_there_is_room_for_is_not_remembered() {
    let mut parts = parts();
    let (mut store, _) = parts.open();
    store.remember(&[5; 20]).unwrap();
    let too_long = StoreError::TooLong { capacity: 20, found: 21 };
    assert_eq!(store.remember(&[6; 21]), Err(too_long));
    assert_eq!(store.remember(&vec![6; 70_000]).unwrap_err().to_string(), {
        "70000 bytes to remember, and room for 20"
    });
    assert_eq!(store.remembered(), &[5; 20]);
}

#[test]
fn a_step_that_failed_ends_the_life_of_the_store() {
    let mut parts = parts();
    let supply = parts.supply.clone();
    let (mut store, _) = parts.open();
    supply.cut_in(supply.operations(), Torn::Undone);
    assert!(matches!(store.remember(&[1]), Err(StoreError::Flash(_))));
    supply.switch_on(Reads::Before);
    assert_eq!(store.remember(&[1]), Err(StoreError::Broken));
}

#[test]
fn pages_and_slots_are_those_of_the_flash() {
    let mut parts = parts();
    let geometry = |pages: Pages, parts: &mut Parts| {
        let opened = Store::<_, 20>::open(&mut parts.state, pages);
        let Err(StoreError::Geometry(error)) = opened.map(|_| ()) else { panic!("{pages:?}") };
        error
    };
    let pages = |first, len, count| Pages { first, len, count };
    assert_eq!(geometry(pages(0, 512, 2), &mut parts), GeometryError::Pages { found: 2 });
    let beyond = GeometryError::Beyond { end: 2048, capacity: 1536 };
    assert_eq!(geometry(pages(0, 512, 4), &mut parts), beyond);
    assert_eq!(geometry(pages(512, 512, 3), &mut parts), beyond);
    let unaligned = |first, len| GeometryError::Unaligned { first, len, multiple: 512 };
    assert_eq!(geometry(pages(4, 512, 3), &mut parts), unaligned(4, 512));
    assert_eq!(geometry(pages(0, 100, 3), &mut parts), unaligned(0, 100));
    assert_eq!(geometry(pages(0, 0, 3), &mut parts), unaligned(0, 0));
    let small = Store::<_, 500>::open(&mut parts.state, PAGES).map(|_| ());
    let too_small = GeometryError::PageTooSmall { needed: 4 * 540, found: 512 };
    assert_eq!(small, Err(too_small.into()));

    let mut slots =
        |starts, len| Slots::new(&mut parts.slots, starts, len).map(|_| ()).unwrap_err();
    assert_eq!(slots([0, 768], 1024), GeometryError::Overlap);
    let beyond = GeometryError::Beyond { end: 3072, capacity: 2816 };
    assert_eq!(slots([0, 2048], 1024), beyond);
    let unaligned = GeometryError::Unaligned { first: 16, len: 1024, multiple: 256 };
    assert_eq!(slots([16, 1280], 1024), unaligned);
    for error in [beyond, unaligned, too_small, GeometryError::Pages { found: 2 }] {
        assert!(error.to_string().contains(char::is_numeric), "{error}");
    }
    let mut long = Nor::<64, 512>::new(3, &parts.supply);
    let words = Store::<_, 20>::open(&mut long, PAGES).map(|_| ());
    assert_eq!(words, Err(GeometryError::Word { write: 64, read: 1 }.into()));
}

#[test]
fn a_store_takes_little_ram_beside_what_is_remembered() {
    assert!(size_of::<Store<(), 0>>() <= 128, "{}", size_of::<Store<(), 0>>());
    assert!(size_of::<Store<(), 100>>() <= 228);
}
