//! A model without its checksum is taken, or refused by the same error, as the same bytes with the right
//! one.

use ae_core::{F32, Int8};
use ae_infer::{Autoencoder, Compute, LoadError, Prechecked};
use ae_testkit::draw::{Weights, float, int8};
use ae_testkit::float::Activation;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::seal::seal;

/// What comes of bytes whose checksum is right, and of those without it.
fn both<'a, A: Compute<'a>>(sealed: &'a [u8], bytes: &'a [u8]) -> [Result<(), LoadError>; 2] {
    let with = Autoencoder::<A>::load(sealed).map(|_| ());
    [with, Autoencoder::<A>::load_prechecked(Prechecked::trust(bytes)).map(|_| ())]
}

/// Bytes of the checksum, and what stands before it.
const SEALED_FROM: usize = 20;

/// Changes byte after byte. Gives how many of the changed blobs were taken.
fn changed(blob: &[u8], compare: impl Fn(&[u8], &[u8]) -> [Result<(), LoadError>; 2]) -> usize {
    let mut taken = 0;
    for place in SEALED_FROM..blob.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bytes = blob.to_vec();
            bytes[place] ^= change;
            let mut sealed = bytes.clone();
            assert!(seal(&mut sealed));
            let [with, without] = compare(&sealed, &bytes);
            assert_eq!(with, without, "byte {place}");
            taken += usize::from(without.is_ok());
        }
    }
    for len in 0..blob.len() {
        let [with, without] = compare(&blob[..len], &blob[..len]);
        assert_eq!(with, without, "{len} bytes");
        assert!(without.is_err(), "{len} bytes");
    }
    taken
}

#[test]
fn everything_but_the_checksum_is_checked() {
    let mut random = SplitMix64::new(1);
    let blob = int8(&[9, 7, 3], Layout::Rows, Weights::Any, &[0, 1], &mut random).write();
    let taken = changed(&blob, |sealed, bytes| both::<Int8<'_>>(sealed, bytes));
    // Weights and biases may be any numbers; of what else there is, hardly anything.
    assert!(taken > 200 && taken < 3 * blob.len(), "{taken}");
    let blob = float(&[9, 7, 3], &[Activation::Gelu], &mut random).write();
    let taken = changed(&blob, |sealed, bytes| both::<F32>(sealed, bytes));
    assert!(taken > 200 && taken < 3 * blob.len(), "{taken}");
}

#[test]
fn damage_is_not_found() {
    let mut blob =
        int8(&[9, 7, 3], Layout::Rows, Weights::Any, &[0], &mut SplitMix64::new(1)).write();
    blob[16] ^= 1;
    let [with, without] = both::<Int8<'_>>(&blob, &blob);
    assert!(matches!(with, Err(LoadError::ChecksumMismatch { .. })));
    assert_eq!(without, Ok(()));
}
