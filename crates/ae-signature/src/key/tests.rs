//! Ed25519 as this crate uses it: the vectors of RFC 8032, and what only a strict check refuses.

extern crate std;

use std::string::ToString;
use std::vec::Vec;

use ed25519_dalek::{Signer, SigningKey};

use super::PublicKey;
use crate::error::{KeyError, SignatureError};

/// The order of the group of signatures, L = 2²⁵² + 27742317777372353535851937790883648493, little-endian.
const ORDER: [u8; 32] = {
    let mut order = [0; 32];
    let low = 27_742_317_777_372_353_535_851_937_790_883_648_493_u128.to_le_bytes();
    let mut at = 0;
    while at < low.len() {
        order[at] = low[at];
        at += 1;
    }
    order[31] = 0x10;
    order
};

/// Every encoding of a point of small order: y = 0, 1 and −1, the two of order 8, and y = p and p + 1,
/// which are 0 and 1 in other bytes; each with either sign of x.
const SMALL_ORDER: [&str; 14] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    unhex(hex).try_into().unwrap()
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn verifies(key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
    let verified = key.verify(message, signature);
    assert!(matches!(verified, Ok(()) | Err(SignatureError::BadSignature)));
    verified.is_ok()
}

#[test]
fn the_vectors_of_rfc_8032() {
    let vectors: Vec<&str> = include_str!("rfc8032.txt").split("\n\n").skip(1).collect();
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let mut lines = vector.lines();
        let name = lines.next().unwrap();
        let [secret, public, message, signature] = [(); 4].map(|()| lines.next().unwrap());
        let message = unhex(message.strip_prefix('-').unwrap_or(message));
        let signature = bytes(signature);
        let secret = SigningKey::from_bytes(&bytes(secret));
        assert_eq!(secret.verifying_key().to_bytes(), bytes(public), "{name}");
        assert_eq!(secret.sign(&message).to_bytes(), signature, "{name}");
        let key = PublicKey::from_bytes(&bytes(public)).unwrap();
        assert_eq!(key.to_bytes(), bytes(public), "{name}");
        assert!(verifies(&key, &message, &signature), "{name}");
        for bit in 0..512 {
            let mut other = signature;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifies(&key, &message, &other), "{name}, bit {bit} of the signature");
        }
        for bit in 0..8 * message.len() {
            let mut other = message.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifies(&key, &other, &signature), "{name}, bit {bit} of the message");
        }
        assert!(!verifies(&key, &[&message[..], &[0]].concat(), &signature), "{name}, longer");
    }
}

/// S + n·L in 256 bits; `None` where it does not fit.
fn with_orders_added(mut signature: [u8; 64], times: u32) -> Option<[u8; 64]> {
    for _ in 0..times {
        let mut carry = 0;
        for (byte, more) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(more) + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(signature)
}

#[test]
fn a_scalar_beyond_the_order_is_refused() {
    let secret = SigningKey::from_bytes(&[3; 32]);
    let key = PublicKey::from_bytes(&secret.verifying_key().to_bytes()).unwrap();
    let signature = secret.sign(b"model").to_bytes();
    assert!(verifies(&key, b"model", &signature));
    let others: Vec<_> = (1..20).filter_map(|times| with_orders_added(signature, times)).collect();
    // 2²⁵⁶ holds 15 times the order beside a scalar, or 16 times.
    assert!(others.len() >= 14, "{}", others.len());
    for other in others {
        assert!(!verifies(&key, b"model", &other));
    }
    let mut the_order_itself = signature;
    the_order_itself[32..].copy_from_slice(&ORDER);
    assert!(!verifies(&key, b"model", &the_order_itself));
}

#[test]
fn keys_and_points_of_small_order_are_refused() {
    for hex in SMALL_ORDER {
        let refused = PublicKey::from_bytes(&bytes(hex)).unwrap_err();
        assert!(matches!(refused, KeyError::Weak), "{hex}: {refused:?}");
    }
    // R of small order and S = 0 is what a signature looks like that such a key takes.
    let secret = SigningKey::from_bytes(&[3; 32]);
    let key = PublicKey::from_bytes(&secret.verifying_key().to_bytes()).unwrap();
    for hex in SMALL_ORDER {
        let signature: [u8; 64] = [unhex(hex), [0; 32].to_vec()].concat().try_into().unwrap();
        assert!(!verifies(&key, b"model", &signature), "{hex}");
    }
}

#[test]
fn the_dangerous_pair_that_a_lax_check_takes_is_refused() {
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};
    // A key of order 1, and the signature R = that key, S = 0: right for every message there is.
    let weak = VerifyingKey::from_bytes(&bytes(SMALL_ORDER[2])).unwrap();
    let signature: [u8; 64] =
        [unhex(SMALL_ORDER[2]), [0; 32].to_vec()].concat().try_into().unwrap();
    for message in [&b"any model"[..], b"another one"] {
        assert!(weak.verify(message, &Signature::from_bytes(&signature)).is_ok());
        assert!(!verifies(&PublicKey(weak), message, &signature));
    }
}

#[test]
fn what_is_no_point_is_no_key() {
    // y = 2 has no x.
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let refused = PublicKey::from_bytes(&no_point).unwrap_err();
    assert_eq!(refused, KeyError::NotAKey);
    assert!(refused.to_string().contains("not an Ed25519 public key"));
}
